"""Each thing that can be wrong with a wave's form is told beside its field, and nothing is written."""

from __future__ import annotations

import io
import re

import pytest

from tests.web.admin.conftest import Desk, form_of
from tests.world import TEAM, World
from waitlist.models.wave import Wave
from waitlist.services import lining


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "nobody"}, "Select whom to invite"),
        ({"n": ""}, "Enter how many"),
        ({"n": "0"}, "Enter a number from 1 to 1000000"),
        ({"n": "many"}, "Enter a number from 1 to 1000000"),
        ({"kind": "listed", "list": "ada@@college, b@"}, "Correct or remove 2 lines that are no e-mail addresses"),
        (
            {"kind": "listed", "list": "ada@@college"},
            "Correct or remove 1 line that is no e-mail address: ada@@college",
        ),
        ({"kind": "listed", "list": "Ada Lovelace"}, "Paste e-mail addresses, or choose a file that has some"),
        ({"kind": "listed", "file": (io.BytesIO(b"\xff\x00\xff"), "x.csv")}, "Save the file as CSV (UTF-8)"),
        ({"kind": "selected"}, "Select people on the page"),
        ({"kind": "filter", "friends": "many"}, "Enter a number from 0 to 100000"),
        ({"kind": "filter", "since": "soon"}, "Enter a date and time"),
        ({"sample": "0"}, "Enter a number from 1 to 1000000"),
        ({"name": "x" * 81}, "Use 80 characters or fewer"),
    ],
)
def test_each_fault_of_the_form_has_its_words(grace: Desk, world: World, typed: dict[str, object], words: str) -> None:
    world.launch()
    response = grace.press("/admin/w/campus/waves/new", status=422, **{"kind": "first", "n": "2"} | typed)
    assert words in response.text
    assert world.rows(Wave) == []


def test_a_wave_asks_for_whoever_the_people_table_shows(grace: Desk, world: World) -> None:
    campus = world.launch(domain=None)
    ada = world.waiting(campus, "ada@a.edu")
    for email in ("ben@b.edu", "cleo@c.edu", "dora@a.edu"):
        world.waiting(campus, email, by=ada if email[0] == "b" else None)
    asked = "q=@a.edu,+@b.edu&friends=0&since=2020-01-01"
    table = grace.get(f"/admin/w/campus/people?{asked}")
    assert "@a.edu or @b.edu, joined from 1 January 2020: <strong>3 people</strong>" in table
    link = re.search(r'href="([^"]+)">Invite whoever matches', table)
    assert link
    form = form_of(grace.get(link[1].replace("&amp;", "&")))
    made = grace.client.post(form["action"] or link[1].replace("&amp;", "&"), data=dict(form["fields"]))
    assert made.status_code == 303
    check = grace.get(made.location.replace("/offer", "/check"))
    assert 'data-testid="will-invite">3<' in check
    again = re.search(r'href="([^"]+)">@a.edu or @b.edu, joined from 1 January 2020</a>', check)
    assert again, "the same sentence, and the same address"
    assert "<strong>3 people</strong>" in grace.get(again[1].replace("&amp;", "&"))
    kept = grace.get(made.location.replace("/offer", "/audience"))
    assert 'value="@a.edu, @b.edu"' in kept


def test_the_first_of_another_line_are_invited(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    assert 'name="of_line"' not in grace.get("/admin/w/campus/waves/new")
    with world.writing() as tx:
        who = world.entry("person3@college.edu").id
        lining.change_line(tx, campus, who, "north", reason="x", actor=TEAM, now=world.now)
    made = grace.press("/admin/w/campus/waves/new", kind="first", n="2", of_line="north")
    check = grace.get(made.location.replace("/offer", "/check"))
    assert 'data-testid="will-invite">1<' in check
    assert "The first 2 in line, line “north”" in check
