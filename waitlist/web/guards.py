"""Guards: who owns each page, what a press on it must carry, and how often one network may press.

Every view names its guard; a view without one stops the start. One hook enforces them all, so none is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

from flask import Flask, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from waitlist import db
from waitlist.runtime import runtime

LARGEST = 8 * 1024 * 1024  # bytes of a press: a picture and its words
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNGUARDED = frozenset({"static", "openapi.spec"})  # Flask's and APIFlask's own; both only read


class Owner(StrEnum):
    """Who a page is for."""

    PUBLIC = "public"
    MEMBER = "member"
    ADMIN = "admin"
    PRODUCT = "product"  # asks with a key
    MACHINE = "machine"  # health checks and metrics


class Proof(StrEnum):
    """What a press must carry. Pages that only read carry nothing."""

    NOTHING = "nothing"
    FORM = "form"  # the signed form_id; never from a foreign, unlisted site
    TOKEN = "token"  # the token in the address is the proof  # noqa: S105
    CSRF = "csrf"  # a cookie's authority needs a token beside it
    KEY = "key"


@dataclass(frozen=True)
class Guard:
    """What one view asks for: `limit` is a Flask-Limiter rate such as "30/minute", `role` the least an admin needs,
    `largest` the most bytes that a press may have.
    """

    owner: Owner
    proof: Proof = Proof.NOTHING
    limit: str | None = None
    role: str | None = None
    largest: int = LARGEST


Authority = Callable[[Guard], ResponseReturnValue | None]


def guard(
    owner: Owner,
    proof: Proof = Proof.NOTHING,
    *,
    limit: str | None = None,
    role: str | None = None,
    largest: int = LARGEST,
) -> Callable[[View], View]:
    """Give a view its guard."""

    def give(view: View) -> View:
        view.guard = Guard(owner, proof, limit, role, largest)  # type: ignore[attr-defined]
        return view

    return give


def guard_of(app: Flask, endpoint: str) -> Guard | None:
    """The guard of an endpoint; None for Flask's own."""
    return cast("Guard | None", getattr(app.view_functions[endpoint], "guard", None))


def init_guards(app: Flask) -> None:
    """Enforce the guards on every request; `authority` then says who is signed in."""
    app.extensions["waitlist.authorities"] = {}
    app.extensions["waitlist.csrf"] = CSRFProtect()
    app.config |= {"WTF_CSRF_CHECK_DEFAULT": False, "WTF_CSRF_TIME_LIMIT": None, "WTF_CSRF_SSL_STRICT": False}
    app.extensions["waitlist.csrf"].init_app(app)
    app.before_request(_hold_reads_to_reading)
    app.before_request(_enforce)
    app.teardown_request(_let_go)


def authority(app: Flask, owner: Owner, check: Authority) -> None:
    """Ask `check` before every page of this owner; what it returns (a way to sign in) is answered instead."""
    app.extensions["waitlist.authorities"][owner] = check


def check_all_guarded(app: Flask) -> None:
    """Raise RuntimeError for a view that nobody guards; called when all views are there."""
    for rule in app.url_map.iter_rules():
        found = guard_of(app, rule.endpoint)
        if found is None and rule.endpoint not in UNGUARDED:
            raise RuntimeError(f"{rule.endpoint} has no guard")
        presses = (rule.methods or set()) - SAFE
        if found is not None and presses and found.proof is Proof.NOTHING:
            raise RuntimeError(f"{rule.endpoint} takes {', '.join(sorted(presses))} and asks for no proof")


def names_foreign_site() -> bool:
    """Whether the browser says that this press comes from somebody else's page; `Origin: null` names nobody."""
    origin = request.headers.get("Origin", "null")
    if origin != "null":
        return origin not in {runtime().settings.base_url, request.host_url.rstrip("/")}
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def _hold_reads_to_reading() -> None:
    # GET never writes: a door that tries finds out in its first test, not in production.
    if request.method in SAFE:
        g.reading_only = db.reading_only.set(True)


def _let_go(_error: BaseException | None) -> None:
    token = g.pop("reading_only", None)
    if token is not None:
        db.reading_only.reset(token)


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    found = guard_of(current_app, request.endpoint)
    if found is None:
        return None
    request.max_content_length = found.largest
    if request.method not in SAFE and found.proof in (Proof.FORM, Proof.CSRF) and names_foreign_site():
        abort(403, "foreign")
    check = current_app.extensions["waitlist.authorities"].get(found.owner)
    refused = check(found) if check is not None else None
    if refused is None and request.method not in SAFE and found.proof is Proof.CSRF:
        current_app.extensions["waitlist.csrf"].protect()
    return cast("ResponseReturnValue | None", refused)
