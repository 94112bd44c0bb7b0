"""The page behind a problem document's `type`: what it means and what to do, for the developer who opens it."""

from flask import Blueprint, Response, abort

from waitlist.problems import KINDS
from waitlist.web.errors import error_page
from waitlist.web.guards import Owner, guard

blueprint = Blueprint("problems", __name__)


@blueprint.get("/problems/<kind>")
@guard(Owner.PUBLIC)
def show(kind: str) -> Response:
    """Explain one kind of problem."""
    if kind not in KINDS:
        abort(404)
    return error_page(200, kind.replace("-", " ").capitalize(), KINDS[kind], state="problem")
