"""These tests open no door, so their app has none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.parts.apps import Shelf, without_doors


@pytest.fixture
def app(environ: dict[str, str], shelf: Shelf) -> Iterator[Flask]:
    app = shelf.take(without_doors, environ)
    yield app
    shelf.put_back(app)
