"""The facts of each kind of mail: one small function a kind, plain values only. Links are derived from their row."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist import addresses, plain
from waitlist.db import Tx
from waitlist.letters import Class
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.launch import INTEREST, Line, PlacesShown
from waitlist.models.message import Message, MessageState
from waitlist.models.rank import place_of
from waitlist.models.referral import Credit
from waitlist.queries.letter_subject import Subject, kept
from waitlist.queries.report_letters import report_news
from waitlist.tokens import Purpose

UNDO_DAYS = 7  # an old address can take a change back
NAMED = 10  # friends that one mail names; the rest is counted


def facts_of(rx: Tx, subject: Subject) -> dict[str, Any]:
    """What the templates of this mail's kind are given, besides what every mail has."""
    shared = {"name": _first_name(subject), "reason": _REASONS.get(subject.message.kind, "joined")} | _joined(subject)
    return shared | _FACTS[subject.message.kind](rx, subject)


def inviter_name(subject: Subject) -> str:
    """Whoever sends an invite is named: by name, else by the part of the address before the @."""
    inviter = kept(subject.inviter)
    return plain.one_line(inviter.name, 60) or plain.one_line(inviter.email.partition("@")[0], 60)


def _first_name(subject: Subject) -> str:
    # Whoever has not proven the mailbox could greet a stranger with any words.
    entry = subject.entry
    return plain.first_name(entry.name) if entry is not None and entry.confirmed_no is not None else ""


def _joined(subject: Subject) -> dict[str, Any]:
    entry = subject.entry
    if entry is None:
        return {"joined_at": subject.message.created_at, "in_line": False}
    return {"joined_at": entry.confirmed_at or entry.created_at, "in_line": entry.rank_key is not None}


def _status_url(subject: Subject) -> str:
    entry = kept(subject.entry)
    return subject.stationery.link(Purpose.STATUS, subject.home.public_id, entry.public_id, entry.link_version)


def pages_of(subject: Subject) -> dict[str, Any]:
    """The pages of the launch and of the person's place in it."""
    launch, entry, page = subject.home, subject.entry, subject.stationery.page
    return {
        "status_url": _status_url(subject) if entry is not None else None,
        "referral_url": page(f"/r/{entry.slug}") if entry is not None and launch.points else None,
        "home_url": page(f"/w/{launch.slug}"),
        "how_url": page(f"/w/{launch.slug}/how-it-works"),
    }


def _of_attempt(purpose: Purpose, link: str) -> Callable[[Tx, Subject], dict[str, Any]]:
    def facts(_rx: Tx, subject: Subject) -> dict[str, Any]:
        attempt = kept(subject.attempt)
        launch, stationery = subject.home, subject.stationery
        row = (attempt.public_id, attempt.version)
        found = {
            link: stationery.link(purpose, launch.public_id, *row, slug=launch.slug),
            "code": stationery.six_digits(*row),
            "until": attempt.expires_at,
            "email": attempt.email,
            "where": plain.one_line(str(subject.message.params.get("where", ""))),
        }
        known = subject.entry is not None and subject.entry.confirmed_no is not None
        return found if known else found | {"reason": "typed"}

    return facts


def _change_notice(_rx: Tx, subject: Subject) -> dict[str, Any]:
    attempt = kept(subject.attempt)
    link = (Purpose.UNDO_CHANGE, subject.home.public_id, attempt.public_id, attempt.version)
    until = attempt.created_at + timedelta(days=UNDO_DAYS)
    return {
        "masked": addresses.mask(attempt.email, keep_domain=True),
        "undo_url": subject.stationery.link(*link),
        "until": until,
    }


def _in_line(rx: Tx, subject: Subject) -> dict[str, Any]:
    place = subject.message.params.get("place")
    return _own_pages(rx, subject) | {"place": place if subject.home.places_shown == PlacesShown.EXACT else None}


def _already(rx: Tx, subject: Subject) -> dict[str, Any]:
    return _own_pages(rx, subject) | {"standing": _standing(rx, kept(subject.entry))}


