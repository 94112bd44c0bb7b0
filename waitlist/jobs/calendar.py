"""The jobs of the calendar: invites that end, reminders, and what is forgotten after a while."""

import threading
from collections.abc import Callable
from datetime import datetime

from waitlist import clock
from waitlist.db import Tx
from waitlist.jobs.loop import step
from waitlist.services import counting, lapsing, purging, remembering, reminding

AT_ONCE = 500  # rows of one step


def lapse(stop: threading.Event) -> int:
    """Make the consequences of invites whose time is over: seat and uses back, the place kept or not, a mail."""
    return _all(lapsing.lapse_due, stop)


def remind(stop: threading.Event) -> int:
    """Write to people whose invite ends within two days, once."""
    return _all(reminding.remind_due, stop)


def forget(stop: threading.Event) -> int:
    """Forget who never confirmed, attempts that ended long ago, counted tries and remembered presses."""
    forgotten = _all(purging.unconfirmed, stop) + _all(purging.attempts, stop)
    now = clock.now()
    return forgotten + step(lambda tx: counting.purge(tx, now)) + step(lambda tx: remembering.purge(tx, now))


def _all(verb: Callable[[Tx, datetime, int], int], stop: threading.Event) -> int:
    """Repeat a verb that does a limited number until nothing is left, each time in a transaction of its own."""
    done = 0
    while not stop.is_set() and (n := step(lambda tx: verb(tx, clock.now(), AT_ONCE))):
        done += n
    return done
