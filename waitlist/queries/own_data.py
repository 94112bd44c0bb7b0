"""One's own data: every row that a launch holds about one person, for the person to read and to take away."""

from collections.abc import Callable
from typing import Any, cast

import sqlalchemy as sa

from waitlist.db import Base, Tx, one
from waitlist.models.access import WebSession
from waitlist.models.broadcast import BroadcastMember
from waitlist.models.entry import Answer, Attempt, Consent, Entry, StoredFact
from waitlist.models.event import Event, EventDetail
from waitlist.models.guard import Signal
from waitlist.models.hold import Denied, Hold, ListRow, NamedList
from waitlist.models.invite import Admission, Handoff, Invite, Redemption, Wish
from waitlist.models.launch import ConsentText, Question
from waitlist.models.message import MailboxChoice, Message
from waitlist.models.referral import Credit, Vouch
from waitlist.models.report import Report, ReportAnswer, ReportPicture
from waitlist.models.sweep import SweepMember
from waitlist.models.tag import EntryTag
from waitlist.models.upkeep import DataExport, ImportRow, ImportRun
from waitlist.models.wave import WaveMember

# Keys, hashes and bytes that open doors or are of the house; and what the team wrote for itself, or others are.
HIDDEN = frozenset(
    (
        *("id_hash", "code_hash", "sealed", "lease", "lease_until", "salt", "commitment"),
        *("email_abuse_key", "abuse_key", "friend_id", "state_by", "moved_by", "created_by", "released_by"),
        *("revoked_by", "removed_by", "tagged_by", "inviter_id", "voucher_id", "entry_id"),
        *("launch_id", "line_id", "referrer_id", "referrer_key"),
        *("entry.note", "hold.reason", "denied.reason", "denied.removed_reason", "session.data"),
        *("entry_tag.tag", "sweep_member.kept"),
        *("report_answer.answered_by", "report_picture.data", "report.twin_id", "told_by"),
    )
)
TEAM_WORDS = frozenset({"reason", "words", "note", "tag"})  # in the details of events
Where = Callable[[Entry], sa.ColumnElement[bool]]


def _mine(noun: Any) -> Where:
    return lambda me: noun.entry_id == me.id


def _addressed(noun: Any) -> Where:
    return lambda me: sa.or_(
        noun.entry_id == me.id, sa.and_(noun.launch_id == me.launch_id, noun.email_key == me.email_key)
    )


def _events_of(me: Entry) -> sa.ColumnElement[bool]:
    return sa.and_(Event.subject_kind == "entry", Event.subject_id == me.id)


def _reports_of(me: Entry) -> sa.Select[int]:
    return sa.select(Report.id).where(Report.entry_id == me.id)


def _of_launch(parent: Any, column: Any, me: Entry) -> sa.ColumnElement[bool]:
    return sa.cast(column.in_(sa.select(parent.id).where(parent.launch_id == me.launch_id)), sa.Boolean())


