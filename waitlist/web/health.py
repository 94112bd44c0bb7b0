"""Health and metrics for machines: by status code, without secrets, without sign-in (metrics ask for their token)."""

import hmac

import sqlalchemy as sa
from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import DBAPIError

from waitlist import clock, memberships
from waitlist.db import reading
from waitlist.queries import health
from waitlist.runtime import runtime
from waitlist.web.guards import Owner, guard

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
@guard(Owner.MACHINE)
def livez() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@blueprint.get("/healthz")
@guard(Owner.MACHINE)
def readyz() -> Response:
    """Requests can be served: the database answers. A worker that is away is told, and keeps no page from working."""
    lines = []
    try:
        with reading() as rx:
            rx.execute(sa.select(1))
            worker = health.worker(rx, clock.now())
        lines.append("[+]database ok")
    except DBAPIError:
        return Response("[-]database away\n", status=503, mimetype="text/plain")
    if worker.alive:
        lines.append("[+]worker ok")
    elif worker.seen_at is None:
        lines.append("[-]worker never seen")
    else:
        lines.append(f"[-]worker last seen {(clock.now() - worker.seen_at).total_seconds():.0f} s ago")
    return Response("\n".join(lines if "verbose" in request.args else ["ok"]) + "\n", mimetype="text/plain")


@blueprint.get("/.well-known/jwks.json")
@guard(Owner.MACHINE)
def jwks() -> Response:
    """The public key that membership tokens are checked with."""
    response = jsonify({"keys": [memberships.jwk(runtime().secrets.membership)]})
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response


@blueprint.get("/metrics")
@guard(Owner.MACHINE)
def metrics() -> Response:
    """Prometheus text; 404 while no token is set, 401 without it."""
    token = runtime().settings.metrics_token
    if token is None:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return Response("", status=401, headers={"WWW-Authenticate": "Bearer"})
    with reading() as rx:
        registry = _gauges(rx, queued=health.queued(rx), worker=health.worker(rx, clock.now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _gauges(rx: sa.Connection, *, queued: tuple[int, object], worker: health.Worker) -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("waitlist_mails_queued", "Mails that wait in the outbox", registry=registry).set(queued[0])
    Gauge("waitlist_worker_alive", "1 while a worker was seen in the last minute", registry=registry).set(worker.alive)
    people = Gauge("waitlist_entries", "People by launch and state", ["launch", "state"], registry=registry)
    for slug, state, n in rx.execute(health.people_by_state()):
        people.labels(slug, state).set(n)
    return registry
