"""Scrubbing: one person's address, name and words go out of every table; rows that others count on stay."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from waitlist.db import Tx, some
from waitlist.models.access import WebSession
from waitlist.models.entry import ERASED, Answer, Attempt, Consent, Entry, StoredFact
from waitlist.models.event import Event, EventDetail
from waitlist.models.guard import Signal
from waitlist.models.hold import Denied, Hold, ListRow, NamedList
from waitlist.models.invite import Admission, Invite, Wish, meant_for
from waitlist.models.message import MailboxChoice, Message, MessageState
from waitlist.models.report import Report, ReportAnswer, ReportPicture
from waitlist.models.sweep import Sweep, SweepMember
from waitlist.models.tag import EntryTag
from waitlist.models.upkeep import DataExport, ImportRow, ImportRun
from waitlist.models.wave import Wave

WORDS_ON_IT = "(erased)"  # stands where a reason the team wrote named the person
DONE_WITH = (MessageState.SENT, MessageState.FAILED, MessageState.CANCELLED)


@dataclass(frozen=True)
class Traces:
    """What one person can be found by: every address they proved here, its hashes, and their name."""

    launch_id: int
    entry: Entry
    keys: frozenset[str]
    hashes: frozenset[str]
    words: tuple[str, ...]  # as people write them: addresses and the name, longest first


def traces_of(tx: Tx, entry: Entry) -> Traces:
    """Addresses that a change replaced belong to the person as well, unless somebody else stands here with one now."""
    proven = sa.and_(Attempt.entry_id == entry.id, Attempt.kind == "change", Attempt.used_at.is_not(None))
    changes = some(tx, sa.select(Attempt).where(proven))
    known = {entry.email_key: (entry.email_abuse_key, entry.email)}
    for change in changes:
        known.setdefault(change.email_key, (change.email_abuse_key, change.email))
        before = change.before or {}
        if before:
            known.setdefault(before["email_key"], (before["abuse_key"], before["email"]))
    others = sa.select(Entry.email_key).where(
        Entry.launch_id == entry.launch_id, Entry.email_key.in_(known), Entry.id != entry.id
    )
    for key in tx.scalars(others).all():
        known.pop(key, None)
    words = {word for key, (_, email) in known.items() for word in (key, email)} | {entry.name.strip()}
    return Traces(
        launch_id=entry.launch_id,
        entry=entry,
        keys=frozenset(known),
        hashes=frozenset(hashed for hashed, _ in known.values()),
        words=tuple(sorted(filter(None, words), key=len, reverse=True)),
    )


def wanted_silence(tx: Tx, traces: Traces) -> bool:
    """Whether the person unsubscribed from everything, or asked not to be invited."""
    refuses = sa.or_(MailboxChoice.wants == "nothing", MailboxChoice.do_not_invite_at.is_not(None))
    asked = sa.exists().where(_choices(traces), MailboxChoice.launch_id == traces.launch_id, refuses)
    return tx.scalar(sa.select(asked)) in (True, 1)


def scrub(tx: Tx, traces: Traces, *, now: datetime) -> None:
    """Every table but the entry itself."""
    attempts = _attempts(tx, traces)
    invites = _invites(tx, traces, now)
    messages = _messages(tx, traces, attempts, invites, now)
    choices = _drop_choices(tx, traces)
    denied = _team_words(tx, traces)
    sweeps = _sweeps(tx, traces)
    for noun in (Answer, Consent, StoredFact, WebSession, DataExport, EntryTag, Signal):
        tx.execute(sa.delete(noun).where(noun.entry_id == traces.entry.id))
    tx.execute(sa.delete(Wish).where(Wish.launch_id == traces.launch_id, Wish.email_key.in_(traces.keys)))
    _reports(tx, traces)
    _lists(tx, traces)
    _imports(tx, traces)
    _waves(tx, traces)
    tx.execute(
        sa.update(Admission).where(Admission.entry_id == traces.entry.id).values(ticket=secrets.randbits(63), reason="")
    )
    subjects = {
        "entry": [traces.entry.id],
        "attempt": attempts,
        "invite": invites,
        "message": messages,
        "mailbox": choices,
        "denied": denied,
        "sweep": sweeps,
    }
    _details(tx, subjects)


def _reports(tx: Tx, traces: Traces) -> None:
    """That there was a report is the wave's health and stays; its words and its picture go."""
    theirs = sa.select(Report.id).where(Report.entry_id == traces.entry.id)
    tx.execute(sa.delete(ReportPicture).where(ReportPicture.report_id.in_(theirs)))
    tx.execute(sa.update(ReportAnswer).where(ReportAnswer.report_id.in_(theirs)).values(note=""))
    blank = {"happened": "", "expected": "", "version": "", "browser": "", "wants_mail": False}
    tx.execute(sa.update(Report).where(Report.entry_id == traces.entry.id).values(blank))


