"""OFREP 0.3.0, the OpenFeature Remote Evaluation Protocol: products ask with its published clients who may come in.

One boolean flag for each launch, called by its slug. A plain blueprint: the protocol has error shapes of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from waitlist import clock, keys
from waitlist.actors import Actor
from waitlist.api.ofrep import answers, streams, whose
from waitlist.api.ofrep.asking import Asker, asker, context
from waitlist.api.ofrep.origins import add_cors
from waitlist.db import Tx, reading, writing
from waitlist.gates.answers import Fact
from waitlist.gates.deciding import Decision, Verdict, decide
from waitlist.problems import flag_problem
from waitlist.queries import deciding
from waitlist.runtime import runtime
from waitlist.services import sticking

blueprint = Blueprint("ofrep", __name__, url_prefix="/ofrep/v1")
blueprint.after_request(add_cors)


@blueprint.post("/evaluate/flags/<key>")
def evaluate(key: str) -> ResponseReturnValue:
    """May this person into this launch, now."""
    now = clock.now()
    asked = asker(now)
    name, said = context(key)
    found = _decided(asked, name, asked.told(said, now), now, key=key)
    answer = next((flag for flag in _flags(asked, found) if flag["key"] == key), None)
    if answer is None:
        return flag_problem(404, "FLAG_NOT_FOUND", f"This key has no flag {key}.", key=key)
    # Neither stands in bulk: what changes by itself would make every answer a new one.
    answer["metadata"] |= {"decided_at": answers.stamp(now)} | ({"position": found.place} if found.place else {})
    return jsonify(answer)


@blueprint.post("/evaluate/flags")
def evaluate_all() -> ResponseReturnValue:
    """Every flag of the key at once; an unchanged answer is 304."""
    now = clock.now()
    asked = asker(now)
    name, said = context()
    found = _decided(asked, name, asked.told(said, now), now)
    flags = _flags(asked, found)
    tag = answers.etag(flags)
    # Werkzeug's own conditional answers leave POST out, so the tags are compared here.
    unchanged = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if unchanged else jsonify(_all(asked, found.who, flags))
    response.set_etag(tag)
    return response


@blueprint.get("/streams/<token>")
def stream(token: str) -> ResponseReturnValue:
    """Tells a browser when to evaluate again."""
    return streams.stream(token)


def _all(asked: Asker, who: whose.Who, flags: list[dict[str, Any]]) -> dict[str, Any]:
    channels = streams.offered(asked.launch, who.entry)
    return {"flags": flags, "metadata": {}} | ({"eventStreams": channels} if channels else {})


@dataclass(frozen=True)
class _Found:
    """What was decided of whom, and what else may be told of them."""

    decision: Decision
    who: whose.Who
    has_arms: bool
    place: int | None = None
    invite_url: str = ""


def _decided(asked: Asker, name: str, told: Sequence[Fact], now: datetime, *, key: str | None = None) -> _Found:
    """Decide on a read-only transaction; only what has to stick opens one that writes.

    Where one flag is asked by its `key`, a flag that is none lets nobody in: its answer is that there is no such flag.
    """
    with reading() as rx:
        found = _decide(rx, asked, name, told, now)
    entry = found.who.entry
    if key is not None and key not in _keys(asked, found):
        return found
    if not asked.is_server or entry is None or not sticking.is_due(found.decision, entry.state):
        return found
    with writing() as tx:
        found = _decide(tx, asked, name, told, now)
        actor = Actor("key", str(asked.key.id))
        if found.who.entry is not None and sticking.stick(
            tx, asked.launch, found.who.entry.id, found.decision, actor=actor, now=now
        ):
            return _decide(tx, asked, name, told, now)  # with the arm that is theirs from now on
    return found


def _decide(tx: Tx, asked: Asker, name: str, told: Sequence[Fact], now: datetime) -> _Found:
    named = whose.named_by_server if asked.is_server else whose.named_by_browser
    plan = deciding.plan_of(tx, asked.launch)
    who = named(tx, asked.launch, name, told, now)
    decision = decide(plan, who.subject, now)
    if who.forged and decision.verdict is Verdict.NEEDS_INFO:
        decision = Decision(Verdict.WAITING, plan.revision)
    # A page is told no place: a forged token, which is answered like somebody who waits, has none.
    place = whose.place_of_waiting(tx, who, decision) if asked.is_server else None
    may_link = asked.is_server and keys.covers(asked.key.scopes, "invites:read")
    url = whose.invite_url(tx, asked.launch, who, decision) if may_link else ""
    return _Found(decision, who, plan.has_arms, place, url)


def _keys(asked: Asker, found: _Found) -> tuple[str, ...]:
    slug = asked.launch.slug
    return (slug, slug + answers.ARM) if found.has_arms else (slug,)


def _flags(asked: Asker, found: _Found) -> list[dict[str, Any]]:
    """The flag of the launch, and that of its arms where it ever had any."""
    metadata = answers.metadata_of(found.decision, for_browser=not asked.is_server)
    metadata["status_url"] = f"{runtime().settings.base_url}/w/{asked.launch.slug}"
    if found.invite_url:
        metadata["invite_url"] = found.invite_url
    flags = [answers.flag(asked.launch.slug, found.decision, metadata)]
    return [*flags, answers.arm_flag(asked.launch.slug, found.decision, metadata)] if found.has_arms else flags
