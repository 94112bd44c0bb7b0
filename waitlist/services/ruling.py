"""Ruling: the rules of a launch change by a new revision with a public note; earlier ones stay readable."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.gates import dump, parse
from waitlist.models.launch import GateRevision, Launch, gate_in_force, locked
from waitlist.services.launching import NeedsProof
from waitlist.services.recording import record


class RulesChanged(Exception):
    """Somebody published other rules since these were written; `revision` is theirs."""

    def __init__(self, revision: GateRevision) -> None:
        super().__init__(revision.revision)
        self.revision = revision


def revise(
    tx: Tx, launch: Launch, tree: dict[str, Any], note: str, *, seen: int | None, actor: Actor, now: datetime
) -> int:
    """Put a rule tree in force and return its revision; `seen` is the one it was written over (None: whichever).

    People in line keep their place; the rules are asked again when they are invited and when they accept. Raises
    BadGate, RulesChanged, or NeedsProof where the launch sends no confirmation mails.
    """
    gate = parse(tree)
    present = one(tx, locked(launch.id))
    assert present is not None, "whoever calls has read it"
    if seen is not None and present.revision != seen:
        newer = one(tx, gate_in_force(launch.id))
        assert newer is not None, "every launch has rules from its first day"
        raise RulesChanged(newer)
    if gate.needs_mailbox and not present.double_opt_in:
        raise NeedsProof
    number = present.revision + 1
    row = {"launch_id": launch.id, "revision": number, "tree": dump(gate), "note": note}
    tx.execute(sa.insert(GateRevision).values(created_at=now, created_by=str(actor), **row))
    tx.execute(sa.update(Launch).where(Launch.id == launch.id).values(revision=number))
    record(tx, "launching.revised", launch.id, ("launch", launch.id), actor, now, {"revision": number, "note": note})
    return number
