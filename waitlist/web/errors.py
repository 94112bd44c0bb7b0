"""Error pages: what happened, what to do next, and never a dead end. They work with the database away."""

import math
import re

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError, TooManyRequests

from waitlist.branding import Branding, recall
from waitlist.problems import machine_problem
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services.shelving import LaunchArchived

OURS = ("/api/", "/ofrep/")  # these answer errors in shapes of their own
_WORDS = {
    403: (
        "forbidden",
        N_("You cannot do this"),
        N_("You are signed in, and your role does not include this. An owner of the team can change that."),
    ),
    404: (
        "not_found",
        N_("Page not found"),
        N_("Check the address. If you pasted it, check you copied all of it."),
    ),
    405: (
        "method",
        N_("Open the page first"),
        N_("This address only works from its own page. Go back and press the button there."),
    ),
    413: (
        "too_large",
        N_("This is too large"),
        N_("Go back and send less at once, or a smaller file."),
    ),
    410: ("gone", N_("This is no longer here"), N_("What this link led to is over.")),
}
_FOREIGN = (
    "foreign",
    N_("Send this form from its own page"),
    N_("This form was sent from another website. Open the page here and send it again."),
)
_OTHERWISE = ("refused", N_("This did not work"), N_("Go back, check what you sent and try again."))
_SLUG = re.compile(r"/(?:admin/)?w/([a-z0-9][a-z0-9-]*)")


def init_errors(app: Flask) -> None:
    """Answer every error with a page (or, below /api, by the API's own handler)."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(LaunchArchived, _archived)
    app.register_error_handler(exc.OperationalError, _database_away)
    app.register_error_handler(exc.InterfaceError, _database_away)
    app.register_error_handler(exc.TimeoutError, _database_away)
    app.register_error_handler(Exception, _crash)


def error_page(status: int, title: str, text: str, *, state: str, waited: int | None = None) -> Response:
    """A page that says what happened. It asks no database: the face comes from the branding snapshot."""
    launch = _branding()
    body = render_template(
        "public/error.html", launch=launch, state=state, title=title, text=text, reference=_reference(status)
    )
    response = make_response(body, status)
    if waited is not None:
        response.headers["Retry-After"] = str(waited)
    return response


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):
        # No address can be made under a name that is not ours, so this is no page.
        text = "This name is not served here. Its operator can add it to WAITLIST_TRUSTED_HOSTS.\n"
        return Response(text, 400, mimetype="text/plain")
    if error.response is not None:
        return error.get_response()
    if request.path.startswith(OURS):
        kind = (error.name or "error").lower().replace(" ", "-")
        response = machine_problem(error.code or 500, kind, error.description or "")
    else:
        response = _http_page(error)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _http_page(error: HTTPException) -> Response:
    if isinstance(error, TooManyRequests):
        return _too_many(error.retry_after if isinstance(error.retry_after, int) else 60)
    status = error.code or 500
    state, title, text = _FOREIGN if error.description == "foreign" else _WORDS.get(status, _OTHERWISE)
    return error_page(status, gettext(title), gettext(text), state=state)


def _too_many(seconds: int) -> Response:
    minutes = math.ceil(seconds / 60)
    text = ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
    return error_page(429, gettext("Too many tries from this network"), text, state="too_many", waited=seconds)


def _archived(_outcome: LaunchArchived) -> ResponseReturnValue:
    if request.path.startswith(OURS):
        return machine_problem(409, "archived", "The launch was archived. Nothing happened.")
    text = gettext("It was put away, so nobody can get anything from it any more. Nothing was changed.")
    return error_page(409, gettext("This waitlist is over"), text, state="gone")


def _database_away(_error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("the database does not answer")
    if request.path.startswith(OURS):
        return machine_problem(503, "unavailable", "The database does not answer. Nothing was saved.")
    text = gettext("Nothing was saved. Try again in a few minutes: your link, your place and your invite stay.")
    return error_page(503, gettext("Sorry, this is unavailable for a moment"), text, state="unavailable", waited=60)


def _crash(_error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("a request failed")
    if request.path.startswith(OURS):
        return machine_problem(500, "internal-error", "What you sent was not saved.")
    text = gettext("What you sent was not saved. Try again; if it happens again, tell us the number below.")
    return error_page(500, gettext("Sorry, there is a problem"), text, state="crash")


def _branding() -> Branding | None:
    named = _SLUG.match(request.path)
    return recall(runtime().settings.instance, named[1]) if named else None


def _reference(status: int) -> str:
    """The number that stands on the page and in the log."""
    return g.get("request_id", "") if status >= 500 else ""
