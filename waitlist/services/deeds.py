"""Deeds: what a sweep does with one of its people, and how it is taken back. A move has no way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry, locked_in, locked_in_order
from waitlist.models.hold import Hold
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.rank import place_of
from waitlist.models.sweep import Deed, Sweep, SweepMember
from waitlist.services import branching, holding, lining, moving, removing, seating, spacing, tagging
from waitlist.services.seating import LaunchFull
from waitlist.services.shelving import LaunchArchived


@dataclass(frozen=True)
class Outcome:
    """What became of one person: done or skipped, undone or kept; `why` is a code for what did not happen."""

    word: str
    why: str = ""
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One person's turn."""

    launch: Launch
    sweep: Sweep
    member: SweepMember
    entry: Entry
    actor: Actor
    now: datetime

    @property
    def doing(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.now}


# Why a verb did nothing, by what it raised.
WHYS: dict[type[Exception], str] = {
    holding.NobodyToHold: "already",
    holding.NotHeld: "changed",
    moving.NotInLine: "not_in_line",
    moving.CannotBeVip: "changed",
    lining.ThereAlready: "already",
    spacing.NoRoom: "no_room",
    removing.AlreadyRemoved: "already",
    removing.NotRemoved: "changed",
    tagging.NobodyToTag: "erased",
    LaunchFull: "full",
    LaunchArchived: "archived",
}


class _Left(Exception):
    """This person is left as they are."""


def lock(tx: Tx, launch: Launch, deed: Deed, members: Sequence[SweepMember], *, back: bool) -> None:
    """Lock what this chunk changes in the order in which everybody does: seats, branches, invites, people by id."""
    ids = [member.entry_id for member in members]
    if deed == Deed.REMOVE:
        seating.lock(tx, launch.id)
        keys = sa.select(Entry.email_key).where(Entry.id.in_(ids))
        theirs = sa.or_(Invite.entry_id.in_(ids), Invite.inviter_id.in_(ids), Invite.email_key.in_(keys))
        open_ones = sa.select(Invite.id).where(Invite.launch_id == launch.id, theirs, Invite.ended_at.is_(None))
        tx.execute(open_ones.order_by(Invite.id).with_for_update())
    if deed == Deed.RELEASE and back:
        branching.keep_still(tx, launch.id)
    some(tx, locked_in_order(ids))


def do(tx: Tx, launch: Launch, sweep: Sweep, member: SweepMember, *, actor: Actor, now: datetime) -> Outcome:
    """Do it with one person, unless they are not any more what was looked at."""
    entry = one(tx, locked_in(launch.id, member.entry_id))
    if entry is None or entry.state != member.seen_state:
        return Outcome("skipped", "changed")
    return _tried(tx, DO[Deed(sweep.deed)], Turn(launch, sweep, member, entry, actor, now), ("done", "skipped"))


def undo(tx: Tx, launch: Launch, sweep: Sweep, member: SweepMember, *, actor: Actor, now: datetime) -> Outcome:
    """Take it back; what somebody else did with the person meanwhile stays."""
    entry = one(tx, locked_in(launch.id, member.entry_id))
    if entry is None:
        return Outcome("kept", "changed")
    return _tried(tx, UNDO[Deed(sweep.deed)], Turn(launch, sweep, member, entry, actor, now), ("undone", "kept"))


def _tried(tx: Tx, act: Callable[[Tx, Turn], dict[str, Any]], turn: Turn, words: tuple[str, str]) -> Outcome:
    try:
        with tx.begin_nested():  # what a refused verb wrote goes, what the others did stays
            return Outcome(words[0], kept=act(tx, turn))
    except _Left as left:
        return Outcome(words[1], str(left))
    except tuple(WHYS) as refused:
        return Outcome(words[1], next(why for kind, why in WHYS.items() if isinstance(refused, kind)))


def _hold(tx: Tx, turn: Turn) -> dict[str, Any]:
    return {"hold": holding.hold(tx, turn.launch, turn.entry.id, reason=turn.sweep.reason, **turn.doing)}


