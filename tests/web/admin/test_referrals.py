"""The team sees who brought whom, and holds a whole branch knowing how many people that is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.web.admin.conftest import Appoint, Desk
from tests.world import CAROL, World
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch
from waitlist.queries import referrals as queries

REFERRALS = "/admin/w/campus/referrals"
TREE = f"{REFERRALS}/tree"
both = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def family(world: World, campus: Launch) -> list[Entry]:
    """Carol brought Erin, Erin brought two; one more asked by Carol's link and has not confirmed."""
    carol = world.waiting(campus, CAROL)
    erin = world.waiting(campus, "erin@college.edu", by=carol)
    rest = [world.waiting(campus, f"below{i}@college.edu", by=erin) for i in range(2)]
    world.join(campus, "soon@college.edu", by=carol)
    return [carol, erin, *rest]


def test_nobody_has_brought_anybody_yet(world: World, grace: Desk) -> None:
    world.launch()
    assert "Nobody has brought a friend yet." in grace.get(REFERRALS)
    assert "Nobody has brought a friend yet." in grace.get(TREE)


@both
def test_the_table_says_who_brought_how_many_and_what_became_of_it(world: World) -> None:
    campus = world.launch()
    family(world, campus)
    with world.reading() as rx:
        table = queries.table(rx, campus.id)
    assert [(row.email, row.direct, row.pending, row.counted) for row in table.rows] == [
        ("erin@college.edu", 2, 0, 2),
        (CAROL, 1, 1, 1),
    ]
    carol = table.rows[1]
    assert (carol.below.people, carol.below.levels, carol.below.more, carol.confirmed) == (3, 2, False, 50)
    assert (table.total, table.next) == (2, "")


@both
def test_the_table_goes_on_behind_its_last_row(world: World) -> None:
    campus = world.launch()
    family(world, campus)
    with world.reading() as rx:
        first = queries.table(rx, campus.id, size=1)
        second = queries.table(rx, campus.id, size=1, after=first.next)
        everybody = [row.email for row in queries.everybody(rx, campus.id)]
    assert [row.email for row in (*first.rows, *second.rows)] == everybody
    assert second.next == ""


def test_a_page_of_the_table_leads_to_the_next(world: World, grace: Desk) -> None:
    campus = world.launch()
    people = [world.waiting(campus, f"p{i}@college.edu") for i in range(26)]
    for i, person in enumerate(people):
        world.waiting(campus, f"friend{i}@college.edu", by=person)
    for path, row in ((REFERRALS, "inviters-row"), (TREE, "tree-row")):
        page = grace.get(path)
        assert page.count(f'data-testid="{row}"') == 25
        rest = grace.get(page.partition('rel="next" href="')[2].partition('"')[0])
        assert rest.count(f'data-testid="{row}"') == 1
        assert "First page" in rest


def test_the_file_holds_every_inviter_and_the_log_says_so(world: World, grace: Desk) -> None:
    family(world, world.launch())
    answer = grace.press(REFERRALS, "/export", status=200)
    lines = answer.text.splitlines()
    assert lines[0].startswith("\ufeffid,email,direct")
    assert [line.split(",")[1:4] for line in lines[1:]] == [["erin@college.edu", "2", "0"], [CAROL, "1", "1"]]
    assert world.events("exporting.exported")[0].data == {"form": "referrals", "rows": 2, "states": []}


def test_the_tree_begins_with_who_came_by_nobody(world: World, grace: Desk) -> None:
    carol, erin, *_ = family(world, world.launch())
    page = grace.get(TREE)
    assert page.count('data-testid="tree-row"') == 1
    assert f"from={carol.public_id}" in page
    page = grace.get(f"{TREE}?from={carol.public_id}")
    assert page.count('data-testid="tree-row"') == 4
    assert "3 people below" in page
    assert "2 levels" in page
    assert page.count("<circle") == 4
    assert "2 people below" in grace.get(f"{TREE}?from={erin.public_id}")


