"""Decisions in the protocol's words. Every field a client reads is always there, and nothing in it is ever null."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from waitlist.gates.deciding import Decision, Verdict
from waitlist.splits import CONTROL

ARM = ".arm"  # no slug has a dot, so no launch is ever called like another one's arm flag
DISABLED = frozenset({Verdict.NOT_OPEN, Verdict.HELD, Verdict.KILLED, Verdict.CLOSED, Verdict.ARCHIVED})


def flag(key: str, decision: Decision, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The boolean flag of a launch: may this person in now."""
    return {
        "key": key,
        "value": decision.admitted,
        "reason": _reason(decision),
        "variant": "everyone" if decision.everyone else metadata["state"],
        "metadata": dict(metadata),
    }


def arm_flag(key: str, decision: Decision, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The flag that says which arm of an experiment this person is in: a text, `control` for whoever is not in."""
    arm = decision.arm if decision.admitted else CONTROL
    reason = "SPLIT" if decision.admitted else _reason(decision)
    return {"key": key + ARM, "value": arm, "reason": reason, "variant": arm, "metadata": dict(metadata)}


def metadata_of(decision: Decision, *, for_browser: bool) -> dict[str, str | int | bool]:
    """What explains a decision. Nothing here changes between two evaluations unless the answer does."""
    told: dict[str, str | int | bool] = {
        "state": word(decision, for_browser=for_browser),
        "revision": decision.revision,
    }
    if decision.stage:
        told["stage"] = decision.stage
    given = decision.admission
    if given is not None:
        told |= {"rule": given.via, "wave": given.wave} if given.wave else {"rule": given.via}
    elif decision.admitted:
        told["rule"] = "rule"
    if decision.needs:
        told["needs"] = decision.needs
    if decision.brake is not None:
        told |= {"hold_id": decision.brake.public_id, "hold_reason": decision.brake.public_reason}
    return told


def word(decision: Decision, *, for_browser: bool) -> str:
    """The state as it is told: a browser does not learn that somebody is blocked."""
    hidden = for_browser and decision.verdict is Verdict.BLOCKED
    return Verdict.NOT_ELIGIBLE.value if hidden else decision.verdict.value


def etag(flags: list[dict[str, Any]]) -> str:
    """What names these answers: equal answers, equal tag."""
    return hashlib.sha256(json.dumps(flags, sort_keys=True).encode()).hexdigest()[:32]


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reason(decision: Decision) -> str:
    if decision.everyone:
        return "STATIC"
    if decision.admitted and decision.drawn:
        return "SPLIT"
    return "DISABLED" if decision.verdict in DISABLED else "TARGETING_MATCH"
