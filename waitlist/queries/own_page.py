"""What the page of one's own data shows: the same rows as the file, in the words of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx
from waitlist.models.access import WebSession
from waitlist.models.entry import Answer, Consent, Entry, StoredFact
from waitlist.models.invite import Invite, meant_for
from waitlist.models.launch import ConsentText, Question
from waitlist.models.message import Message
from waitlist.models.referral import Credit
from waitlist.queries.naming import shown_to_others

MAILS_SHOWN = 20


@dataclass(frozen=True)
class Held:
    """Plain values. `referrer` is the friend as friends are shown, "" for who came alone."""

    email: str
    name: str
    language: str
    asked_at: datetime
    confirmed_at: datetime | None
    referrer: str
    source: str  # campaign or site of the first visit
    score: int
    credits: int  # friends who count
    answers: Sequence[tuple[str, Any]]
    consents: Sequence[tuple[str, str, datetime]]  # the words (a line of markdown), their version, when
    mails: Sequence[tuple[str, datetime]]  # kind, sent at
    mails_total: int
    invites_got: int
    invites_given: int
    browsers: int  # signed in
    country: str = ""  # as the person said


def held(rx: Tx, entry_id: int) -> Held:
    """What is held about one person, for them to read."""
    friend = aliased(Entry)
    me = rx.execute(
        sa.select(
            Entry, friend.name.label("by_name"), friend.email.label("by_email"), friend.share_name.label("by_shown")
        )
        .outerjoin(friend, friend.id == Entry.referrer_id)
        .where(Entry.id == entry_id)
    ).one()
    to_me = sa.and_(Message.launch_id == me.launch_id, Message.entry_id == entry_id, Message.sent_at.is_not(None))
    got = meant_for(me.launch_id, entry_id, [me.email_key])
    return Held(
        email=me.email,
        name=me.name,
        language=me.language,
        asked_at=me.created_at,
        confirmed_at=me.confirmed_at,
        referrer=shown_to_others(me.by_name, me.by_email, share_name=me.by_shown) if me.by_email else "",
        source=", ".join(str(value) for value in (me.first_touch or {}).values() if value),
        score=me.score,
        credits=_count(rx, Credit.id, sa.and_(Credit.referrer_id == entry_id, Credit.state == "counted")),
        answers=_answers(rx, entry_id),
        consents=_consents(rx, me.launch_id, entry_id),
        mails=_mails(rx, to_me),
        mails_total=_count(rx, Message.id, to_me),
        invites_got=_count(rx, Invite.id, sa.and_(Invite.launch_id == me.launch_id, got)),
        invites_given=_count(rx, Invite.id, Invite.inviter_id == entry_id),
        browsers=_count(rx, WebSession.id, sa.and_(WebSession.entry_id == entry_id, WebSession.revoked_at.is_(None))),
        country=rx.scalar(sa.select(StoredFact.value).where(*_said_country(entry_id))) or "",
    )


def _said_country(entry_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return StoredFact.entry_id == entry_id, StoredFact.name == "country", StoredFact.source == "declared"


def _answers(rx: Tx, entry_id: int) -> list[tuple[str, Any]]:
    query = sa.select(Question.label, Answer.value).join(Question, Question.id == Answer.question_id)
    mine = query.where(Answer.entry_id == entry_id).order_by(Question.ordinal)
    return [(row.label, row.value) for row in rx.execute(mine)]


def _consents(rx: Tx, launch_id: int, entry_id: int) -> list[tuple[str, str, datetime]]:
    """Texts that came from elsewhere, by the API or a file, are known by their key alone."""
    version = sa.cast(ConsentText.version, sa.Text()) == Consent.text_version
    its_text = sa.and_(ConsentText.launch_id == launch_id, ConsentText.key == Consent.key, version)
    words = sa.func.coalesce(ConsentText.text, Consent.key).label("words")
    query = sa.select(words, Consent.text_version, Consent.given_at).outerjoin(ConsentText, its_text)
    mine = query.where(Consent.entry_id == entry_id).order_by(Consent.id)
    return [(row.words, row.text_version, row.given_at) for row in rx.execute(mine)]


def _mails(rx: Tx, to_me: sa.ColumnElement[bool]) -> list[tuple[str, datetime]]:
    query = sa.select(Message.kind, Message.sent_at).where(to_me).order_by(Message.id.desc()).limit(MAILS_SHOWN)
    return [(row.kind, row.sent_at) for row in rx.execute(query)]


def _count(rx: Tx, column: Any, where: sa.ColumnElement[bool]) -> int:
    return rx.scalar(sa.select(sa.func.count(column)).where(where)) or 0
