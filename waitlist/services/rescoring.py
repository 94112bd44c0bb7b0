"""Rescoring: a launch's points or cap change, and everybody's score, key and place follow.

The result depends on the credits alone, so running it again changes nothing: whoever confirmed by the old rule while
the new one was being written is put right by `settle`, which the worker repeats for a while after each change.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry
from waitlist.models.event import Event
from waitlist.models.launch import Launch, Line, locked
from waitlist.models.rank import GAP_BITS, SCORE_SHIFT, TOP_SCORE
from waitlist.models.referral import Credit
from waitlist.services import ranking
from waitlist.services.recording import record

VERB = "launching.rescored"
IN_FLIGHT = timedelta(minutes=10)  # longer than any confirmation that read the old rule can take


def change(tx: Tx, launch: Launch, *, points: int, cap: int | None, actor: Actor, now: datetime) -> int:
    """Give counted friends another worth (0: a fixed order) or another cap; returns how many scores changed."""
    tx.execute(locked(launch.id))
    tx.execute(
        sa.update(Launch)
        .where(Launch.id == launch.id)
        .values(points=points, points_cap=cap, changed_at=now, changed_by=str(actor))
    )
    moved = settle(tx, launch.id)
    before = {"points": launch.points, "cap": launch.points_cap}
    data = {"before": before, "after": {"points": points, "cap": cap}, "moved": moved}
    record(tx, VERB, launch.id, ("launch", launch.id), actor, now, data)
    return moved


def settle(tx: Tx, launch_id: int) -> int:
    """Make every credit, score and key what the rule in force says; returns how many scores were wrong."""
    launch = one(tx, locked(launch_id))
    assert launch is not None, "whoever calls has read it"
    _share_points(tx, launch)
    wrong = _wrong_scores(tx, launch)
    for row in wrong:
        _set(tx, row.id, row.rank_key, row.line_id, by=row.due - row.score, friends=row.counted)
    if any(row.due != row.score for row in wrong):
        for line_id in tx.scalars(sa.select(Line.id).where(Line.launch_id == launch.id, Line.ranked)):
            ranking.recount(tx, line_id)
    return sum(row.due != row.score for row in wrong)


def lately_changed(tx: Tx, now: datetime) -> list[int]:
    """The launches whose rule changed so short a time ago that somebody may still be counted by the old one."""
    changed = sa.exists().where(
        Event.subject_kind == "launch", Event.subject_id == Launch.id, Event.verb == VERB, Event.at > now - IN_FLIGHT
    )
    return list(tx.scalars(sa.select(Launch.id).where(Launch.changed_at > now - IN_FLIGHT, changed)))


def _share_points(tx: Tx, launch: Launch) -> None:
    """Each referrer's first friends carry the points, up to the cap; all are in the score from now on."""
    nth = sa.func.row_number().over(partition_by=Credit.referrer_id, order_by=Credit.id).label("nth")
    ranked = (
        sa.select(Credit.id, nth).where(Credit.launch_id == launch.id, Credit.state == "counted").subquery("ranked")
    )
    within = sa.true() if launch.points_cap is None else ranked.c.nth <= launch.points_cap
    due = sa.case((within, launch.points), else_=0)
    tx.execute(
        sa.update(Credit)
        .where(Credit.id == ranked.c.id, sa.or_(Credit.points != due, Credit.folded.is_(False)))
        .values(points=due, folded=True)
    )


def _wrong_scores(tx: Tx, launch: Launch) -> list[sa.Row[int, int, int | None, int, int, int]]:
    """Rows (id, line_id, rank_key, score, due, counted) of people whose score or friends are wrong."""
    limit = 10_000_000 if launch.points_cap is None else launch.points_cap
    sums = (
        sa.select(Credit.referrer_id, sa.func.count().label("n"))
        .where(Credit.launch_id == launch.id, Credit.state == "counted")
        .group_by(Credit.referrer_id)
        .subquery("sums")
    )
    n = sa.func.coalesce(sums.c.n, 0)
    counted = sa.case((n > limit, limit), else_=n)
    full = counted * launch.points
    due = sa.case((full > TOP_SCORE, TOP_SCORE), else_=full)
    query = (
        sa.select(Entry.id, Entry.line_id, Entry.rank_key, Entry.score, due.label("due"), counted.label("counted"))
        .outerjoin(sums, sums.c.referrer_id == Entry.id)
        .where(Entry.launch_id == launch.id, sa.or_(Entry.score != due, Entry.friends != counted))
        .order_by(Entry.id)
        .with_for_update(of=Entry, key_share=True)
    )
    return list(tx.execute(query).all())


def _set(tx: Tx, entry_id: int, rank_key: int | None, line_id: int, *, by: int, friends: int) -> None:
    values: dict[str, object] = {"score": Entry.score + by, "friends": friends}
    if rank_key is not None and by:
        key = rank_key - (by << SCORE_SHIFT)
        moved_by_hand = key & ((1 << GAP_BITS) - 1)
        values["rank_key"] = ranking.free_key(tx, line_id, key) if moved_by_hand else key
    tx.execute(sa.update(Entry).where(Entry.id == entry_id).values(**values))
