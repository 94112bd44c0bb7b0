"""The status page: where somebody stands, why, who came by their link, and what they hold. Six statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.gates import parse
from waitlist.gates.answers import Admits, Answer
from waitlist.models.condition import Condition, condition_of
from waitlist.models.entry import UNDO_LEAVING, Entry, State
from waitlist.models.facts import applicant
from waitlist.models.hold import open_holds
from waitlist.models.invite import Invite
from waitlist.models.launch import INTEREST, Launch, Line, PlacesShown, gate_in_force
from waitlist.models.message import MailboxChoice
from waitlist.models.rank import Standing, standing_of
from waitlist.models.referral import Credit
from waitlist.models.stage import Stage
from waitlist.queries import openings
from waitlist.queries.friends import Friends, friends_of

BANDS = (100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000)


@dataclass(frozen=True)
class Place:
    """The place as this launch shows it: exact, as "within the first 500", or not at all.

    Exact: `arrival + points == place`, and `up` is how far it moved since the confirmation (below 0: down).
    """

    shown: str
    place: int | None = None
    total: int | None = None
    arrival: int | None = None
    points: int | None = None
    up: int | None = None
    within: int | None = None


@dataclass(frozen=True)
class InviteHeld:
    """The newest invite that is bound to the person's address, and whether it can be accepted now."""

    public_id: str
    version: int
    source: str
    alive: bool
    starts_at: datetime | None
    expires_at: datetime
    asked_at: datetime | None  # a new one was asked for


@dataclass(frozen=True)
class StatusPage:
    """Everything the status page shows that is this person's own, in plain values."""

    entry_id: int
    entry: str  # public id
    link_version: int
    email: str
    name: str
    language: str
    slug: str
    state: str  # as shown: a stored state, or `held` or `interest` for people who wait without a number
    state_at: datetime
    joined_at: datetime | None
    undo_until: datetime | None  # somebody who left may come back until then
    place: Place | None  # None for everybody who is not in the ranked line
    moved_by_team: bool
    score: int
    friends: Friends
    invite: InviteHeld | None
    invites_left: int
    share_name: bool
    show_on_board: bool
    choice: str | None  # public id of the e-mail settings; None until a first mail was rendered
    condition: Condition  # by dates and holds; never `full`
    hold_reason: str  # the public words of a pause, "" without
    refusal: Answer | None  # what rules that came later say where they no longer let the person in


def status_page(tx: Tx, launch: Launch, entry_public_id: str, *, now: datetime) -> StatusPage | None:
    """The page of one person, or None where this launch has no such entry.

    The caller answers 404 for the state `removed`, and 410 where `link_version` is not the one of its link.
    """
    who = tx.execute(_WHO, {"launch": launch.id, "entry": entry_public_id, "now": now}).one_or_none()
    if who is None:
        return None
    holds = some(tx, open_holds(launch.id))
    invite = None if who.state in (State.JOINED, State.UNCONFIRMED) else _invite(tx, launch, who.email_key, now)
    return StatusPage(
        entry_id=who.id,
        entry=who.public_id,
        link_version=who.link_version,
        email=who.email,
        name=who.name,
        language=who.language,
        slug=who.slug,
        state=_shown_state(tx, launch, who, invite, now),
        state_at=who.state_at,
        joined_at=who.confirmed_at,
        undo_until=_undo_until(who, now),
        place=_place(launch, who.place_at_confirm, standing_of(tx, who.id)),
        moved_by_team=who.moved_at is not None,
        score=who.score,
        friends=friends_of(tx, who.id, counted=who.counted),
        invite=invite,
        invites_left=who.allowance_left,
        share_name=who.share_name,
        show_on_board=who.show_on_board,
        choice=who.choice,
        condition=condition_of(launch, holds, now),
        hold_reason=next((hold.public_reason for hold in holds if hold.scope == "launch"), ""),
        refusal=_refusal(tx, launch, who, now),
    )


