"""The QR code of a referral link: in the page, as pictures to keep, and as a card to print."""

import io
from functools import lru_cache

import segno
from flask import Response, abort, request
from markupsafe import Markup

from waitlist import codes
from waitlist.db import one, reading
from waitlist.models.launch import Launch
from waitlist.queries import launches
from waitlist.web.guards import Owner, guard
from waitlist.web.launches import launch_by_id
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import referral_url

QUIET = 4  # modules of white around the code (ISO/IEC 18004)


@lru_cache(maxsize=1_024)  # a third of what somebody's own page costs, and the same at every look
def inline(link: str) -> Markup:
    """The code as an <svg> that stands in a page, without inline styles."""
    return Markup(segno.make(link, error="m").svg_inline(border=QUIET, omitsize=True))  # noqa: S704 - made here


@blueprint.get("/r/<code>/qr.<any(png, svg):kind>")
@guard(Owner.PUBLIC)
def qr(code: str, kind: str) -> Response:
    """The picture, as a file to download: dark on white, whatever the page looks like."""
    launch, slug = _whose(code)
    picture = io.BytesIO()
    segno.make(referral_url(slug), error="m").save(
        picture, kind=kind, border=QUIET, scale=10, dark="#000000", light="#ffffff"
    )
    mimetype = "image/png" if kind == "png" else "image/svg+xml"
    response = Response(picture.getvalue(), mimetype=mimetype)
    if request.args.get("show") != "1":
        response.headers["Content-Disposition"] = f'attachment; filename="{launch.slug}-{slug.lower()}.{kind}"'
    return response


@blueprint.get("/r/<code>/card")
@guard(Owner.PUBLIC)
def card(code: str) -> Response:
    """A page to print: the waitlist's name, the link and its QR code."""
    launch, slug = _whose(code)
    link = referral_url(slug)
    return page("public/card.html", state="card", launch=launch, link=link, qr=inline(link))


def _whose(code: str) -> tuple[Launch, str]:
    try:
        slug = codes.read_slug(code)
    except codes.BadCode:
        abort(404)
    with reading() as rx:
        entry = one(rx, launches.entry_of_link(slug))
        if entry is None:
            abort(404)
        return launch_by_id(rx, entry.launch_id), slug
