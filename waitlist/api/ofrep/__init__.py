"""OFREP 0.3.0, the OpenFeature Remote Evaluation Protocol: products ask with its published clients who may come in.

One boolean flag for each launch, called by its slug. A plain blueprint: the protocol has error shapes of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from waitlist import clock
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
    if key != asked.launch.slug:
        return flag_problem(404, "FLAG_NOT_FOUND", f"This key has no flag {key}.", key=key)
    decision, _who = _decision(asked, name, asked.told(said, now), now)
    answer = _flag(asked, decision)
    answer["metadata"]["decided_at"] = answers.stamp(now)  # not in bulk: it would make every answer a new one
    return jsonify(answer)


@blueprint.post("/evaluate/flags")
def evaluate_all() -> ResponseReturnValue:
    """Every flag of the key at once; an unchanged answer is 304."""
    now = clock.now()
    asked = asker(now)
    name, said = context()
    decision, who = _decision(asked, name, asked.told(said, now), now)
    flags = [_flag(asked, decision)]
    tag = answers.etag(flags)
    # Werkzeug's own conditional answers leave POST out, so the tags are compared here.
    unchanged = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if unchanged else jsonify(_all(asked, who, flags))
    response.set_etag(tag)
    return response


@blueprint.get("/streams/<token>")
def stream(token: str) -> ResponseReturnValue:
    """Tells a browser when to evaluate again."""
    return streams.stream(token)


def _all(asked: Asker, who: whose.Who, flags: list[dict[str, Any]]) -> dict[str, Any]:
    channels = streams.offered(asked.launch, who.entry)
    return {"flags": flags, "metadata": {}} | ({"eventStreams": channels} if channels else {})


def _decision(asked: Asker, name: str, told: Sequence[Fact], now: datetime) -> tuple[Decision, whose.Who]:
    """Decide on a read-only transaction; only what has to stick opens one that writes."""
    with reading() as rx:
        decision, who = _decide(rx, asked, name, told, now)
    if not asked.is_server or who.entry is None or not sticking.is_due(decision, who.entry.state):
        return decision, who
    with writing() as tx:
        decision, who = _decide(tx, asked, name, told, now)
        if who.entry is not None:
            actor = Actor("key", str(asked.key.id))
            sticking.stick(tx, asked.launch, who.entry.id, decision, actor=actor, now=now)
    return decision, who


def _decide(tx: Tx, asked: Asker, name: str, told: Sequence[Fact], now: datetime) -> tuple[Decision, whose.Who]:
    named = whose.named_by_server if asked.is_server else whose.named_by_browser
    plan = deciding.plan_of(tx, asked.launch)
    who = named(tx, asked.launch, name, told, now)
    decision = decide(plan, who.subject, now)
    if who.forged and decision.verdict is Verdict.NEEDS_INFO:
        return Decision(Verdict.WAITING, plan.revision), who
    return decision, who


def _flag(asked: Asker, decision: Decision) -> dict[str, Any]:
    metadata = answers.metadata_of(decision, for_browser=not asked.is_server)
    metadata["status_url"] = f"{runtime().settings.base_url}/w/{asked.launch.slug}"
    return answers.flag(asked.launch.slug, decision, metadata)