def _ids(tx: Tx, column: InstrumentedAttribute[int], *ways: tuple[sa.ColumnElement[bool], ...]) -> list[int]:
    """The rows that meet one of these conditions, each looked for by its own index: an OR would read the table."""
    return sorted({row_id for way in ways for row_id in tx.scalars(sa.select(column).where(*way))})


def _attempts(tx: Tx, traces: Traces) -> list[int]:
    addressed = (Attempt.launch_id == traces.launch_id, Attempt.email_key.in_(traces.keys))
    theirs = _ids(tx, Attempt.id, addressed, (Attempt.entry_id == traces.entry.id,))
    anonymous = sa.literal("~") + Attempt.public_id
    values: dict[str, Any] = {
        "email": ERASED,
        "email_key": anonymous,
        "email_abuse_key": anonymous,
        "name": "",
        "answers": {},
        "consents": {},
        "first_touch": None,
        "pending": False,
        "before": None,
    }
    tx.execute(sa.update(Attempt).where(Attempt.id.in_(theirs)).values(values))
    return theirs


def _invites(tx: Tx, traces: Traces, now: datetime) -> list[int]:
    """Invites to the person lose the address, and nobody need answer what they asked; in those they gave, the words
    they wrote go.
    """
    bound_to_them = meant_for(traces.launch_id, traces.entry.id, traces.keys)
    to_them = list(tx.scalars(sa.select(Invite.id).where(bound_to_them)))
    anonymous = sa.literal("~") + Invite.public_id
    bound = {"email": ERASED, "email_key": anonymous, "email_abuse_key": anonymous}
    tx.execute(sa.update(Invite).where(Invite.id.in_(to_them), Invite.email_key.is_not(None)).values(bound))
    tx.execute(sa.update(Invite).where(Invite.id.in_(to_them)).values(entry_id=traces.entry.id, note=""))
    tx.execute(sa.update(Invite).where(Invite.id.in_(to_them), Invite.appeal.is_not(None)).values(appeal=""))
    unanswered = (Invite.asked_at.is_not(None), Invite.asked_answer_at.is_(None))
    tx.execute(sa.update(Invite).where(Invite.id.in_(to_them), *unanswered).values(asked_answer_at=now))
    given = list(tx.scalars(sa.select(Invite.id).where(Invite.inviter_id == traces.entry.id)))
    tx.execute(sa.update(Invite).where(Invite.id.in_(given)).values(note=""))
    return to_them + given


def _messages(tx: Tx, traces: Traces, attempts: list[int], invites: list[int], now: datetime) -> list[int]:
    """Mails to the person lose everything and do not leave; mails to others that name them lose their bytes."""
    by_entry, by_key = Message.entry_id == traces.entry.id, Message.to_key.in_(traces.keys)
    to_them = [(way,) for way in (by_entry, by_key, Message.attempt_id.in_(attempts))]
    here = Message.launch_id == traces.launch_id
    theirs = list(tx.scalars(sa.select(Message.id).where(Message.id.in_(_ids(tx, Message.id, *to_them)), here)))
    unsent = sa.case((Message.state.in_(DONE_WITH), Message.state), else_=MessageState.CANCELLED.value)
    blank: dict[str, Any] = {"to_address": ERASED, "to_key": "", "params": {}, "sealed": None, "last_error": ""}
    tx.execute(
        sa.update(Message)
        .where(Message.id.in_(theirs))
        .values(state=unsent, state_at=now, lease=None, lease_until=None, **blank)
    )
    told = (Message.kind == "friend_joined", Message.entry_id == traces.entry.referrer_id)
    about_them = _ids(tx, Message.id, (Message.invite_id.in_(invites),), told)
    leaving = Message.state.in_((MessageState.LEASED, MessageState.TRANSMITTING))
    if about_them:
        tx.execute(sa.update(Message).where(Message.id.in_(about_them), here, ~leaving).values(sealed=None))
    return theirs


def _choices(traces: Traces) -> sa.ColumnElement[bool]:
    return MailboxChoice.email_key.in_(traces.keys)


def _drop_choices(tx: Tx, traces: Traces) -> list[int]:
    """The settings of this launch, and what the host learned of a mailbox that no launch knows any more."""
    elsewhere = sa.exists().where(Entry.email_key == MailboxChoice.email_key, Entry.id != traces.entry.id)
    host = sa.and_(MailboxChoice.launch_id.is_(None), ~elsewhere)
    gone = sa.delete(MailboxChoice).where(_choices(traces), sa.or_(MailboxChoice.launch_id == traces.launch_id, host))
    return list(tx.scalars(gone.returning(MailboxChoice.id)))


