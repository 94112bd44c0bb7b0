"""Which pages of other sites may ask: those that a public key lists. A preflight carries no key, so any key's do."""

import sqlalchemy as sa
from flask import Response, request

from waitlist import clock
from waitlist.db import reading
from waitlist.models.access import ApiKey

ALLOWED = "authorization, content-type, x-api-key, if-none-match"
EXPOSED = "ETag, Retry-After"
REMEMBERED = 600  # seconds that a browser keeps the answer to a preflight


def add_cors(response: Response) -> Response:
    """Let listed pages read the answer; each header here is one that the published web client needs."""
    response.vary.add("Origin")
    response.cache_control.no_store = True  # an answer kept on the way would outlive a kill
    origin = request.headers.get("Origin")
    if origin is None or not _is_listed(origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "POST, GET"
        response.headers["Access-Control-Allow-Headers"] = ALLOWED
        response.headers["Access-Control-Max-Age"] = str(REMEMBERED)
    return response


def _is_listed(origin: str) -> bool:
    now = clock.now()
    in_force = sa.and_(
        ApiKey.kind == "public",
        ApiKey.revoked_at.is_(None),
        sa.or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
    )
    with reading() as rx:
        return any(origin in origins for origins in rx.scalars(sa.select(ApiKey.origins).where(in_force)))
