"""Sticking: whom a rule lets in stays in, whatever the rules say later, because a row of the ledger says so."""

from datetime import datetime

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.gates.deciding import Decision
from waitlist.models import entry as entries
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch
from waitlist.services import splitting, stepping
from waitlist.services.recording import record

MAY_STICK = (State.WAITING, State.LAPSED)  # a proven mailbox without an open offer


def stick(tx: Tx, launch: Launch, entry_id: int, decision: Decision, *, actor: Actor, now: datetime) -> bool:
    """Write down that a rule let this person in: an active admission without a seat. They leave the line.

    Returns whether this call did it. Nobody sticks who is not admitted, has no proven mailbox, holds an offer, or
    whose admission was declined or taken back.
    """
    if not decision.admitted or decision.admission is not None:
        return False
    entry = one(tx, entries.locked_in(launch.id, entry_id))
    if entry is None or entry.state not in MAY_STICK:
        return False
    arm = splitting.arm_for(tx, launch.id, entry.arm_ticket)
    shared = {
        "stage_id": decision.stage_id,
        "wave_id": None,
        "invite_id": None,
        "gate_revision": decision.revision,
        "via": "rule",
        "state": AdmissionState.ACTIVE,
        "seat": False,  # an open stage counts no seats
        "expires_at": None,
        **{"state_at": now, "state_by": str(actor)},
    }
    row = {"public_id": codes.random_id("adm"), "launch_id": launch.id, "entry_id": entry.id, "ticket": entry.ticket}
    statement = insert(tx, Admission).values(row | shared | arm)
    # An offer that lapsed gave its seat back and may be followed by a rule; every other row says something of its own.
    made = one(
        tx,
        statement.on_conflict_do_update(
            index_elements=["launch_id", "entry_id"],
            set_=shared | splitting.unless_fixed(arm),
            where=Admission.state == AdmissionState.EXPIRED,
        ).returning(Admission),
    )
    if made is None:
        return False
    _enter(tx, launch, entry, actor, now)
    data = {"admission": made.id, "stage": decision.stage, "revision": decision.revision, "arm": made.arm}
    record(tx, "sticking.admitted", launch.id, ("entry", entry.id), actor, now, data)
    return True


def _enter(tx: Tx, launch: Launch, entry: Entry, actor: Actor, now: datetime) -> None:
    values: dict[str, object] = {"state": State.JOINED, "state_at": now, "state_by": str(actor)}
    if entry.allowance_given == 0:  # a member like any other, with invites to give
        values |= {"allowance_left": launch.allowance, "allowance_given": launch.allowance}
    stepping.out(tx, entry, **values)


def is_due(decision: Decision, state: str | None) -> bool:
    """Whether `stick` would have something to write, told without a transaction that writes."""
    return decision.admitted and decision.admission is None and state in MAY_STICK
