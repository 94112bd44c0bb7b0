"""A pasted list with a verdict for every address: what the review page shows, and what the button will send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask_babel import gettext

from waitlist import applying, catalogues, plain
from waitlist.addresses import Pasted, parse_pasted
from waitlist.db import Tx
from waitlist.gates.answers import Refuses
from waitlist.i18n import page_locale
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services.inviting import LONGEST_NOTE
from waitlist.services.reviewing import Candidate, Screened, Verdict, screen
from waitlist.web.pages import Errors
from waitlist.web.public.refused import why
from waitlist.web.wording import say

AT_ONCE = 50


@dataclass(frozen=True)
class Draft:
    """The form as it was sent. `note` is as it will be mailed: plain, without links."""

    text: str
    typed_note: str
    note: str
    language: str
    pasted: tuple[Pasted, ...]
    by_app: bool = False  # the member's own mail program sends it

    @property
    def note_changed(self) -> bool:
        return plain.GONE in self.note and plain.GONE not in self.typed_note


@dataclass(frozen=True)
class Row:
    """One address of the list: what was typed, the word for what becomes of it, and the sentence why."""

    id: int
    typed: str
    verdict: str
    word: str
    why: str = ""
    candidate: Candidate | None = None

    @property
    def will_be_sent(self) -> bool:
        return self.verdict in (Verdict.OK, Verdict.IN_LINE)


def read(member: Entry) -> tuple[Draft, Errors]:
    """The form of this request, and what is wrong with it as a whole."""
    text, note = request.form.get("emails", ""), request.form.get("note", "").replace("\r\n", "\n").strip()
    language = request.form.get("language", "")
    language = language if language in catalogues.locales() else str(page_locale()) or member.language
    pasted = tuple(parse_pasted(text[:20_000]))
    errors = []
    if not pasted:
        errors.append(("emails", gettext("Enter one e-mail address or more")))
    if len(pasted) > AT_ONCE:
        errors.append(("emails", gettext("Enter %(most)s addresses or fewer at a time", most=AT_ONCE)))
    if len(note) > LONGEST_NOTE:
        errors.append(("note", gettext("Personal note must be %(limit)s characters or less", limit=LONGEST_NOTE)))
    return Draft(text, note, plain.paragraphs(note, LONGEST_NOTE), language, pasted, _by_app()), errors


def _by_app() -> bool:
    return request.form.get("how") == "app"


def candidates(launch: Launch, draft: Draft) -> list[Candidate]:
    """Everybody who can be written to at all, once each, hashed outside of any transaction."""
    return [candidate for pasted in draft.pasted if (candidate := _candidate(launch, pasted)) is not None]


def review(tx: Tx, launch: Launch, member: Entry, draft: Draft, *, now: datetime) -> list[Row]:
    """A verdict for every item, in the order of the list; reads only."""
    screened = {row.candidate.email_key: row for row in screen(tx, launch, member, candidates(launch, draft), now=now)}
    return [_row(launch, number, item, screened) for number, item in enumerate(draft.pasted, 1)]


def _candidate(launch: Launch, item: Pasted) -> Candidate | None:
    if item.address is None or item.duplicate:
        return None
    hashed = applying.hashed(item.address, salt=launch.salt, pepper=runtime().secrets.pepper)
    return Candidate(
        email=hashed["email"], email_key=hashed["email_key"], abuse_key=hashed["abuse_key"], domain=hashed["domain"]
    )


def _row(launch: Launch, number: int, item: Pasted, screened: dict[str, Screened]) -> Row:
    if item.fault is not None:
        return Row(number, item.typed, "fault", gettext("Check the address"), say(item.fault.code, item.fault.params))
    assert item.address is not None, "without a fault it was read"
    if item.duplicate:
        return Row(number, item.typed, "duplicate", gettext("Twice in your list"))
    found = screened[item.address.key]
    told = why(launch, found.answer, item.address.email).text if isinstance(found.answer, Refuses) else ""
    return Row(number, item.address.email, found.verdict, word(found.verdict), told, found.candidate)


def word(verdict: str) -> str:
    """What the table says; whoever must not be invited looks the same whatever the reason is."""
    words = {
        "ok": gettext("Will be sent"),
        "in_line": gettext("Already in line - your invite lets them in now"),
        "member": gettext("Already a member"),
        "yours": gettext("You invited them already"),
        "rules": gettext("Wrong domain"),
        "cannot": gettext("Cannot be invited"),
        "over_limit": gettext("Over your limit"),
    }
    return str(words[verdict])


def sendable(rows: Sequence[Row]) -> list[Candidate]:
    return [row.candidate for row in rows if row.will_be_sent and row.candidate is not None]
