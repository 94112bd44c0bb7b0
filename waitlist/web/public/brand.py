"""A launch's own face: its colour as a stylesheet, its pictures, and the card that a shared link shows."""

import hashlib
from functools import lru_cache

from flask import Response, abort, request

from waitlist import pictures
from waitlist.colours import palette
from waitlist.db import one, reading
from waitlist.models.launch import Launch
from waitlist.models.picture import by_hash
from waitlist.web.guards import Owner, guard
from waitlist.web.launches import launch_or_404
from waitlist.web.public.blueprint import blueprint


@blueprint.get("/w/<slug>/brand.css")
@guard(Owner.PUBLIC)
def brand_css(slug: str) -> Response:
    """The accent in shades that can be read; 404 where the launch has none."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    shades = palette(launch.accent or "")
    if shades is None:
        abort(404)
    text = (
        f":root {{ --brand: {shades.brand}; --brand-text: {shades.brand_text}; "
        f"--brand-dark: {shades.brand_dark}; --brand-dark-text: {shades.brand_dark_text}; }}\n"
    )
    response = Response(text, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/w/<slug>/pictures/<digest>")
@guard(Owner.PUBLIC)
def picture(slug: str, digest: str) -> Response:
    """A logo or picture, for ever: another one has another address."""
    with reading() as rx:
        found = one(rx, by_hash(launch_or_404(rx, slug).id, digest))
    if found is None:
        abort(404)
    response = Response(found.data, mimetype=found.mime)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@blueprint.get("/w/<slug>/card.png")
@guard(Owner.PUBLIC)
def card_picture(slug: str) -> Response:
    """The card for those who share the page, drawn anew when its words, colour or logo change."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
        logo = one(rx, by_hash(launch.id, launch.logo_hash)) if launch.logo_hash else None
    data = _draw(launch.name, launch.headline, launch.accent, logo.data if logo is not None else None)
    response = Response(data, mimetype="image/png")
    fresh = request.args.get("v") == card_version(launch)
    response.headers["Cache-Control"] = f"public, max-age={31536000 if fresh else 300}"
    return response


def card_version(launch: Launch) -> str:
    """Changes with everything that is drawn on the card."""
    drawn = "\0".join((launch.name, launch.headline, launch.accent or "", launch.logo_hash or ""))
    return hashlib.sha256(drawn.encode()).hexdigest()[:12]


@lru_cache(maxsize=32)
def _draw(name: str, headline: str, accent: str | None, logo: bytes | None) -> bytes:
    return pictures.card(name, headline, accent, logo)
