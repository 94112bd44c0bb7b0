"""Confirming: the press that proves a mailbox takes the place it asked for, once."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, UTCDateTime, insert, one
from waitlist.gates.answers import Refuses
from waitlist.models import entry as entries
from waitlist.models.condition import line_id_of
from waitlist.models.entry import Attempt, Consent, Entry, State
from waitlist.models.hold import Hold
from waitlist.models.launch import INTEREST, Launch
from waitlist.models.rank import place_of
from waitlist.services import answering, branching, choosing, posting, ranking, referring
from waitlist.services.judging import answer_for
from waitlist.services.limiting import has_room
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived


@dataclass(frozen=True)
class Confirmed:
    """Who is in line now; `first` is False for every press after the first."""

    entry: Entry
    first: bool


class LinkExpired(Exception):
    """The link's 48 hours are over; `attempt` is the row, whose person may have a new one."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.public_id)
        self.attempt = attempt


class LinkReplaced(LinkExpired):
    """A newer mail was sent."""


def confirm(tx: Tx, launch: Launch, attempt_id: int, *, actor: Actor, now: datetime) -> Confirmed:
    """Take the place that an attempt asked for; every later press finds it taken by itself.

    Raises LaunchArchived, LinkExpired or LinkReplaced. Whoever the rules refuse by now, and whoever comes back to a
    line that is full, stands in the `interest` line instead.
    """
    refuse_archived(tx, launch)
    attempt = one(tx, _USE, {"of_attempt": attempt_id, "moment": now, "used_at": now})
    if attempt is None:
        return _second_press(tx, attempt_id)
    if attempt.referrer_id is not None:
        branching.grow(tx, launch.id)  # before the entry is locked
    entry = one(tx, entries.locked(attempt.entry_id or 0))
    if entry is None or entry.state == State.REMOVED:
        raise LinkExpired(attempt)
    if not (entry.state in (State.UNCONFIRMED, State.LEFT) or may_change_line(tx, launch, entry)):
        return Confirmed(entry, first=False)  # in line, invited or in by another way since
    if entry.state == State.UNCONFIRMED:
        choosing.welcome_back(tx, launch.id, entry.email_abuse_key)
    if attempt.line_key == INTEREST or _refused_now(tx, launch, attempt, entry, now):
        return Confirmed(_stand_aside(tx, launch, attempt, entry, actor=actor, now=now), first=True)
    return Confirmed(_stand_in_line(tx, launch, attempt, entry, actor=actor, now=now), first=True)


def may_change_line(tx: Tx, launch: Launch, entry: Entry) -> bool:
    """Whether somebody who asked to be told may still take a place, now that it opened to them."""
    return entry.state == State.WAITING and entry.line_id == line_id_of(tx, launch.id, INTEREST)


def _second_press(tx: Tx, attempt_id: int) -> Confirmed:
    attempt = one(tx, sa.select(Attempt).where(Attempt.id == attempt_id))
    assert attempt is not None
    entry = one(tx, sa.select(Entry).where(Entry.id == attempt.entry_id))
    if entry is not None and entry.confirmed_at is not None and entry.state not in (State.REMOVED, State.LEFT):
        return Confirmed(entry, first=False)
    if attempt.replaced_at is not None:
        raise LinkReplaced(attempt)
    raise LinkExpired(attempt)


def _refused_now(tx: Tx, launch: Launch, attempt: Attempt, entry: Entry, now: datetime) -> bool:
    answer = answer_for(
        tx,
        launch,
        domain=entry.domain,
        abuse_key=entry.email_abuse_key,
        referred=attempt.referrer_id is not None,
        entry=entry,
        answers=attempt.answers,
        now=now,
    )
    if isinstance(answer, Refuses):
        return True
    # Who is new has had a place in the limit since the link was sent; who comes back has not.
    return entry.state != State.UNCONFIRMED and not has_room(tx, launch, now)


def _stand_aside(tx: Tx, launch: Launch, attempt: Attempt, entry: Entry, *, actor: Actor, now: datetime) -> Entry:
    """Confirmed, but in the unranked line of people we only tell when it opens to them."""
    number = ranking.next_number(tx) if entry.confirmed_no is None else entry.confirmed_no
    standing = one(
        tx,
        sa.update(Entry)
        .where(Entry.id == entry.id)
        .values(
            line_id=line_id_of(tx, launch.id, INTEREST),
            state=State.WAITING,
            state_at=now,
            state_by=str(actor),
            confirmed_at=now,
            confirmed_no=number,
            rank_key=None,
            gate_revision=None,  # asked again as soon as the launch may be open to them
            name=attempt.name,
            language=attempt.language,
            first_touch=attempt.first_touch,
            source=entries.source_of(attempt.first_touch),
        )
        .returning(Entry),
    )
    assert standing is not None, "the row is locked"
    _keep_answers(tx, attempt, standing, now)
    dedupe = f"{entry.public_id}:{attempt.public_id}"
    posting.enqueue(
        tx, "interest_joined", dedupe, posting.to(standing), now, about={"launch_id": launch.id, "entry_id": entry.id}
    )
    record(tx, "joining.interested", launch.id, ("entry", entry.id), actor, now)
    return standing


