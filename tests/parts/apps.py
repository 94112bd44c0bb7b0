"""Installations: made before the first test, closed after the last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import flask_migrate
from flask import Flask

from waitlist import create_app
from waitlist.api import key_uses
from waitlist.config import read_settings
from waitlist.db import configure, db
from waitlist.noticing import LastSeen
from waitlist.runtime import Runtime
from waitlist.secret_files import load_or_create
from waitlist.tokens import Tokens
from waitlist.web.admin.frame import keep_seen
from waitlist.web.visits import Visits

BUFFERS: dict[str, Callable[[], object]] = {  # what an app remembers between two requests
    "waitlist.visits": Visits,
    "waitlist.key_uses": lambda: LastSeen(key_uses.keep),
    "waitlist.sessions_seen": lambda: LastSeen(keep_seen),
}
WRITERS = ("visits", "waitlist.key_uses", "waitlist.sessions_seen")  # the threads that empty them


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


class Shelf:
    """Apps to use again: one that has answered knows its statements and templates by heart, which is half of a test.

    An environment names its app, so a test finds the one that stands on its own folder and database.
    """

    def __init__(self) -> None:
        self._apps: dict[tuple[object, ...], Flask] = {}
        self._as_made: dict[int, tuple[dict[str, object], dict[str, object]]] = {}

    def take(self, make: Callable[[Mapping[str, str]], Flask], environ: Mapping[str, str]) -> Flask:
        """The app of this environment, as `make` gave it."""
        key = (make, *sorted(environ.items()))
        if key in self._apps:
            # A thread of the test before may have opened a file since that is gone by now.
            dispose(self._apps[key])
        else:
            app = self._apps[key] = make(environ)
            self._as_made[id(app)] = (dict(app.config), dict(app.extensions))
        return self._apps[key]

    def put_back(self, app: Flask) -> None:
        """Close what the app has open and forget what it was told."""
        for thread in threading.enumerate():
            if thread.name in WRITERS:
                thread.join(5)
        dispose(app)
        for now, as_made in zip((app.config, app.extensions), self._as_made[id(app)], strict=True):
            now.clear()
            now.update(as_made)
        app.extensions |= {name: buffer() for name, buffer in BUFFERS.items() if name in app.extensions}
        limiter = app.extensions.get("waitlist.limiter")
        if limiter is not None and limiter.enabled:
            limiter.reset()
