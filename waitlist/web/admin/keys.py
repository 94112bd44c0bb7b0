"""Keys that products ask with: made, shown once, revoked."""

import sqlalchemy as sa
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist import keys as key_texts
from waitlist.db import Tx, reading, some
from waitlist.models.access import ApiKey, Role
from waitlist.queries import admins
from waitlist.runtime import runtime
from waitlist.services import keying
from waitlist.services.keying import KeyGone
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

KINDS = ("secret", "public")
blueprint = Blueprint("admin_keys", __name__, url_prefix="/admin/w/<slug>/keys")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ADMIN)
def keys(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every key of this waitlist; what it reads is not kept."""
    return _page([])


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def create_key(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Makes a key and shows it in this answer alone; a second press shows that it was made."""
    fields = Fields()
    name = fields.text("name", most=80, missing=gettext("Enter what the key is for"))
    kind = fields.choice("kind", KINDS) or "secret"
    scopes = [scope for scope in request.form.getlist("scopes") if scope in key_texts.SCOPES and kind == "secret"]
    if not scopes and kind == "secret":
        fields.wrong("scopes", gettext("Select what the key may do"))
    origins = _origins(fields) if kind == "public" else []
    if fields.errors:
        return _page(fields.errors, status=422)
    text, made = key_texts.make(kind), []

    def act(tx: Tx) -> Outcome:
        key = keying.create(
            tx,
            this_launch(),
            kind=kind,
            name=name,
            key_hash=key_texts.key_hash(runtime().secrets.pepper, text),
            key_end=key_texts.end(text),
            scopes=scopes,
            origins=origins,
            actor=desk().actor,
            now=clock.now(),
        )
        made.append(text)
        return {"key": key.public_id}

    pressed("key", act)
    return _page([], shown=made[0]) if made else back("admin_keys.keys", "created")


@blueprint.post("/<key_id>/revoke")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def revoke_key(slug: str, key_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Ends it at once."""

    def act(tx: Tx) -> None:
        keying.revoke(tx, this_launch(), key_id, actor=desk().actor, now=clock.now())

    try:
        pressed("revoke_key", act)
    except KeyGone:
        return back("admin_keys.keys", "gone")
    return back("admin_keys.keys", "revoked")


def _origins(fields: Fields) -> list[str]:
    """The sites of a public key, one a line."""
    origins = []
    typed = fields.text("origins", most=2_000, missing=gettext("Enter the sites whose pages may ask"))
    for line in typed.split():
        try:
            origins.append(keying.read_origin(line))
        except keying.BadOrigin:
            wrong = gettext("%(origin)s is not a site. Write it like https://shop.example", origin=line)
            fields.wrong("origins", wrong)
    return origins


def _page(errors: Errors, *, status: int = 200, shown: str | None = None) -> ResponseReturnValue:
    with reading() as rx:
        mine = sa.select(ApiKey).where(ApiKey.launch_id == this_launch().id).order_by(ApiKey.id.desc())
        found, doers = some(rx, mine), admins.names(rx)
    return admin_page(
        "admin/keys.html",
        status=status,
        errors=errors,
        keys=found,
        names=doers,
        shown=shown,
        scopes=key_texts.SCOPES,
        typed=request.form,
        private=shown is not None,
    )
