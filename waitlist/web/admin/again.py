"""Sending again: a form that came too late loses nothing of what was typed. It comes back, filled, to be sent again."""

from typing import cast

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError

from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose
from waitlist.web.pages import page


def init_again(app: Flask) -> None:
    """Answer an admin form that belongs to an earlier session with the form itself."""
    app.register_error_handler(CSRFError, _other_session)


def again_page(form_id: str = "") -> Response:
    """What was typed, with a fresh form around it; 422, nothing was done. It keeps its id unless one is given."""
    return _page(form_id, signed_in=True)


def signed_out_page() -> Response:
    """The same for somebody who is signed out: sign in beside this page, then send it again."""
    return _page("", signed_in=False)


def sign_path(path: str) -> str:
    """Where somebody wanted to go, as a value that only we can make: nobody can send people elsewhere with it."""
    return runtime().tokens.sign_data(Purpose.FORM, ["to", path])


def read_path(signed: str) -> str | None:
    """The path behind `sign_path`, or None for anything else."""
    try:
        data = runtime().tokens.read_data(Purpose.FORM, signed)
    except BadToken:
        return None
    match data:
        case ["to", str(path)]:
            return path
    return None


def _other_session(error: CSRFError) -> Response:
    if request.path.startswith("/admin"):
        return again_page()
    return cast(Response, error.get_response())


def _page(form_id: str, *, signed_in: bool) -> Response:
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "form_id")]
    return page(
        "admin/again.html",
        status=422,
        state="timed_out",
        private=True,
        kept=[*kept, ("form_id", form_id or request.form.get("form_id", ""))],
        shown=[(name, value) for name, value in kept if "password" not in name and value],
        signed_in=signed_in,
    )
