"""A link that is not one of ours: what to check, and the way to a new one (P-04, P-05, G20)."""

from flask import Response
from flask_babel import gettext

from waitlist.db import reading
from waitlist.models.launch import Launch
from waitlist.queries import launches
from waitlist.web.pages import page


def check_the_link() -> Response:
    """404: altered or never ours."""
    return _page(
        404, "unknown-link", gettext("Check the link"), gettext("If you pasted it, check you copied all of it.")
    )


def no_such_place(launch: Launch | None = None) -> Response:
    """404: nobody, or nobody any more."""
    text = gettext("The link may be incomplete, or what it led to was erased. We can e-mail you a new one.")
    return _page(404, "no-place", gettext("We cannot find this place"), text, launch)


def newer_link(launch: Launch) -> Response:
    """410: the person made a newer private link."""
    text = gettext("The link you opened stopped working then. We can e-mail you the newest one.")
    return _page(410, "rotated", gettext("You made a newer private link"), text, launch)


def _page(status: int, state: str, title: str, text: str, launch: Launch | None = None) -> Response:
    if launch is None:
        with reading() as rx:
            there = launches.all_launches(rx)
        launch = there[0] if len(there) == 1 else None  # an unreadable link names no launch, so it asks for one
    return page(
        "public/lost.html", status=status, state=state, launch=launch, private=True, title=title, text=text, errors=()
    )
