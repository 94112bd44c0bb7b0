"""A hand that types commands: `hand.gets("people", "list", "campus")` are the lines of JSON that were printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.parts.apps import dispose
from waitlist import create_app


@dataclass
class Hand:
    """Somebody at the operator's keyboard. `gets` wants exit code 0."""

    app: Flask

    def types(self, *words: str, stdin: str | None = None) -> Result:
        result = self.app.test_cli_runner().invoke(args=list(words), input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def gets(self, *words: str) -> list[dict[str, Any]]:
        result = self.types(*words, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def gets_one(self, *words: str) -> dict[str, Any]:
        (only,) = self.gets(*words)
        return only

    def is_refused(self, *words: str, code: int = 1) -> str:
        """What stderr says; a refusal is one sentence, wrong use comes with the usage."""
        result = self.types(*words)
        assert result.exit_code == code, result.output
        if code == 1:
            assert len(result.stderr.splitlines()) == 1, result.stderr
        return result.stderr


@pytest.fixture
def settings() -> dict[str, str]:
    return {"WAITLIST_BASE_URL": "http://join.test"}


@pytest.fixture
def hand(app: Flask) -> Hand:
    """At an installation that was initialised."""
    return Hand(app)


@pytest.fixture
def fresh(settings: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], Hand]]:
    """Makes hands at an instance folder that nobody has initialised; `settings` may be added to before."""
    made: list[Flask] = []
    environ = settings | {"WAITLIST_INSTANCE": str(tmp_path / "fresh")}

    def install(**more: str) -> Hand:
        made.append(create_app(environ | more))
        return Hand(made[-1])

    yield install
    for app in made:
        dispose(app)
