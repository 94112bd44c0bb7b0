"""The people table reads along an index, whichever way it is asked: nobody waits for a walk over everybody."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import World
from waitlist.db import Tx
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.looking import Filter
from waitlist.queries import people

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
        (Filter(), "email", "uq_entry_launch_id_email_key|sqlite_autoindex_entry|ix_entry_prefix"),
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
