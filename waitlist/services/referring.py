"""Referring: a friend who confirmed counts once for whoever brought them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.entry import Entry, State, locked
from waitlist.models.launch import Launch
from waitlist.models.rank import GAP_BITS, SCORE_SHIFT, TOP_SCORE
from waitlist.models.referral import Credit
from waitlist.services import ranking
from waitlist.services.recording import record


@dataclass(frozen=True)
class Credited:
    """The credit row and what it adds: 0 points beyond the cap, and where a job adds them later."""

    credit_id: int
    points: int


def credit(tx: Tx, launch: Launch, *, friend: Entry, actor: Actor, now: datetime) -> Credited | None:
    """Count `friend` for their referrer, or return None when this mailbox counted for somebody before.

    The unique key is the folded mailbox, so a second address of the same mailbox adds nothing.
    """
    if friend.referrer_id is None:
        return None
    points = _points(tx, launch, friend.referrer_id)
    later = points > 0 and launch.points_cap is None
    statement = insert(tx, Credit).values(
        launch_id=launch.id,
        referrer_id=friend.referrer_id,
        friend_id=friend.id,
        abuse_key=friend.email_abuse_key,
        points=points,
        folded=not later,
        state="counted",
        created_at=now,
        state_at=now,
        state_by=str(actor),
    )
    credit_id: int | None = tx.execute(statement.on_conflict_do_nothing().returning(Credit.id)).scalar_one_or_none()
    if credit_id is None:
        return None
    if points and not later:
        points = _climb(tx, launch, friend.referrer_id, points)
        if points == 0:  # another friend took the last place under the cap since it was read
            tx.execute(sa.update(Credit).where(Credit.id == credit_id).values(points=0))
    record(
        tx,
        "referring.credited",
        launch.id,
        ("entry", friend.referrer_id),
        actor,
        now,
        {"friend": friend.id, "points": points},
    )
    return Credited(credit_id, points)


def launches_to_fold(rx: Tx) -> list[int]:
    """The launches that have credits which are in no score yet."""
    return list(rx.scalars(sa.select(Credit.launch_id).where(Credit.folded.is_(False)).distinct()))


def fold_credits(tx: Tx, launch: Launch, *, limit: int = 1_000) -> int:
    """Add the credits of a launch without a cap to their referrers' scores; returns how many.

    Only there: a referrer whom thousands follow would be one hot row in every confirmation.
    """
    chosen = (
        sa.select(Credit.id)
        .where(Credit.launch_id == launch.id, Credit.folded.is_(False), Credit.state == "counted")
        .order_by(Credit.id)
        .limit(limit)
        .scalar_subquery()
    )
    taken = tx.execute(
        sa.update(Credit)
        .where(Credit.id.in_(chosen), Credit.folded.is_(False), Credit.state == "counted")
        .values(folded=True)
        .returning(Credit.referrer_id, Credit.points)
    ).all()
    sums: dict[int, tuple[int, int]] = {}
    for referrer_id, points in taken:
        friends, total = sums.get(referrer_id, (0, 0))
        sums[referrer_id] = friends + 1, total + points
    for referrer_id, (friends, total) in sorted(sums.items()):
        _add(tx, referrer_id, points=total, friends=friends)
    return len(taken)


def reverse(tx: Tx, launch: Launch, *, friend_id: int, actor: Actor, now: datetime) -> None:
    """Take a friend's credit back, which only a removal for abuse does."""
    row = tx.execute(
        sa.update(Credit)
        .where(Credit.friend_id == friend_id, Credit.state == "counted")
        .values(state="reversed", state_at=now, state_by=str(actor))
        .returning(Credit.referrer_id, Credit.points, Credit.folded)
    ).one_or_none()
    if row is None:
        return
    if row.folded and row.points:
        _drop(tx, row.referrer_id)
        _promote(tx, launch, row.referrer_id)
    record(
        tx,
        "referring.reversed",
        launch.id,
        ("entry", row.referrer_id),
        actor,
        now,
        {"friend": friend_id, "points": row.points},
    )


