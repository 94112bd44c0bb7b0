"""Alerting: what happens to an account or to the doors of a waitlist is told to those whom it concerns, at once."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, some
from waitlist.models.access import ApiKey, Grant, Preference, Role, User, WebSession
from waitlist.models.event import Event
from waitlist.models.wave import Wave
from waitlist.services import posting


def tell(
    tx: Tx, user: User, what: str, facts: Mapping[str, object], *, now: datetime, launch_id: int | None = None
) -> None:
    """Mail one admin what happened: `what` picks the words, `facts` are said in them."""
    to = posting.To(user.email, user.email, user.language or "en")
    params = {"what": what, "user": user.id, **facts}
    posting.enqueue(tx, "team_alert", codes.random_id("alt"), to, now, about={"launch_id": launch_id}, params=params)


def came_in(tx: Tx, user: User, *, device: str, where: str, now: datetime) -> None:
    """Tell an admin of a sign-in from a browser that the account did not know. The very first one is no news."""
    if tx.scalar(sa.select(WebSession.id).where(WebSession.user_id == user.id).limit(1)) is not None:
        tell(tx, user, "sign_in", {"device": device, "where": where}, now=now)


def key_made(tx: Tx, key: ApiKey, *, actor: Actor, now: datetime) -> None:
    """Tell everybody who may revoke a key that there is a new one."""
    here = sa.or_(Grant.launch_id.is_(None), Grant.launch_id == key.launch_id)
    able = sa.select(Grant.user_id).where(here, Grant.role.in_([Role.OWNER, Role.ADMIN]))
    for user in some(tx, sa.select(User).where(User.id.in_(able), User.active).order_by(User.id)):
        tell(tx, user, "key", {"by": str(actor), "label": key.name}, now=now, launch_id=key.launch_id)


def wave_moved(tx: Tx, wave: Wave, *, reason: str | None = None, actor: Actor, now: datetime) -> None:
    """Tell the admins who worked on a wave that it is done, or (with a reason) paused; never whoever did that, and
    nobody who wants no such mail."""
    worked = sa.select(Event.actor).where(Event.subject_kind == "wave", Event.subject_id == wave.id)
    doers = {text for text in tx.scalars(worked.distinct()) if text.startswith("admin:")} - {str(actor)}
    unwilling = sa.select(Preference.user_id).where(Preference.key == "no_wave_mails")
    theirs = User.id.in_([int(doer.partition(":")[2]) for doer in doers]), User.id.not_in(unwilling), User.active
    params = {"wave": wave.id, "paused": reason is not None, "reason": reason or "", "by": str(actor)}
    for user in some(tx, sa.select(User).where(*theirs).order_by(User.id)):
        to = posting.To(user.email, user.email, user.language or "en")
        dedupe = f"{wave.id}:{user.id}:{'done' if reason is None else now.isoformat()}"
        posting.enqueue(tx, "wave_news", dedupe, to, now, about={"launch_id": wave.launch_id}, params=params)


def wave_warned(tx: Tx, wave: Wave, *, reason: str, actor: Actor, now: datetime) -> None:
    """Tell everybody who may steer waves that a guardrail found this one to go wrong."""
    here = sa.or_(Grant.launch_id.is_(None), Grant.launch_id == wave.launch_id)
    able = sa.select(Grant.user_id).where(here, Grant.role.in_([Role.OWNER, Role.ADMIN, Role.RELEASER]))
    for user in some(tx, sa.select(User).where(User.id.in_(able), User.active).order_by(User.id)):
        facts = {"by": str(actor), "label": wave.name, "reason": reason}
        tell(tx, user, "guardrail", facts, now=now, launch_id=wave.launch_id)
