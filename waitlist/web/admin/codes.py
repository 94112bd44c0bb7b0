"""Codes for many: made together, as a table, a CSV and cards to print. They are derived when they are shown."""

import re
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.codes import PREFIX_LIMIT
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.invite import Invite, InviteSource
from waitlist.queries import admins
from waitlist.queries import single_invites as queries
from waitlist.queries.single_invites import Batch
from waitlist.runtime import runtime
from waitlist.services import exporting, inviting, minting
from waitlist.services.inviting import Order
from waitlist.services.shelving import LaunchArchived
from waitlist.tables import safe_cell
from waitlist.tokens import Purpose
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, pressed_each_time, this_launch
from waitlist.web.admin.invites import MOST_USES, typed_code_keys
from waitlist.web.admin.people import csv_line
from waitlist.web.admin.presets import read_domains
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.public.qr import inline

blueprint = Blueprint("admin_codes", __name__, url_prefix="/admin/w/<slug>/codes")
MOST_CODES = 5_000
PAGE = 100
CARDS = 50  # on one page to print
CELLS = ("code", "link", "for_people", "used", "expires", "domain", "state")
_PREFIX = re.compile(rf"[A-Z0-9][A-Z0-9-]{{0,{PREFIX_LIMIT - 1}}}")


@blueprint.get("/new")
@guard(Owner.ADMIN, role=Role.RELEASER)
def new_codes(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """How many, for how many people each, and until when."""
    launch = this_launch()
    prefix = launch.slug.upper()[:PREFIX_LIMIT]
    return _form({"n": 20, "prefix": prefix, "uses": 1, "days": launch.invite_days, "allowance": launch.allowance})


@blueprint.post("/new")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def make_codes(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Makes them, all or none."""
    fields = Fields()
    n = fields.number("n", 1, MOST_CODES, missing=gettext("Enter how many codes")) or 1
    order = _read_order(fields)
    if fields.errors:
        return _form(request.form, fields.errors)

    def act(tx: Tx) -> Outcome:
        keys, actor = typed_code_keys(), desk().actor
        return {"batch": minting.mint(tx, this_launch(), order, n, keys=keys, actor=actor, now=clock.now())}

    try:
        made = pressed("codes", act)
    except LaunchArchived:
        return _form(request.form, [("n", gettext("This waitlist is archived."))], status=409)
    return back("admin_codes.batch", "created", batch_id=made["batch"])


@blueprint.get("/<batch_id>")
@guard(Owner.ADMIN, role=Role.RELEASER)
def batch(slug: str, batch_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The codes, a hundred at a time, and what became of them."""
    return _page(batch_id, "admin/codes.html", PAGE)


@blueprint.get("/<batch_id>/cards")
@guard(Owner.ADMIN, role=Role.RELEASER)
def cards(slug: str, batch_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The same as cards to print and cut."""
    return _page(batch_id, "admin/code_cards.html", CARDS)


@blueprint.post("/<batch_id>/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def export_codes(slug: str, batch_id: str) -> ResponseReturnValue:
    """All of them as CSV, and an event that says so."""
    found, launch, now, actor = batch_or_404(batch_id), this_launch(), clock.now(), desk().actor

    def act(tx: Tx) -> None:
        states = (f"codes {batch_id}",)
        exporting.note(tx, launch, form="csv", rows=found.codes, states=states, actor=actor, now=now)

    pressed_each_time("export_codes", act)
    headers = {"Content-Disposition": f"attachment; filename={slug}-codes.csv", "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines(batch_id)), mimetype="text/csv", headers=headers)


@blueprint.post("/<batch_id>/revoke")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def revoke_codes(slug: str, batch_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Ends those that still work; whoever is in stays in."""
    batch_or_404(batch_id)

    def act(tx: Tx) -> Outcome:
        n = minting.revoke(tx, this_launch(), batch_id, actor=desk().actor, now=clock.now())
        return {"n": n}

    return back("admin_codes.batch", "revoked", batch_id=batch_id, n=pressed("revoke_codes", act)["n"])


def batch_or_404(batch_id: str) -> Batch:
    """The batch in the address, of this waitlist alone."""
    with reading() as rx:
        found = queries.batch(rx, this_launch().id, batch_id, clock.now())
    if found is None:
        abort(404)
    return found


def link_of(invite: Invite) -> str:
    """The link that does what the code does."""
    launch = this_launch()
    return runtime().stationery.link(Purpose.INVITE_SHOWN, launch.public_id, invite.public_id, invite.version)


def code_of(invite: Invite) -> str:
    """The code as it is printed, derived anew each time."""
    return runtime().stationery.typed_code(invite.prefix or this_launch().slug, invite.public_id, invite.version)


def _page(batch_id: str, template: str, size: int) -> ResponseReturnValue:
    found = batch_or_404(batch_id)
    with reading() as rx:
        codes = queries.codes_of(rx, batch_id, after=seen_before("after") or 0, limit=size + 1)
        names = admins.names(rx)
    return admin_page(
        template,
        batch=found,
        codes=codes[:size],
        more=codes[size - 1].id if len(codes) > size else None,
        names=names,
        code_of=code_of,
        qr_of=lambda invite: inline(link_of(invite)),
        redeem_url=runtime().stationery.page("/redeem"),
        ended=request.args.get("n", 0, int),
        private=True,
    )


def _read_order(fields: Fields) -> Order:
    prefix = fields.text("prefix", most=PREFIX_LIMIT).upper()
    if prefix and not _PREFIX.fullmatch(prefix):
        fields.wrong("prefix", gettext("Use letters, digits and hyphens"))
    domains = read_domains(fields, "domain")
    if len(domains) > 1 or (not domains and fields.text("domain") and not fields.errors):
        fields.wrong("domain", gettext("Enter one domain"))
    return Order(
        InviteSource.ADMIN,
        uses=fields.number("uses", 1, MOST_USES, missing=gettext("Enter for how many people")) or 1,
        days=fields.number("days", 1, 365, missing=gettext("Enter a number of days")),
        allowance=fields.number("allowance", 0, 20, missing=gettext("Enter how many invites each may give")),
        note=fields.text("note", most=inviting.LONGEST_NOTE),
        language=this_launch().language,
        prefix=prefix,
        domain=domains[0] if domains else None,
    )


def _form(typed: object, errors: Errors = (), *, status: int = 422) -> ResponseReturnValue:
    status = status if errors else 200
    return admin_page("admin/codes_form.html", status=status, errors=errors, form=typed, most=MOST_CODES)


def _lines(batch_id: str) -> Iterator[str]:
    yield "\ufeff" + csv_line(CELLS)
    last, now = 0, clock.now()
    with reading() as rx:
        while codes := queries.codes_of(rx, batch_id, after=last, limit=500):
            for invite in codes:
                yield csv_line([safe_cell(str(cell)) for cell in _cells(invite, works=invite.expires_at > now)])
            last = codes[-1].id


def _cells(invite: Invite, *, works: bool) -> Sequence[object]:
    state = "used" if invite.uses >= invite.max_uses else "revoked" if invite.revoked_at else "active"
    state = "expired" if state == "active" and not works else state
    shown = (code_of(invite), link_of(invite), invite.max_uses, invite.uses, invite.expires_at.isoformat())
    return (*shown, invite.domain or "", state)
