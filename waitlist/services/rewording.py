"""Rewording: the team writes the words of a mail itself. Each save is a version; what was rendered keeps its bytes.

Words are looked at before they are saved (words.faults), so whatever is in force can always be sent.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.launch import Launch
from waitlist.models.mail_words import MailWords, versions, words_of
from waitlist.services import counting, posting
from waitlist.services.posting import To
from waitlist.services.recording import record
from waitlist.variables import variables_of
from waitlist.words import Fault, Words, faults

TESTS = 20  # that an admin may send to themselves in an hour
HOUR = timedelta(hours=1)


class Overtaken(Exception):
    """Somebody saved another version meanwhile; `newest` is the one in force (None: the service's own words)."""

    def __init__(self, newest: MailWords | None) -> None:
        super().__init__(newest and newest.version)
        self.newest = newest


class Faulty(ValueError):
    """These words could stop a mail or leave out what it is for."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__(", ".join(fault.code for fault in found))
        self.faults = found


class NoSuchVersion(LookupError):
    """There is no such version, or it has no words of its own."""


class TooManyTests(Exception):
    """This admin sent so many tests within an hour already."""


def save(
    tx: Tx, launch: Launch, kind: str, language: str, words: Words, *, over: int, actor: Actor, now: datetime
) -> MailWords:
    """Put these words in force in place of version `over` (0: the service's own). Raises Faulty, Overtaken."""
    _check(kind, words)
    values = {"subject": words.subject, "preheader": words.preheader, "body": words.body, "text": words.text}
    return _next(tx, launch, kind, language, values, over=over, actor=actor, now=now)


def put_back(
    tx: Tx, launch: Launch, kind: str, language: str, version: int, *, over: int, actor: Actor, now: datetime
) -> MailWords:
    """Put an earlier version in force again, as a new one. Raises NoSuchVersion, Faulty, Overtaken."""
    earlier = one(tx, versions(launch.id, kind, language).where(MailWords.version == version))
    if earlier is None or earlier.built_in:
        raise NoSuchVersion(version)
    _check(kind, words_of(earlier))
    values = {name: getattr(earlier, name) for name in ("subject", "preheader", "body", "text")}
    return _next(tx, launch, kind, language, values | {"put_back": version}, over=over, actor=actor, now=now)


def restore(tx: Tx, launch: Launch, kind: str, language: str, *, over: int, actor: Actor, now: datetime) -> MailWords:
    """Put the service's own words in force again, as a new version. Raises Overtaken."""
    return _next(tx, launch, kind, language, {"built_in": True}, over=over, actor=actor, now=now)


def send_test(
    tx: Tx, launch: Launch, kind: str, words: Words | None, to: To, *, name: str, note: str, actor: Actor, now: datetime
) -> None:
    """Queue an example of this mail to whoever writes it, marked as a test; `words` None are the service's own.

    Raises Faulty, TooManyTests.
    """
    if words is not None:
        _check(kind, words)
    if not counting.claim(tx, "words_test", str(actor), limit=TESTS, window=HOUR, now=now):
        raise TooManyTests
    given = None if words is None else asdict(words)
    params = {"tests": kind, "words": given, "name": name, "note": note}
    posting.enqueue(tx, "words_test", codes.random_id("tst"), to, now, about={"launch_id": launch.id}, params=params)
    record(tx, "rewording.tried", launch.id, ("launch", launch.id), actor, now, {"mail": kind, "language": to.language})


def _check(kind: str, words: Words) -> None:
    found = faults(words, variables_of(kind))
    if found:
        raise Faulty(found)


def _next(
    tx: Tx,
    launch: Launch,
    kind: str,
    language: str,
    values: Mapping[str, object],
    *,
    over: int,
    actor: Actor,
    now: datetime,
) -> MailWords:
    newest = one(tx, versions(launch.id, kind, language).limit(1))
    if (newest.version if newest is not None else 0) != over:
        raise Overtaken(newest)
    # The number is the claim: of two who wrote over the same version one finds it taken.
    row = {"launch_id": launch.id, "kind": kind, "language": language, "version": over + 1}
    statement = insert(tx, MailWords).values(**row, **values, created_at=now, created_by=str(actor))
    taken = ["launch_id", "kind", "language", "version"]
    made = one(tx, statement.on_conflict_do_nothing(index_elements=taken).returning(MailWords))
    if made is None:
        raise Overtaken(one(tx, versions(launch.id, kind, language).limit(1)))
    data = {"mail": kind, "language": language, "version": made.version}
    data |= {name: values[name] for name in ("built_in", "put_back") if name in values}
    record(tx, "rewording.saved", launch.id, ("launch", launch.id), actor, now, data)
    return made
