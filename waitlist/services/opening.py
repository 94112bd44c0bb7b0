"""Opening: who asked to be told hears of it once it is open to them, or a seat is free; never more than there is room.

People of the `interest` line are told when the rules in force admit them, and then take a place themselves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.gates.answers import Admits
from waitlist.models.condition import Circumstances, Condition, circumstances, line_id_of, main_line, unconfirmed
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite, Wish
from waitlist.models.launch import INTEREST, Launch, Line, OnFull
from waitlist.models.message import Message
from waitlist.services import posting
from waitlist.services.judging import answer_for

LATELY = timedelta(days=1)  # as long, whoever was told is expected to come


def launches_to_tell(tx: Tx) -> list[int]:
    """The launches in which somebody may be told: not asked about under the rules in force, or waiting for a seat."""
    asked = (
        sa.select(Line.launch_id)
        .join(Launch, Launch.id == Line.launch_id)
        .where(
            Line.key == INTEREST, Launch.archived_at.is_(None), sa.exists().where(_unasked(Line.id, Launch.revision))
        )
    )
    wished = sa.select(Wish.launch_id).where(Wish.told_at.is_(None))
    return sorted(set(tx.scalars(asked)) | set(tx.scalars(wished)))


def tell_interest(tx: Tx, launch: Launch, *, limit: int, now: datetime) -> int:
    """Look at the next `limit` people who asked, and tell those whom it is open to; returns how many were looked at.

    Nobody is looked at while nobody may join, or there is no room for more than were told lately.
    """
    around = circumstances(tx, launch, now)
    room = _room(tx, launch, around, now)
    if around.condition not in (Condition.OPEN, Condition.LAUNCHED) or room == 0:
        return 0
    line_id = line_id_of(tx, launch.id, INTEREST)
    chosen = sa.select(Entry.id).where(_unasked(line_id, launch.revision)).order_by(Entry.id)
    chosen = chosen.limit(limit if room is None else min(limit, room))
    looked_at = (
        sa.update(Entry)
        .where(Entry.id.in_(chosen.scalar_subquery()), _unasked(line_id, launch.revision))
        .values(gate_revision=launch.revision)
        .returning(Entry)
    )
    people = some(tx, looked_at)
    _tell(tx, launch, [person for person in people if _admits(tx, launch, person, now)], now)
    return len(people)


def tell_free_seats(tx: Tx, launch: Launch, *, limit: int, now: datetime) -> int:
    """Tell at most `limit` people who pressed when the last seat was taken, oldest wish first, one for each free seat.

    A wish whose invite has ended meanwhile is dropped. Returns how many wishes were answered.
    """
    around = circumstances(tx, launch, now)
    if around.condition is Condition.ARCHIVED or around.holds_effect("redeem"):
        return 0
    free = limit if around.seats_left is None else min(limit, around.seats_left - _told_of_seats(tx, launch, now))
    if free <= 0:
        return 0
    chosen = sa.select(Wish.id).where(Wish.launch_id == launch.id, Wish.told_at.is_(None)).order_by(Wish.id).limit(free)
    answered = sa.update(Wish).where(Wish.id.in_(chosen.scalar_subquery()), Wish.told_at.is_(None)).values(told_at=now)
    wishes = sorted(some(tx, answered.returning(Wish)), key=lambda wish: wish.id)
    ids = [wish.invite_id for wish in wishes]
    works = sa.and_(Invite.id.in_(ids), Invite.ended_at.is_(None), Invite.expires_at > now)
    invites = {invite.id: invite for invite in some(tx, sa.select(Invite).where(works))} if ids else {}
    mails = [_seat_mail(launch, wish, invites[wish.invite_id]) for wish in wishes if wish.invite_id in invites]
    posting.enqueue_all(tx, "seat_free", mails, now)
    return len(wishes)


def _unasked(line: object, revision: object) -> sa.ColumnElement[bool]:
    """In the unranked line, and not looked at under these rules."""
    return sa.and_(
        Entry.line_id == line,
        Entry.state == State.WAITING,
        Entry.rank_key.is_(None),
        Entry.held_by.is_(None),
        Entry.gate_revision.is_distinct_from(revision),
    )


def _room(tx: Tx, launch: Launch, around: Circumstances, now: datetime) -> int | None:
    """How many more may be told: what is left of the line and the seats, less those told lately; None: no limit."""
    limits = []
    if around.condition is Condition.OPEN and launch.line_limit is not None:
        limits.append(launch.line_limit - around.in_line - unconfirmed(tx, main_line(tx, launch.id), now))
    if around.condition is Condition.OPEN and launch.on_full == OnFull.CLOSE and around.seats_left is not None:
        limits.append(around.seats_left)
    return max(min(limits) - _told_lately(tx, launch, now), 0) if limits else None


def _told_lately(tx: Tx, launch: Launch, now: datetime) -> int:
    told = sa.select(sa.func.count()).where(
        Message.launch_id == launch.id, Message.kind == "interest_open", Message.created_at > now - LATELY
    )
    return tx.scalar(told) or 0


def _told_of_seats(tx: Tx, launch: Launch, now: datetime) -> int:
    told = sa.select(sa.func.count()).where(Wish.launch_id == launch.id, Wish.told_at > now - LATELY)
    return tx.scalar(told) or 0


def _admits(tx: Tx, launch: Launch, person: Entry, now: datetime) -> bool:
    answer = answer_for(
        tx,
        launch,
        domain=person.domain,
        abuse_key=person.email_abuse_key,
        referred=person.referrer_id is not None,
        entry=person,
        now=now,
    )
    return isinstance(answer, Admits)


def _tell(tx: Tx, launch: Launch, people: Sequence[Entry], now: datetime) -> None:
    """Once for each time somebody asked to be told, however often the rules change."""
    mails = [
        posting.Mail(
            f"{person.public_id}:{person.state_at:%Y%m%d%H%M%S}",
            posting.to(person),
            {"launch_id": launch.id, "entry_id": person.id},
        )
        for person in people
    ]
    posting.enqueue_all(tx, "interest_open", mails, now)


def _seat_mail(launch: Launch, wish: Wish, invite: Invite) -> posting.Mail:
    dedupe = f"{invite.public_id}:{wish.id}:{wish.wished_at:%Y%m%d%H%M%S}:{invite.version}"
    to = posting.To(wish.email, wish.email_key, wish.language)
    return posting.Mail(dedupe, to, {"launch_id": launch.id, "invite_id": invite.id})
