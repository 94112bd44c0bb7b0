"""Crediting: a batch of friends who came in counts for their referrers, as each confirmation would have."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, some
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.rank import GAP_BITS, SCORE_SHIFT, TOP_SCORE
from waitlist.models.referral import Credit
from waitlist.services import ranking
from waitlist.services.ranking import Change


def credit_many(tx: Tx, launch: Launch, friends: Sequence[Entry], *, actor: Actor, now: datetime) -> int:
    """Count each friend once for their referrer, up to the launch's cap, and return how many counted.

    A launch without a cap folds its credits later, as after a confirmation. The batch's own event tells of them.
    """
    rows = [_row(launch, friend, actor, now) for friend in friends if friend.referrer_id is not None]
    if not rows:
        return 0
    statement = insert(tx, Credit).on_conflict_do_nothing().returning(Credit.id, Credit.referrer_id)
    counted = tx.execute(statement, rows).all()
    if launch.points and launch.points_cap is not None:
        _climb(tx, launch, [(row[0], row[1]) for row in counted])
    return len(counted)


def _row(launch: Launch, friend: Entry, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "launch_id": launch.id,
        "referrer_id": friend.referrer_id,
        "friend_id": friend.id,
        "abuse_key": friend.email_abuse_key,
        "points": launch.points,
        "folded": launch.points == 0 or launch.points_cap is not None,
        "state": "counted",
        "created_at": now,
        "state_at": now,
        "state_by": str(actor),
    }


def _climb(tx: Tx, launch: Launch, counted: Sequence[tuple[int, int]]) -> None:
    """Move the referrers up; credits beyond the cap stay on record with 0 points."""
    mine: dict[int, list[int]] = defaultdict(list)
    for credit_id, referrer_id in sorted(counted):
        mine[referrer_id].append(credit_id)
    locked = sa.select(Entry).where(Entry.id.in_(mine)).order_by(Entry.id).with_for_update(key_share=True)
    beyond: list[int] = []
    moves: list[dict[str, int | None]] = []
    changes: dict[int, list[Change]] = defaultdict(list)
    for referrer in some(tx, locked):
        room = max((launch.points_cap or 0) - referrer.friends, 0)
        beyond += mine[referrer.id][room:]
        n = min(room, len(mine[referrer.id]))
        if n == 0:
            continue
        score = min(referrer.score + n * launch.points, TOP_SCORE)
        key = _key(tx, referrer, score)
        moves.append({"entry": referrer.id, "new_score": score, "more": n, "new_key": key})
        stands = referrer.state == State.WAITING and referrer.held_by is None and referrer.rank_key is not None
        if stands and key is not None and key != referrer.rank_key:
            sequence = referrer.sequence or 0
            changes[referrer.line_id] += [Change(referrer.rank_key or 0, sequence, -1), Change(key, sequence, 1)]
    _write(tx, moves, beyond)
    for line_id, steps in changes.items():
        ranking.came_and_went(tx, line_id, steps)


def _key(tx: Tx, referrer: Entry, score: int) -> int | None:
    if referrer.rank_key is None:
        return None
    key = referrer.rank_key - ((score - referrer.score) << SCORE_SHIFT)
    if key & ((1 << GAP_BITS) - 1):  # moved by hand once: its key is not its own sequence, so look before taking it
        return ranking.free_key(tx, referrer.line_id, key)
    return key


def _write(tx: Tx, moves: list[dict[str, int | None]], beyond: list[int]) -> None:
    if moves:
        tx.execute(
            sa.update(Entry)
            .where(Entry.id == sa.bindparam("entry"))
            .values(
                score=sa.bindparam("new_score"),
                friends=Entry.friends + sa.bindparam("more"),
                rank_key=sa.bindparam("new_key"),
            ),
            moves,
        )
    for start in range(0, len(beyond), 500):
        tx.execute(sa.update(Credit).where(Credit.id.in_(beyond[start : start + 500])).values(points=0))
