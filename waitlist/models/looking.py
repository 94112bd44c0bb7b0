"""Looking for people: what the people table can be asked, as conditions that an index answers wherever there is one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx
from waitlist.models.entry import Answer, Entry, State
from waitlist.models.invite import Invite, Redemption
from waitlist.models.launch import INTEREST, Line, Question
from waitlist.models.message import MailboxChoice, Message
from waitlist.models.tag import EntryTag
from waitlist.models.wave import Wave, WaveMember

BOUNCED = "bounced"  # beside the states of a message
LAST = "\U0010ffff"  # behind every symbol that an address may have


@dataclass(frozen=True)
class Filter:
    """What is looked for; everything that is named must be so. `words` stand in the address, name or an answer."""

    state: str = ""  # a stored state, or on_hold, interest
    line: str = ""
    address: str = ""  # an exact key
    domain: str = ""
    domains: tuple[str, ...] = ()  # more than one: any of them
    prefix: str = ""  # of the address
    words: str = ""
    code: str = ""  # the last four symbols of an invite's code
    joined_from: datetime | None = None
    joined_to: datetime | None = None
    friends: int = 0  # counted ones, at least
    wave: int = 0  # its number: invited by it
    mail: str = ""  # a mail of theirs in this state, or bounced
    referrer: str = ""  # the key of an address
    question: str = ""
    answer: str = ""
    tag: str = ""
    noted: bool = False

    @property
    def is_empty(self) -> bool:
        return self == Filter()

    def to_json(self) -> dict[str, Any]:
        """Plain values of what is asked for, so that equal filters are equal."""
        asked = {name: value for name, value in vars(self).items() if value != getattr(Filter, name)}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asked.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Filter":
        values = dict(data)
        for name in ("joined_from", "joined_to"):
            if name in values:
                values[name] = datetime.fromisoformat(values[name])
        if "domains" in values:
            values["domains"] = tuple(values["domains"])
        return cls(**values)


def matching(rx: Tx, launch_id: int, asked: Filter) -> list[sa.ColumnElement[bool]]:
    """The conditions of a filter, on Entry."""
    found = [Entry.launch_id == launch_id, *_state(launch_id, asked)]
    found += [getattr(Entry, column) == value for column, value in _exact(asked).items() if value]
    if asked.domains:
        found.append(Entry.domain.in_(asked.domains))
    if asked.prefix:
        found += _begins(rx, asked.prefix.lower())
    if asked.words:
        within = sa.func.instr if rx.dialect.name == "sqlite" else sa.func.strpos
        words = asked.words.lower()
        in_answer = within(sa.func.lower(sa.cast(Answer.value, sa.Text)), json.dumps(words)[1:-1].lower()) > 0
        answered = sa.select(Answer.entry_id).join(Question, Question.id == Answer.question_id)
        found.append(
            sa.or_(
                within(Entry.email_key, words) > 0,
                within(sa.func.lower(Entry.name), words) > 0,
                Entry.id.in_(answered.where(Question.launch_id == launch_id, in_answer)),
            )
        )
    if asked.joined_from is not None:
        found.append(Entry.created_at >= asked.joined_from)
    if asked.joined_to is not None:
        found.append(Entry.created_at < asked.joined_to)
    if asked.friends:
        found.append(Entry.friends >= asked.friends)
    if asked.noted:
        found.append(Entry.note != sa.literal_column("''"))  # in these words, for the index of the same name
    return found + _elsewhere(launch_id, asked)


def _exact(asked: Filter) -> dict[str, str]:
    return {"domain": asked.domain, "email_key": asked.address}


def _state(launch_id: int, asked: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.line or asked.state == "interest":
        key = asked.line or INTEREST
        line = sa.select(Line.id).where(Line.launch_id == launch_id, Line.key == key).scalar_subquery()
        found.append(Entry.line_id == line)
    if asked.state == "on_hold":
        found.append(Entry.held_by.is_not(None))
    elif asked.state:
        found.append(Entry.state == (State.WAITING if asked.state == "interest" else asked.state))
    return found


def _begins(rx: Tx, prefix: str) -> list[sa.ColumnElement[bool]]:
    # Between two texts, symbol by symbol: on PostgreSQL these operators ask the index that compares so.
    at_least, below = ("~>=~", "~<~") if rx.dialect.name == "postgresql" else (">=", "<")
    key = Entry.email_key
    return [key.bool_op(at_least)(prefix), key.bool_op(below)(prefix + LAST)]


def _elsewhere(launch_id: int, asked: Filter) -> list[sa.ColumnElement[bool]]:
    """What other tables know of a person."""
    found = []
    if asked.tag:
        found.append(
            _among(sa.select(EntryTag.entry_id).where(EntryTag.launch_id == launch_id, EntryTag.tag == asked.tag))
        )
    if asked.wave:
        by_wave = sa.select(WaveMember.entry_id).join(Wave, Wave.id == WaveMember.wave_id)
        found.append(
            _among(by_wave.where(Wave.launch_id == launch_id, Wave.seq == asked.wave, WaveMember.outcome == "invited"))
        )
    if asked.mail:
        found.append(_mail(launch_id, asked.mail))
    if asked.referrer:
        referrer = aliased(Entry, name="referrer")
        theirs = sa.select(referrer.id).where(referrer.launch_id == launch_id, referrer.email_key == asked.referrer)
        found.append(Entry.referrer_id == theirs.scalar_subquery())
    if asked.code:
        found.append(_code(launch_id, asked.code))
    if asked.question and asked.answer:
        found.append(_answer(launch_id, asked.question, asked.answer))
    return found


def _among(ids: sa.Select[int]) -> sa.ColumnElement[bool]:
    return Entry.id.in_(ids)


def _mail(launch_id: int, state: str) -> sa.ColumnElement[bool]:
    if state == BOUNCED:
        here = sa.or_(MailboxChoice.launch_id == launch_id, MailboxChoice.launch_id.is_(None))
        return Entry.email_key.in_(
            sa.select(MailboxChoice.email_key).where(here, MailboxChoice.bounced_at.is_not(None))
        )
    mails = sa.select(Message.entry_id).where(Message.launch_id == launch_id, Message.state == state)
    return Entry.id.in_(mails.where(Message.entry_id.is_not(None)))


def _code(launch_id: int, code_end: str) -> sa.ColumnElement[bool]:
    """Whom an invite with these last symbols is for, and who came in by it."""
    coded = (Invite.launch_id == launch_id, Invite.code_end == code_end)
    meant = sa.select(Invite.entry_id).where(*coded, Invite.entry_id.is_not(None))
    used = sa.select(Redemption.entry_id).join(Invite, Invite.id == Redemption.invite_id).where(*coded)
    other = aliased(Entry, name="addressed")
    addressed = sa.select(other.id).join(Invite, Invite.email_key == other.email_key)
    return Entry.id.in_(meant.union(used, addressed.where(*coded, other.launch_id == launch_id)))


def _answer(launch_id: int, question: str, answer: str) -> sa.ColumnElement[bool]:
    """One choice, one of several choices, or a text in these very words; every version of the question counts."""
    written = json.dumps(answer)
    value = sa.cast(Answer.value, sa.Text)
    said = sa.or_(value == written, sa.and_(value.startswith("["), value.contains(written, autoescape=True)))
    answers = sa.select(Answer.entry_id).join(Question, Question.id == Answer.question_id)
    return Entry.id.in_(answers.where(Question.launch_id == launch_id, Question.key == question, said))
