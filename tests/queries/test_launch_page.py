"""What a launch says of itself."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.gates import Sentence
from waitlist.models.condition import Condition
from waitlist.models.entry import Entry, State
from waitlist.models.launch import GateRevision, Launch, Question
from waitlist.queries import launch_page as pages
from waitlist.queries.launch_page import LaunchPage
from waitlist.services import launching

pytestmark = both


def page_of(world: World, launch: Launch) -> LaunchPage:
    with world.reading() as rx:
        return pages.launch_page(rx, launch, now=world.now)


def revise(world: World, launch: Launch, tree: dict[str, Any], note: str) -> Launch:
    with world.writing() as tx:
        row = {"launch_id": launch.id, "revision": 2, "tree": tree, "note": note}
        tx.execute(sa.insert(GateRevision).values(row | {"created_at": world.now, "created_by": str(TEAM)}))
        tx.execute(sa.update(Launch).where(Launch.id == launch.id).values(revision=2))
    return world.launch_of(launch.slug)


def test_the_rules_are_told_as_sentences(world: World) -> None:
    campus = world.launch()
    page = page_of(world, campus)
    assert page.rules == (Sentence("rule_domain", {"domains": ("college.edu",)}),)
    assert (page.condition, page.joining, page.interest) == (Condition.OPEN, True, False)


@pytest.mark.parametrize(("show", "people", "waiting"), [(True, 50, 50), (True, 49, None), (False, 50, None)])
def test_a_count_is_shown_from_fifty_people_on_and_only_when_asked_for(
    world: World, show: bool, people: int, waiting: int | None
) -> None:
    campus = world.launch(show_count=show)
    world.crowd(campus, people)
    page = page_of(world, campus)
    assert (page.waiting, page.in_line) == (waiting, people)


def test_who_comes_too_early_or_too_late_may_ask_to_be_told(world: World) -> None:
    later = world.launch("later", opens_at=world.now.replace(year=world.now.year + 1))
    full = world.launch("full", line_limit=1)
    world.waiting(full)
    assert (page_of(world, later).condition, page_of(world, later).interest) == (Condition.NOT_OPEN, True)
    assert (page_of(world, full).condition, page_of(world, full).interest) == (Condition.FULL, True)
    assert not page_of(world, world.launch("silent", line_limit=0, interest_open=False)).interest


def test_a_pause_gives_its_public_words(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        launching.pause(tx, campus, reason="load", public_reason="Back at noon.", actor=TEAM, now=world.now)
    page = page_of(world, campus)
    assert (page.condition, page.joining, page.hold_reason) == (Condition.PAUSED, False, "Back at noon.")


@pytest.mark.parametrize(
    ("tree", "referral", "invite"),
    [
        ({"kind": "referred"}, True, False),
        ({"kind": "all_of", "gates": [{"kind": "everyone"}, {"kind": "invited"}]}, False, True),
        ({"kind": "any_of", "gates": [{"kind": "everyone"}, {"kind": "referred"}]}, False, False),
    ],
)
def test_a_launch_knows_whether_a_link_or_an_invite_is_the_only_way(
    world: World, tree: dict[str, Any], referral: bool, invite: bool
) -> None:
    page = page_of(world, world.launch(tree=tree))
    assert (page.needs_referral, page.needs_invite) == (referral, invite)


def test_only_questions_asked_today_are_there(world: World) -> None:
    campus = world.launch()
    common = {"launch_id": campus.id, "key": "why", "kind": "one", "choices": ["fun", "work"], "ordinal": 1}
    with world.writing() as tx:
        tx.execute(sa.insert(Question).values(common | {"label": "Why?", "retired_at": world.now}))
        tx.execute(sa.insert(Question).values(common | {"label": "What for?", "version": 2, "required": True}))
    (asked,) = page_of(world, campus).questions
    assert (asked.label, asked.kind, asked.choices, asked.required) == ("What for?", "one", ("fun", "work"), True)


def test_how_the_line_works_tells_what_changed_and_since_when(world: World) -> None:
    campus = world.launch()
    with world.reading() as rx:
        assert pages.how_it_works(rx, campus).changes == ()
    world.later(days=3)
    revised = revise(world, campus, {"kind": "everyone"}, "Open to all campuses now.")
    with world.reading() as rx:
        how = pages.how_it_works(rx, revised)
    assert (how.revision, how.since, how.rules) == (2, world.now, (Sentence("rule_everyone"),))
    assert [change.note for change in how.changes] == ["Open to all campuses now."]


@pytest.mark.parametrize(("shares", "name", "shown"), [(True, "Carol Ann Fox", "Carol F."), (False, "Carol", "")])
def test_a_link_names_its_person_only_if_they_allow_it(world: World, shares: bool, name: str, shown: str) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL, name=name)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(share_name=shares))
    with world.reading() as rx:
        found = pages.inviter(rx, campus, carol.slug)
        assert found is not None
        assert (found.entry, found.name) == (carol.public_id, shown)
        assert pages.inviter(rx, campus, "00000000") is None


def test_a_removed_person_is_nobodys_inviter(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state=State.REMOVED))
    with world.reading() as rx:
        assert pages.inviter(rx, campus, carol.slug) is None
