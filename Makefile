# One page of commands; `make help` prints it. A machine with python3, pip and make is enough to start.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PY   ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
          command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
V    := .venv
BIN  := $(V)/bin
PORT ?= 8000
HOST ?= 127.0.0.1
JOBS ?= 2
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT  := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -qq
PIP  := $(BIN)/python -m pip install -q --disable-pip-version-check --root-user-action=ignore --require-hashes
export PORT

# Suites that start real child processes or a browser run one after the other; the rest runs in parallel.
SERIAL     := races crashes browser
IN_PROCESS := tests $(SERIAL:%=--ignore=tests/%)
MARKED     ?= not slow

.PHONY: help run demo screenshots test test-full bench bench-full lint system clean

help: ## print this page
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(V)/.run ## start the service on http://127.0.0.1:$PORT (default 8000)
	$(BIN)/flask --app app init
	exec $(BIN)/flask --app app serve

demo: $(V)/.run ## fill the database with a made-up launch to look around in
	$(BIN)/flask --app app init
	$(BIN)/flask --app app seed-demo

screenshots: $(V)/.test system ## take the pictures of the README anew, from the made-up launch
	$(BIN)/python -m tests.look.pictures

lint: $(V)/.test ## ruff (rules and format) and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: $(V)/.test system lint ## everything that must hold before a change lands
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -q -n $(JOBS) -m "$(MARKED)" --cov --cov-report= $(IN_PROCESS)
	$(BIN)/coverage report --skip-covered --fail-under=95
	@for suite in $(SERIAL); do \
	  if [ -n "$$(find tests/$$suite -name 'test_*.py' 2>/dev/null)" ]; then \
	    echo "tests/$$suite"; rc=0; $(BIN)/python -m pytest -q -m "$(MARKED)" tests/$$suite || rc=$$?; \
	    if [ $$rc != 0 ] && ! { [ $$rc = 5 ] && [ -n "$(MARKED)" ]; }; then exit $$rc; fi; \
	  fi; done

test-full: ## `make test` and the tests marked slow: long matrices, big crashes, soaks
	$(MAKE) test MARKED=

bench: $(V)/.test system ## measure beside the physical floors, up to a million people on both databases (minutes to an hour)
	$(BIN)/python -m bench

bench-full: $(V)/.test system ## the same with ten million people where it pays (hours)
	$(BIN)/python -m bench --full

system: ## install what the tests need from Debian, only where it is missing
	@need=(); \
	command -v chromium >/dev/null || need+=(chromium); \
	command -v redis-server >/dev/null || command -v valkey-server >/dev/null || need+=(redis-server); \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || need+=(postgresql); \
	command -v npm >/dev/null || need+=(nodejs npm); \
	if [ $${#need[@]} -gt 0 ]; then echo "installing $${need[*]}"; \
	  $(APT) update; $(APT) install -y --no-install-recommends "$${need[@]}"; fi

clean: ## remove the virtual environment and every cache (the instance folder stays)
	rm -rf $(V) .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian ships venv without ensurepip, so the first try can fail; python3-venv brings it.
$(V)/.made:
	@[ -n "$(PY)" ] || { echo "Python 3.11 or newer is needed."; exit 2; }
	$(PY) -m venv $(V) >/dev/null 2>&1 || { $(APT) update; \
	  $(APT) install -y --no-install-recommends $(notdir $(PY))-venv || $(APT) install -y --no-install-recommends python3-venv; \
	  $(PY) -m venv --clear $(V); }
	touch $@

$(V)/.run: requirements.txt | $(V)/.made
	$(PIP) -r requirements.txt
	touch $@

# The test list holds the run-time list, so one install serves both stamps.
$(V)/.test: requirements-test.txt | $(V)/.made
	$(PIP) -r requirements-test.txt
	touch $@ $(V)/.run
