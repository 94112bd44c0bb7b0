"""The leaderboard (P-07), where a launch has one."""

from flask import Response, abort, request, url_for

from waitlist.db import reading
from waitlist.i18n import page_locale
from waitlist.queries import leaderboard as boards
from waitlist.web import devices
from waitlist.web.guards import Owner, guard
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint


@blueprint.get("/w/<slug>/leaderboard")
@guard(Owner.PUBLIC)
def leaderboard(slug: str) -> Response:
    """Who brought most friends; my own row with its neighbours, where this browser is mine."""
    number = max(1, request.args.get("page", 1, type=int))
    with reading() as rx:
        launch = launch_or_404(rx, slug)
        if not launch.leaderboard:
            abort(404)
        board = boards.leaderboard(rx, launch, number, str(page_locale()), visitor=devices.visitor(launch))
    pages = {
        "number": min(number, board.last),
        "last": board.last,
        "total": board.total,
        "href": lambda n: url_for("public.leaderboard", slug=slug, page=n),
    }
    state = "leaderboard" if board.enough else "too-few"
    return page("public/leaderboard.html", state=state, launch=launch, board=board, pages=pages)
