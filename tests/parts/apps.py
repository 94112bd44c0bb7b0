"""Installations: made before the first test, closed after the last."""

from __future__ import annotations

from collections.abc import Mapping

import flask_migrate
from flask import Flask

from waitlist import create_app
from waitlist.db import db


def migrate(environ: Mapping[str, str]) -> None:
    """Make every table of an empty installation."""
    app = create_app(environ)
    with app.app_context():
        flask_migrate.upgrade()
    dispose(app)


def dispose(app: Flask) -> None:
    """Close what the app has open; a database can only be dropped or copied then."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