def _team_words(tx: Tx, traces: Traces) -> list[int]:
    """A ban and a hold stay, by hash and by number; the words of the team lose whom they named."""
    banned = some(
        tx,
        sa.select(Denied).where(
            Denied.launch_id == traces.launch_id, Denied.kind == "address", Denied.value.in_(traces.hashes)
        ),
    )
    for row in banned:
        words = {"shown": ERASED, "reason": _without(traces, row.reason)}
        if row.removed_at is not None:  # a ban that was lifted needs no hash
            words |= {"value": f"~{row.id}", "removed_reason": _without(traces, row.removed_reason or "")}
        tx.execute(sa.update(Denied).where(Denied.id == row.id).values(words))
    for hold in some(
        tx, sa.select(Hold).where(Hold.target_id == traces.entry.id, Hold.scope.in_(("entry", "subtree")))
    ):
        tx.execute(sa.update(Hold).where(Hold.id == hold.id).values(reason=_without(traces, hold.reason)))
    return [row.id for row in banned]


def _sweeps(tx: Tx, traces: Traces) -> list[int]:
    """A bulk action says why, which filter chose its people, and what undoing needs; returns those that named them."""
    named = []
    for sweep in some(tx, sa.select(Sweep).where(Sweep.launch_id == traces.launch_id)):
        said = {"reason": sweep.reason, "words": sweep.words, "params": sweep.params}
        kept = {name: _without(traces, value) for name, value in said.items()}
        if kept != said:
            tx.execute(sa.update(Sweep).where(Sweep.id == sweep.id).values(kept))
            named.append(sweep.id)
    for member in some(tx, sa.select(SweepMember).where(SweepMember.entry_id == traces.entry.id)):
        here = (SweepMember.sweep_id == member.sweep_id, SweepMember.position == member.position)
        tx.execute(sa.update(SweepMember).where(*here).values(kept=_without(traces, member.kept)))
    return named


def _without(traces: Traces, said: Any) -> Any:
    """A text, or the texts of a dict, without the person; a name inside another word is somebody else's."""
    if isinstance(said, dict):
        return {name: _without(traces, value) for name, value in said.items()}
    if not isinstance(said, str):
        return said
    for word in traces.words:
        said = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", WORDS_ON_IT, said, flags=re.IGNORECASE)
    return said


def _lists(tx: Tx, traces: Traces) -> None:
    lists = sa.select(NamedList.id).where(NamedList.launch_id == traces.launch_id)
    on_it = sa.or_(ListRow.abuse_key.in_(traces.hashes), ListRow.email_key.in_(traces.keys))
    tx.execute(sa.delete(ListRow).where(ListRow.list_id.in_(lists), on_it))


def _imports(tx: Tx, traces: Traces) -> None:
    """What a file said of the person. A row still to be entered stays: the team brings it anew."""
    runs = sa.select(ImportRun.id).where(ImportRun.launch_id == traces.launch_id)
    entered = (ImportRow.run_id.in_(runs), ImportRow.outcome != "staged")
    theirs = sa.or_(ImportRow.email_key.in_(traces.keys), ImportRow.entry_id == traces.entry.id)
    tx.execute(sa.update(ImportRow).where(*entered, theirs).values(data=None, email_key=None))
    named = some(tx, sa.select(ImportRow).where(*entered, ImportRow.referrer_key.in_(traces.keys)))
    for row in named:
        kept = {name: value for name, value in (row.data or {}).items() if str(value).lower() not in traces.keys}
        here = (ImportRow.run_id == row.run_id, ImportRow.row_no == row.row_no)
        data = None if row.data is None else kept
        tx.execute(sa.update(ImportRow).where(*here).values(referrer_key=None, data=data))


def _waves(tx: Tx, traces: Traces) -> None:
    """A wave for a pasted list remembers the list, and one for a few people may be called by them."""
    for wave in some(tx, sa.select(Wave).where(Wave.launch_id == traces.launch_id)):
        name = _without(traces, wave.name)
        if name != wave.name:
            tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(name=name))
        listed = wave.params.get("audience", {}).get("listed", ())
        kept = [person for person in listed if person["email_key"] not in traces.keys]
        if len(kept) < len(listed):
            audience = {**wave.params["audience"], "listed": kept}
            tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(params={**wave.params, "audience": audience}))


def _details(tx: Tx, subjects: dict[str, list[int]]) -> None:
    """The text behind the commitments goes; the chain over the events verifies as before."""
    for kind, ids in subjects.items():
        events = sa.select(Event.id).where(Event.subject_kind == kind, Event.subject_id.in_(ids))
        tx.execute(sa.delete(EventDetail).where(EventDetail.event_id.in_(events)))
