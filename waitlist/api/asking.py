"""Who asks: a product's key, in `Authorization: Bearer wl_sk_…`, and what it may do."""

import hmac
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar, cast

from flask import Response, abort, g, request
from flask.typing import ResponseReturnValue

from waitlist import clock, keys
from waitlist.api.key_uses import note
from waitlist.db import one, reading
from waitlist.models.access import ApiKey, key_in_force
from waitlist.models.launch import Launch, by_id
from waitlist.problems import problem
from waitlist.runtime import runtime

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def needs_key(scope: str) -> Callable[[View], View]:
    """Let a view be asked only with a secret key that has this scope; `g.key` and `g.launch` are its."""

    def give(view: View) -> View:
        @wraps(view)
        def asked(*args: object, **kwargs: object) -> ResponseReturnValue:
            g.key, g.launch = _authenticate(scope)
            return view(*args, **kwargs)

        asked.key_scope = scope  # type: ignore[attr-defined]
        return cast(View, asked)

    return give


def _authenticate(scope: str) -> tuple[ApiKey, Launch]:
    found = known(_presented(), clock.now())
    if found is None:
        abort(_unknown("This key is not known, was revoked or has ended."))
    key, launch = found
    if key.kind != "secret":
        abort(problem(403, "secret-key-needed", "This call needs a secret key (wl_sk_…), which stays on a server."))
    if not keys.covers(key.scopes, scope):
        detail = f"This key has no scope {scope}."
        abort(problem(403, "insufficient-scope", detail, scope=scope))
    return key, launch


def known(presented: str, now: datetime) -> tuple[ApiKey, Launch] | None:
    """The key with this text and its launch, unless it was revoked or has ended; notes that it was used."""
    wanted = keys.key_hash(runtime().secrets.pepper, presented)
    with reading() as rx:
        key = one(rx, key_in_force(wanted, now))
        launch = one(rx, by_id(key.launch_id)) if key is not None else None
    # The look-up is by a peppered hash, so its time says nothing of the key; the comparison takes one time for all.
    if key is None or launch is None or not hmac.compare_digest(key.key_hash, wanted):
        return None
    note(key.id, now)
    return key, launch


def _presented() -> str:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        abort(_unknown("Send a key: Authorization: Bearer wl_sk_…", "Bearer"))
    try:
        return keys.read(text.strip())
    except keys.BadKey:
        abort(_unknown("This is not a key of this service: check that all of it was copied."))


def _unknown(detail: str, challenge: str = 'Bearer error="invalid_token"') -> Response:
    response = problem(401, "unauthorized", detail)
    response.headers["WWW-Authenticate"] = challenge
    return response
