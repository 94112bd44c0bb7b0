"""Invites for products: exchange a member's one-time code for who they are, and ask what an invite is worth."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from waitlist import clock, codes, keys
from waitlist.api.asking import needs_key
from waitlist.db import reading, writing
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission
from waitlist.problems import problem
from waitlist.queries.invite_page import InvitePage, Shown, by_code, open_link
from waitlist.runtime import runtime
from waitlist.services import handing
from waitlist.tokens import BadToken, Purpose

blueprint = APIBlueprint("api_invites", __name__, url_prefix="/api/v1/invites", tag="Invites")

STATES = {
    Shown.OPEN: "active",
    Shown.NO_SEAT: "no_seat",
    Shown.NOT_YET: "scheduled",
    Shown.PAUSED: "paused",
    Shown.EXPIRED: "expired",
    Shown.USED: "used",
    Shown.USED_UP: "used",
    Shown.REPLACED: "replaced",
    Shown.REVOKED: "revoked",
}


class ExchangeIn(BaseModel):
    """The code that came with the person, and the product's own id for them."""

    code: str = Field(min_length=1, max_length=200, description="The `wl_code` of the address they came by.")
    external_id: str | None = Field(
        default=None, min_length=1, max_length=255, description="Your user id. Bound for good, unique in the launch."
    )


class EntryOut(BaseModel):
    id: str
    email: str
    name: str
    language: str
    state: str
    external_id: str | None
    confirmed_at: str | None


class InviteOut(BaseModel):
    id: str
    source: str
    redeemed_at: str


class ExchangeOut(BaseModel):
    """Who came in, by which invite."""

    launch: str
    entry: EntryOut
    admission: str
    invite: InviteOut | None
    tags: list[str]


class VerifyIn(BaseModel):
    """A typed code, or the token of an invite's link (what stands after `/i/`)."""

    code: str | None = Field(default=None, max_length=200)
    token: str | None = Field(default=None, max_length=2048)


class VerifyOut(BaseModel):
    """What the invite is now. `redeemable` says whether accepting it would let somebody in."""

    id: str
    state: str
    redeemable: bool
    source: str
    bound: bool
    uses: int
    max_uses: int
    expires_at: str


@blueprint.post("/exchange")
@needs_key("invites:write")
@blueprint.input(ExchangeIn)
@blueprint.output(ExchangeOut)
@blueprint.doc(
    security="key", responses=[401, 403, 404, 409, 410, 413, 415], summary="Exchange a one-time code for a member"
)
def exchange(json_data: ExchangeIn) -> ResponseReturnValue:
    """Spend the code once, within five minutes of the walk into the product."""
    now = clock.now()
    code_hash = keys.handoff_hash(runtime().secrets.pepper, json_data.code)
    try:
        with writing() as tx:
            admission, entry = handing.exchange(
                tx, g.launch, code_hash, key_id=g.key.id, external_id=json_data.external_id, now=now
            )
            invite = handing.came_by(tx, admission)
    except handing.HandoffUnknown:
        return problem(404, "code-unknown", "No code of this launch reads so.")
    except handing.HandoffSpent:
        return problem(410, "code-spent", "The code was exchanged before, or its five minutes are over.")
    except handing.NotIn:
        return problem(410, "not-a-member", "The person's access was taken back.")
    except handing.ExternalIdTaken:
        return problem(409, "external-id-taken", "The person has another external_id, or another person has this one.")
    return _exchanged(entry, admission, invite)


@blueprint.post("/verify")
@needs_key("invites:read")
@blueprint.input(VerifyIn)
@blueprint.output(VerifyOut)
@blueprint.doc(security="key", responses=[401, 403, 404, 413, 415], summary="What an invite is now; changes nothing")
def verify(json_data: VerifyIn) -> ResponseReturnValue:
    """Look an invite up by its typed code or its link's token."""
    if (json_data.code is None) == (json_data.token is None):
        return _wrong("", "Send either code or token.")
    try:
        found = _by_code(json_data.code) if json_data.code is not None else _by_token(json_data.token or "")
    except codes.BadCode:
        return _wrong("/code", "Check the code: it is too short or long, or one character looks wrong.")
    if found is None:
        return problem(404, "invite-unknown", "This launch has no such invite.")
    return _verified(found)


def _by_code(typed: str) -> InvitePage | None:
    code_hash = codes.look_up_hash(runtime().secrets.pepper, codes.read_code(typed))
    with reading() as rx:
        found = by_code(rx, code_hash)
        if found is None or found.launch_id != g.launch.id:
            return None
        return open_link(rx, g.launch, found.invite, found.version, mailed=False, now=clock.now())


def _by_token(token: str) -> InvitePage | None:
    for purpose in (Purpose.INVITE_MAILED, Purpose.INVITE_SHOWN):
        try:
            carrier = runtime().tokens.read(purpose, token)
        except BadToken:
            continue
        if carrier.launch != g.launch.public_id:
            return None
        with reading() as rx:
            return open_link(rx, g.launch, carrier.row, carrier.version, mailed=False, now=clock.now())
    return None


def _exchanged(entry: Entry, admission: Admission, invite: handing.CameBy | None) -> dict[str, Any]:
    return {
        "launch": g.launch.slug,
        "entry": {
            "id": entry.public_id,
            "email": entry.email,
            "name": entry.name,
            "language": entry.language,
            "state": entry.state,
            "external_id": entry.external_id,
            "confirmed_at": _utc(entry.confirmed_at),
        },
        "admission": admission.public_id,
        "invite": None
        if invite is None
        else {"id": invite.public_id, "source": invite.source, "redeemed_at": _utc(invite.redeemed_at)},
        "tags": ["vip"] if entry.vip else [],
    }


def _verified(found: InvitePage) -> dict[str, Any]:
    return {
        "id": found.invite,
        "state": STATES[found.shown],
        "redeemable": found.shown is Shown.OPEN,
        "source": found.source,
        "bound": found.bound,
        "uses": found.uses,
        "max_uses": found.max_uses,
        "expires_at": _utc(found.expires_at),
    }


def _wrong(pointer: str, detail: str) -> Response:
    errors = [{"pointer": pointer, "code": "format", "detail": detail}]
    return problem(422, "validation", "What was sent does not fit.", errors=errors)


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
