"""Regrading: a colleague gets another role, or leaves the team. Nobody raises themselves, and an owner always stays."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.access import Grant, Role, User, grants_of
from waitlist.models.team import Appointment, open_appointments
from waitlist.services import alerting, appointing
from waitlist.services.recording import record


class AboveYou(Exception):
    """The role that is held or wished for is above that of whoever asks."""


class NotOnTeam(Exception):
    """This admin has no role here, or not any more."""


class LastOwner(Exception):
    """Nobody else could give roles then."""


def held(tx: Tx, actor: Actor, launch_id: int | None) -> Role | None:
    """The role of whoever acts, on this launch or (None) on all of them; commands act for the installation's owner.

    It stays so until the end of the transaction: nobody gives what is taken from them in this very moment.
    """
    if actor.kind != "admin":
        return Role.OWNER
    theirs = some(tx, grants_of(int(actor.name)).order_by(Grant.id).with_for_update())
    roles = [Role(grant.role) for grant in theirs if grant.launch_id in (None, launch_id)]
    return min(roles, key=list(Role).index) if roles else None


def check_covers(tx: Tx, actor: Actor, launch_id: int | None, *roles: str) -> None:
    """Raises AboveYou unless whoever acts is an admin here and their role covers each of these."""
    mine = held(tx, actor, launch_id)
    if mine is None or not all(mine.covers(Role(role)) for role in (Role.ADMIN, *roles)):
        raise AboveYou


def regrade(tx: Tx, user_id: int, role: Role, *, launch_id: int | None, actor: Actor, now: datetime) -> bool:
    """Give another role here and tell its holder; False where it was theirs already.

    Raises AboveYou, NotOnTeam or LastOwner.
    """
    grant = _locked(tx, user_id, launch_id, actor)
    check_covers(tx, actor, launch_id, grant.role, role)
    if grant.role == role:
        return False
    _keep_an_owner(tx, grant, stays=role is Role.OWNER)
    values = {"role": role, "granted_at": now, "granted_by": str(actor)}
    tx.execute(sa.update(Grant).where(Grant.id == grant.id).values(values))
    data = {"before": grant.role, "role": role}
    record(tx, "regrading.regraded", launch_id, ("user", user_id), actor, now, data)
    _take_back_offers(tx, user_id, launch_id, actor=actor, now=now)
    _tell(tx, grant, role, actor=actor, now=now)
    return True


def dismiss(tx: Tx, user_id: int, *, launch_id: int | None, actor: Actor, now: datetime) -> None:
    """Take the role here away and tell its holder; what they did stays, the offers they made end with them.

    Whoever has no role left anywhere is signed out. Raises AboveYou, NotOnTeam or LastOwner.
    """
    grant = _locked(tx, user_id, launch_id, actor)
    if str(actor) != f"admin:{user_id}":  # everybody may leave
        check_covers(tx, actor, launch_id, grant.role)
    _keep_an_owner(tx, grant, stays=False)
    tx.execute(sa.delete(Grant).where(Grant.id == grant.id))
    record(tx, "regrading.dismissed", launch_id, ("user", user_id), actor, now, {"before": grant.role})
    _take_back_offers(tx, user_id, launch_id, actor=actor, now=now)
    _tell(tx, grant, None, actor=actor, now=now)
    if not some(tx, grants_of(user_id)):
        appointing.sign_out(tx, user_id, now)


def _locked(tx: Tx, user_id: int, launch_id: int | None, actor: Actor) -> Grant:
    """The grant; those that decide about it stay as they are until the end, so two owners cannot demote each other."""
    doer = int(actor.name) if actor.kind == "admin" else user_id
    concerned = sa.or_(Grant.role == Role.OWNER, Grant.user_id.in_([user_id, doer]))
    some(tx, sa.select(Grant).where(concerned).order_by(Grant.id).with_for_update())
    here = Grant.launch_id.is_not_distinct_from(launch_id)
    grant = one(tx, sa.select(Grant).where(Grant.user_id == user_id, here))
    if grant is None:
        raise NotOnTeam
    return grant


def _keep_an_owner(tx: Tx, grant: Grant, *, stays: bool) -> None:
    if stays or grant.role != Role.OWNER:
        return
    over = sa.or_(Grant.launch_id.is_(None), Grant.launch_id.is_not_distinct_from(grant.launch_id))
    others = sa.select(Grant.id).join(User, User.id == Grant.user_id)
    others = others.where(Grant.role == Role.OWNER, Grant.id != grant.id, over, User.active)
    if tx.scalar(others.limit(1)) is None:
        raise LastOwner


def _take_back_offers(tx: Tx, user_id: int, launch_id: int | None, *, actor: Actor, now: datetime) -> None:
    """End the open offers of this admin that the role they hold by now would not let them make."""
    launches = (
        [launch_id] if launch_id is not None else [None, *tx.scalars(sa.select(Appointment.launch_id).distinct())]
    )
    for there in dict.fromkeys(launches):
        mine = held(tx, Actor("admin", str(user_id)), there)
        for offer in some(tx, open_appointments(there).where(Appointment.created_by == f"admin:{user_id}")):
            if mine is None or not (mine.covers(Role.ADMIN) and mine.covers(Role(offer.role))):
                _end_offer(tx, offer, actor=actor, now=now)


def _end_offer(tx: Tx, offer: Appointment, *, actor: Actor, now: datetime) -> None:
    open_still = Appointment.accepted_at.is_(None), Appointment.revoked_at.is_(None)  # or it is too late
    ended = sa.update(Appointment).where(Appointment.id == offer.id, *open_still)
    if tx.execute(ended.values(revoked_at=now, revoked_by=str(actor))).rowcount:
        record(tx, "calling.revoked", offer.launch_id, ("appointment", offer.id), actor, now, {"role": offer.role})


def _tell(tx: Tx, grant: Grant, role: Role | None, *, actor: Actor, now: datetime) -> None:
    user = one(tx, sa.select(User).where(User.id == grant.user_id))
    assert user is not None, "a grant is somebody's"
    facts = {"by": str(actor), "before": grant.role, "role": role}
    alerting.tell(tx, user, "role", facts, now=now, launch_id=grant.launch_id)
