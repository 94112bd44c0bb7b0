"""Subject tokens: what a product's own page asks with in the browser of one person, so that nobody asks for another."""

from apiflask import APIBlueprint
from flask import g
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from waitlist.api.asking import needs_key
from waitlist.api.ofrep.whose import subject_token
from waitlist.db import reading
from waitlist.problems import problem
from waitlist.queries.whom import entry_called

blueprint = APIBlueprint("api_subjects", __name__, url_prefix="/api/v1/subjects", tag="Flags")


class SubjectIn(BaseModel):
    """A person of the launch: entry id, address or your own user id."""

    subject: str = Field(min_length=1, max_length=320)


class SubjectOut(BaseModel):
    """What to hand to the person's browser as `targetingKey`."""

    token: str


@blueprint.post("")
@needs_key("flags:read")
@blueprint.input(SubjectIn)
@blueprint.output(SubjectOut)
@blueprint.doc(security="key", responses=[401, 403, 404, 413, 415], summary="A subject token for one person")
def create(json_data: SubjectIn) -> ResponseReturnValue:
    """Sign a token that names this person; it ends when they renew their private link."""
    with reading() as rx:
        entry = entry_called(rx, g.launch, json_data.subject)
    if entry is None:
        return problem(404, "person-unknown", "Nobody of this launch is called so.")
    return {"token": subject_token(g.launch, entry)}
