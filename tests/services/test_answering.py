"""Answers and suggestions: kept once, in their newest words."""

from __future__ import annotations

import sqlalchemy as sa

from tests.parts import both
from tests.web.public.test_joining import ask
from tests.world import TEAM, World
from waitlist import db
from waitlist.models.launch import Question
from waitlist.models.upkeep import Observation
from waitlist.queries.answers import answers_of
from waitlist.services import answering, suggesting

pytestmark = both


def test_a_later_answer_replaces_an_earlier_one(world: World) -> None:
    campus = world.launch()
    ask(world, campus.id, {"key": "team"}, {"key": "days", "kind": "many", "choices": ["Mon", "Tue"]})
    carol = world.waiting(campus)
    team, days = (str(row.id) for row in world.rows(Question))
    for value in ("Red", "Blue"):
        with world.writing() as tx:
            answers = {team: value, days: ["Mon"]}
            answering.answer(tx, campus, carol.id, answers, actor=TEAM, now=world.now)
    with world.reading() as rx:
        assert answers_of(rx, carol.id) == {"team": "Blue", "days": ["Mon"]}
    assert len(world.events("answering.answered")) == 2


def test_a_mailbox_has_one_voice_for_a_domain(world: World) -> None:
    campus = world.launch()
    heard = []
    for abuse_key in ("a", "a", "b"):
        with world.writing() as tx:
            heard.append(suggesting.suggest(tx, campus, "other.edu", abuse_key=abuse_key, now=world.now))
    assert heard == [True, False, True]
    with world.reading() as rx:
        [row] = db.some(rx, sa.select(Observation))
    assert (row.name, row.n) == ("asked:other.edu", 2)
