"""These tests open no door, so their app has none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.parts.apps import dispose, without_doors


@pytest.fixture
def app(environ: dict[str, str]) -> Iterator[Flask]:
    app = without_doors(environ)
    yield app
    dispose(app)
