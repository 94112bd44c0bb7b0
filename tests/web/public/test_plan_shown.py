"""What people read of a rollout: a stage that lets them in, one that will, and the plan on "How this line works"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from tests.world import ALICE, TEAM, World
from waitlist.models.launch import Launch
from waitlist.services import staging
from waitlist.tokens import Purpose

CAMPUS = {"kind": "domain", "domains": ["college.edu"]}


def plan(world: World, launch: Launch, key: str, tree: dict[str, Any] | None, **more: Any) -> None:
    with world.writing() as tx:
        staging.add(tx, launch, staging.Draft(key, tree, **more), actor=TEAM, now=world.now)


def page_of(world: World, client: FlaskClient, launch: Launch, email: str) -> str:
    entry = world.entry(email, launch)
    token = world.runtime.tokens.sign(Purpose.STATUS, launch.public_id, entry.public_id, entry.link_version)
    with world.clock():
        return str(client.get(f"/s/{token}").text)


def test_somebody_in_an_open_stage_reads_that_they_are_in_before_any_product_asks(
    world: World, client: FlaskClient
) -> None:
    launch = world.launch(domain=None)
    for email in (ALICE, "dave@elsewhere.edu"):
        world.waiting(launch, email)
    assert "You are in line" in page_of(world, client, launch, ALICE)
    plan(world, launch, "campus", CAMPUS, starts_at=world.now)
    assert "<h1>You are in</h1>" in page_of(world, client, launch, ALICE)
    assert "You are in line" in page_of(world, client, launch, "dave@elsewhere.edu")


def test_whoever_confirms_into_an_open_stage_is_in_whatever_the_rules_say_later(
    world: World, client: FlaskClient
) -> None:
    launch = world.launch(domain=None)
    plan(world, launch, "campus", CAMPUS, starts_at=world.now)
    asked = world.join(launch, ALICE)
    token = world.runtime.tokens.sign(Purpose.CONFIRM, launch.public_id, asked.attempt, 1)
    with world.clock():
        assert client.post(f"/c/{token}").status_code == 303
    inside = world.admission(ALICE)
    assert inside is not None
    assert (inside.via, inside.seat) == ("rule", False)
    with world.writing() as tx:
        staging.pause(tx, launch, "campus", reason="x", actor=TEAM, now=world.now)
    assert "<h1>You are in</h1>" in page_of(world, client, launch, ALICE)


def test_a_stage_with_a_date_is_named_to_whom_it_means_and_only_where_the_team_shows_it(
    world: World, client: FlaskClient
) -> None:
    launch = world.launch(domain=None, show_plan=True)
    for email in (ALICE, "dave@elsewhere.edu"):
        world.waiting(launch, email)
    ahead = world.now + timedelta(days=3)
    plan(world, launch, "campus", CAMPUS, starts_at=ahead, name="The campus", mode="release")
    assert "You belong to “The campus”, which begins on" in page_of(world, client, launch, ALICE)
    assert "No date yet." in page_of(world, client, launch, "dave@elsewhere.edu")
    others = {"kind": "domain", "domains": ["elsewhere.edu"]}
    plan(world, launch, "others", others, starts_at=ahead)
    assert "“others” opens to you on" in page_of(world, client, launch, "dave@elsewhere.edu")
    quiet = world.launch("quiet", domain=None)
    world.waiting(quiet, ALICE)
    plan(world, quiet, "campus", CAMPUS, starts_at=ahead)
    assert "No date yet." in page_of(world, client, quiet, ALICE)


def test_how_this_line_works_tells_the_plan_step_by_step(world: World, client: FlaskClient) -> None:
    launch = world.launch(domain=None, show_plan=True)
    assert "Step by step" not in client.get("/w/campus/how-it-works").text
    plan(world, launch, "vip", {"kind": "listed", "list": "vip"}, mode="release", kind="vip", starts_at=world.now)
    plan(world, launch, "campus", CAMPUS, mode="redeem")
    plan(world, launch, "rest", None, starts_at=world.now + timedelta(days=1))
    plan(world, launch, "never", CAMPUS)
    with world.writing() as tx:
        staging.skip(tx, launch, "never", actor=TEAM, now=world.now)
    told = client.get("/w/campus/how-it-works").text
    for words in (
        "VIPs.",
        "People are invited in waves.",
        "@college.edu",
        "People come in by an invite.",
        "rules above",
    ):
        assert words in told
    assert "never" not in told.partition('data-testid="plan"')[2].partition("</section>")[0]
    hidden = world.launch("hidden", domain=None, domains_shown=False)
    plan(world, hidden, "campus", CAMPUS)
    assert "college.edu" not in client.get("/w/hidden/how-it-works").text
