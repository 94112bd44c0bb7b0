"""What mails to the team say: an offer of a role, and what happened to an account."""

from typing import Any

import sqlalchemy as sa

from waitlist import plain
from waitlist.db import Tx, one
from waitlist.models.access import User
from waitlist.models.team import Appointment
from waitlist.models.wave import Wave
from waitlist.queries.letter_subject import Forgotten, Subject, kept
from waitlist.tokens import Purpose


def team_invite(rx: Tx, subject: Subject) -> dict[str, Any]:
    """The offer as it stands; a mail for an earlier link of it has nothing to say any more."""
    params = subject.message.params
    offer = kept(one(rx, sa.select(Appointment).where(Appointment.public_id == params["appointment"])))
    if offer.version != params["version"] or offer.accepted_at is not None or offer.revoked_at is not None:
        raise Forgotten
    return {
        "name": "",
        "reason": "called",
        "inviter": _name(rx, offer.created_by),
        "role": offer.role,
        "everywhere": offer.launch_id is None,
        "join_url": subject.stationery.link(Purpose.APPOINT, "", offer.public_id, offer.version),
        "until": offer.expires_at,
    }


def team_alert(rx: Tx, subject: Subject) -> dict[str, Any]:
    """What happened, to whom, by whom; `what` picks the words."""
    params = subject.message.params
    user = kept(one(rx, sa.select(User).where(User.id == params["user"])))
    return {
        "name": plain.first_name(user.name),
        "reason": "admin",
        "what": params["what"],
        "at": subject.message.created_at,
        "by": _name(rx, params.get("by", "")),
        "own": params.get("by") == f"admin:{user.id}",
        "role": params.get("role"),
        "before": params.get("before"),
        "everywhere": subject.launch is None,
        "device": plain.one_line(str(params.get("device", ""))),
        "where": plain.one_line(str(params.get("where", ""))),
        "label": plain.one_line(str(params.get("label", "")), 80),
        "reason_seen": plain.one_line(str(params.get("reason", "")), 80),
        "account_url": subject.stationery.page("/admin/account"),
    }


def wave_news(rx: Tx, subject: Subject) -> dict[str, Any]:
    """How a wave stands now: numbers alone, nobody's name or address."""
    params = subject.message.params
    wave = kept(one(rx, sa.select(Wave).where(Wave.id == params["wave"])))
    return {
        "name": "",
        "reason": "admin",
        "number": wave.seq,
        "paused": params["paused"],
        "why_paused": plain.one_line(params["reason"], 200),
        "by": _name(rx, params["by"]),
        "planned": wave.planned,
        "invited": wave.invited,
        "skipped": wave.skipped,
        "wave_url": subject.stationery.page(f"/admin/w/{subject.home.slug}/waves/{wave.public_id}"),
        "account_url": subject.stationery.page("/admin/account"),
    }


def _name(rx: Tx, actor: str) -> str:
    kind, _, number = actor.partition(":")
    user = one(rx, sa.select(User).where(User.id == int(number))) if kind == "admin" and number.isdecimal() else None
    return plain.one_line(user.name or user.email, 60) if user is not None else ""


FACTS = {"team_invite": team_invite, "team_alert": team_alert, "wave_news": wave_news}