def _unhold(tx: Tx, turn: Turn) -> dict[str, Any]:
    holding.release(tx, turn.launch, turn.member.kept["hold"], **turn.doing)
    return {}


def _release(tx: Tx, turn: Turn) -> dict[str, Any]:
    held = one(tx, sa.select(Hold).where(Hold.id == turn.entry.held_by)) if turn.entry.held_by else None
    if held is None:
        raise _Left("already")
    if held.target_id != turn.entry.id:
        raise _Left("held_through")  # their hold is somebody else's, with everybody below
    holding.release(tx, turn.launch, held.public_id, **turn.doing)
    return {"reason": held.reason, "subtree": held.scope == "subtree"}


def _hold_again(tx: Tx, turn: Turn) -> dict[str, Any]:
    before = turn.member.kept
    holding.hold(tx, turn.launch, turn.entry.id, reason=before["reason"], subtree=before["subtree"], **turn.doing)
    return {}


def _move(tx: Tx, turn: Turn) -> dict[str, Any]:
    """One behind the other, from the place that was named; each up by as many, as far as there is room; or a line."""
    if line := turn.sweep.params.get("line"):
        lining.change_line(tx, turn.launch, turn.entry.id, line, reason=turn.sweep.reason, **turn.doing)
        return {}
    before = place_of(tx, turn.entry.id)
    if before is None:
        raise moving.NotInLine
    up = int(turn.sweep.params.get("up") or 0)
    ahead = turn.member.position - 1 - _skipped_before(tx, turn.member)
    to = max(before - up, 1 + ahead) if up else int(turn.sweep.params.get("to") or 1) + ahead
    after = moving.move(tx, turn.launch, turn.entry.id, to=to, reason=turn.sweep.reason, **turn.doing)
    return {"before": before, "after": after}


def _skipped_before(tx: Tx, member: SweepMember) -> int:
    before = sa.and_(SweepMember.sweep_id == member.sweep_id, SweepMember.outcome == "skipped")
    return tx.scalar(sa.select(sa.func.count()).where(before, SweepMember.position < member.position)) or 0


def _vip(tx: Tx, turn: Turn) -> dict[str, Any]:
    if turn.entry.vip:
        raise _Left("already")
    moving.mark_vip(tx, turn.launch, turn.entry.id, vip=True, reason=turn.sweep.reason, **turn.doing)
    return {}


def _no_vip(tx: Tx, turn: Turn) -> dict[str, Any]:
    if not turn.entry.vip:
        raise _Left("changed")
    moving.mark_vip(tx, turn.launch, turn.entry.id, vip=False, reason=turn.sweep.reason, **turn.doing)
    return {}


def _tag(tx: Tx, turn: Turn) -> dict[str, Any]:
    if not tagging.put(tx, turn.launch, turn.entry.id, turn.sweep.params["tag"], **turn.doing):
        raise _Left("already")
    return {}


def _untag(tx: Tx, turn: Turn) -> dict[str, Any]:
    if not tagging.take(tx, turn.launch, turn.entry.id, turn.sweep.params["tag"], **turn.doing):
        raise _Left("changed")
    return {}


def _remove(tx: Tx, turn: Turn) -> dict[str, Any]:
    abuse = bool(turn.sweep.params.get("abuse"))
    removing.remove(tx, turn.launch, turn.entry.id, reason=turn.sweep.reason, abuse=abuse, **turn.doing)
    return {}


def _restore(tx: Tx, turn: Turn) -> dict[str, Any]:
    removing.restore(tx, turn.launch, turn.entry.id, reason=turn.sweep.reason, **turn.doing)
    return {}


DO = {Deed.HOLD: _hold, Deed.RELEASE: _release, Deed.MOVE: _move, Deed.VIP: _vip, Deed.TAG: _tag, Deed.REMOVE: _remove}
UNDO = {
    Deed.HOLD: _unhold,
    Deed.RELEASE: _hold_again,
    Deed.VIP: _no_vip,
    Deed.TAG: _untag,
    Deed.REMOVE: _restore,
}
