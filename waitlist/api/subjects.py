"""Subject tokens: what a product's own page asks with in the browser of one person, so that nobody asks for another."""

from datetime import timedelta

from apiflask import APIBlueprint
from flask import g
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from waitlist import clock, memberships
from waitlist.api.asking import needs_key
from waitlist.api.ofrep.whose import subject_token
from waitlist.db import reading
from waitlist.gates.deciding import decide
from waitlist.problems import problem
from waitlist.queries import deciding
from waitlist.queries.whom import entry_called
from waitlist.runtime import runtime

blueprint = APIBlueprint("api_subjects", __name__, url_prefix="/api/v1/subjects", tag="Flags")


class SubjectIn(BaseModel):
    """A person of the launch: entry id, address or your own user id."""

    subject: str = Field(min_length=1, max_length=320)


class SubjectOut(BaseModel):
    """What to hand to the person's browser as `targetingKey`."""

    token: str


class MembershipIn(SubjectIn):
    """A person, and for how long the word shall be good."""

    seconds: int = Field(default=3600, ge=60, le=86_400)


@blueprint.post("/membership")
@needs_key("flags:read")
@blueprint.input(MembershipIn)
@blueprint.output(SubjectOut)
@blueprint.doc(security="key", responses=[401, 403, 404, 409, 413, 415], summary="A membership token (JWT, EdDSA)")
def membership(json_data: MembershipIn) -> ResponseReturnValue:
    """Sign that this person is in, for products that check by /.well-known/jwks.json and never ask."""
    now = clock.now()
    with reading() as rx:
        entry = entry_called(rx, g.launch, json_data.subject)
        if entry is None:
            return problem(404, "person-unknown", "Nobody of this launch is called so.")
        decision = decide(deciding.plan_of(rx, g.launch), deciding.subject(rx, g.launch, entry, now), now)
    if not decision.admitted:
        return problem(409, "not-admitted", f"This person is not in: {decision.verdict}.")
    claims = {"iss": runtime().settings.base_url, "aud": g.launch.slug, "sub": entry.external_id or entry.public_id}
    life = timedelta(seconds=json_data.seconds)
    return {"token": memberships.sign(runtime().secrets.membership, claims, now=now, life=life)}


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
