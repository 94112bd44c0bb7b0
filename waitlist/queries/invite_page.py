"""What an invite is to whoever opens its link or types its code: P-09 with every dead end made useful."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.models.condition import Circumstances, Condition, circumstances
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource, Redemption, by_public_id
from waitlist.models.launch import LapsePolicy, Launch


class Shown(StrEnum):
    """What the page says, in the order of what is told first."""

    REVOKED = "revoked"  # taken back, declined or archived: the page is neutral about which
    USED = "used"  # by whoever looks: they are in
    USED_UP = "used_up"  # by others
    REPLACED = "replaced"
    NOT_YET = "not_yet"
    PAUSED = "paused"
    EXPIRED = "expired"
    NO_SEAT = "no_seat"  # the button stays: pressing it remembers who wants to be told
    OPEN = "open"


@dataclass(frozen=True)
class Person:
    """Who is known to look: the bound address's person behind a mailed link, or the device's."""

    entry: str  # public id
    name: str
    email: str
    state: str
    admission: str | None  # public id, of an active one


@dataclass(frozen=True)
class InvitePage:
    """One invite in plain values. `email` is the bound address: mask it unless `proven`."""

    id: int
    invite: str  # public id
    version: int
    shown: Shown
    source: str
    bound: bool
    proven: bool  # the link itself proves the mailbox: mailed, and in its newest version
    email: str | None
    inviter: str | None  # the name to show; None for the team, and for a shy member's shared link
    inviter_entry: str | None  # public id
    note: str
    max_uses: int
    uses: int
    allowance: int
    days: int  # "Invites last 7 days."
    opens_at: datetime | None
    expires_at: datetime
    sent_at: datetime | None  # of the newest version
    keeps_place: bool
    renews: bool  # asking sends a new one at once
    asked_at: datetime | None
    refused: bool
    declined: bool
    person: Person | None
    reason: str  # the public words of the hold that pauses
    asks_welcome: bool  # its member lets people ask for another

    @property
    def decides(self) -> str:
        """Who answers when somebody asks for a new one: member or team."""
        return "member" if self.source == InviteSource.MEMBER else "team"

    @property
    def may_ask_another(self) -> bool:
        """Whether whoever came too late for a member's link may ask for a place."""
        return self.shown is Shown.USED_UP and not self.bound and self.asks_welcome

    @property
    def may_ask(self) -> bool:
        """Whether "Ask for a new invite" is offered: it has somebody to send it to, and nobody asked yet."""
        return self.shown is Shown.EXPIRED and self.bound and self.asked_at is None


def open_link(
    tx: Tx, launch: Launch, public_id: str, version: int, *, mailed: bool, visitor: str | None = None, now: datetime
) -> InvitePage | None:
    """The page of a validly signed link, or None where this launch has no such invite.

    `mailed` is the kind of link; `visitor` the public id of the entry that this device proved, if any."""
    if (invite := one(tx, by_public_id(launch.id, public_id))) is None or version > invite.version:
        return None
    around = circumstances(tx, launch, now)
    person = _person(tx, launch, invite, visitor, proven=mailed and invite.email_key is not None)
    shown = _shown(launch, invite, version, around, mine=_is_mine(tx, invite, person), now=now)
    inviter, inviter_entry = _inviter(tx, invite)
    return InvitePage(
        id=invite.id,
        invite=invite.public_id,
        version=invite.version,
        shown=shown,
        source=invite.source,
        bound=invite.email_key is not None,
        proven=mailed and version == invite.version and invite.email_key is not None,
        email=invite.email,
        inviter=inviter,
        inviter_entry=inviter_entry,
        note=invite.note,
        max_uses=invite.max_uses,
        uses=invite.uses,
        allowance=invite.allowance,
        days=launch.invite_days,
        opens_at=_opens_at(launch, invite),
        expires_at=invite.expires_at,
        sent_at=invite.sent_at,
        keeps_place=invite.entry_id is not None and invite.lapse_policy == LapsePolicy.KEEP,
        renews=launch.renew_once and invite.renewed == 0,
        asked_at=invite.asked_at,
        refused=invite.asked_answer_at is not None and shown is Shown.EXPIRED,
        declined=invite.declined_at is not None,
        person=person,
        reason=around.hold_reason,
        asks_welcome=_asks_welcome(tx, invite),
    )


