"""The launch page and its referral links (P-01, P-02, P-08): what this is, whether I may get in, and the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, g, request, url_for

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.condition import Condition
from waitlist.models.entry import Entry, State, by_public_id, by_slug
from waitlist.models.launch import Launch
from waitlist.queries import attempts, launch_page, launches
from waitlist.queries.launch_page import Inviter, LaunchPage
from waitlist.runtime import runtime
from waitlist.web import devices, first_touch, markdown, visits
from waitlist.web.first_touch import Arrival
from waitlist.web.guards import Owner, guard
from waitlist.web.headers import allow_frame
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import page
from waitlist.web.public import brand, inbox
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import status_path
from waitlist.web.public.questions import AT_ONCE, filled
from waitlist.web.wording import rule


@dataclass(frozen=True)
class Front:
    """What the launch page shows to this visitor."""

    page: LaunchPage
    arrival: Arrival
    inviter: Inviter | None
    unknown_link: bool
    own_link: bool
    place: str | None  # the path of the status page of whom this browser proved


@blueprint.get("/")
@guard(Owner.PUBLIC)
def home() -> Response:
    """The only launch, or where to find one's place among several."""
    with reading() as rx:
        there = launches.all_launches(rx)
    if len(there) == 1:
        return show(there[0])
    return page("public/home.html", state="home", launches=[launch for launch in there if launch.listed])


@blueprint.get("/w/<slug>")
@guard(Owner.PUBLIC)
def launch(slug: str) -> Response:
    """P-01."""
    with reading() as rx:
        found = launch_or_404(rx, slug)
    return show(found)


@blueprint.get("/w/<slug>/join")
@guard(Owner.PUBLIC)
def join_form(slug: str) -> Response:
    """P-02 on a page of its own; who comes from "Use a different address" finds the rest still filled in."""
    with reading() as rx:
        found = launch_or_404(rx, slug)
        token = inbox.peek(found, clock.now())
        name, answers = attempts.typed(rx, found, token.attempt) if token is not None else ("", {})
        values = filled(launch_page.questions(rx, found), answers)
    values["name"] = name
    response = show(found, alone=True, values=values)
    g.private = token is not None
    return response


@blueprint.get("/r/<path:code>")
@guard(Owner.PUBLIC)
def referral(code: str) -> Response:
    """P-08: the launch page of whose link it is. Nothing is counted but a visit."""
    with reading() as rx:
        there = launches.all_launches(rx)
        entry = _behind(rx, code)
    found = [launch for launch in there if entry is not None and launch.id == entry.launch_id] or (
        list(there) if len(there) == 1 else []
    )
    if not found:
        return page("public/home.html", state="home", unknown_link=True, launches=[one for one in there if one.listed])
    return show(found[0], link=code)


def show(
    launch: Launch,
    *,
    status: int = 200,
    errors: Sequence[tuple[str, str]] = (),
    values: Any = None,
    alone: bool = False,
    refused: bool = False,
    link: str = "",
) -> Response:
    """The launch page: with `alone` the form only, with `values` the form filled again, with `refused` after a press
    that came at a time when nobody can join."""
    now = clock.now()
    front = _front(launch, link, now)
    if request.values.get("embed") == "1":
        allow_frame()
    shut_out = front.page.condition is Condition.OPEN and not errors and _way_in_missing(front)
    members = "invite-only" if front.page.needs_invite else "referral-only"
    response = page(
        "public/members_only.html" if shut_out else "public/launch.html",
        status=403 if shut_out else status,
        state=members if shut_out else front.page.condition,
        launch=launch,
        errors=errors,
        values=values if values is not None else {},
        alone=alone,
        refused=refused,
        now=now,
        **_context(launch, front),
    )
    if front.arrival.new and not front.unknown_link and not front.own_link:
        first_touch.keep(response, launch, front.arrival.touch)
    visits.note(launch.id, _source(front), now)
    return response


def _context(launch: Launch, front: Front) -> dict[str, Any]:
    """What the launch page shows of the launch and of this visitor."""
    return {
        "front": front,
        "rules": [rule(sentence) for sentence in front.page.rules if sentence.code != "rule_everyone"],
        "pitch": markdown.paragraphs(launch.pitch),
        "terms": front.page.terms,
        "faq": [(question, markdown.paragraphs(answer)) for question, answer in launch.faq],
        "card": runtime().settings.base_url
        + url_for("public.card_picture", slug=launch.slug, v=brand.card_version(launch)),
        "two_steps": len(front.page.questions) > AT_ONCE,
        "embed": request.values.get("embed") == "1",
        "canonical": runtime().settings.base_url + url_for("public.launch", slug=launch.slug),
    }


def _front(launch: Launch, link: str, now: datetime) -> Front:
    arrival = first_touch.arrival(launch, now, link=link)
    visitor = devices.visitor(launch)
    with reading() as rx:
        shown = launch_page.launch_page(rx, launch, now=now)
        slug = arrival.touch.slug
        inviter = launch_page.inviter(rx, launch, slug) if slug else None
        unknown = arrival.faulty or (bool(arrival.asked) and arrival.new and _nobody(rx, launch, slug))
        here = one(rx, by_public_id(launch.id, visitor)) if visitor else None
    there = here is not None and here.state not in (State.UNCONFIRMED, State.REMOVED)
    return Front(
        page=shown,
        arrival=arrival,
        inviter=inviter,
        unknown_link=unknown,
        own_link=there and here is not None and arrival.asked == here.slug,
        place=status_path(launch, here.public_id, here.link_version) if there and here is not None else None,
    )


def _way_in_missing(front: Front) -> bool:
    if front.page.needs_invite:
        return True
    return front.page.needs_referral and front.inviter is None


def _nobody(rx: Tx, launch: Launch, slug: str) -> bool:
    # Of somebody who was removed nothing is said: one joins without credit.
    return one(rx, by_slug(launch.id, slug)) is None


def _behind(rx: Tx, code: str) -> Entry | None:
    slug, faulty = first_touch.read(code)
    return None if faulty else one(rx, launches.entry_of_link(slug))


def _source(front: Front) -> str:
    if front.arrival.asked and not front.unknown_link:
        return "link"
    return front.arrival.touch.source.get("source", "direct")
