"""Whose answer is asked for: what a targeting key may be, for each kind of product key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.addresses import BadAddress, canon
from waitlist.db import Tx, one
from waitlist.gates.answers import Applicant, Fact
from waitlist.gates.deciding import Decision, Subject, Verdict
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.rank import place_of
from waitlist.queries import deciding
from waitlist.queries.whom import entry_called
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose

PREFIX = "st_"
NOBODY = "ent_nobody"  # looked up for a forged token, so that it takes as long as a good one


@dataclass(frozen=True)
class Who:
    """Who was found: an entry, an address without one, or nobody. A forged token is answered like one who waits."""

    subject: Subject
    entry: Entry | None = None
    forged: bool = False


def subject_token(launch: Launch, entry: Entry) -> str:
    """What names this person to a browser's public key; a renewed private link ends it."""
    return PREFIX + runtime().tokens.sign(Purpose.SUBJECT, launch.public_id, entry.public_id, entry.link_version)


def named_by_server(rx: Tx, launch: Launch, text: str, told: Sequence[Fact], now: datetime) -> Who:
    """For a secret key: an entry id, an address, the product's own user id, or a subject token."""
    entry = _of_token(rx, launch, text) if text.startswith(PREFIX) else entry_called(rx, launch, text)
    if entry is not None:
        return Who(deciding.subject(rx, launch, entry, now, told=told), entry)
    try:
        address = canon(text)
    except BadAddress:
        return Who(Subject(Applicant.of(told)))
    abuse_key = runtime().abuse_key(address)
    return Who(deciding.stranger(rx, launch, domain=address.domain, abuse_key=abuse_key, now=now, told=told))


def named_by_browser(rx: Tx, launch: Launch, text: str, told: Sequence[Fact], now: datetime) -> Who:
    """For a public key: a subject token of this launch and nothing else, so that nobody asks for another person."""
    entry = _of_token(rx, launch, text)
    if entry is None:
        return Who(Subject(Applicant.of(told), entry=State.WAITING), forged=True)
    return Who(deciding.subject(rx, launch, entry, now, told=told), entry)


def place_of_waiting(rx: Tx, who: Who, decision: Decision) -> int | None:
    """The place of somebody who waits in line."""
    waits = who.entry is not None and decision.verdict is Verdict.WAITING
    return place_of(rx, who.entry.id) if waits and who.entry is not None else None


def invite_url(rx: Tx, launch: Launch, who: Who, decision: Decision) -> str:
    """Where somebody who is invited accepts; the link proves no mailbox."""
    if who.entry is None or decision.verdict is not Verdict.INVITED:
        return ""
    open_invite = sa.and_(Invite.launch_id == launch.id, Invite.email_key == who.entry.email_key)
    invite = one(
        rx, sa.select(Invite).where(open_invite, Invite.ended_at.is_(None)).order_by(Invite.id.desc()).limit(1)
    )
    if invite is None:
        return ""
    return runtime().stationery.link(Purpose.INVITE_SHOWN, launch.public_id, invite.public_id, invite.version)


def _of_token(rx: Tx, launch: Launch, text: str) -> Entry | None:
    try:
        carrier = runtime().tokens.read(Purpose.SUBJECT, text.removeprefix(PREFIX))
    except BadToken:
        entry_called(rx, launch, NOBODY)
        return None
    entry = entry_called(rx, launch, carrier.row if carrier.launch == launch.public_id else NOBODY)
    return entry if entry is not None and entry.link_version == carrier.version else None
