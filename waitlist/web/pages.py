"""Making a page: one call for every template, with what all of them need."""

from collections.abc import Sequence
from typing import Any

from flask import Response, g, make_response, render_template, url_for

from waitlist.models.launch import Launch
from waitlist.web.forms import new_form_id

Errors = Sequence[tuple[str, str]]  # (field id, message)


def page(
    template: str,
    *,
    status: int = 200,
    state: str = "ok",
    launch: Launch | None = None,
    errors: Errors = (),
    private: bool = False,
    **context: Any,
) -> Response:
    """The rendered page. `state` is the word on `<main data-state>`; `private` marks pages whose address is a secret:
    never stored, never indexed, and no other site learns where somebody came from.

    Templates make their form ids with `form_id("purpose")`.
    """
    text = render_template(
        template,
        launch=launch,
        state=state,
        errors=list(errors),
        brand_css=url_for("public.brand_css", slug=launch.slug) if launch is not None and launch.accent else None,
        form_id=lambda purpose: new_form_id(purpose, launch.public_id if launch else ""),
        **context,
    )
    response = make_response(text, status)
    g.private = private
    return response
