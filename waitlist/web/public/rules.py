"""How this line works (P-14) and privacy (P-20): written from the live rules and from what is stored."""

from flask import Response

from waitlist import clock
from waitlist.db import reading
from waitlist.queries import launch_page, privacy
from waitlist.web.guards import Owner, guard
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.wording import rule


@blueprint.get("/w/<slug>/how-it-works")
@guard(Owner.PUBLIC)
def how_it_works(slug: str) -> Response:
    """The rules in force in sentences, with their version and what changed."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
        works = launch_page.how_it_works(rx, launch)
        shown = launch_page.launch_page(rx, launch, now=clock.now())
    rules = [rule(sentence) for sentence in works.rules]
    plan = [(stage, None if sentence is None else rule(sentence)) for stage, sentence in works.stages]
    return page(
        "public/how_it_works.html",
        state="how-it-works",
        launch=launch,
        works=works,
        rules=rules,
        plan=plan,
        page=shown,
        tz=launch.tz,
        now=clock.now(),
    )


@blueprint.get("/w/<slug>/privacy")
@guard(Owner.PUBLIC)
def privacy_page(slug: str) -> Response:
    """What is kept of a person, for how long, and who sees it."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
        kept = privacy.privacy(rx, launch)
    return page("public/privacy.html", state="privacy", launch=launch, kept=kept)
