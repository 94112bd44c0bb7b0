"""What people do at the same moment, each in a process of their own, and the house without its guards.

A racer is one door's work: a transaction, tried again when it met another one, as every request is. It returns a word:
what happened, or the name of the refusal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.world import World
from waitlist import db
from waitlist.actors import WORKER, Actor, admin
from waitlist.models.access import Grant, Role
from waitlist.models.entry import Attempt, Entry, locked_in_order
from waitlist.models.invite import Admission, Invite
from waitlist.models.launch import Launch, SeatCount
from waitlist.models.referral import Credit
from waitlist.services import (
    branching,
    confirming,
    holding,
    inviting,
    redeeming,
    referring,
    regrading,
    releasing,
    revoking,
    seating,
    steering,
)

PAUSE = 0.05  # between a careless look and the write that trusts it


def at_the_door(work: Callable[[], str], *refusals: type[Exception]) -> str:
    """The word for what happened; anything that is neither a success nor a refusal is an error of this child."""
    try:
        return db.retried(work)
    except refusals as refusal:
        return type(refusal).__name__


def accept(app: Flask, email: str, invite_id: int) -> str:
    world = World(app)

    def work() -> str:
        (invite,) = world.rows(Invite, Invite.id == invite_id)
        redeemed = world.redeem(world.launch_of(), invite, email)
        return "in" if redeemed.first else "again"

    refusals = (redeeming.AlreadyMember, redeeming.InviteSpent, redeeming.InviteRevoked, seating.LaunchFull)
    return at_the_door(work, *refusals)


def take_back(app: Flask, invite_id: int) -> str:
    world = World(app)
    (invite,) = world.rows(Invite, Invite.id == invite_id)

    def work() -> str:
        with world.writing() as tx:
            inviting.revoke(tx, world.launch_of(), invite, actor=WORKER, now=world.now)
        return "revoked"

    return at_the_door(work, inviting.NotOpenAnyMore)


def press(app: Flask, attempt_id: int) -> str:
    """Confirm by a mailed link."""
    world = World(app)

    def work() -> str:
        with world.writing() as tx:
            found = confirming.confirm(tx, world.launch_of(), attempt_id, actor=WORKER, now=world.now)
        return "first" if found.first else "again"

    return at_the_door(work)


def demote(app: Flask, by: int, whom: int) -> str:
    """One admin makes another one a viewer."""
    world = World(app)

    def work() -> str:
        with world.writing() as tx:
            regrading.regrade(tx, whom, Role.VIEWER, launch_id=None, actor=admin(by), now=world.now)
        return "demoted"

    return at_the_door(work, regrading.AboveYou, regrading.LastOwner)


def hold_a_branch(app: Flask, entry_id: int) -> str:
    """The team holds somebody with everybody below, while people come through them."""
    world = World(app)
    time.sleep(PAUSE / 2)

    def work() -> str:
        with world.writing() as tx:
            launch = world.launch_of()
            return holding.hold(tx, launch, entry_id, reason="odd", subtree=True, actor=WORKER, now=world.now)

    return at_the_door(work)


def revoke_wave(app: Flask, wave_id: int) -> str:
    """The team takes a whole wave back, while its people accept their invites."""
    world = World(app)
    time.sleep(PAUSE / 2)

    def work() -> str:
        with world.writing() as tx:
            launch = world.launch_of()
            revoking.revoke(tx, launch, wave_id, tell=False, reason="", actor=WORKER, now=world.now)
        return "revoked"

    return at_the_door(work, steering.WrongState)


def release(app: Flask, n: int) -> str:
    """An admin confirms a wave of the first n, and the worker delivers it in the next breath."""
    world = World(app)
    launch = world.launch_of()
    waves = []

    def confirm() -> str:
        waves.append(world.plan_wave(launch, n))
        return "confirmed"

    word = at_the_door(confirm, releasing.NobodyFits)
    if word == "confirmed":
        at_the_door(lambda: str(world.deliver(launch, waves[-1])))
    return word


def join_some(app: Flask, prefix: str, n: int) -> int:
    """Somebody after the other joins and confirms; returns how many stand in line."""
    world = World(app)
    launch = world.launch_of()
    return sum(db.retried(lambda i=i: world.waiting(launch, f"{prefix}{i}@college.edu")) is not None for i in range(n))


def either(app: Flask, name: str, job: dict[str, Any]) -> Any:
    """One of the racers above, by name: for races of different people."""
    return globals()[name](app, **job)


# --- the house without its guards. Each runs first in a child; the same race must then go wrong.


def without_turns() -> None:
    """SQLite without BEGIN IMMEDIATE and without the file lock: everybody reads first and writes later."""
    db._begin_immediate = db._begin
    db._locked_file = _no_lock  # type: ignore[assignment]


def without_claims() -> None:
    """PostgreSQL with look-then-write in place of every claim by a conditional UPDATE."""
    seating.take = _careless_take
    redeeming._claim_use = _careless_use
    redeeming._one_press_at_a_time = _nothing
    confirming.confirm = _careless_confirm  # type: ignore[assignment]
    referring.credit = _careless_credit  # type: ignore[assignment]
    releasing.locked = lambda launch_id: sa.select(Launch).where(Launch.id == launch_id)  # type: ignore[assignment]


def without_anything() -> None:
    """Neither claims nor turns: what SQLite needs to go wrong where the claim is a transaction's first statement."""
    without_turns()
    without_claims()