def _standing(rx: Tx, entry: Entry) -> str:
    if entry.state != State.WAITING:
        return entry.state
    if entry.held_by is not None:
        return "held"
    line = rx.scalar(sa.select(Line.key).where(Line.id == entry.line_id))
    return "interest" if line == INTEREST else "waiting"


def _own_pages(_rx: Tx, subject: Subject) -> dict[str, Any]:
    return pages_of(subject) | {"status_url": _status_url(subject)}


def _friend_joined(rx: Tx, subject: Subject) -> dict[str, Any]:
    """Everybody who was counted since the last such mail left: one mail a day tells of all of them."""
    entry, message = kept(subject.entry), subject.message
    earlier = sa.select(sa.func.max(Message.sent_at)).where(
        Message.entry_id == entry.id,
        Message.kind == message.kind,
        Message.state == MessageState.SENT,
        Message.id != message.id,
    )
    since = rx.scalar(earlier)
    counted = [Credit.referrer_id == entry.id, Credit.state == "counted"]
    fresh = [*counted, Credit.created_at > since] if since else counted
    friends = rx.execute(
        sa.select(Entry.name, Entry.share_name)
        .join(Credit, Credit.friend_id == Entry.id)
        .where(*fresh)
        .order_by(Credit.id)
    ).all()
    names = [plain.first_name(friend.name) if friend.share_name else "" for friend in friends] or [""]
    place = place_of(rx, entry.id) if subject.home.places_shown == PlacesShown.EXACT else None
    return _own_pages(rx, subject) | {
        "friends": names[:NAMED],
        "more": len(names[NAMED:]),
        "count": len(names),
        "counted": rx.scalar(sa.select(sa.func.count()).where(*counted)),
        "pending": rx.scalar(_pending(entry.id, subject.now)),
        "points": entry.score,
        "scored": subject.home.points > 0,
        "place": place,
    }


def _pending(referrer_id: int, now: datetime) -> sa.Select[int]:
    """How many people asked for a place by this person's link and have not confirmed yet."""
    return sa.select(sa.func.count()).where(
        Attempt.referrer_id == referrer_id,
        Attempt.pending,
        Attempt.used_at.is_(None),
        Attempt.replaced_at.is_(None),
        Attempt.declined_at.is_(None),
        Attempt.expires_at > now,
    )


def _invite(_rx: Tx, subject: Subject) -> dict[str, Any]:
    invite, launch, stationery = kept(subject.invite), subject.home, subject.stationery
    # A mail to the address that the invite is bound to proves that mailbox; any other way of getting the link does not.
    proves = invite.email_key is not None and invite.email_key == subject.message.to_key
    purpose = Purpose.INVITE_MAILED if proves else Purpose.INVITE_SHOWN
    found = pages_of(subject) | {
        "accept_url": stationery.link(purpose, launch.public_id, invite.public_id, invite.version),
        "redeem_url": stationery.page("/redeem"),
        "code": stationery.typed_code(launch.slug, invite.public_id, invite.version) if invite.code_hash else "",
        "email": subject.message.to_address,
        "until": invite.expires_at,
        "gives": invite.allowance,
        "policy": invite.lapse_policy,
    }
    if subject.klass is Class.PERSONAL:
        return found | {"reason": "invited_by_member", "inviter": inviter_name(subject)}
    return found if subject.entry is not None else found | {"reason": "invited_by_team"}


def _withdrawn(rx: Tx, subject: Subject) -> dict[str, Any]:
    entry, params = subject.entry, subject.message.params
    waits = entry is not None and entry.state in (State.WAITING, State.LAPSED)
    told = {"given_reason": plain.paragraphs(str(params.get("reason", ""))), "in_line": waits}
    return _invite(rx, subject) | told | {"was_in": "was_in" in params}


def _member_invite(rx: Tx, subject: Subject) -> dict[str, Any]:
    note = plain.paragraphs(kept(subject.invite).note)
    return _invite(rx, subject) | {"note": note}


