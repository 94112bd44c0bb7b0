"""The mails of a launch and their words: the service's own, or the team's in some version; and how they would look."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import cast

from waitlist import catalogues, samples
from waitlist.db import Tx, one, some
from waitlist.first_words import first_words
from waitlist.letters import LETTERS, Letter
from waitlist.models.launch import Launch
from waitlist.models.mail_words import MailWords, newest, versions, words_of
from waitlist.models.message import Message
from waitlist.queries.letter import draft
from waitlist.queries.letter_subject import Subject, unwritten
from waitlist.stationery import Stationery
from waitlist.variables import EDITED
from waitlist.words import Words


@dataclass(frozen=True)
class Mail:
    """One kind of mail; `in_force` holds, by language, the newest version where the team ever saved one."""

    kind: str
    in_force: Mapping[str, MailWords]

    @property
    def id(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Reader:
    """Whom an example is addressed to, and what somebody in it writes."""

    email: str
    name: str
    note: str


def listed(rx: Tx, launch_id: int) -> Sequence[Mail]:
    """Every kind of mail whose words the team may write."""
    found = some(rx, newest([launch_id]))
    return [Mail(kind, {row.language: row for row in found if row.kind == kind}) for kind in EDITED]


def in_force(rx: Tx, launch_id: int, kind: str, language: str) -> MailWords | None:
    """The newest version; None where the team never saved one."""
    return one(rx, versions(launch_id, kind, language).limit(1))


def every(rx: Tx, launch_id: int, kind: str, language: str) -> Sequence[MailWords]:
    """All versions, the newest first."""
    return some(rx, versions(launch_id, kind, language))


def shown(row: MailWords | None, kind: str, language: str) -> Words:
    """The words of a version; those of the service where it says so, or is none."""
    return first_words(kind, language) if row is None or row.built_in else words_of(row)


def example(
    rx: Tx,
    launch: Launch,
    kind: str,
    language: str,
    words: Words | None,
    reader: Reader,
    stationery: Stationery,
    now: datetime,
) -> Letter:
    """A letter of this kind in these words (None: the service's own), about nobody."""
    params = {"tests": kind, "words": asdict(words) if words is not None else None}
    params |= {"name": reader.name, "note": reader.note}
    row = unwritten(
        Message, kind="words_test", to_address=reader.email, to_key=reader.email, language=language, created_at=now,
        available_at=now, attempts=0, params=params, dedupe_key="", public_id="", message_id="", launch_id=launch.id,
    )  # fmt: skip
    message = cast(Message, row)
    subject = Subject(
        message=message, launch=launch, entry=None, attempt=None, invite=None, inviter=None, friend=None,
        stationery=stationery, now=now,
    )  # fmt: skip
    letter = draft(rx, message, subject, stationery)
    facts = letter.facts | {"reason": samples.reason_of(kind)}
    return replace(letter, kind=LETTERS[kind], tests="", facts=facts)


def is_mail(kind: str, language: str) -> bool:
    """Whether there are such words to write."""
    return kind in EDITED and language in catalogues.locales()
