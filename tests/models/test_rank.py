"""Places are exact: whatever happened to the line, the quick answer is the one that counting everybody gives."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parts import both
from tests.world import CAROL, World
from waitlist import db
from waitlist.models.entry import FIRST_NUMBER, Entry
from waitlist.models.launch import Launch
from waitlist.models.rank import (
    GAP_BITS,
    TOP_SCORE,
    Band,
    RankCell,
    RankDelta,
    Standing,
    arrival_key,
    by_window,
    entry_at,
    pack,
    place_of,
    standing_of,
    total_of,
)
from waitlist.services import ranking

pytestmark = both

STEPS = st.lists(
    st.tuples(st.sampled_from(["come", "come", "come", "go", "back", "score", "move", "fold"]), st.integers(0, 30)),
    min_size=1,
    max_size=40,
)


class Line:
    """A line that people walk into and out of, with the verbs of ranking alone."""

    def __init__(self, tx: db.Tx, launch: Launch, line_id: int) -> None:
        self.tx, self.launch, self.line_id = tx, launch, line_id
        self.inside: list[int] = []
        self.outside: list[int] = []

    def come(self, _n: int) -> None:
        number = ranking.next_number(self.tx)
        key = ranking.key_for(score=0, sequence=number)
        name = f"p{number}@college.edu"
        row = {"line_id": self.line_id, "launch_id": self.launch.id, "sequence": number, "rank_key": key}
        person = {"email": name, "email_key": name, "email_abuse_key": name, "domain": "college.edu", "slug": name}
        stood = {"public_id": name, "state": "waiting", "state_at": self.launch.created_at, "state_by": "x"}
        rest = {"created_at": self.launch.created_at, "ticket": 1, "arm_ticket": 1, "confirmed_no": number}
        made = sa.insert(Entry).values(**row, **person, **stood, **rest).returning(Entry.id)
        self.inside.append(self.tx.execute(made).scalar_one())
        ranking.came(self.tx, self.line_id, rank_key=key, sequence=number)

    def go(self, n: int) -> None:
        if self.inside:
            entry = self._entry(self.inside.pop(n % len(self.inside)))
            self._change(entry, state="lapsed")
            ranking.went(self.tx, self.line_id, rank_key=entry.rank_key or 0, sequence=entry.sequence or 0)
            self.outside.append(entry.id)

    def back(self, n: int) -> None:
        if self.outside:
            entry = self._entry(self.outside.pop(n % len(self.outside)))
            key = ranking.free_key(self.tx, self.line_id, entry.rank_key or 0)
            self._change(entry, state="waiting", rank_key=key)
            change = ranking.Change(key, entry.sequence or 0, 1)
            ranking.came_and_went(self.tx, self.line_id, [change])
            self.inside.append(entry.id)

    def score(self, n: int) -> None:
        if self.inside:
            entry = self._entry(self.inside[n % len(self.inside)])
            key = ranking.free_key(
                self.tx, self.line_id, ranking.key_for(score=entry.score + n, sequence=entry.sequence or 0)
            )
            self._shift(entry, key, score=entry.score + n)

    def move(self, n: int) -> None:
        """By hand, right behind somebody."""
        if self.inside:
            entry = self._entry(self.inside[n % len(self.inside)])
            before = self._entry(self.inside[(n * 7) % len(self.inside)])
            self._shift(entry, ranking.free_key(self.tx, self.line_id, (before.rank_key or 0) + 1))

    def fold(self, _n: int) -> None:
        ranking.fold(self.tx, self.line_id)

    def _shift(self, entry: Entry, key: int, **values: Any) -> None:
        if key != entry.rank_key:
            self._change(entry, rank_key=key, **values)
            ranking.shifted(self.tx, self.line_id, old=entry.rank_key or 0, new=key)

    def _entry(self, entry_id: int) -> Entry:
        found = db.one(self.tx, sa.select(Entry).where(Entry.id == entry_id))
        assert found is not None
        return found

    def _change(self, entry: Entry, **values: Any) -> None:
        self.tx.execute(sa.update(Entry).where(Entry.id == entry.id).values(**values))


def check(tx: db.Tx, line_id: int) -> None:
    """Every way of reading a place equals the definition."""
    true = {row[0]: row[1] for row in tx.execute(by_window(line_id))}
    assert total_of(tx, line_id) == len(true)
    sequence = {row.id: row.sequence for row in tx.execute(sa.select(Entry.id, Entry.sequence))}
    arrivals = {entry_id: n for n, entry_id in enumerate(sorted(true, key=lambda one: sequence[one]), 1)}
    for entry_id, place in true.items():
        assert place_of(tx, entry_id) == place
        standing = standing_of(tx, entry_id)
        assert standing == Standing(place=place, arrival=arrivals[entry_id], total=len(true))
        assert standing.arrival + standing.points == place


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_history_leads_to_a_wrong_place(world: World, steps: list[tuple[str, int]]) -> None:
    campus = world.launch(f"campus-{sum(1 for _ in world.rows(Launch))}", None)
    with world.writing() as tx:
        line_id = tx.execute(sa.text("SELECT max(id) FROM line WHERE key = 'main'")).scalar_one()
        line = Line(tx, campus, line_id)
        for step, n in steps:
            getattr(line, step)(n)
        check(tx, line_id)
        assert ranking.recount(tx, line_id) == 0
        check(tx, line_id)


def test_a_place_is_found_in_a_long_line_and_deltas_fold_by_themselves(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        line_id = tx.execute(sa.text("SELECT id FROM line WHERE key = 'main'")).scalar_one()
        line = Line(tx, campus, line_id)
        for n in range(300):
            line.come(n)
        assert tx.scalar(sa.select(sa.func.count()).select_from(RankDelta)) < 2 * ranking.FOLD_EVERY
        line.go(5)
        check(tx, line_id)
        assert ranking.lines_to_fold(tx) == [line_id]
        assert ranking.fold(tx, line_id) > 0
        assert ranking.lines_to_fold(tx) == []
        check(tx, line_id)


def test_wrong_cells_are_found_and_put_right(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 3)
    line_id = people[0].line_id
    with world.writing() as tx:
        assert ranking.recount(tx, line_id) == 0
        tx.execute(sa.update(RankCell).where(RankCell.level == 0, RankCell.board == 0).values(n=RankCell.n + 1))
        tx.execute(sa.delete(RankCell).where(RankCell.level == 1, RankCell.board == 1))
    with world.writing() as tx:
        assert ranking.recount(tx, line_id) == 2
        assert ranking.recount(tx, line_id) == 0
        check(tx, line_id)


def test_nobody_outside_the_line_has_a_place(world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    with world.reading() as rx:
        entry_id = world.entry(CAROL).id
        assert (place_of(rx, entry_id), standing_of(rx, entry_id), place_of(rx, 999)) == (None, None, None)
        assert total_of(rx, 999) == 0


def test_the_key_at_a_place_is_read_from_the_line(world: World) -> None:
    people = world.crowd(world.launch(), 3)
    with world.reading() as rx:
        assert [entry_at(rx, people[0].line_id, place) for place in (1, 3, 4)] == [
            people[0].rank_key,
            people[2].rank_key,
            None,
        ]


def test_keys_sort_by_band_then_score_then_confirmation(engine: str) -> None:
    keys = [
        pack(band=Band.FRONT, score=0, sequence=9),
        pack(band=Band.VIP, score=0, sequence=5),
        pack(band=Band.LINE, score=TOP_SCORE + 9, sequence=7),
        pack(band=Band.LINE, score=2, sequence=8),
        pack(band=Band.LINE, score=2, sequence=9),
        pack(band=Band.LINE, score=0, sequence=1),
        pack(band=Band.LINE, score=-3, sequence=2),
    ]
    assert keys == sorted(set(keys))
    assert keys[-1] < 2**62
    assert arrival_key(3) == 3 << GAP_BITS
    for sequence in (-1, 2**28):
        with pytest.raises(ValueError, match="28 bits"):
            pack(band=Band.LINE, score=0, sequence=sequence)


def test_numbers_are_given_once_and_start_above_every_import(world: World) -> None:
    numbers = []
    for _ in range(3):
        with world.writing() as tx:
            numbers.append(ranking.next_number(tx))
    assert numbers == [FIRST_NUMBER, FIRST_NUMBER + 1, FIRST_NUMBER + 2]
