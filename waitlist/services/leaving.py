"""Leaving: somebody gives up their place, and may have it back for seven days."""

from datetime import datetime

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import UNDO_LEAVING, Entry, State, locked_in
from waitlist.models.launch import Launch
from waitlist.services import stepping, withdrawing
from waitlist.services.recording import record


class NotInLine(Exception):
    """The person holds no place that could be given up: not confirmed, inside, gone already, or removed."""


class NotLeft(Exception):
    """The person has not left, so there is nothing to take back."""


class TooLate(Exception):
    """The seven days are over; joining again leads to the end of the line."""


def leave(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """Take the person out of the line; an open offer of the team is declined and its seat is free. Raises NotInLine.

    Whoever brought them keeps the credit.
    """
    declined = withdrawing.decline(tx, launch, entry_id, actor=actor, now=now)
    entry = one(tx, locked_in(launch.id, entry_id))
    if entry is None:
        raise NotInLine
    if entry.state in (State.WAITING, State.INVITED, State.LAPSED):
        entry = stepping.out(tx, entry, state=State.LEFT, state_before=entry.state, state_at=now, state_by=str(actor))
    elif entry.state != State.LEFT or not declined:  # the decline itself has made them leave
        raise NotInLine
    data = {"before": entry.state_before, "declined": declined}
    record(tx, "leaving.left", launch.id, ("entry", entry.id), actor, now, data)
    return entry


def undo(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """Back to the old key; a declined invite does not come back with it. Raises NotLeft or TooLate.

    Who had let an invite lapse has a key but no place, as before; who never confirmed has to.
    """
    entry = one(tx, locked_in(launch.id, entry_id))
    if entry is None or entry.state != State.LEFT or entry.state_before is None:
        raise NotLeft
    if entry.state_at + UNDO_LEAVING <= now:
        raise TooLate
    state = State.LAPSED if entry.state_before == State.LAPSED else State.WAITING
    if entry.confirmed_no is None:
        state = State.UNCONFIRMED
    back = stepping.back(tx, entry, state=state, state_before=None, state_at=now, state_by=str(actor))
    record(tx, "leaving.undone", launch.id, ("entry", entry.id), actor, now, {"state": state})
    return back