def with_an_old_look() -> None:
    """Confirming trusts what it read of the referrer a moment ago, when no branch was kept still."""
    without_turns()
    branching.grow = branching.keep_still = _nothing
    confirming._attribution = _trusting_attribution
    confirming.confirm = _look_first


def with_an_old_list() -> None:
    """Revoking a wave takes out whom it saw inside a moment before its turn came."""
    without_turns()
    revoking.revoke = _list_first
    revoking.locked_in_order = lambda ids: locked_in_order([one for one in ids if one in _listed])


def _list_first(tx: db.Tx, launch: Launch, wave_id: int, **more: Any) -> revoking.Revoked:
    with db.reading() as rx:
        _listed.update(rx.scalars(sa.select(Admission.entry_id).where(Admission.state == "active")))
    time.sleep(20 * PAUSE)
    return _revoke(tx, launch, wave_id, **more)


_revoke = revoking.revoke
_listed: set[int] = set()


def without_row_locks() -> None:
    """PostgreSQL where nobody waits for a row, and an owner is looked for a moment before a role is taken."""
    sa.Select.with_for_update = lambda self, **_: self  # type: ignore[method-assign, misc, assignment]
    regrading._keep_an_owner = _look_and_dawdle


def _look_and_dawdle(tx: db.Tx, grant: Grant, *, stays: bool) -> None:
    _keep_an_owner(tx, grant, stays=stays)
    time.sleep(20 * PAUSE)  # two alone meet less often than fifty


_keep_an_owner = regrading._keep_an_owner
_confirm, _attribution = confirming.confirm, confirming._attribution
_looks: dict[int | None, int | None] = {}


def _look_first(tx: db.Tx, launch: Launch, attempt_id: int, *, actor: Actor, now: datetime) -> confirming.Confirmed:
    with db.reading() as rx:
        query = sa.select(Entry.id, Entry.held_by).join(Attempt, Attempt.referrer_id == Entry.id)
        _looks.update({row.id: row.held_by for row in rx.execute(query.where(Attempt.id == attempt_id))})
    time.sleep(PAUSE)
    return _confirm(tx, launch, attempt_id, actor=actor, now=now)


def _trusting_attribution(tx: db.Tx, attempt: Attempt, entry: Entry, confirmed_no: int) -> dict[str, Any]:
    return _attribution(tx, attempt, entry, confirmed_no) | {"held_by": _looks[attempt.referrer_id]}


class _no_lock:  # noqa: N801 - stands in for a context manager function
    def __init__(self, path: object) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


def _nothing(*arguments: object, **more: object) -> None: ...


def _careless_take(tx: db.Tx, launch_id: int, n: int = 1, *, stage_id: int | None = None) -> None:
    (seen,) = db.some(tx, sa.select(SeatCount).where(SeatCount.launch_id == launch_id))
    if seen.seats is not None and seen.counted + n > seen.seats:
        raise seating.LaunchFull
    time.sleep(PAUSE)
    tx.execute(sa.update(SeatCount).where(SeatCount.id == seen.id).values(counted=seen.counted + n))


def _careless_use(tx: db.Tx, invite: Invite, now: datetime) -> None:
    found = db.one(tx, sa.select(Invite).where(Invite.id == invite.id))
    assert found is not None
    if found.uses >= found.max_uses or found.ended_at is not None:
        raise redeeming.InviteSpent
    time.sleep(PAUSE)
    tx.execute(sa.update(Invite).where(Invite.id == invite.id).values(uses=found.uses + 1))


def _careless_confirm(
    tx: db.Tx, launch: Launch, attempt_id: int, *, actor: Actor, now: datetime
) -> confirming.Confirmed:
    attempt = db.one(tx, sa.select(Attempt).where(Attempt.id == attempt_id))
    assert attempt is not None
    entry = db.one(tx, sa.select(Entry).where(Entry.id == attempt.entry_id))
    assert entry is not None
    if attempt.used_at is not None:
        return confirming.Confirmed(entry, first=False)
    time.sleep(PAUSE)
    tx.execute(sa.update(Attempt).where(Attempt.id == attempt_id).values(used_at=now))
    return confirming.Confirmed(confirming._stand_in_line(tx, launch, attempt, entry, actor=actor, now=now), first=True)


def _careless_credit(
    tx: db.Tx, launch: Launch, *, friend: Entry, actor: Actor, now: datetime
) -> referring.Credited | None:
    seen = tx.scalar(sa.select(Credit.id).where(Credit.abuse_key == friend.email_abuse_key))
    if seen is not None or friend.referrer_id is None:
        return None
    time.sleep(PAUSE)
    row: dict[str, Any] = {"launch_id": launch.id, "referrer_id": friend.referrer_id, "friend_id": friend.id}
    row |= {"abuse_key": friend.email_abuse_key, "points": 1, "state": "counted", "state_by": str(actor)}
    made = sa.insert(Credit).values(**row, created_at=now, state_at=now).returning(Credit.id)
    return referring.Credited(tx.execute(made).scalar_one(), referring._climb(tx, launch, friend.referrer_id, 1))