def _invite(tx: Tx, launch: Launch, email_key: str, now: datetime) -> InviteHeld | None:
    newest = one(
        tx,
        sa.select(Invite)
        .where(Invite.launch_id == launch.id, Invite.email_key == email_key)
        .order_by(Invite.id.desc())
        .limit(1),
    )
    if newest is None:
        return None
    ended = newest.ended_at or newest.revoked_at or newest.declined_at
    return InviteHeld(
        public_id=newest.public_id,
        version=newest.version,
        source=newest.source,
        alive=ended is None and newest.uses < newest.max_uses and newest.expires_at > now,
        starts_at=newest.starts_at,
        expires_at=newest.expires_at,
        asked_at=newest.asked_at,
    )


def _shown_state(tx: Tx, launch: Launch, who: sa.Row[Any], invite: InviteHeld | None, now: datetime) -> str:
    if who.held_by is not None and who.state in (State.WAITING, State.INVITED, State.LAPSED):
        return "held"
    if who.state == State.WAITING and who.line_key == INTEREST:
        return "interest"
    if who.state == State.INVITED and invite is not None and invite.expires_at <= now:
        return State.LAPSED  # by comparison; the job that draws the consequences may come later
    if who.state in (State.WAITING, State.LAPSED) and who.stage_open and not _is_launched(launch, now):
        decision = openings.decision_by_rule(tx, launch, who.id, now)
        if decision is not None and decision.admitted:
            return State.JOINED  # a stage is open to them, whether or not a product has asked yet
    state: str = who.state
    return state


def _is_launched(launch: Launch, now: datetime) -> bool:
    """Whether the page says so itself, to everybody."""
    return launch.launched_at is not None and launch.launched_at <= now


def _undo_until(who: sa.Row[Any], now: datetime) -> datetime | None:
    if who.state != State.LEFT or who.state_before is None:
        return None
    until: datetime = who.state_at + UNDO_LEAVING
    return until if until > now else None


def _place(launch: Launch, at_confirm: int | None, standing: Standing | None) -> Place | None:
    if standing is None:
        return None
    if launch.places_shown == PlacesShown.HIDDEN:
        return Place(PlacesShown.HIDDEN)
    if launch.places_shown == PlacesShown.BAND:
        return Place(PlacesShown.BAND, within=next((band for band in BANDS if standing.place <= band), None))
    return Place(
        PlacesShown.EXACT,
        place=standing.place,
        total=standing.total,
        arrival=standing.arrival,
        points=standing.points,
        up=None if at_confirm is None else at_confirm - standing.place,
    )


def _refusal(tx: Tx, launch: Launch, who: sa.Row[Any], now: datetime) -> Answer | None:
    """Asked only of people in line whom an earlier revision let in."""
    if who.state != State.WAITING or who.gate_revision in (None, launch.revision):
        return None
    revision = one(tx, gate_in_force(launch.id))
    assert revision is not None, "every launch has rules from its first day"
    facts = applicant(
        tx,
        launch.id,
        domain=who.domain,
        abuse_key=who.email_abuse_key,
        entry_id=who.id,
        mailbox_proven=True,
        referred=who.referrer_id is not None,
        now=now,
    )
    answer = parse(revision.tree).answer(facts, now)
    return None if isinstance(answer, Admits) else answer


_COUNTED = sa.select(sa.func.count()).where(Credit.referrer_id == Entry.id, Credit.state == "counted")
_OPEN = sa.exists().where(Stage.launch_id == Entry.launch_id, openings.lets_in(sa.bindparam("now")))
_WHO = (
    sa.select(
        Entry,
        Line.key.label("line_key"),
        MailboxChoice.public_id.label("choice"),
        _COUNTED.scalar_subquery().label("counted"),
        _OPEN.label("stage_open"),
    )
    .join(Line, Line.id == Entry.line_id)
    .outerjoin(
        MailboxChoice,
        sa.and_(MailboxChoice.launch_id == Entry.launch_id, MailboxChoice.email_key == Entry.email_key),
    )
    .where(Entry.launch_id == sa.bindparam("launch"), Entry.public_id == sa.bindparam("entry"))
)
