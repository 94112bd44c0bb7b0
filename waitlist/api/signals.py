"""Signals: a product tells what became of a person, for guardrails and experiments."""

from typing import Literal

from apiflask import APIBlueprint
from flask import g
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from waitlist import clock
from waitlist.actors import Actor
from waitlist.api.asking import needs_key
from waitlist.api.subjects import SubjectIn
from waitlist.db import writing
from waitlist.problems import problem
from waitlist.queries.whom import entry_called
from waitlist.services import signalling

blueprint = APIBlueprint("api_signals", __name__, url_prefix="/api/v1/signals", tag="Flags")


class SignalIn(SubjectIn):
    """What happened to whom; `name` is an outcome's or an error's, such as `first-invoice`."""

    kind: Literal["exposure", "outcome", "error", "complaint"]
    name: str = Field(default="", max_length=64, pattern=r"^[a-z0-9-]*$")


class SignalOut(BaseModel):
    """Whether it was the first of its kind and name for this person; rates count people."""

    first: bool


@blueprint.post("")
@needs_key("signals:write")
@blueprint.input(SignalIn)
@blueprint.output(SignalOut)
@blueprint.doc(security="key", responses=[401, 403, 404, 413, 415], summary="Tell what became of a person")
def create(json_data: SignalIn) -> ResponseReturnValue:
    """Keep an exposure, an outcome, an error or a complaint; sending it again changes nothing."""
    actor, now = Actor("key", str(g.key.id)), clock.now()
    with writing() as tx:
        entry = entry_called(tx, g.launch, json_data.subject)
        if entry is None:
            return problem(404, "person-unknown", "Nobody of this launch is called so.")
        return {"first": signalling.tell(tx, entry, json_data.kind, json_data.name, actor=actor, now=now)}
