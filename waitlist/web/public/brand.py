"""A launch's own colour as a stylesheet: four properties and nothing else."""

from flask import Response, abort

from waitlist.colours import palette
from waitlist.db import reading
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
