"""Grace asks people things, changes her words, and the old answers stay true."""

from __future__ import annotations

from tests.parts import both
from tests.world import TEAM, World
from waitlist.models.launch import Launch, Question
from waitlist.services import questioning
from waitlist.services.questioning import Wording

pytestmark = both
WHY = Wording(None, "short", "Why do you join?")
YEAR = Wording(None, "one", "Which year are you in?", required=True, choices=("First", "Second"))


def put(world: World, launch: Launch, *wordings: Wording) -> int:
    with world.writing() as tx:
        return questioning.put(tx, launch, wordings, actor=TEAM, now=world.now)


def asked(world: World) -> list[Question]:
    return sorted((row for row in world.rows(Question) if row.retired_at is None), key=lambda row: row.ordinal)


def again(question: Question, **changed: object) -> Wording:
    names = ("key", "kind", "label", "hint", "required", "longest")
    values = {name: getattr(question, name) for name in names} | {"choices": tuple(question.choices)}
    return Wording(**values | changed)


def test_questions_are_asked_in_their_order(world: World) -> None:
    campus = world.launch()
    assert put(world, campus, WHY, YEAR) == 2
    assert [(row.label, row.version, row.choices) for row in asked(world)] == [
        ("Why do you join?", 1, []),
        ("Which year are you in?", 1, ["First", "Second"]),
    ]


def test_another_order_or_hint_is_no_new_version_and_other_words_are(world: World) -> None:
    campus = world.launch()
    put(world, campus, WHY, YEAR)
    why, year = asked(world)
    assert put(world, campus, again(year, hint="This term"), again(why, required=True)) == 0
    assert [(row.id, row.ordinal, row.required) for row in asked(world)] == [(year.id, 1, True), (why.id, 2, True)]
    assert put(world, campus, again(why, label="Why now?"), again(year)) == 1
    newer = asked(world)[0]
    assert (newer.key, newer.version, newer.label) == (why.key, 2, "Why now?")
    assert [row.retired_at for row in world.rows(Question) if row.id == why.id] == [world.now]


def test_what_is_left_out_is_retired(world: World) -> None:
    campus = world.launch()
    put(world, campus, WHY, YEAR)
    put(world, campus)
    assert asked(world) == []
    assert world.events("questioning.put")[-1].data == {"questions": 0, "new": 0, "retired": 2}
