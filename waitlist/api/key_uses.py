"""When keys were last used: an observation, kept in memory and written now and then. Losing some is allowed."""

import threading
import time
from datetime import datetime

from flask import Flask, current_app

from waitlist.db import writing
from waitlist.services import keying

EVERY = 10  # seconds
MOST = 10_000  # keys between two writes


class KeyUses:
    """The last uses that one process has seen."""

    def __init__(self) -> None:
        self._seen: dict[int, datetime] = {}
        self._lock = threading.Lock()
        self._written_at = 0.0

    def note(self, key_id: int, now: datetime) -> None:
        with self._lock:
            if key_id in self._seen or len(self._seen) < MOST:
                self._seen[key_id] = now

    def take_if_due(self) -> dict[int, datetime]:
        """What is to be written now, by one caller only."""
        with self._lock:
            if not self._seen or time.monotonic() - self._written_at < EVERY:
                return {}
            self._written_at = time.monotonic()
            seen, self._seen = self._seen, {}
            return seen


def init_key_uses(app: Flask) -> None:
    """Give the app its memory of uses, written by a thread when a request ends and it is time."""
    app.extensions["waitlist.key_uses"] = KeyUses()
    app.teardown_request(_write_if_due)


def note(key_id: int, now: datetime) -> None:
    """This key was used just now."""
    uses: KeyUses = current_app.extensions["waitlist.key_uses"]
    uses.note(key_id, now)


def write(app: Flask, seen: dict[int, datetime]) -> None:
    """Write uses in a transaction of their own."""
    with app.app_context():
        try:
            with writing() as tx:
                keying.note_use(tx, seen)
        except Exception:  # nobody's answer depends on it
            app.logger.exception("last uses of keys were not written")


def _write_if_due(_error: BaseException | None) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    uses: KeyUses = app.extensions["waitlist.key_uses"]
    seen = uses.take_if_due()
    if seen:
        threading.Thread(target=write, args=(app, seen), name="key-uses", daemon=True).start()