@dataclass(frozen=True)
class CodeFound:
    """The launch and the invite that a typed code names."""

    launch_slug: str
    launch: str  # public id
    launch_id: int
    invite: str  # public id
    version: int


def by_code(tx: Tx, code_hash: str) -> CodeFound | None:
    """Whose code this is, by its peppered hash, over all launches; the code of an older version names nothing."""
    row = tx.execute(
        sa.select(Launch.slug, Launch.public_id, Launch.id, Invite.public_id.label("invite"), Invite.version)
        .join(Launch, Launch.id == Invite.launch_id)
        .where(Invite.code_hash == code_hash)
    ).one_or_none()
    return None if row is None else CodeFound(row.slug, row.public_id, row.id, row.invite, row.version)


def _shown(launch: Launch, invite: Invite, version: int, around: Circumstances, *, mine: bool, now: datetime) -> Shown:
    # A pause stops the clock: what was good when it began is good until it ends.
    stopped_at = around.held_since("redeem")
    taken_back = invite.revoked_at is not None or invite.declined_at is not None
    signs = (
        (Shown.USED, mine),
        (Shown.REVOKED, taken_back or around.condition is Condition.ARCHIVED),
        (Shown.USED_UP, invite.uses >= invite.max_uses),
        (Shown.REPLACED, version < invite.version),
        (Shown.NOT_YET, not _has_begun(launch, invite, now)),
        (Shown.EXPIRED, invite.ended_at is not None or invite.expires_at <= (stopped_at or now)),
        (Shown.PAUSED, stopped_at is not None),
        (Shown.NO_SEAT, around.seats_left == 0 and not invite.holds_seat),
    )
    return next((shown for shown, is_so in signs if is_so), Shown.OPEN)


def _has_begun(launch: Launch, invite: Invite, now: datetime) -> bool:
    launched = launch.launched_at is not None and launch.launched_at <= now
    is_open = launched or (launch.opens_at is not None and launch.opens_at <= now)
    return is_open and (invite.starts_at is None or invite.starts_at <= now)


def _opens_at(launch: Launch, invite: Invite) -> datetime | None:
    """When the button works: the later of the launch's and the invite's own start; None while nobody has said."""
    if launch.opens_at is None or invite.starts_at is None:
        return launch.opens_at
    return max(launch.opens_at, invite.starts_at)


def _person(tx: Tx, launch: Launch, invite: Invite, visitor: str | None, *, proven: bool) -> Person | None:
    who = Entry.email_key == invite.email_key if proven else Entry.public_id == visitor
    row = tx.execute(
        sa.select(Entry.public_id, Entry.name, Entry.email, Entry.state, Admission.public_id.label("admission"))
        .outerjoin(Admission, sa.and_(Admission.entry_id == Entry.id, Admission.state == AdmissionState.ACTIVE))
        .where(Entry.launch_id == launch.id, who)
    ).one_or_none()
    return None if row is None else Person(row.public_id, row.name, row.email, row.state, row.admission)


def _is_mine(tx: Tx, invite: Invite, person: Person | None) -> bool:
    """Whether whoever looks is in, by this invite or although it is theirs."""
    if person is None or person.admission is None:
        return False
    used = sa.exists().where(Redemption.invite_id == invite.id, Redemption.entry_id == Entry.id)
    is_theirs = sa.or_(used, Entry.email_key == invite.email_key)
    return tx.scalar(sa.select(Entry.id).where(Entry.public_id == person.entry, is_theirs)) is not None


def _asks_welcome(tx: Tx, invite: Invite) -> bool:
    there = sa.select(Entry.asks_welcome).where(Entry.id == invite.inviter_id, Entry.state == State.JOINED)
    return invite.inviter_id is not None and bool(tx.scalar(there))


def _inviter(tx: Tx, invite: Invite) -> tuple[str | None, str | None]:
    """The inviter's name and public id. A mail that a member sent always says who; a shared link only if they allow."""
    if invite.inviter_id is None:
        return None, None
    row = tx.execute(
        sa.select(Entry.public_id, Entry.name, Entry.email, Entry.share_name).where(Entry.id == invite.inviter_id)
    ).one()
    if invite.email_key is not None:
        return row.name or row.email, row.public_id
    return (row.name if row.share_name and row.name else None), row.public_id
