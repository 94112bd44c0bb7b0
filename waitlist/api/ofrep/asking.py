"""Who asks OFREP, and about whom: keys, origins, and the body, each refused in the protocol's own shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, request

from waitlist import keys
from waitlist.api.asking import known
from waitlist.gates.answers import OWN_FACTS, Fact, Trust
from waitlist.models.access import ApiKey
from waitlist.models.launch import Launch
from waitlist.problems import flag_problem

LARGEST = 64 * 1024  # bytes of a body


@dataclass(frozen=True)
class Asker:
    """A product's key and the launch it belongs to."""

    key: ApiKey
    launch: Launch

    def told(self, context: Mapping[str, Any], now: datetime) -> tuple[Fact, ...]:
        """What the product says of the person: authoritative where its secret key is scoped to the fact, else no
        more than a claim, which raises no gate that asks for more. What we find out ourselves nobody tells us.
        """
        scoped = self.key.scopes if self.is_server else ()
        return tuple(
            Fact(name, value, Trust.AUTHORITATIVE if f"fact:{name}" in scoped else Trust.ASSERTED, "product", now)
            for name, value in context.items()
            if name not in OWN_FACTS
        )

    @property
    def is_server(self) -> bool:
        return self.key.kind == "secret"


def asker(now: datetime) -> Asker:
    """Whoever sent this request; aborts with 401 or 403. Two credentials must both be good, and name one key."""
    found = [_known(text, now) for text in _presented()]
    if len({asked.key.id for asked in found}) != 1:
        abort(_unauthorized("Send one key: Authorization: Bearer wl_… or X-API-Key: wl_…"))
    asked = found[0]
    if asked.is_server and not keys.covers(asked.key.scopes, "flags:read"):
        abort(flag_problem(403, "GENERAL", "This key has no scope flags:read."))
    origin = request.headers.get("Origin")
    if not asked.is_server and origin is not None and origin not in asked.key.origins:
        abort(flag_problem(403, "GENERAL", f"This public key is not for pages of {origin}."))
    return asked


def context(key: str | None = None) -> tuple[str, Mapping[str, Any]]:
    """The targeting key and the rest of the context; aborts with 400 for a body that is no such thing."""
    body = request.get_json(force=True, silent=True) if (request.content_length or 0) <= LARGEST else None
    if not isinstance(body, dict):
        abort(flag_problem(400, "PARSE_ERROR", f"Send a JSON object of at most {LARGEST} bytes.", key=key))
    given = body.get("context")
    if given is None:
        abort(flag_problem(400, "TARGETING_KEY_MISSING", "The body has no context.targetingKey.", key=key))
    if not isinstance(given, dict):
        abort(flag_problem(400, "INVALID_CONTEXT", "The context is not an object.", key=key))
    name = given.get("targetingKey")
    if name is None or name == "":
        abort(flag_problem(400, "TARGETING_KEY_MISSING", "The context has no targetingKey.", key=key))
    if not isinstance(name, str):
        abort(flag_problem(400, "INVALID_CONTEXT", "The targetingKey is not a text.", key=key))
    return name, {fact: value for fact, value in given.items() if fact != "targetingKey"}


def _presented() -> list[str]:
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        abort(_unauthorized("Send Authorization: Bearer wl_…"))
    texts = [bearer.strip()] if scheme else []
    texts += [request.headers["X-API-Key"]] if "X-API-Key" in request.headers else []
    return texts


def _known(text: str, now: datetime) -> Asker:
    try:
        found = known(keys.read(text), now)
    except keys.BadKey:
        found = None
    if found is None:
        abort(_unauthorized("This key is not known, was revoked or has ended."))
    return Asker(*found)


def _unauthorized(detail: str) -> Any:
    response = flag_problem(401, "GENERAL", detail)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
