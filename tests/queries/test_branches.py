"""Who brought whom is read a piece at a time, however long or broad the tree is, on both engines."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from tests.world import CAROL, World
from waitlist.models.entry import Entry
from waitlist.queries import branches
from waitlist.web.tree_picture import draw

both = pytest.mark.parametrize("engine", ["sqlite", "postgres"])
LONG = 10_000


def plant(world: World, carol: Entry, n: int, *, chain: bool) -> list[int]:
    """`n` people below Carol, one below the other or all of them directly."""
    columns = {column.name for column in Entry.__table__.columns}
    with world.writing() as tx:
        row = dict(tx.execute(sa.select(Entry.__table__).where(Entry.id == carol.id)).mappings().one())
        first = int(tx.scalar(sa.select(sa.func.max(Entry.id))) or 0) + 1
        number = int(row["confirmed_no"])
        rows = []
        for i in range(n):
            own = {"id": first + i, "public_id": f"p{i}", "email": f"p{i}@x.org", "email_key": f"p{i}@x.org"}
            own |= {"email_abuse_key": f"k{i}", "slug": f"s{i}", "confirmed_no": number + i + 1, "rank_key": None}
            up = {"referrer_id": first + i - 1, "referrer_no": number + i}
            if i == 0 or not chain:
                up = {"referrer_id": carol.id, "referrer_no": number}
            rows.append({name: row[name] for name in columns} | own | up)
        tx.execute(sa.insert(Entry.__table__), rows)
        tx.execute(sa.text("ANALYZE"))  # as a database that has been running for a while knows its tables
    return [int(row["id"]) for row in rows]


@both
def test_a_chain_of_ten_thousand_levels_is_answered_in_bounded_time(world: World) -> None:
    launch = world.launch()
    carol = world.waiting(launch)
    ids = plant(world, carol, LONG, chain=True)
    began = time.perf_counter()
    with world.reading() as rx:
        root = branches.branch(rx, carol.id)
        size = branches.below(rx, carol.id)
        assert branches.is_below(rx, ids[-1], carol.id)
        assert not branches.is_below(rx, carol.id, ids[-1])
    took = time.perf_counter() - began
    assert root is not None
    shown = list(root.walk())
    assert [twig.id for twig in shown] == [carol.id, *ids[:3]]
    assert (shown[-1].joins, shown[-1].more, shown[-1].below) == (1, 1, [])
    assert size == branches.Size(people=2_000, levels=2_001, more=True)
    assert took < 3  # 0.05 s on an idle machine; a statement for each level would take minutes


@both
def test_somebody_with_many_friends_shows_them_a_page_at_a_time(world: World) -> None:
    launch = world.launch()
    carol = world.waiting(launch)
    ids = plant(world, carol, 120, chain=False)
    with world.reading() as rx:
        pages = [branches.branch(rx, carol.id, after=after) for after in (0, ids[49], ids[99])]
        nobody = branches.branch(rx, 10**9)
        size = branches.below(rx, carol.id)
    assert [(len(page.below), page.more, page.joins) for page in pages if page] == [
        (50, 70, 120),
        (50, 20, 120),
        (20, 0, 120),
    ]
    assert nobody is None
    assert size == branches.Size(people=120, levels=1, more=False)


def test_no_two_people_of_a_picture_touch(world: World) -> None:
    launch = world.launch()
    carol = world.waiting(launch)
    erin = world.waiting(launch, "erin@college.edu", by=carol)
    for i in range(3):
        world.waiting(launch, f"f{i}@college.edu", by=erin if i else carol)
    with world.reading() as rx:
        root = branches.branch(rx, carol.id)
    assert root is not None
    picture = draw(root)
    assert len(picture.dots) == 5
    assert len({(dot.x, dot.y) for dot in picture.dots}) == 5
    assert picture.dots[0].twig.email == CAROL
    assert all(0 < dot.x < picture.width and 0 < dot.y < picture.height for dot in picture.dots)
    assert picture.dots[1].line.startswith(f"M{picture.dots[0].x} {picture.dots[0].y}C")
