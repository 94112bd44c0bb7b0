"""Visits: about how many people opened a launch page, and by which way. Counted in memory and written now and then.

A GET writes nothing itself: the buffer is flushed by a thread with a connection of its own, at most every ten seconds,
when some request ends. Losing what is in it is allowed; robots, previews and prefetches are not counted at all.
"""

import re
import threading
import time
from collections import Counter
from datetime import date, datetime

from flask import Flask, current_app, request

from waitlist.db import insert, writing
from waitlist.models.upkeep import Observation

EVERY = 10  # seconds
MOST = 2_000  # different counters between two flushes
ROBOTS = re.compile(
    r"bot\b|crawl|spider|preview|slurp|facebookexternalhit|embedly|whatsapp|telegram|curl/|wget/|python-|headless", re.I
)
Seen = tuple[int, date, str]  # launch, day, name


class Visits:
    """The counters of one process."""

    def __init__(self) -> None:
        self._seen: Counter[Seen] = Counter()
        self._lock = threading.Lock()
        self._flushed_at = time.monotonic()

    def note(self, launch_id: int, name: str, now: datetime) -> None:
        """Count one more, unless somebody makes up names faster than they are written."""
        key = (launch_id, now.date(), name)
        with self._lock:
            if key in self._seen or len(self._seen) < MOST:
                self._seen[key] += 1

    def due(self) -> bool:
        """Whether it is time to write; says so to one caller only."""
        with self._lock:
            if not self._seen or time.monotonic() - self._flushed_at < EVERY:
                return False
            self._flushed_at = time.monotonic()
            return True

    def take(self) -> Counter[Seen]:
        """Everything counted since the last time."""
        with self._lock:
            seen, self._seen = self._seen, Counter()
        return seen


def init_visits(app: Flask) -> None:
    """Give the app its counters, and write them when a request ends and it is time."""
    app.extensions["waitlist.visits"] = Visits()
    app.teardown_request(_flush_if_due)


def note(launch_id: int, source: str, now: datetime) -> None:
    """Count this request as a visit from a source ("link", "direct", a newsletter's name) if a person made it."""
    if _is_person():
        visits: Visits = current_app.extensions["waitlist.visits"]
        visits.note(launch_id, "visit", now)
        visits.note(launch_id, f"visit:{source}", now)


def flush(app: Flask) -> None:
    """Add what was counted to the daily counters, in a transaction of its own."""
    visits: Visits = app.extensions["waitlist.visits"]
    with app.app_context():
        try:
            _write(visits.take())
        except Exception:  # the counts are about so many, and no visitor waits for them
            app.logger.exception("visits were not written")


def _write(seen: Counter[Seen]) -> None:
    if not seen:
        return
    with writing() as tx:
        for (launch_id, day, name), n in sorted(seen.items()):
            statement = insert(tx, Observation).values(launch_id=launch_id, day=day, name=name, n=n)
            tx.execute(
                statement.on_conflict_do_update(
                    index_elements=["launch_id", "day", "name"], set_={"n": Observation.n + n}
                )
            )


def _flush_if_due(_error: BaseException | None) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    visits: Visits = app.extensions["waitlist.visits"]
    if visits.due():
        threading.Thread(target=flush, args=(app,), name="visits", daemon=True).start()


def _is_person() -> bool:
    headers = request.headers
    purpose = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    return (
        request.method == "GET"
        and "prefetch" not in purpose
        and "text/html" in headers.get("Accept", "")
        and not ROBOTS.search(request.user_agent.string or "bot")
    )
