"""The people table reads along an index, whichever way it is asked: nobody waits for a walk over everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bench import listing, seeding
from tests.parts import both
from tests.world import World
from waitlist import db
from waitlist.db import Tx
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite, meant_for
from waitlist.models.launch import Launch
from waitlist.models.looking import Filter
from waitlist.queries import people, trends

pytestmark = both
MANY = 4_000


def fill(world: World, launch: Launch) -> None:
    """Rows as many as a planner needs to prefer an index, with one person of each kind that is looked for."""
    model = world.waiting(launch, "model@college.edu")
    shared = {column.key: getattr(model, column.key) for column in Entry.__table__.columns if column.key != "id"}
    rows = []
    for n in range(1, MANY):
        own = {"public_id": f"ent_{n}", "slug": f"S{n}", "email": f"p{n}@college.edu", "email_key": f"p{n}@college.edu"}
        own |= {"confirmed_no": shared["confirmed_no"] + n, "rank_key": shared["rank_key"] + (n << 20)}
        own |= {"domain": "rare.example" if n % 1_000 == 0 else "college.edu", "state": State.WAITING}
        rows.append(shared | own)
    with world.writing() as tx:
        tx.execute(sa.insert(Entry), rows)
        tx.execute(sa.text("ANALYZE"))


def plans(rx: Tx, launch: Launch, asked: Filter, sort: str, *, few: bool) -> list[str]:
    """How the engine finds each piece of a page, as it explains it itself."""
    explained: list[str] = []

    def explain(conn: Tx, statement: sa.ClauseElement, *_rest: object) -> None:
        text = str(statement.compile(conn, compile_kwargs={"literal_binds": True}))
        if "FROM entry" in text and "EXPLAIN" not in text and "count(" not in text and "ORDER BY" in text:
            word = "EXPLAIN" if conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
            rows = conn.exec_driver_sql(f"{word} {text}".replace("%", "%%")).all()
            explained.append(" / ".join(str(row[-1]) for row in rows))

    sa.event.listen(rx, "before_execute", explain)
    people.read(rx, launch.id, asked, sort, "", 51, few=few)
    sa.event.remove(rx, "before_execute", explain)
    return explained


@pytest.mark.parametrize(
    ("asked", "sort", "index"),
    [
        (Filter(), "place", "ix_entry_in_line"),
        (Filter(), "joined", "ix_entry_newest|pk_entry|PRIMARY KEY"),
        (Filter(), "friends", "ix_entry_most_friends"),
        (Filter(), "email", "uq_entry_launch_id_email_key|sqlite_autoindex_entry|ix_entry_prefix|ix_entry_words"),
        (Filter(domain="rare.example"), "joined", "ix_entry_domain"),
        (Filter(domain="rare.example"), "place", "ix_entry_domain"),
        (Filter(prefix="p399"), "joined", "ix_entry_prefix|sqlite_autoindex_entry"),
        (Filter(prefix="p399"), "place", "ix_entry_prefix|sqlite_autoindex_entry"),
    ],
)
def test_a_page_is_read_along_an_index(world: World, asked: Filter, sort: str, index: str) -> None:
    campus = world.launch()
    fill(world, campus)
    with world.reading() as rx:
        page = people.table(rx, campus.id, asked, sort=sort, after="", size=50, now=world.now)
        found = plans(rx, campus, asked, sort, few=page.total < 100)
        assert found
        for plan in found[:1]:
            assert any(name in plan for name in index.split("|")), plan
            assert "OFFSET" not in plan
    assert page.rows


# A piece of a plan that reads everybody's row; walks over an index alone are another thing.
WHOLE_TABLE = re.compile(
    r"Seq Scan on (entry|message|invite|credit|redemption)\b|SCAN (entry|message|invite)\b(?! USING)"
)
BY_DAY = re.compile(r"ix_entry_created|ix_entry_confirmed|ix_invite_created|ix_redemption_launch")


def explained(rx: Tx, look: Callable[[], object]) -> list[str]:
    """The plan of every statement that this look makes."""
    plans: list[str] = []

    def explain(conn: Tx, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            word = "EXPLAIN" if conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
            own = cursor.connection.cursor()
            plans.append(" / ".join(str(row[-1]) for row in own.execute(f"{word} {statement}", parameters).fetchall()))

    sa.event.listen(rx, "before_cursor_execute", explain)
    look()
    sa.event.remove(rx, "before_cursor_execute", explain)
    return plans


@pytest.fixture
def filled(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Four thousand people, and what counts as few of them in the proportion of a million."""
    monkeypatch.setattr(people, "FEW", 20)
    monkeypatch.setattr(people, "SOME", 400)
    with world.writing() as tx:
        seeding.fill(tx, MANY, now=world.now)
        if tx.dialect.name == "postgresql":  # SQLite's planner has no statistics in production either
            tx.execute(sa.text("ANALYZE"))
    return world


def test_no_filter_of_the_table_and_no_number_of_the_overview_reads_everybody(filled: World) -> None:
    campus, now = filled.launch_of(seeding.SLUG), filled.now
    week = Filter(joined_from=now - timedelta(days=50), joined_to=now - timedelta(days=43))
    with filled.reading() as rx:
        if rx.dialect.name == "postgresql":  # so few rows are read at once whatever stands beside them
            rx.execute(sa.text("SET LOCAL enable_seqscan = off"))
        looks: dict[str, Callable[[], object]] = {
            name: lambda asked=asked, sort=sort: people.table(  # type: ignore[misc]
                rx, campus.id, asked, sort=sort, after="", size=50, now=now
            )
            for name, asked in (listing.FILTERS | {"a week": week}).items()
            for sort in people.SORTS
        }
        looks["overview"] = lambda: trends.trends(rx, campus, now, days=30)
        wrong = {name: plan for name, look in looks.items() for plan in explained(rx, look) if WHOLE_TABLE.search(plan)}
    assert wrong == {}


def test_a_walk_over_everybody_would_be_noticed(filled: World) -> None:
    with filled.reading() as rx:
        everybody = sa.select(sa.func.count()).where(Entry.language == "xx")
        assert any(WHOLE_TABLE.search(plan) for plan in explained(rx, lambda: rx.scalar(everybody)))


def test_each_day_of_the_overview_is_counted_in_an_index_of_its_moments(filled: World) -> None:
    campus = filled.launch_of(seeding.SLUG)
    with filled.reading() as rx:
        if rx.dialect.name == "postgresql":
            rx.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plans = explained(rx, lambda: trends.trends(rx, campus, filled.now, days=30))
    assert [plan for plan in plans[: len(trends.TOLD)] if not BY_DAY.search(plan)] == []


def test_what_was_meant_for_somebody_is_found_by_their_entry_and_their_address(filled: World) -> None:
    campus = filled.launch_of(seeding.SLUG)
    with filled.reading() as rx:
        bob = db.one(rx, sa.select(Entry).where(Entry.state == State.INVITED).limit(1))
        assert bob is not None
        theirs = sa.select(Invite).where(meant_for(campus.id, bob.id, [bob.email_key]), Invite.ended_at.is_(None))
        assert [invite.entry_id for invite in db.some(rx, theirs)] == [bob.id]
        (plan,) = explained(rx, lambda: rx.execute(theirs))
        assert "ix_invite_entry_id" in plan, plan
        assert "ix_invite_address" in plan, plan
