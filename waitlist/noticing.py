"""When rows were last seen at work: observations, kept in memory and written now and then. Losing some is allowed.

A GET writes nothing itself: a thread with a connection of its own does, at most every ten seconds, when a request ends.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask, current_app

EVERY = 10  # seconds
MOST = 10_000  # rows between two writes
Write = Callable[[dict[int, datetime]], None]


class LastSeen:
    """What one process has seen, by row id; `write` keeps it, in a transaction of its own."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self._seen: dict[int, datetime] = {}
        self._lock = threading.Lock()
        self._written_at = 0.0

    def note(self, row_id: int, now: datetime) -> None:
        """This row was at work just now."""
        with self._lock:
            if row_id in self._seen or len(self._seen) < MOST:
                self._seen[row_id] = now

    def take_if_due(self) -> dict[int, datetime]:
        """What is to be written now, by one caller only."""
        with self._lock:
            if not self._seen or time.monotonic() - self._written_at < EVERY:
                return {}
            self._written_at = time.monotonic()
            seen, self._seen = self._seen, {}
            return seen


def init_last_seen(app: Flask, name: str, write: Write) -> None:
    """Give the app a memory of this name, written by a thread when a request ends and it is time."""
    app.extensions[name] = LastSeen(write)

    def write_if_due(_error: BaseException | None) -> None:
        own: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        seen = own.extensions[name].take_if_due()
        if seen:
            threading.Thread(target=keep, args=(own, name, seen), name=name, daemon=True).start()

    app.teardown_request(write_if_due)


def note(name: str, row_id: int, now: datetime) -> None:
    """Remember that this row was at work just now."""
    memory: LastSeen = current_app.extensions[name]
    memory.note(row_id, now)


def keep(app: Flask, name: str, seen: dict[int, datetime]) -> None:
    """Have what was seen written."""
    with app.app_context():
        try:
            app.extensions[name].write(seen)
        except Exception:  # nobody's answer depends on it
            app.logger.exception("%s: what was seen was not written", name)
