"""Samples: what an example of each mail says, for whoever writes its words. Its links and codes are nobody's."""

from datetime import datetime, timedelta
from typing import Any

ACCENT = "#3442c8"
_FIXED: dict[str, Any] = {
    "name": "Ada",
    "code": "418 207",
    "where": "Firefox, Linux",
    "in_line": True,
    "standing": "waiting",
    "place": 42,
    "total": 1_318,
    "before": 47,
    "up": 5,
    "by_people": 4,
    "by_points": 1,
    "friends": ["Grace", ""],
    "more": 0,
    "count": 2,
    "counted": 5,
    "pending": 1,
    "points": 5,
    "scored": True,
    "gives": 3,
    "policy": "keep",
    "inviter": "Grace",
    "friend": "Grace",
    "masked": "g•••@college.edu",
    "left": 2,
    "back": 1,
    "appeal": None,
    "quiet": False,
    "was_in": False,
    "ref": "FB-1042",
    "state": "fixed",
}
_LINKS = {
    "confirm_url": "/c/example",
    "status_url": "/s/example",
    "referral_url": "/r/example",
    "accept_url": "/i/example",
    "redeem_url": "/redeem",
    "no_invites_url": "/u/example?only=invites",
    "choices_url": "/u/example",
    "invites_url": "/me/invites",
    "ask_url": "/ask/example",
    "sign_in_url": "/sign-in/example",
    "proof_url": "/proof/example",
    "change_url": "/v/example",
    "undo_url": "/v/undo/example",
    "data_url": "/data/example",
    "feedback_url": "/s/example/feedback",
    "home_url": "/w/example",
    "how_url": "/w/example/how-it-works",
}
_REASONS = {"confirm": "typed", "invite_accepted": "member", "invite_unused": "member", "invite_asked": "member"}
_REASONS["member_invite"] = "invited_by_member"


def reason_of(kind: str) -> str:
    """Why an example's reader gets it, as a word of mail/why.txt."""
    return _REASONS.get(kind, "joined")


def facts_of(kind: str, *, waitlist: str, base_url: str, email: str, note: str, now: datetime) -> dict[str, Any]:
    """The facts of an example; `note` is what somebody in it writes in their own words."""
    links = {name: base_url + path for name, path in _LINKS.items()}
    own = {"waitlist": waitlist, "email": email, "note": note, "given_reason": note, "contact": None}
    own |= {"accent": ACCENT, "reason": reason_of(kind)}
    invite_code = {"code": "CAMPUS-7K2P-M9QX-4TB8-WZ"} if kind in ("invite", "seat_free", "member_invite") else {}
    return _FIXED | links | own | invite_code | {"joined_at": now, "until": now + timedelta(days=7)}
