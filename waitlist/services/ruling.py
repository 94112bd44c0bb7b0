"""Ruling: the rules of a launch change by a new revision with a public note; earlier ones stay readable."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.gates import Gate, dump, parse
from waitlist.models.invite import Invite
from waitlist.models.launch import GateRevision, Launch, gate_in_force, locked
from waitlist.models.promised import newly_refused
from waitlist.services.launching import NeedsProof, refuse_shut
from waitlist.services.recording import record


class RulesChanged(Exception):
    """Somebody published other rules since these were written; `revision` is theirs."""

    def __init__(self, revision: GateRevision) -> None:
        super().__init__(revision.revision)
        self.revision = revision


def revise(
    tx: Tx,
    launch: Launch,
    tree: dict[str, Any],
    note: str,
    *,
    seen: int | None,
    keep_word: bool = False,
    actor: Actor,
    now: datetime,
) -> int:
    """Put a rule tree in force and return its revision; `seen` is the one it was written over (None: whichever).

    People in line keep their place; the rules are asked again when they are invited and when they accept. With
    `keep_word` whoever was invited under the rules before is let in all the same. Raises BadGate, RulesChanged, or
    NeedsProof where the launch sends no confirmation mails.
    """
    gate = parse(tree)
    refuse_shut(gate)
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
    data: dict[str, Any] = {"revision": number, "note": note}
    if keep_word:
        data["kept"] = _keep_word(tx, launch, number - 1, gate, now)
    record(tx, "launching.revised", launch.id, ("launch", launch.id), actor, now, data)
    return number


def _keep_word(tx: Tx, launch: Launch, revision: int, gate: Gate, now: datetime) -> int:
    """Let the rules no longer ask about invites that they would refuse from now on, and no other ones; how many."""
    here = sa.and_(GateRevision.launch_id == launch.id, GateRevision.revision == revision)
    before = parse(tx.execute(sa.select(GateRevision.tree).where(here)).scalar_one())
    kept = 0
    for ids in newly_refused(tx, launch.id, (before, gate), now):
        open_ones = sa.update(Invite).where(Invite.id.in_(ids), Invite.ended_at.is_(None))
        kept += tx.execute(open_ones.values(overrides_rules=True)).rowcount
    return kept
