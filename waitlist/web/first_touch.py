"""First touch: by whose link and from where somebody first came, for 30 days, in a signed cookie that a GET may set.

Who came first keeps the credit, unless the person types another code. The cookie `wl_ref` remembers each launch apart.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from waitlist import codes
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose
from waitlist.web.cookies import put, take

COOKIE = "wl_ref"
KEPT = timedelta(days=30)
LAUNCHES = 6  # remembered side by side
LINKS = ("r", "ref", "referral")  # in a link; `code` is what somebody typed
SOURCES = ("utm_source", "utm_medium", "utm_campaign")
LONGEST = 60  # characters of a source


@dataclass(frozen=True)
class Touch:
    """How somebody first came to a launch: a referral slug ("" without), from where, and when."""

    slug: str = ""
    source: dict[str, str] = field(default_factory=dict)
    at: int = 0

    def __bool__(self) -> bool:
        return bool(self.slug or self.source)

    def as_row(self) -> dict[str, Any] | None:
        """What an application keeps of it."""
        return {"slug": self.slug, "source": self.source, "at": self.at} if self else None


@dataclass(frozen=True)
class Arrival:
    """One request's touch: `asked` is the code in its address as given, `faulty` where that cannot be one of ours."""

    touch: Touch
    asked: str = ""
    faulty: bool = False
    new: bool = False  # the cookie is to be set


def arrival(launch: Launch, now: datetime, *, link: str = "") -> Arrival:
    """How this request came, held against what the browser remembers; `link` is the code of a path like /r/CODE."""
    known = remembered(launch, now)
    typed = request.args.get("code", "")
    given = typed or link or next((request.args[name] for name in LINKS if request.args.get(name)), "")
    slug, faulty = read(given)
    if slug and (typed or not known.slug):
        return Arrival(Touch(slug, known.source or _source(), int(now.timestamp())), given, new=True)
    if not known and (source := _source()):
        return Arrival(Touch("", source, int(now.timestamp())), given, faulty, new=True)
    return Arrival(known, slug or given, faulty)


def remembered(launch: Launch, now: datetime) -> Touch:
    """The first touch of this browser in this launch, while it is younger than 30 days."""
    match _cookie().get(launch.public_id):
        case [str(slug), dict(source), int(at)] if 0 <= now.timestamp() - at <= KEPT.total_seconds():
            return Touch(slug, source, at)
    return Touch()


def keep(response: Response, launch: Launch, touch: Touch) -> None:
    """Set the cookie; the oldest launch goes when there are too many."""
    others = {name: value for name, value in _cookie().items() if name != launch.public_id}
    kept = dict(list(others.items())[-(LAUNCHES - 1) :]) | {launch.public_id: [touch.slug, touch.source, touch.at]}
    put(response, COOKIE, runtime().tokens.sign_data(Purpose.FIRST_TOUCH, kept), days=KEPT.days)


def read(given: str) -> tuple[str, bool]:
    """The slug of a code or of a whole link ("" without one), and whether it cannot be one of ours."""
    code = given.strip().rpartition("/")[2]
    if not code:
        return "", False
    try:
        return codes.read_slug(code[: 4 * codes.SLUG_SYMBOLS]), False
    except codes.BadCode:
        return "", True


def _cookie() -> dict[str, Any]:
    try:
        data = runtime().tokens.read_data(Purpose.FIRST_TOUCH, take(COOKIE))
    except BadToken:
        return {}
    return data if isinstance(data, dict) else {}


def _source() -> dict[str, str]:
    given = {name: request.args.get(name, "")[:LONGEST] for name in SOURCES}
    return {name.removeprefix("utm_"): value for name, value in given.items() if value.isprintable() and value}
