"""What this service itself knows of people in line: their draw, score, answers, arm, and who vouches for them."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.gates.answered import PREFIX
from waitlist.gates.answers import Fact, Trust
from waitlist.gates.within import FURTHEST
from waitlist.models.entry import Answer, Entry
from waitlist.models.hold import ListRow, NamedList
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Question
from waitlist.models.referral import Vouch


def own_facts(tx: Tx, ids: Collection[int], now: datetime) -> dict[int, list[Fact]]:
    """The facts by entry id, in three statements, and a fourth where anybody is vouched for."""
    facts = _of_entries(tx, ids, now)
    for entry_id, key, value, at in _answers(tx, ids):
        facts[entry_id].append(Fact(PREFIX + key, value, Trust.ASSERTED, "form", at))
    vouched = _vouches(tx, ids)
    for entry_id, (vouches, branches) in vouched.items():
        facts[entry_id].append(Fact("vouches", vouches, Trust.VERIFIED, "vouches", now))
        facts[entry_id].append(Fact("branches", branches, Trust.VERIFIED, "vouches", now))
    for entry_id, hops in _hops(tx, vouched).items():
        facts[entry_id].append(Fact("hops", hops, Trust.VERIFIED, "vouches", now))
    return facts


def with_vouch(tx: Tx, inviter_id: int, entry_id: int | None, now: datetime) -> list[Fact]:
    """What would be known of somebody (None: nobody yet) who accepts an invite of this member: one vouch more."""
    known = {} if entry_id is None else _hops(tx, [entry_id]).get(entry_id, {})
    theirs = dict.fromkeys(tx.scalars(_lists_of(inviter_id)), 0)
    hops = _hops(tx, [inviter_id]).get(inviter_id, {}) | theirs
    near = {key: min(distance + 1, known.get(key, FURTHEST + 1)) for key, distance in hops.items()}
    vouching = sa.select(Vouch.voucher_id).where(Vouch.entry_id == entry_id, Vouch.revoked_at.is_(None))
    active = sa.select(Admission.entry_id).where(Admission.state == AdmissionState.ACTIVE)
    members = sa.or_(Entry.id == inviter_id, Entry.id.in_(vouching))
    branch = sa.func.coalesce(Entry.referrer_id, Entry.id)
    counts = sa.select(sa.func.count(Entry.id), sa.func.count(branch.distinct()))
    vouches, branches = tx.execute(counts.where(members, Entry.id.in_(active))).one()
    facts = {"hops": known | near, "vouches": vouches, "branches": branches}
    return [Fact(name, value, Trust.VERIFIED, "vouches", now) for name, value in facts.items()]


def _lists_of(entry_id: int) -> sa.Select[str]:
    return (
        sa.select(NamedList.key)
        .join(Entry, Entry.launch_id == NamedList.launch_id)
        .join(ListRow, sa.and_(ListRow.list_id == NamedList.id, ListRow.abuse_key == Entry.email_abuse_key))
        .where(Entry.id == entry_id)
    )


def _of_entries(tx: Tx, ids: Collection[int], now: datetime) -> dict[int, list[Fact]]:
    rows = tx.execute(
        sa.select(Entry.id, Entry.ticket, Entry.score, Entry.confirmed_at, Admission.arm)
        .outerjoin(Admission, Admission.entry_id == Entry.id)
        .where(Entry.id.in_(ids))
    )
    facts = {}
    for row in rows:
        known = {"ticket": row.ticket, "score": row.score, "joined_at": row.confirmed_at, "arm": row.arm}
        facts[row.id] = [
            Fact(name, value, Trust.AUTHORITATIVE, "ledger", now) for name, value in known.items() if value is not None
        ]
    return facts


def _answers(tx: Tx, ids: Collection[int]) -> list[tuple[int, str, object, datetime]]:
    rows = tx.execute(
        sa.select(Answer.entry_id, Question.key, Answer.value, Answer.answered_at)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.entry_id.in_(ids))
    )
    return [(row.entry_id, row.key, row.value, row.answered_at) for row in rows]


def _vouches(tx: Tx, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """By entry id: how many members who are in stand for somebody, and through how many people those came."""
    branch = sa.func.coalesce(Entry.referrer_id, Entry.id)
    rows = tx.execute(
        sa.select(Vouch.entry_id, sa.func.count(Vouch.voucher_id.distinct()), sa.func.count(branch.distinct()))
        .join(Entry, Entry.id == Vouch.voucher_id)
        .join(Admission, Admission.entry_id == Vouch.voucher_id)
        .where(Vouch.entry_id.in_(ids), Vouch.revoked_at.is_(None), Admission.state == AdmissionState.ACTIVE)
        .group_by(Vouch.entry_id)
    )
    return {entry_id: (vouches, branches) for entry_id, vouches, branches in rows}


def _hops(tx: Tx, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By entry id and list key: the fewest vouches between somebody and a person on that list, six at most."""
    if not ids:
        return {}
    up = (
        sa.select(Vouch.entry_id.label("start"), Vouch.voucher_id.label("id"), sa.literal(1).label("distance"))
        .where(Vouch.entry_id.in_(ids), Vouch.revoked_at.is_(None))
        .cte("up", recursive=True)
    )
    # UNION, not ALL: people may vouch for each other in a circle, and the bounded distance ends it.
    up = up.union(
        sa.select(up.c.start, Vouch.voucher_id, up.c.distance + 1)
        .join(up, Vouch.entry_id == up.c.id)
        .where(Vouch.revoked_at.is_(None), up.c.distance < FURTHEST)
    )
    rows = tx.execute(
        sa.select(up.c.start, NamedList.key, sa.func.min(up.c.distance))
        .join(Entry, Entry.id == up.c.id)
        .join(NamedList, NamedList.launch_id == Entry.launch_id)
        .join(ListRow, sa.and_(ListRow.list_id == NamedList.id, ListRow.abuse_key == Entry.email_abuse_key))
        .group_by(up.c.start, NamedList.key)
    )
    hops: dict[int, dict[str, int]] = {}
    for entry_id, key, distance in rows:
        hops.setdefault(entry_id, {})[key] = distance
    return hops
