"""The wheel is the whole service: its pages, its style, its French and its tables come with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.parts.redis import free_port

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def run(words: list[str], folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def get(url: str, language: str = "en") -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            request = urllib.request.Request(url, headers={"Accept-Language": language})
            with urllib.request.urlopen(request, timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.2)


def test_a_wheel_installed_elsewhere_makes_its_tables_and_serves_its_pages(tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WAITLIST_")}
    wheels, site = tmp_path / "wheels", tmp_path / "site"
    pip = ["-m", "pip", "--disable-pip-version-check", "-q"]
    run(
        [*pip, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--no-index", "-w", str(wheels)],
        tmp_path,
        plain,
    )
    (wheel,) = wheels.glob("waitlist-*.whl")
    run([*pip, "install", str(wheel), "--no-deps", "--no-index", "--target", str(site)], tmp_path, plain)
    port = free_port()
    environ = plain | {"PYTHONPATH": str(site), "PORT": str(port), "WAITLIST_PROCESSES": "1"}
    flask = ["-m", "flask", "--app", "waitlist"]
    where = run(["-c", "import waitlist; print(waitlist.__file__)"], tmp_path, environ)
    assert where.startswith(str(site)), "this is the checkout, not the wheel"
    assert "/setup?token=" in run([*flask, "init", "--json"], tmp_path, environ)
    assert (tmp_path / "instance" / "waitlist.db").exists(), "a wheel keeps its instance where it is started"
    run([*flask, "launch", "create", "campus", "--name", "Campus", "--domain", "college.edu"], tmp_path, environ)
    with subprocess.Popen([sys.executable, *flask, "serve"], cwd=tmp_path, env=environ) as service:
        try:
            home = f"http://127.0.0.1:{port}"
            assert "Join the waitlist" in get(f"{home}/w/campus")
            assert "liste d’attente" in get(f"{home}/w/campus", "fr")
            assert "--" in get(f"{home}/static/css/waitlist.css")
        finally:
            service.terminate()
    assert service.returncode == 0
