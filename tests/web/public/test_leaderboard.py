"""The leaderboard: friends counted in public, people named as they allow."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tests.parts import both
from tests.web.public.conftest import Hand
from tests.world import TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.services import holding, launching, removing
from waitlist.web import devices

BOARD = "/w/campus/leaderboard"


def bring(world: World, campus: Launch, who: Entry, n: int) -> None:
    for i in range(n):
        world.waiting(campus, f"of-{who.id}-{i}-{world.now:%H%M%S%f}@college.edu", by=who)


def five(world: World, campus: Launch) -> list[Entry]:
    """Five people with 3, 2, 2, 1 and 1 friends."""
    people = world.crowd(campus, 5)
    for person, friends in zip(people, (3, 2, 2, 1, 1), strict=True):
        bring(world, campus, person, friends)
    return people


def rows(text: str, table: str = "leaderboard") -> list[tuple[str, str, str]]:
    """(rank, name, friends) of a table's rows."""
    found = []
    for row in re.findall(rf'data-testid="{table}-row".*?</tr>', text, re.DOTALL):
        cells = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r'<span class="cell">(.*?)</t[hd]>', row, re.DOTALL)]
        found.append((cells[1].strip(), cells[0].strip(), cells[2].strip()))
    return found


def be(hand: Hand, campus: Launch, entry: Entry) -> None:
    """From here on the browser is this person's."""
    with hand.app.test_request_context():
        response = hand.app.make_response("")
        devices.remember(response, campus, entry.public_id)
        name, value = response.headers["Set-Cookie"].split(";")[0].split("=", 1)
    hand.client.set_cookie(name, value)


@both
def test_ranks_are_shared_names_are_chosen_and_nobody_reads_an_address(hand: Hand, world: World) -> None:
    campus = world.launch(leaderboard=10)
    people = five(world, campus)
    with world.writing() as tx:
        for person, named in zip(people, ({"show_on_board": True}, {"share_name": True}, {}, {}, {}), strict=True):
            tx.execute(sa.update(Entry).where(Entry.id == person.id).values(name="Ada Lovelace", **named))
    page = hand.open(BOARD)
    assert (page.status, page.state, page.h1) == (200, "leaderboard", "Leaderboard")
    shown = rows(page.text)
    assert [(rank, friends) for rank, _, friends in shown] == [
        ("1", "3"),
        ("2", "2"),
        ("2", "2"),
        ("4", "1"),
        ("4", "1"),
    ]
    assert [name for _, name, _ in shown[:2]] == ["Ada Lovelace", "Ada L."]
    assert all(re.fullmatch(r"\w+ \w+ \d+", name) for _, name, _ in shown[2:])
    assert "@college.edu" not in page.text
    french = hand.open(f"{BOARD}?lang=fr")
    assert rows(french.text)[4][1] != shown[4][1]


@both
def test_i_see_my_row_between_my_rivals_and_what_one_more_brings(hand: Hand, world: World) -> None:
    campus = world.launch(leaderboard=10)
    people = five(world, campus)
    assert 'id="mine"' not in hand.open(BOARD).text
    be(hand, campus, people[3])
    page = hand.open(BOARD)
    assert "Rank 4, 1 friend." in page.text
    assert "One more takes you to rank 2." in page.text
    assert [rank for rank, _, _ in rows(page.text, "neighbours")] == ["2", "4", "4"]
    be(hand, campus, world.waiting(campus, "nobody@college.edu"))
    assert "No friend of yours is counted yet. The first one takes you to rank 4." in hand.open(BOARD).text


def test_without_a_setting_or_people_there_is_no_board(hand: Hand, world: World) -> None:
    campus = world.launch()
    assert hand.open(BOARD).status == 404
    with world.writing() as tx:
        tx.execute(sa.update(Launch).values(leaderboard=10))
    people = five(world, campus)
    assert "Leaderboard" in hand.open(hand.status(campus, people[0])).text
    with world.writing() as tx:
        holding.hold(tx, campus, people[0].id, reason="odd", actor=TEAM, now=world.now)
    be(hand, campus, people[0])
    page = hand.open(BOARD)
    assert (page.state, rows(page.text)) == ("too-few", [])
    assert "Not enough people yet" in page.text


def test_it_has_pages_and_ends_when_everybody_can_come_in(hand: Hand, world: World) -> None:
    campus = world.launch(leaderboard=10)
    for person in world.crowd(campus, 11):
        bring(world, campus, person, 1)
    first = hand.open(BOARD)
    assert len(rows(first.text)) == 10
    assert len(rows(first.follow("Next page").text)) == 1
    assert len(rows(hand.open(f"{BOARD}?page=99").text)) == 1
    late = world.join(campus, "late@college.edu", by=world.entry("person3@college.edu"))
    with world.writing() as tx:
        launching.launch_to_all(tx, campus, actor=TEAM, now=world.now)
    world.later(hours=1)
    world.confirm(campus, late)
    over = hand.open(BOARD)
    assert "It ended on" in over.text
    assert {friends for _, _, friends in rows(over.text)} == {"1"}
    be(hand, campus, world.entry("person1@college.edu"))
    assert "One more takes you" not in hand.open(BOARD).text
    with world.writing() as tx:
        first_one = world.entry("person1@college.edu").id
        removing.remove(tx, campus, first_one, reason="fraud", abuse=False, actor=TEAM, now=world.now)
    assert hand.open(BOARD).text.count('data-testid="leaderboard-row"') == 10
    assert 'id="mine"' not in hand.open(BOARD).text


def test_on_the_own_page_a_person_chooses_to_be_named(hand: Hand, world: World) -> None:
    campus = world.launch(leaderboard=25)
    carol = world.waiting(campus)
    page = hand.open(hand.status(campus, carol)).follow("How others see you")
    hand.send(page, "name-form", name="Carol Cook", on_board="yes")
    assert world.entry(carol.email).show_on_board
    settings = hand.open(hand.settings_link(campus, carol.email))
    hand.send(settings, "extras", on_board=None, digest="yes")
    assert not world.entry(carol.email).show_on_board
    assert len(world.events("introducing.shown")) == 1