def _stand_in_line(tx: Tx, launch: Launch, attempt: Attempt, entry: Entry, *, actor: Actor, now: datetime) -> Entry:
    confirmed = _take_key(tx, launch, attempt, entry, actor=actor, now=now)
    _keep_answers(tx, attempt, confirmed, now)
    _tell_referrer(tx, launch, confirmed, actor=actor, now=now)
    if confirmed.held_by is None:  # after the referrer's row: the fold lock that this may take is the last one
        ranking.came(tx, confirmed.line_id, rank_key=confirmed.rank_key or 0, sequence=confirmed.sequence or 0)
    place = place_of(tx, entry.id)
    placed = one(tx, _WRITE, {"of_entry": entry.id, "place_at_confirm": place})
    assert placed is not None, "the row is locked"
    about = {"launch_id": launch.id, "entry_id": entry.id}
    dedupe = f"{entry.public_id}:{confirmed.sequence}"
    posting.enqueue(tx, "in_line", dedupe, posting.to(confirmed), now, params={"place": place}, about=about)
    data = {"number": confirmed.confirmed_no, "referrer": confirmed.referrer_id, "revision": launch.revision}
    record(tx, "joining.confirmed", launch.id, ("entry", entry.id), actor, now, data)
    return placed


def _take_key(tx: Tx, launch: Launch, attempt: Attempt, entry: Entry, *, actor: Actor, now: datetime) -> Entry:
    """The row with its number, its key and what the confirmed attempt said."""
    number = ranking.next_number(tx)
    confirmed_no = entry.confirmed_no or number
    key = ranking.key_for(score=entry.score, sequence=number, vip=entry.vip)
    values: dict[str, object] = {
        "line_id": line_id_of(tx, launch.id, attempt.line_key),
        "state": State.WAITING,
        "state_at": now,
        "state_by": str(actor),
        "state_before": None,
        "confirmed_at": now,
        "confirmed_no": confirmed_no,
        "sequence": number,
        "rank_key": key,
        "moved_at": entry.moved_at if entry.vip else None,  # a place given by hand ended with the leaving
        "name": attempt.name or entry.name,
        "language": attempt.language,
        "first_touch": attempt.first_touch,
        "source": entries.source_of(attempt.first_touch),
        "gate_revision": launch.revision,
        **_attribution(tx, attempt, entry, confirmed_no),
    }
    confirmed = one(tx, _WRITE, values | {"of_entry": entry.id})
    assert confirmed is not None, "the row is locked"
    return confirmed


def _attribution(tx: Tx, attempt: Attempt, entry: Entry, confirmed_no: int) -> dict[str, int]:
    """The referrer's columns, set once: never oneself, never another address of one's own mailbox.

    Whoever comes through somebody who is on hold with everyone below stands on that hold as well.
    """
    if attempt.referrer_id is None or entry.referrer_id is not None or attempt.referrer_id == entry.id:
        return {}
    row = tx.execute(
        sa.select(Entry.confirmed_no, Entry.email_abuse_key, Entry.state, Hold.id.label("held_by"))
        .outerjoin(Hold, sa.and_(Hold.id == Entry.held_by, Hold.scope == "subtree"))
        .where(Entry.id == attempt.referrer_id)
    ).one()
    if row.confirmed_no is None or row.confirmed_no >= confirmed_no or row.state == State.REMOVED:
        return {}
    if row.email_abuse_key == entry.email_abuse_key:
        return {}
    attribution = {"referrer_id": attempt.referrer_id, "referrer_no": row.confirmed_no}
    if row.held_by is not None and entry.held_by is None:
        attribution["held_by"] = row.held_by
    return attribution


def _keep_answers(tx: Tx, attempt: Attempt, entry: Entry, now: datetime) -> None:
    answering.keep(tx, entry.id, attempt.answers, now)
    for key, version in attempt.consents.items():
        statement = insert(tx, Consent).values(entry_id=entry.id, key=key, text_version=version, given_at=now)
        tx.execute(statement.on_conflict_do_nothing())


def _tell_referrer(tx: Tx, launch: Launch, friend: Entry, *, actor: Actor, now: datetime) -> None:
    if friend.referrer_id is None or referring.credit(tx, launch, friend=friend, actor=actor, now=now) is None:
        return
    referrer = one(tx, sa.select(Entry).where(Entry.id == friend.referrer_id))
    assert referrer is not None, "the foreign key says so"
    if referrer.state in (State.WAITING, State.LAPSED):
        # One a day: the row that waits tells of everybody who came until it leaves.
        dedupe = f"{referrer.public_id}:{now:%Y-%m-%d}"
        about = {"launch_id": launch.id, "entry_id": referrer.id}
        posting.enqueue(
            tx, "friend_joined", dedupe, posting.to(referrer), now, params={"friend": friend.id}, about=about
        )


# What every confirmation executes, built once.
_USE = (
    sa.update(Attempt)
    .where(
        Attempt.id == sa.bindparam("of_attempt"),
        Attempt.pending,
        Attempt.used_at.is_(None),
        Attempt.replaced_at.is_(None),
        Attempt.declined_at.is_(None),
        Attempt.expires_at > sa.bindparam("moment", type_=UTCDateTime()),
    )
    .returning(Attempt)
)
_WRITE = sa.update(Entry).where(Entry.id == sa.bindparam("of_entry")).returning(Entry)