def test_a_branch_is_held_after_its_number_was_seen_and_let_go_again(world: World, grace: Desk) -> None:
    campus = world.launch()
    carol, erin, *rest = family(world, campus)
    page = f"{REFERRALS}/{erin.public_id}/hold"
    shown = grace.get(page)
    assert "3 people would be on hold" in shown
    assert "Hold 3 people" in shown
    assert "Enter a reason" in grace.press(page, "/hold", status=422).text
    held = grace.press(page, "/hold", reason="One machine made them", follow=True).text
    assert "On hold: 3 people of this branch." in held
    assert "One machine made them" in held
    assert [world.place(person.email) for person in (carol, erin, *rest)] == [1, None, None, None]
    tree = f"{TREE}?from={erin.public_id}"
    assert "The hold is released" in grace.press(tree, "/release", follow=True).text
    assert None not in [world.place(person.email) for person in (carol, erin, *rest)]


def test_a_branch_that_is_held_already_says_so(world: World, grace: Desk) -> None:
    campus = world.launch()
    _, erin, *_ = family(world, campus)
    page = f"{REFERRALS}/{erin.public_id}/hold"
    grace.press(page, "/hold", reason="odd")
    assert "Nobody here can be held" in grace.press(page, "/hold", reason="odd", status=422).text
    assert len(world.rows(Hold)) == 1


def test_whoever_releases_second_is_told(world: World, grace: Desk) -> None:
    campus = world.launch()
    _, erin, *_ = family(world, campus)
    grace.press(f"{REFERRALS}/{erin.public_id}/hold", "/hold", reason="odd")
    answer = grace.press(f"{TREE}?from={erin.public_id}", "/release", hold="hld_other", follow=True)
    assert "This hold was released before." in answer.text


def test_an_erased_person_keeps_the_branch_whole(world: World, grace: Desk) -> None:
    campus = world.launch()
    carol, erin, *_ = family(world, campus)
    with world.writing() as tx:
        tx.execute(
            sa.update(Entry).where(Entry.id == erin.id).values(erased_at=world.now, state="left", email="erased")
        )
    page = grace.get(f"{TREE}?from={carol.public_id}")
    assert "Somebody erased" in page
    assert page.count('data-testid="tree-row"') == 4


def test_an_analyst_looks_and_holds_nobody(world: World, appoint: Appoint) -> None:
    campus = world.launch()
    _, erin, *_ = family(world, campus)
    desk = appoint("ana@team.example", Role.ANALYST, campus)
    assert "Hold this branch" not in desk.get(f"{TREE}?from={erin.public_id}")
    desk.get(f"{REFERRALS}/{erin.public_id}/hold", status=403)


def test_an_address_written_by_hand_leads_nowhere(world: World, grace: Desk) -> None:
    world.launch()
    for path in (
        f"{REFERRALS}?after=x",
        f"{REFERRALS}?after={'9' * 30}.1",
        f"{TREE}?after=x",
        f"{TREE}?from=nobody",
        f"{REFERRALS}/nobody/hold",
    ):
        grace.get(path, status=404)


def test_the_table_is_filtered_as_the_people_table_is_and_so_are_its_files(world: World, grace: Desk) -> None:
    campus = world.launch()
    family(world, campus)
    page = grace.get(f"{REFERRALS}?q=erin")
    assert "“erin” ·" in page
    assert "1 person has brought a friend who counts." in page
    assert f">{CAROL}<" not in page
    assert "No one matches these filters." in grace.get(f"{REFERRALS}?state=joined")
    assert "Enter a date and time" in grace.get(f"{REFERRALS}?since=soon", status=422)
    file = grace.press(f"{REFERRALS}?q=erin", "/export", status=200).text
    assert len(file.splitlines()) == 2


def test_who_brought_whom_leaves_by_ids_alone(world: World, grace: Desk) -> None:
    campus = world.launch()
    carol, erin, *_ = family(world, campus)
    file = grace.press(REFERRALS, "/edges", status=200).text
    head, first, *rest = file.removeprefix("\ufeff").splitlines()
    assert head == "referrer,friend,confirmed,credit"
    assert first.startswith(f"{carol.public_id},{erin.public_id},20")
    assert first.endswith(",counted")
    assert len(rest) == 2
    assert "@" not in file
    (event,) = world.events("exporting.exported")
    assert (event.data["form"], event.data["rows"]) == ("edges", 3)
    only = grace.press(f"{REFERRALS}?q=erin", "/edges", status=200).text
    assert len(only.splitlines()) == 3
