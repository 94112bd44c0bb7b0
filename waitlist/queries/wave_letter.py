"""The mail of a wave before it is sent: made by the same facts and templates as the real one, for any recipient."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from waitlist import catalogues
from waitlist.db import Tx, one
from waitlist.letters import Letter
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, Message
from waitlist.queries.letter import draft
from waitlist.queries.letter_subject import Subject, unwritten
from waitlist.stationery import Stationery

FOUND = 500  # people whom a search looks at
NAMELESS = 20_000  # people whose name is looked at


@dataclass(frozen=True)
class Recipients:
    """Who would get a mail, in order: entry ids, and then the rows of a list that have no entry."""

    chosen: list[int]
    newcomers: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.chosen) + len(self.newcomers)


def find(rx: Tx, launch_id: int, among: Recipients, words: str) -> int | None:
    """The number (from 1) of the first recipient whose address or name holds these words."""
    words = words.strip().lower()
    looked_for = sa.or_(
        Entry.email_key.contains(words, autoescape=True), sa.func.lower(Entry.name).contains(words, autoescape=True)
    )
    ids = set(rx.scalars(sa.select(Entry.id).where(Entry.launch_id == launch_id, looked_for).limit(FOUND)))
    everybody = [*among.chosen, *(str(stranger["email_key"]) for stranger in among.newcomers)]
    hits = (n for n, who in enumerate(everybody, 1) if who in ids or (isinstance(who, str) and words in who))
    return next(hits, None)


def letter_to(
    rx: Tx, launch: Launch, among: Recipients, n: int, offer: dict[str, Any], stationery: Stationery, now: datetime
) -> Letter:
    """The invite that recipient `n` (from 1) would get now; its link, code and settings are nobody's."""
    entry = _recipient(rx, launch, among, n, now)
    known = entry.language in catalogues.locales()
    language = entry.language if known else offer.get("language") or launch.language
    message = unwritten(
        Message, kind="invite", to_address=entry.email, to_key=entry.email_key, language=language, created_at=now,
        available_at=now, attempts=0, params={}, dedupe_key="", public_id="", message_id="", launch_id=launch.id,
    )  # fmt: skip
    invite = unwritten(
        Invite, source=InviteSource.WAVE, public_id="", version=1, email=entry.email, email_key=entry.email_key,
        max_uses=1, uses=0, allowance=offer["allowance"], lapse_policy=offer["lapse_policy"], code_hash="-",
        expires_at=now + timedelta(days=offer["days"]),
    )  # fmt: skip
    subject = Subject(
        message=cast(Message, message), launch=launch, entry=entry, attempt=None, invite=cast(Invite, invite),
        inviter=None, friend=None, stationery=stationery, now=now,
    )  # fmt: skip
    choice = cast(MailboxChoice, unwritten(MailboxChoice, public_id=""))
    return draft(rx, cast(Message, message), subject, stationery, choice)


def nameless(rx: Tx, among: Recipients) -> int:
    """How many of the first recipients would be greeted without a name."""
    ids, n = among.chosen[:NAMELESS], len(among.newcomers)
    unnamed = sa.or_(Entry.name == "", Entry.confirmed_no.is_(None))
    count = sa.select(sa.func.count()).select_from(Entry)
    return n + (rx.scalar(count.where(Entry.id.in_(ids), unnamed)) or 0)


def _recipient(rx: Tx, launch: Launch, among: Recipients, n: int, now: datetime) -> Entry:
    if n <= len(among.chosen):
        entry = one(rx, sa.select(Entry).where(Entry.id == among.chosen[n - 1]))
        assert entry is not None, "the cut was read from the same rows"
        return entry
    stranger = among.newcomers[n - 1 - len(among.chosen)]
    row = unwritten(
        Entry, email=stranger["email"], email_key=stranger["email_key"], name="", language=launch.language, slug="",
        public_id="", link_version=1, state=State.UNCONFIRMED, created_at=now,
    )  # fmt: skip
    return cast(Entry, row)
