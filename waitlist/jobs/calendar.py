"""The jobs of the calendar: invites that end, reminders, good news, the seal of the log, and what is forgotten."""

import threading
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from waitlist import clock, envelopes, takeout
from waitlist.db import Tx, one, reading, some
from waitlist.jobs.loop import step
from waitlist.models.entry import by_id
from waitlist.models.launch import Launch
from waitlist.models.launch import by_id as launch_by_id
from waitlist.models.upkeep import DataExport
from waitlist.queries import own_data
from waitlist.runtime import runtime
from waitlist.services import (
    counting,
    digesting,
    disclosing,
    lapsing,
    opening,
    purging,
    remembering,
    reminding,
    sealing,
    uploading,
)
from waitlist.services.forgetting import afterwards

AT_ONCE = 500  # rows of one step


def lapse(stop: threading.Event) -> int:
    """Make the consequences of invites whose time is over: seat and uses back, the place kept or not, a mail."""
    return _all(lapsing.lapse_due, stop)


def remind(stop: threading.Event) -> int:
    """Write to people whose invite ends within two days, once."""
    return _all(reminding.remind_due, stop)


def to_tell(rx: Tx, _now: datetime) -> bool:
    return bool(opening.launches_to_tell(rx))


def tell(stop: threading.Event) -> int:
    """Tell those who asked that it is open to them, or that a seat is free."""
    with reading() as rx:
        launches = some(rx, sa.select(Launch).where(Launch.id.in_(opening.launches_to_tell(rx))))
    told = 0
    for launch in launches:
        told += _all(_for(opening.tell_free_seats, launch), stop) + _all(_for(opening.tell_interest, launch), stop)
    return told


def unsealed(rx: Tx, _now: datetime) -> bool:
    return sealing.unsealed(rx)


def seal(stop: threading.Event) -> int:
    """Give committed events their place in the hash chain."""
    return _all(sealing.seal, stop)


def seal_late(stop: threading.Event) -> int:
    """Give events that committed long after their neighbours their place in the chain, too."""
    return _all(sealing.seal_late, stop)


def forget(stop: threading.Event) -> int:
    """Forget who never confirmed, attempts and imports that ended long ago, counted tries and remembered presses."""
    forgotten = _all(purging.unconfirmed, stop) + _all(purging.attempts, stop)
    forgotten += _all(uploading.purge, stop) + _all(uploading.forget_rows, stop)
    now = clock.now()
    return forgotten + step(lambda tx: counting.purge(tx, now)) + step(lambda tx: remembering.purge(tx, now))


def forget_erased(stop: threading.Event) -> int:
    """Take the address off last mails that have left; drop hashes and files that were kept for a while."""
    gone = _all(afterwards.last_mails, stop) + _all(afterwards.hashes, stop)
    return gone + _all(disclosing.purge, stop)


def digests_due(rx: Tx, now: datetime) -> bool:
    return digesting.due(rx, now)


def digest(stop: threading.Event) -> int:
    """Tell people who asked for it where they stand, once a week."""
    return _all(digesting.tell_due, stop)


def files_due(rx: Tx, now: datetime) -> bool:
    return bool(disclosing.unbuilt(rx, now))


def build_files(_stop: threading.Event) -> int:
    """Build the files of people who asked for their own data, encrypted as mails are."""
    built = 0
    with reading() as rx:
        waiting = disclosing.unbuilt(rx, clock.now())
    for export in waiting:
        sealed = _file_of(export)
        built += step(lambda tx: disclosing.keep(tx, export, sealed, now=clock.now()))  # noqa: B023
    return built


def _file_of(export: DataExport) -> bytes:
    with reading() as rx:
        launch, entry = one(rx, launch_by_id(export.launch_id)), one(rx, by_id(export.entry_id))
        held = own_data.everything(rx, export.entry_id)
    assert launch is not None, "the foreign key says so"
    assert entry is not None, "the foreign key says so"
    packed = takeout.pack(held, name=launch.name, email=entry.email, now=clock.now())
    return envelopes.close(runtime().sealing_key, export.public_id, packed)


def _for(verb: Callable[..., int], launch: Launch) -> Callable[[Tx, datetime, int], int]:
    return lambda tx, now, limit: verb(tx, launch, limit=limit, now=now)


def _all(verb: Callable[[Tx, datetime, int], int], stop: threading.Event) -> int:
    """Repeat a verb that does a limited number until nothing is left, each time in a transaction of its own."""
    done = 0
    while not stop.is_set() and (n := step(lambda tx: verb(tx, clock.now(), AT_ONCE))):
        done += n
    return done
