"""The service with two bare neighbours in the same server: `/bench/noop` and `/bench/bare`.

What a request costs beside one that does nothing, and beside one that only writes two rows by the driver.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.ground import raw
from bench.joining import floor
from waitlist import create_app


def create() -> DispatcherMiddleware:
    """What the server loads."""
    return DispatcherMiddleware(create_app(), {"/bench": _bare()})


def _bare() -> Flask:
    app, local, names = Flask("bench"), threading.local(), _numbers()
    environ = dict(os.environ)
    lock, turn = Path(environ["WAITLIST_INSTANCE"]) / "waitlist.db.lock", threading.Lock()

    @app.route("/noop", methods=["GET", "POST"])
    def noop() -> Any:
        _read = request.get_data()
        return jsonify({"value": True})

    @app.post("/bare")
    def bare() -> Any:
        _read = request.form.get("email")
        if not hasattr(local, "write"):
            local.write = floor(raw(environ), names)
        if "WAITLIST_DATABASE_URL" in environ:
            local.write()
        else:  # the same turn as the service takes: without it SQLite's writers starve each other
            with turn, lock.open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                local.write()
        return jsonify({"value": True})

    return app


def _numbers() -> Iterable[int]:
    return itertools.count(os.getpid() * 10**9)
