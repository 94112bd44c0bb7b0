"""Each thing that can be wrong with a wave's form is told beside its field, and nothing is written."""

from __future__ import annotations

import io

import pytest

from tests.web.admin.conftest import Desk
from tests.world import World
from waitlist.models.wave import Wave


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
        ({"kind": "filter", "filter_domains": "edu"}, "Enter the whole domain"),
        ({"kind": "filter", "joined_from": "soon"}, "Enter a date and time"),
        ({"sample": "0"}, "Enter a number from 1 to 1000000"),
        ({"name": "x" * 81}, "Use 80 characters or fewer"),
    ],
)
def test_each_fault_of_the_form_has_its_words(grace: Desk, world: World, typed: dict[str, object], words: str) -> None:
    world.launch()
    response = grace.press("/admin/w/campus/waves/new", status=422, **{"kind": "first", "n": "2"} | typed)
    assert words in response.text
    assert world.rows(Wave) == []
