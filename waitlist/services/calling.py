"""Calling: a colleague is offered a role by mail, for seven days; their own password makes it theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor, admin
from waitlist.db import Tx, insert, one, some
from waitlist.models.access import Grant, Role, User, grants_of, user_by_email
from waitlist.models.team import Appointment, open_appointments
from waitlist.services import appointing, posting
from waitlist.services.posting import To
from waitlist.services.recording import record
from waitlist.services.regrading import check_covers

LIFE = timedelta(days=7)


class AlreadyCalled(Exception):
    """An offer to this address stands open here already."""


class AlreadyThere(Exception):
    """This address is on the team here already."""


class OfferOver(Exception):
    """The offer was accepted, taken back, replaced by a newer link, or is older than seven days."""


@dataclass(frozen=True)
class Newcomer:
    """How a called person wants to be known; who has an account already keeps that one."""

    name: str
    password_hash: str
    language: str


def call(tx: Tx, launch_id: int | None, to: To, role: Role, *, actor: Actor, now: datetime) -> Appointment:
    """Offer a role on one launch, or on all of them (None). Raises AboveYou, AlreadyThere or AlreadyCalled."""
    check_covers(tx, actor, launch_id, role)
    if _has_role(tx, to.email_key, launch_id):
        raise AlreadyThere
    row = {
        "public_id": codes.random_id("app"),
        "launch_id": launch_id,
        "email": to.email,
        "email_key": to.email_key,
        "language": to.language,
        "role": role,
        "created_at": now,
        "created_by": str(actor),
        "sent_at": now,
        "expires_at": now + LIFE,
    }
    offer = one(tx, insert(tx, Appointment).values(row).on_conflict_do_nothing().returning(Appointment))
    if offer is None:
        raise AlreadyCalled
    data, personal = {"role": role}, {"email": to.email}
    record(tx, "calling.called", launch_id, ("appointment", offer.id), actor, now, data, personal)
    _mail(tx, offer, now)
    return offer


def send_again(tx: Tx, launch_id: int | None, public_id: str, *, actor: Actor, now: datetime) -> Appointment:
    """Mail a new link, good for seven days; the old one ends. Raises AboveYou or OfferOver."""
    offer = _open(tx, launch_id, public_id)
    check_covers(tx, actor, launch_id, offer.role)
    renewed = {"version": Appointment.version + 1, "sent_at": now, "expires_at": now + LIFE}
    again = _change(tx, offer, renewed)
    record(tx, "calling.resent", launch_id, ("appointment", offer.id), actor, now, {"role": offer.role})
    _mail(tx, again, now)
    return again


def revoke(tx: Tx, launch_id: int | None, public_id: str, *, actor: Actor, now: datetime) -> None:
    """Take an offer back; its link ends at once. Raises AboveYou or OfferOver."""
    offer = _open(tx, launch_id, public_id)
    check_covers(tx, actor, launch_id, offer.role)
    _change(tx, offer, {"revoked_at": now, "revoked_by": str(actor)})
    record(tx, "calling.revoked", launch_id, ("appointment", offer.id), actor, now, {"role": offer.role})


def accept(tx: Tx, public_id: str, version: int, newcomer: Newcomer | None, *, now: datetime) -> User:
    """Take the offered role, once: with a new account, or (no newcomer) with the one that this address has.

    Raises OfferOver. An offer never lowers a role that was given in the meantime.
    """
    mine = Appointment.public_id == public_id, Appointment.version == version, Appointment.expires_at > now
    open_still = Appointment.accepted_at.is_(None), Appointment.revoked_at.is_(None)
    claimed = sa.update(Appointment).where(*mine, *open_still).values(accepted_at=now)
    offer = one(tx, claimed.returning(Appointment))
    if offer is None:
        raise OfferOver
    user = one(tx, user_by_email(offer.email_key).with_for_update())  # whoever raises them meanwhile is waited for
    if user is None:
        if newcomer is None:
            raise OfferOver
        user = _make(tx, offer, newcomer, now)
    if not _covered(tx, user.id, offer):
        appointing.grant(tx, user.id, Role(offer.role), launch_id=offer.launch_id, actor=admin(user.id), now=now)
    record(tx, "calling.accepted", offer.launch_id, ("appointment", offer.id), admin(user.id), now)
    return user


def _make(tx: Tx, offer: Appointment, newcomer: Newcomer, now: datetime) -> User:
    return appointing.create(
        tx,
        email=offer.email_key,
        name=newcomer.name,
        password_hash=newcomer.password_hash,
        language=newcomer.language,
        actor=Actor("admin", offer.created_by.partition(":")[2]),
        now=now,
    )


def _covered(tx: Tx, user_id: int, offer: Appointment) -> bool:
    theirs = some(tx, grants_of(user_id).order_by(Grant.id).with_for_update())
    here = [grant for grant in theirs if grant.launch_id == offer.launch_id]
    return any(Role(grant.role).covers(Role(offer.role)) for grant in here)


def _has_role(tx: Tx, email_key: str, launch_id: int | None) -> bool:
    user = one(tx, user_by_email(email_key))
    return user is not None and any(grant.launch_id == launch_id for grant in some(tx, grants_of(user.id)))


def _open(tx: Tx, launch_id: int | None, public_id: str) -> Appointment:
    offer = one(tx, open_appointments(launch_id).where(Appointment.public_id == public_id))
    if offer is None:
        raise OfferOver
    return offer


def _change(tx: Tx, offer: Appointment, values: dict[str, object]) -> Appointment:
    still = Appointment.id == offer.id, Appointment.accepted_at.is_(None), Appointment.revoked_at.is_(None)
    changed = one(tx, sa.update(Appointment).where(*still).values(values).returning(Appointment))
    if changed is None:
        raise OfferOver
    return changed


def _mail(tx: Tx, offer: Appointment, now: datetime) -> None:
    to, about = To(offer.email, offer.email_key, offer.language), {"launch_id": offer.launch_id}
    params = {"appointment": offer.public_id, "version": offer.version}
    posting.enqueue(tx, "team_invite", f"{offer.id}:{offer.version}", to, now, about=about, params=params)
