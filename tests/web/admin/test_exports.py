"""What leaves the console: files of people, invites, referrals and events, each written down."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.parts import both
from tests.web.admin.conftest import Desk
from tests.world import ALICE, CAROL, World
from waitlist.queries import files

FILES = "/admin/w/campus/imports"


def exported(grace: Desk, what: str, form: str) -> str:
    text: str = grace.press(FILES, "/exports", status=200, what=what, form=form).text
    return text


@both
def test_each_kind_of_file_holds_every_row_page_after_page(
    grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PAGE", 2)
    campus = world.launch()
    carol = world.waiting(campus, CAROL, name="=1+1")
    for n in range(3):
        world.waiting(campus, f"friend{n}@college.edu", by=carol)
    world.member(campus, ALICE)
    world.launch("other")
    for what, n in (("people", 5), ("invites", 1), ("referrals", 3)):
        lines: list[dict[str, Any]] = [json.loads(line) for line in exported(grace, what, "jsonl").splitlines()]
        rows = list(csv.DictReader(io.StringIO(exported(grace, what, "csv").removeprefix("\ufeff"))))
        assert (len(lines), len(rows)) == (n, n), what
        assert list(lines[0]) == list(rows[0])
        assert [event.data["rows"] for event in world.events("exporting.exported")[-2:]] == [n, n]
        if what == "people":
            assert (lines[0]["name"], rows[0]["name"]) == ("=1+1", "'=1+1")
            assert [line["position"] for line in lines] == [1, 2, 3, 4, None]
        if what == "referrals":
            assert {line["referrer"] for line in lines} == {carol.public_id}
            assert CAROL not in json.dumps(lines)
    written = len([event for event in world.events() if event.launch_id == campus.id])
    events = [json.loads(line) for line in exported(grace, "events", "jsonl").splitlines()]
    assert len(events) == written + 1  # the newest is the one of this file
    assert events[0]["verb"] == "exporting.exported"


def test_what_is_missing_is_asked_for(grace: Desk, world: World) -> None:
    world.launch()
    refused = grace.press(FILES, "/exports", status=422, what="secrets", form="xlsx").text
    assert "Select what to export" in refused
    assert "Select a format" in refused