# Which rows of a table are about one person. A table that is not named here holds nothing about anybody in line.
ABOUT: dict[type[Base], Where] = {
    Entry: lambda me: Entry.id == me.id,
    Attempt: _addressed(Attempt),
    Answer: _mine(Answer),
    Consent: _mine(Consent),
    StoredFact: _mine(StoredFact),
    Invite: lambda me: sa.or_(_addressed(Invite)(me), Invite.inviter_id == me.id),
    Redemption: _mine(Redemption),
    Admission: _mine(Admission),
    Handoff: lambda me: Handoff.admission_id.in_(sa.select(Admission.id).where(Admission.entry_id == me.id)),
    Wish: lambda me: sa.and_(Wish.launch_id == me.launch_id, Wish.email_key == me.email_key),
    WaveMember: _mine(WaveMember),
    SweepMember: _mine(SweepMember),
    BroadcastMember: _mine(BroadcastMember),
    EntryTag: _mine(EntryTag),
    Vouch: lambda me: sa.or_(Vouch.entry_id == me.id, Vouch.voucher_id == me.id),
    Credit: lambda me: sa.or_(Credit.referrer_id == me.id, Credit.friend_id == me.id),
    Hold: lambda me: sa.and_(Hold.target_id == me.id, Hold.scope.in_(("entry", "subtree"))),
    Denied: lambda me: sa.and_(
        Denied.launch_id == me.launch_id, Denied.kind == "address", Denied.value == me.email_abuse_key
    ),
    ListRow: lambda me: sa.and_(ListRow.abuse_key == me.email_abuse_key, _of_launch(NamedList, ListRow.list_id, me)),
    MailboxChoice: lambda me: sa.and_(
        MailboxChoice.email_key == me.email_key,
        sa.or_(MailboxChoice.launch_id == me.launch_id, MailboxChoice.launch_id.is_(None)),
    ),
    Message: lambda me: sa.and_(Message.launch_id == me.launch_id, Message.to_key == me.email_key),
    WebSession: _mine(WebSession),
    ImportRow: lambda me: sa.and_(
        _of_launch(ImportRun, ImportRow.run_id, me),
        sa.or_(ImportRow.entry_id == me.id, ImportRow.email_key == me.email_key),
    ),
    Event: _events_of,
    EventDetail: lambda me: EventDetail.event_id.in_(sa.select(Event.id).where(_events_of(me))),
    DataExport: _mine(DataExport),
    Signal: _mine(Signal),
    Report: _mine(Report),
    ReportAnswer: lambda me: ReportAnswer.report_id.in_(_reports_of(me)),
    ReportPicture: lambda me: ReportPicture.report_id.in_(_reports_of(me)),
}


def everything(rx: Tx, entry_id: int) -> dict[str, list[dict[str, Any]]]:
    """The rows about one person by table, every table of the service named, most of them empty.

    Left out of the rows: what opens doors, what the team wrote for itself, and who other people are.
    """
    me = one(rx, sa.select(Entry).where(Entry.id == entry_id))
    assert me is not None, "the foreign key of whoever asks says so"
    held: dict[str, list[dict[str, Any]]] = {table.name: [] for table in Base.metadata.sorted_tables}
    for noun, where in ABOUT.items():
        table = cast(sa.Table, noun.__table__)
        shown = [one for one in table.columns if HIDDEN.isdisjoint((one.name, f"{table.name}.{one.name}"))]
        rows = rx.execute(sa.select(*shown).where(where(me)).order_by(*table.primary_key.columns))
        held[table.name] = [dict(row) for row in rows.mappings()]
    for detail in held["event_detail"]:
        detail["detail"] = {name: text for name, text in detail["detail"].items() if name not in TEAM_WORDS}
    for event in held["event"]:
        event["actor"] = event["actor"].partition(":")[0]  # what kind of doer, not who
    for invite in held["invite"]:
        if invite["email_key"] != me.email_key:
            invite.update(email=None, email_key=None)
    _name_questions(rx, held["answer"])
    _say_terms(rx, me.launch_id, held["consent"])
    return held


def _name_questions(rx: Tx, answers: list[dict[str, Any]]) -> None:
    labels = {
        row.id: row.label
        for row in rx.execute(
            sa.select(Question.id, Question.label).where(Question.id.in_([one["question_id"] for one in answers]))
        )
    }
    for answer in answers:
        answer["question"] = labels[answer["question_id"]]


def _say_terms(rx: Tx, launch_id: int, consents: list[dict[str, Any]]) -> None:
    texts = {
        (row.key, str(row.version)): row.text
        for row in rx.execute(
            sa.select(ConsentText.key, ConsentText.version, ConsentText.text).where(ConsentText.launch_id == launch_id)
        )
    }
    for consent in consents:
        consent["text"] = texts.get((consent["key"], consent["text_version"]))
