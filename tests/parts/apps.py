"""Installations: made before the first test, closed after the last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import flask_migrate
from flask import Flask

from waitlist import create_app
from waitlist.config import read_settings
from waitlist.db import configure, db
from waitlist.runtime import Runtime
from waitlist.secret_files import load_or_create
from waitlist.tokens import Tokens


def without_doors(environ: Mapping[str, str]) -> Flask:
    """The database and the keys of an installation: all that a verb or a query needs, in a fifth of the time."""
    settings = read_settings(environ, root=Path.cwd())
    secrets = load_or_create(settings.instance)
    app = Flask("waitlist", instance_path=str(settings.instance))
    app.extensions["waitlist"] = Runtime(settings, secrets, Tokens(secrets.signing))
    configure(app, settings.database_url)
    return app


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
