"""What mails say, gathered from the rows they speak of: a whole batch in a handful of statements, nothing written."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from waitlist import plain
from waitlist.db import Base, Tx, some
from waitlist.letters import LETTERS, Choices, Class, Letter, held_because
from waitlist.models.broadcast import Broadcast, BroadcastState, words_in
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.mail_words import Key, own_words
from waitlist.models.message import MailboxChoice, Message, key_of_hash
from waitlist.queries.letter_facts import facts_of
from waitlist.queries.letter_facts import inviter_name as name_of
from waitlist.queries.letter_subject import Forgotten, Subject, kept
from waitlist.queries.team_letters import FACTS as TEAM_FACTS
from waitlist.queries.trial_letters import FACTS as TRIAL_FACTS
from waitlist.sentences import N_
from waitlist.stationery import Stationery
from waitlist.tokens import Purpose
from waitlist.words import Words

log = logging.getLogger("waitlist.letters")
UNWRITABLE = "It could not be written"
PROVES = frozenset({"confirm", "sign_in", "proof", "change_confirm"})  # mails whose attempt decides
OFFERS = frozenset({"invite", "invite_reminder", "member_invite", "seat_free"})  # mails whose invite decides
ACCENT = "#3442c8"  # where a launch has no colour of its own
GONE = (State.LEFT, State.REMOVED)
# Told to people who are gone as well.
LAST_WORDS = frozenset({"invite_ended", "invite_withdrawn", "change_notice", "data_ready"})


@dataclass(frozen=True)
class Gathered:
    """A mail as it would be written now (None when it cannot be), and why it should not leave, if so.

    `obsolete`: it would say something untrue by now. `held`: its reader wants none of it.
    """

    letter: Letter | None
    obsolete: str = ""
    held: str = ""
    fault: str = ""  # what went wrong with it, which must not keep the others

    @property
    def stopped(self) -> str:
        return self.fault or self.obsolete or self.held


def gather(rx: Tx, messages: Sequence[Message], stationery: Stationery, now: datetime) -> dict[int, Gathered]:
    """Everything these messages say at `now`, by message id. One that cannot be read is a fault of its own."""
    rows = _rows(rx, messages)
    return {message.id: _one_at_least(rx, message, rows, stationery, now) for message in messages}


def draft(
    rx: Tx, message: Message, subject: Subject, stationery: Stationery, choice: MailboxChoice | None = None
) -> Letter:
    """A letter about rows that are not written yet, for somebody who looks at it before it exists."""
    launch = subject.launch
    return _letter(rx, message, subject, choice, stationery, own_words(rx, [launch.id]) if launch is not None else {})


@dataclass(frozen=True)
class _Rows:
    launches: dict[int, Launch]
    attempts: dict[int, Attempt]
    invites: dict[int, Invite]
    entries: dict[int, Entry]
    choices: dict[tuple[int | None, str], MailboxChoice]
    words: dict[Key, Words]
    broadcasts: dict[int, Broadcast]


def _rows(rx: Tx, messages: Sequence[Message]) -> _Rows:
    launches = _by_id(rx, Launch, (message.launch_id for message in messages))
    attempts = _by_id(rx, Attempt, (message.attempt_id for message in messages))
    invites = _by_id(rx, Invite, (message.invite_id for message in messages))
    people = [message.entry_id for message in messages] + [message.params.get("friend") for message in messages]
    people += [invite.inviter_id for invite in invites.values()] + [invite.entry_id for invite in invites.values()]
    broadcasts = _by_id(rx, Broadcast, (message.broadcast_id for message in messages))
    entries, choices = _by_id(rx, Entry, people), _choices(rx, messages, invites)
    return _Rows(launches, attempts, invites, entries, choices, own_words(rx, launches) if launches else {}, broadcasts)


def _by_id(rx: Tx, noun: type[Base], ids: Iterable[int | None]) -> dict[int, Any]:
    wanted = {row_id for row_id in ids if row_id is not None}
    if not wanted:
        return {}
    key = sa.inspect(noun).columns["id"]
    return {row.id: row for row in some(rx, sa.select(noun).where(key.in_(wanted)))}  # type: ignore[attr-defined]


def _choices(
    rx: Tx, messages: Sequence[Message], invites: Mapping[int, Invite]
) -> dict[tuple[int | None, str], MailboxChoice]:
    keys = {message.to_key for message in messages}
    keys |= {key_of_hash(invite.email_abuse_key or "") for invite in invites.values()}
    found = some(rx, sa.select(MailboxChoice).where(MailboxChoice.email_key.in_(keys)))
    return {(choice.launch_id, choice.email_key): choice for choice in found}


def _one_at_least(rx: Tx, message: Message, rows: _Rows, stationery: Stationery, now: datetime) -> Gathered:
    try:
        return _one(rx, message, rows, stationery, now)
    except DBAPIError:
        raise
    except Exception as error:
        log.exception("message %s (%s) cannot be written", message.public_id, message.kind)
        return Gathered(None, fault=f"{UNWRITABLE}: {error}")


def _one(rx: Tx, message: Message, rows: _Rows, stationery: Stationery, now: datetime) -> Gathered:
    subject = _subject(message, rows, stationery, now)
    own, host = rows.choices.get((message.launch_id, message.to_key)), rows.choices.get((None, message.to_key))
    said = _said_before(message, rows) or own
    wants = Choices(
        wants=said.wants if said else "all",
        no_invites=said is not None and said.do_not_invite_at is not None,
        bounced=any(choice is not None and choice.bounced_at is not None for choice in (own, host)),
    )
    try:
        letter = _letter(rx, message, subject, own, stationery, rows.words)
    except Forgotten:
        return Gathered(None, "What it was about is not kept any more.")
    return Gathered(letter, _obsolete(message, subject), held_because(subject.klass, wants))


def _said_before(message: Message, rows: _Rows) -> MailboxChoice | None:
    """What the mailbox of this invite asked for when it was erased, if it was."""
    invite = rows.invites.get(message.invite_id or 0)
    if invite is None or invite.email_key != message.to_key:
        return None
    return rows.choices.get((message.launch_id, key_of_hash(invite.email_abuse_key or "")))


def _subject(message: Message, rows: _Rows, stationery: Stationery, now: datetime) -> Subject:
    invite = rows.invites.get(message.invite_id or 0)
    return Subject(
        message=message,
        launch=rows.launches.get(message.launch_id or 0),
        entry=rows.entries.get(message.entry_id or 0),
        attempt=rows.attempts.get(message.attempt_id or 0),
        invite=invite,
        inviter=rows.entries.get((invite.inviter_id if invite else None) or 0),
        friend=rows.entries.get(message.params.get("friend") or 0),
        stationery=stationery,
        now=now,
        broadcast=rows.broadcasts.get(message.broadcast_id or 0),
    )


def _obsolete(message: Message, subject: Subject) -> str:
    """The reason why this mail would say something untrue by now, if there is one."""
    if message.kind in PROVES and subject.attempt is not None:
        return _attempt_over(message, subject.attempt, subject.now)
    if message.kind in OFFERS and subject.invite is not None:
        return _invite_over(message, subject.invite, subject.now)
    if subject.broadcast is not None and subject.broadcast.state == BroadcastState.STOPPED:
        return N_("The broadcast was stopped.")
    gone = message.kind not in LAST_WORDS and subject.entry is not None and subject.entry.state in GONE
    return N_("The person is no longer on this waitlist.") if gone else ""


def _attempt_over(message: Message, attempt: Attempt, now: datetime) -> str:
    if attempt.used_at is not None or attempt.declined_at is not None:
        return N_("The person has answered already.")
    if attempt.replaced_at is not None or _version(message) not in (None, attempt.version):
        return N_("A newer e-mail was asked for.")
    return N_("Its link ended before it could leave.") if attempt.expires_at <= now else ""


def _invite_over(message: Message, invite: Invite, now: datetime) -> str:
    if invite.revoked_at is not None or invite.declined_at is not None:
        return N_("The invite was taken back or declined before this could leave.")
    if invite.uses >= invite.max_uses:
        return N_("The invite is used already.")
    if message.kind in ("invite", "member_invite") and _version(message) not in (None, invite.version):
        return N_("A newer invite was sent.")
    ended = invite.ended_at is not None or invite.expires_at <= now
    return N_("The invite ended before this could leave.") if ended else ""


def _version(message: Message) -> int | None:
    """The version that this mail was written for, where its dedupe key ends in one."""
    last = message.dedupe_key.rpartition(":")[2]
    return int(last) if last.isdecimal() else None


def _letter(
    rx: Tx,
    message: Message,
    subject: Subject,
    choice: MailboxChoice | None,
    stationery: Stationery,
    own: Mapping[Key, Words],
) -> Letter:
    kind = LETTERS[message.kind]
    tests = kind.tests or str(message.params.get("tests", ""))
    launch = subject.launch
    name, address = stationery.sender
    owner = plain.clean(launch.name, 60) if launch else plain.clean(name, 60) or "Waitlist"
    choices_url = None
    if launch is not None and choice is not None:
        choices_url = stationery.link(Purpose.CHOICES, launch.public_id, choice.public_id)
    # One press on a member's invite says "no more invites from people", not "nothing at all".
    once = f"{choices_url}?only=invites" if choices_url and subject.klass is Class.PERSONAL else choices_url
    facts = {
        "waitlist": owner,
        "contact": launch.contact_email if launch else None,
        "choices_url": choices_url,
        "accent": (launch.accent if launch else None) or ACCENT,
    }
    return Letter(
        kind=kind,
        public_id=message.public_id,
        message_id=message.message_id,
        to_address=message.to_address,
        language=message.language,
        date=max(message.created_at, message.available_at if message.attempts == 0 else message.created_at),
        sender_name=f"{name_of(subject)} via {owner}" if message.kind == "member_invite" else owner,
        reply_to=(launch.contact_email if launch else None) or address,
        tz=launch.tz if launch else "UTC",
        unsubscribe_url=once,
        list_id=_list_id(launch, owner, stationery) if launch is not None and kind.klass is Class.SUBSCRIBED else None,
        facts=facts | {"no_invites_url": once} | _facts(rx, subject),
        words=_words(subject, tests or kind.name, own),
        tests=tests,
    )


def _list_id(launch: Launch, owner: str, stationery: Stationery) -> str:
    """The list that a digest belongs to, as mail programs show and filter it (RFC 2919)."""
    name = " ".join(owner.translate(str.maketrans('<>"(),;:', " " * 8)).split())
    return f"{name} <{launch.slug}.{urlsplit(stationery.base_url).hostname}>".lstrip()


def _words(subject: Subject, written_as: str, own: Mapping[Key, Words]) -> Words | None:
    """The team's own words that it is written in, if it has any; a test brings those that were in the editor."""
    message = subject.message
    if message.kind == "words_test":
        return Words(**message.params["words"]) if message.params["words"] else None
    if message.kind == "broadcast":
        return words_in(kept(subject.broadcast), message.language)
    return own.get((message.launch_id or 0, written_as, message.language))


def _facts(rx: Tx, subject: Subject) -> dict[str, Any]:
    special = (TEAM_FACTS | TRIAL_FACTS).get(subject.message.kind)
    return special(rx, subject) if special is not None else facts_of(rx, subject)