def reinstate(tx: Tx, launch: Launch, *, friend_id: int, actor: Actor, now: datetime) -> None:
    """Count a friend again whose removal for abuse was a mistake, as far as the cap allows by now."""
    row = tx.execute(
        sa.update(Credit)
        .where(Credit.friend_id == friend_id, Credit.state == "reversed")
        .values(state="counted", state_at=now, state_by=str(actor))
        .returning(Credit.id, Credit.referrer_id, Credit.folded)
    ).one_or_none()
    if row is None:
        return
    points = 0
    if row.folded:  # what a job has not added yet, it will
        points = _climb(tx, launch, row.referrer_id, launch.points) if launch.points else 0
        tx.execute(sa.update(Credit).where(Credit.id == row.id).values(points=points))
    data = {"friend": friend_id, "points": points}
    record(tx, "referring.reinstated", launch.id, ("entry", row.referrer_id), actor, now, data)


def _promote(tx: Tx, launch: Launch, referrer_id: int) -> None:
    """The oldest friend beyond the cap moves up to where one has gone."""
    next_id = tx.scalar(
        sa.select(Credit.id)
        .where(Credit.referrer_id == referrer_id, Credit.state == "counted", Credit.points == 0)
        .order_by(Credit.id)
        .limit(1)
    )
    if next_id is not None and launch.points and (points := _climb(tx, launch, referrer_id, launch.points)):
        tx.execute(sa.update(Credit).where(Credit.id == next_id).values(points=points))


def _points(tx: Tx, launch: Launch, referrer_id: int) -> int:
    """What one more friend is worth; read without a lock, so a viral referrer's row is not touched beyond the cap."""
    if launch.points == 0 or launch.points_cap is None:
        return launch.points
    friends = tx.scalar(sa.select(Entry.friends).where(Entry.id == referrer_id)) or 0
    return launch.points if friends < launch.points_cap else 0


def _climb(tx: Tx, launch: Launch, referrer_id: int, points: int) -> int:
    referrer = one(tx, locked(referrer_id))
    if referrer is None or (launch.points_cap is not None and referrer.friends >= launch.points_cap):
        return 0
    _move(tx, referrer, points=points, friends=1)
    return points


def _add(tx: Tx, referrer_id: int, *, points: int, friends: int) -> None:
    referrer = one(tx, locked(referrer_id))
    if referrer is not None:
        _move(tx, referrer, points=points, friends=friends)


def _drop(tx: Tx, referrer_id: int) -> None:
    """One friend less: the score is what the others give, though all of them gave more than it can hold."""
    referrer = one(tx, locked(referrer_id))
    if referrer is None:
        return
    counted = (Credit.referrer_id == referrer_id, Credit.state == "counted", Credit.folded)
    left = tx.scalar(sa.select(sa.func.sum(Credit.points)).where(*counted)) or 0
    _move(tx, referrer, points=int(left) - referrer.score, friends=-1)


def _move(tx: Tx, referrer: Entry, *, points: int, friends: int) -> None:
    score = min(max(referrer.score + points, 0), TOP_SCORE)
    values: dict[str, int] = {"score": score, "friends": max(referrer.friends + friends, 0)}
    if referrer.rank_key is not None and score != referrer.score:
        values["rank_key"] = _new_key(tx, referrer, score)
    tx.execute(sa.update(Entry).where(Entry.id == referrer.id).values(**values))
    stands = referrer.state == State.WAITING and referrer.held_by is None
    if stands and referrer.rank_key is not None and "rank_key" in values:
        ranking.shifted(tx, referrer.line_id, old=referrer.rank_key, new=values["rank_key"])


def _new_key(tx: Tx, referrer: Entry, score: int) -> int:
    key = (referrer.rank_key or 0) - ((score - referrer.score) << SCORE_SHIFT)
    if key & ((1 << GAP_BITS) - 1):  # moved by hand once: its key is not its own sequence, so look before taking it
        return ranking.free_key(tx, referrer.line_id, key)
    return key
