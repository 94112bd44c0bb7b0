"""The rules ask for more than an address: what somebody answered, what is known of them, and what is not known yet."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, World
from waitlist.gates.answers import Trust
from waitlist.models.entry import StoredFact
from waitlist.models.launch import INTEREST, Launch, Line, Question
from waitlist.services.joining import NotEligible

pytestmark = both

GERMANY = {"kind": "country", "countries": ["DE"]}


def learn(world: World, email: str, country: str) -> None:
    fact = {"name": "country", "value": country, "trust": int(Trust.AUTHORITATIVE), "source": "import"}
    with world.writing() as tx:
        row = fact | {"entry_id": world.entry(email).id, "observed_at": world.now}
        tx.execute(sa.insert(StoredFact).values(row))


def line_of(world: World, email: str) -> str:
    with world.reading() as rx:
        return str(rx.scalar(sa.select(Line.key).where(Line.id == world.entry(email).line_id)))


def test_who_lives_where_the_rules_say_comes_in_by_an_invite(world: World) -> None:
    campus = world.launch(tree=GERMANY)
    world.waiting(campus, ALICE)
    world.waiting(campus, BOB)
    learn(world, ALICE, "DE")
    learn(world, BOB, "FR")
    link = world.issue(campus, uses=2)
    assert world.redeem(campus, link, ALICE).first
    with pytest.raises(NotEligible):
        world.redeem(campus, link, BOB)


def test_what_is_not_known_yet_takes_nobody_the_place_and_lets_nobody_in(world: World) -> None:
    campus = world.launch(tree=GERMANY)
    world.waiting(campus, CAROL)
    assert (world.entry(CAROL).state, line_of(world, CAROL)) == ("waiting", "main")
    with pytest.raises(NotEligible):
        world.redeem(campus, world.issue(campus, uses=2), CAROL)


def question(world: World, campus: Launch) -> str:
    row = {"launch_id": campus.id, "key": "team", "kind": "one", "label": "Which team?", "choices": ["Red", "Blue"]}
    row |= {"ordinal": 1, "version": 1, "required": False}
    with world.writing() as tx:
        return str(tx.execute(sa.insert(Question).values(row).returning(Question.id)).scalar_one())


def test_an_answer_on_the_form_counts_at_once(world: World) -> None:
    campus = world.launch(tree={"kind": "answered", "question": "team", "choices": ["Red"]})
    team = question(world, campus)
    world.waiting(campus, ALICE, answers={team: "Red"})
    assert line_of(world, ALICE) == "main"
    with pytest.raises(NotEligible):
        world.join(campus, BOB, answers={team: "Blue"})
    world.waiting(campus, DAVE)
    assert line_of(world, DAVE) != INTEREST, "who did not answer yet may still do so"


def test_whoever_came_by_a_friends_link_may_accept_the_invite_of_a_wave(world: World) -> None:
    campus = world.launch(tree={"kind": "referred"})
    alice = world.member(campus, ALICE, overrides_rules=True)
    world.waiting(campus, BOB, by=alice)
    world.release(campus, 1)
    assert world.redeem(campus, world.invite_of(BOB), BOB).first