def _to_inviter(_rx: Tx, subject: Subject) -> dict[str, Any]:
    """About an invite that a member gave: what became of it, and what is left to give."""
    invite, friend, inviter = subject.invite, subject.friend, subject.inviter or subject.entry
    shown = friend is not None and friend.share_name
    return {
        "friend": plain.first_name(friend.name) if friend is not None and shown else "",
        "masked": addresses.mask(invite.email, keep_domain=True) if invite is not None and invite.email else "",
        "left": inviter.allowance_left if inviter is not None else 0,
        "back": subject.message.params.get("back", 1),
        "invites_url": subject.stationery.page(f"/w/{subject.home.slug}/me/invites"),
    }


def _asked(rx: Tx, subject: Subject) -> dict[str, Any]:
    invite = kept(subject.invite)
    to_inviter = subject.inviter is not None and subject.inviter.email_key == subject.message.to_key
    link = (Purpose.ASK, subject.home.public_id, invite.public_id, invite.version)
    return _to_inviter(rx, subject) | {
        "ask_url": subject.stationery.link(*link),
        "reason": "member" if to_inviter else "team",
        "name": _first_name(subject) if to_inviter else "",
        "appeal": invite.appeal,
    }


def _proof(rx: Tx, subject: Subject) -> dict[str, Any]:
    """The link is for accepting an invite; what a person does on their own page takes the code alone."""
    found = _of_attempt(Purpose.PROOF, "proof_url")(rx, subject)
    return found if kept(subject.attempt).kind == "redeem" else found | {"proof_url": ""}


def _report_news(rx: Tx, subject: Subject) -> dict[str, Any]:
    return _own_pages(rx, subject) | report_news(rx, subject, f"{_status_url(subject)}/feedback")


def _data_ready(_rx: Tx, subject: Subject) -> dict[str, Any]:
    kept(subject.entry)
    params = subject.message.params
    link = (Purpose.DATA, subject.home.public_id, str(params["export"]))
    return {"data_url": subject.stationery.link(*link), "until": datetime.fromisoformat(params["until"])}


def _erased(_rx: Tx, subject: Subject) -> dict[str, Any]:
    return {"reason": "erased", "quiet": bool(subject.message.params.get("quiet"))}


def _place_digest(rx: Tx, subject: Subject) -> dict[str, Any]:
    """How far the place moved since the last digest, and by what: people who went, and points."""
    said = subject.message.params
    arrivals, points = said["arrival_before"] - said["arrival"], said["points_before"] - said["points"]
    return _own_pages(rx, subject) | said | {"up": arrivals + points, "by_people": arrivals, "by_points": points}


def _broadcast(rx: Tx, subject: Subject) -> dict[str, Any]:
    entry = kept(subject.entry)
    place = place_of(rx, entry.id) if subject.home.places_shown == PlacesShown.EXACT else None
    return _own_pages(rx, subject) | {"place": place}


_REASONS = {
    "confirm": "typed",
    "invite_accepted": "member",
    "invite_unused": "member",
}
_FACTS: dict[str, Callable[[Tx, Subject], dict[str, Any]]] = {
    "confirm": _of_attempt(Purpose.CONFIRM, "confirm_url"),
    "sign_in": _of_attempt(Purpose.SIGN_IN, "sign_in_url"),
    "proof": _proof,
    "change_confirm": _of_attempt(Purpose.CHANGE, "change_url"),
    "change_notice": _change_notice,
    "in_line": _in_line,
    "already_in_line": _already,
    "interest_joined": _own_pages,
    "interest_open": _own_pages,
    "friend_joined": _friend_joined,
    "invite": _invite,
    "invite_reminder": _invite,
    "invite_ended": _invite,
    "seat_free": _invite,
    "invite_withdrawn": _withdrawn,
    "member_invite": _member_invite,
    "invite_accepted": _to_inviter,
    "invite_unused": _to_inviter,
    "invite_asked": _asked,
    "report_news": _report_news,
    "data_ready": _data_ready,
    "erased": _erased,
    "place_digest": _place_digest,
    "broadcast": _broadcast,
}
