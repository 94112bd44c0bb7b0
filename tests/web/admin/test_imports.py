"""Grace brings a list in by the console: she sees what would happen first, starts it once, and can take it back."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.parts import both
from tests.services.bringing import uploaded, work
from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import CAROL, TEAM, World
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportPart, ImportRow, ImportRun
from waitlist.services import entering, tagging

FILES = "/admin/w/campus/imports"
FILE = b"""E-mail,Full name,Came by
ada@college.edu,Ada,carol@college.edu
=SUM(A1:A9),Bob,
bob@college.edu,'=Bob,
dave@elsewhere.edu,Dave,
ada@college.edu,Again,
"""


@pytest.fixture
def campus(world: World) -> Launch:
    launch = world.launch()
    world.waiting(launch, CAROL)
    return launch


def send(desk: Desk, content: bytes = FILE) -> str:
    """Upload a file; returns the page of its import."""
    location: str = upload(desk, content).location
    return location


def upload(desk: Desk, content: bytes, **environ: str) -> TestResponse:
    form = form_of(desk.get(FILES), "/imports")
    file = FileStorage(io.BytesIO(content), filename="people.csv")
    boundary, body = encode_multipart(dict(form["fields"]) | {"file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    return desk.client.post(form["action"], data=body, content_type=kind, environ_overrides=environ)


def checked(desk: Desk, world: World, content: bytes = FILE, **typed: Any) -> str:
    """A file whose columns were chosen and that the worker has read."""
    page = send(desk, content)
    desk.press(page, "/columns", **({"source": "our stand"} | typed))
    work(world)
    return page


def count(page: str, name: str) -> int:
    found = re.search(rf'data-testid="{name}">([\d,]+)<', page)
    assert found, page
    return int(found[1].replace(",", ""))


def emails(world: World) -> list[str]:
    return [entry.email for entry in world.rows(Entry)]


def parts(world: World) -> list[bytes]:
    with world.reading() as rx:
        return list(rx.scalars(sa.select(ImportPart.sealed)))


@both
def test_a_list_is_uploaded_checked_started_and_taken_back(grace: Desk, world: World, campus: Launch) -> None:
    page = send(grace)
    look = grace.get(page)
    assert "Columns of the file" in look
    assert re.search(r'<select id="name".*?value="#2" selected', look, re.S)  # guessed
    assert "ada@college.edu" in look
    grace.press(page, "/columns", referrer="#3", source="our stand")
    assert "Reading the file" in grace.get(page)
    before = len(world.events())
    work(world)
    look = grace.get(page)
    assert "What would happen" in look
    counts = {name: count(look, name) for name in ("new", "updated", "same", "duplicate", "problems")}
    assert counts == {"new": 2, "updated": 0, "same": 0, "duplicate": 1, "problems": 2}
    assert "Enter an e-mail address in the correct format" in look
    assert "This address stands in the file already" in look
    assert emails(world) == [CAROL]
    assert {event.verb for event in world.events()[before:]} <= {"importing.uploaded"}
    form = form_of(look, "/start")
    for _ in range(2):  # a double press
        assert grace.client.post(form["action"], data=dict(form["fields"])).status_code == 303
    assert len(world.events("importing.begun")) == 1
    assert parts(world) == []
    moving = grace.get(page)
    assert "Importing" in moving
    assert "Refresh" in moving
    assert 'http-equiv="refresh"' in moving
    work(world)
    over = grace.get(page)
    assert "2 people were added." in over
    assert count(over, "problems") == 2
    assert emails(world) == [CAROL, "ada@college.edu", "bob@college.edu"]
    assert (world.entry("bob@college.edu").name, world.entry(CAROL).friends) == ("=Bob", 1)
    with world.writing() as tx:
        tagging.put(tx, campus, world.entry("bob@college.edu").id, "vip", actor=TEAM, now=world.now)
    grace.press(page, "/undo")
    work(world)
    back = grace.get(page)
    assert "1 person is out of line again." in back
    assert "1 person stays" in back
    assert "Stays: something of this person was changed since" in back
    assert emails(world) == [CAROL, "bob@college.edu"]
    assert world.entry(CAROL).friends == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Select a file"),
        (b"\xef\xbb\xbf\n", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0", "The selected file must be a CSV"),
        (b"PK\x03\x04 a workbook", "This is a workbook."),
        (b"email\n" + b"a@college.edu\n" * 1_500_000, "The file is larger than 20 MB."),
    ],
    ids=["nothing", "empty", "picture", "workbook", "large"],
)
def test_what_is_no_table_is_refused_with_the_way_out(
    grace: Desk, campus: Launch, world: World, content: bytes, words: str
) -> None:
    del campus
    refused = upload(grace, content)
    assert refused.status_code == 422
    assert words in refused.text
    assert world.rows(ImportRun) == []


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffemail;name\r\na@college.edu;Á\r\nb@college.edu;B\r\n".encode(),
        "email\tname\na@college.edu\tÁ\nb@college.edu\tB\n".encode("utf-16"),
        "email,name\na@college.edu,Á\nb@college.edu,B\nx\0y@college.edu,C\n".encode(),
        f"email,name\na@college.edu,Á\nb@college.edu,B\nc@college.edu,{'x' * 5_000_000}\n".encode(),
    ],
    ids=["excel", "utf-16", "nul", "cell"],
)
def test_files_are_read_as_programs_write_them(grace: Desk, world: World, campus: Launch, content: bytes) -> None:
    del campus
    page = checked(grace, world, content)
    assert count(grace.get(page), "new") == 2
    assert count(grace.get(page), "problems") in (0, 1)
    grace.press(page, "/start")
    work(world)
    assert world.entry("a@college.edu").name == "Á"


def test_a_file_that_is_larger_than_anything_received_is_told_so(grace: Desk, campus: Launch) -> None:
    del campus
    refused = upload(grace, FILE, CONTENT_LENGTH=str(61 * 1024 * 1024))
    assert refused.status_code == 413
    assert "This is too large" in refused.text


def test_columns_are_asked_for_what_is_missing_and_what_was_typed_stays(
    grace: Desk, world: World, campus: Launch
) -> None:
    del campus
    page = send(grace, b"who,what\nAda,ada@college.edu\n")
    refused = grace.press(page, "/columns", status=422, name="#1", order_by="#9").text
    assert "Select the column with the e-mail addresses" in refused
    assert "Say where these people agreed to hear from you" in refused
    assert re.search(r'<select id="name".*?value="#1" selected', refused, re.S)
    grace.press(page, "/columns", email="#2", name="#1", where="before", only_add="yes", source="a list")
    work(world)
    run = world.rows(ImportRun)[0]
    assert (run.options["first"], run.options["only_add"], run.options["maps"][0]) == (True, True, "email=#2")
    again = grace.get(f"{page}?columns=yes")
    assert re.search(r'<select id="email".*?value="#2" selected', again, re.S)
    assert "Before everybody" in grace.get(page) or "before everybody" in grace.get(page)
    grace.press(f"{page}?columns=yes", "/columns", email="#2", name="", enter="ask")
    work(world)
    assert "Each is asked by mail" in grace.get(page)
    grace.press(page, "/start")
    work(world)
    assert [message.to_key for message in world.messages("confirm")][-1:] == ["ada@college.edu"]
    assert world.entry("ada@college.edu").name == ""


def test_a_header_alone_brings_nobody(grace: Desk, world: World, campus: Launch) -> None:
    del campus
    assert "There is no row below the header" in grace.get(send(grace, b"email,name\n"))
    page = checked(grace, world, b"email\nnobody\n")
    assert "Nobody would enter." in grace.get(page)
    same = checked(grace, world, b"email\ncarol@college.edu\n")
    assert "Nothing would change" in grace.get(same)


def test_it_is_stopped_and_goes_on(grace: Desk, world: World, campus: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "CHUNK", 1)
    page = checked(grace, world, b"email\na@college.edu\nb@college.edu\n")
    grace.press(page, "/start")
    with world.writing() as tx:
        run = world.rows(ImportRun)[0]
        entering.enter_chunk(tx, campus, run.id, actor=TEAM, now=world.now)
    grace.press(page, "/stop")
    work(world)
    stopped = grace.get(page)
    assert "Stopped. 1 rows have not entered yet" in stopped
    assert len(emails(world)) == 2
    assert grace.press(page, "/resume").location.endswith("done=resume")
    work(world)
    assert "2 people were added." in grace.get(page)


def test_two_admins_at_once_start_it_once(grace: Desk, appoint: Appoint, world: World, campus: Launch) -> None:
    page = checked(grace, world)
    linus = appoint("linus@team.example", Role.ADMIN, campus)
    forms = [form_of(desk.get(page), "/start") for desk in (grace, linus)]
    first, second = (
        desk.client.post(form["action"], data=dict(form["fields"]))
        for desk, form in zip((grace, linus), forms, strict=True)
    )
    assert first.location.endswith("done=start")
    assert second.location.endswith("done=moved_on")
    assert "Somebody pressed before." in linus.get(second.location)
    assert len(world.events("importing.begun")) == 1


def test_a_second_press_of_upload_shows_the_first_file(grace: Desk, world: World, campus: Launch) -> None:
    del campus
    form = form_of(grace.get(FILES), "/imports")
    sent = [
        grace.client.post(form["action"], data=dict(form["fields"]) | {"file": (io.BytesIO(FILE), "x.csv")}).location
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    assert len(world.rows(ImportRun)) == 1


def test_the_same_file_is_known_again(grace: Desk, world: World, campus: Launch) -> None:
    del campus
    first = checked(grace, world)
    grace.press(first, "/start")
    work(world)
    second = send(grace)
    assert "This file was imported before." in grace.get(second)
    grace.press(second, "/columns", source="again")
    work(world)
    look = grace.get(second)
    assert "This file was imported before." in look
    assert (count(look, "new"), count(look, "same")) == (0, 2)


def test_a_file_is_thrown_away_and_once_people_entered_it_is_not(grace: Desk, world: World, campus: Launch) -> None:
    del campus
    page = send(grace)
    thrown = grace.press(page, "/discard")
    assert "The file was thrown away. Nobody entered." in grace.get(thrown.location)
    assert grace.client.get(page).status_code in (303, 404)
    work(world)
    assert grace.client.get(page).status_code == 404
    page = checked(grace, world)
    form = form_of(grace.get(page), "/discard")
    grace.press(page, "/start")
    late = grace.client.post(form["action"], data=dict(form["fields"]))
    assert late.location.endswith("done=moved_on")
    columns = grace.client.post(f"{page}/columns", data=dict(form["fields"]))
    assert columns.location.endswith("done=moved_on")


def test_the_rows_that_did_not_enter_leave_as_a_file_and_the_log_knows(
    grace: Desk, world: World, campus: Launch
) -> None:
    del campus
    page = checked(grace, world, FILE + b"+1@gmail.com,x,\n")
    files = [grace.press(page, "/refused", status=200).text for _ in range(2)]
    rows = list(csv.DictReader(io.StringIO(files[1].removeprefix("\ufeff"))))
    assert [row["row"] for row in rows] == ["3", "5", "6", "7"]
    assert [row["email"] for row in rows] == ["", "dave@elsewhere.edu", "ada@college.edu", "'+1@gmail.com"]
    assert rows[1]["says"] == "The rules of this launch do not admit this address"
    assert [event.data["rows"] for event in world.events("exporting.exported")] == [4, 4]


def test_a_file_that_cannot_be_read_to_its_end_says_why_beside_the_columns(
    grace: Desk, world: World, campus: Launch
) -> None:
    del campus
    page = send(grace, f'email,name\na@college.edu,A\n"{"x" * 1_000}'.encode())
    grace.press(page, "/columns", source="x")
    longest = csv.field_size_limit(500)
    work(world)
    csv.field_size_limit(longest)
    assert "Row 3 has no end. Close its quote." in grace.get(page)


def test_an_import_of_another_waitlist_is_not_found_here(grace: Desk, world: World, campus: Launch) -> None:
    del campus
    shop = world.launch("shop")
    run = uploaded(world, shop, b"email\na@college.edu\n")
    grace.get(f"{FILES}/{run.public_id}", 404)
    grace.get(f"/admin/w/shop/imports/{run.public_id}")


def test_an_analyst_sees_what_was_imported_and_nobody_s_rows(
    appoint: Appoint, world: World, campus: Launch, grace: Desk
) -> None:
    page = checked(grace, world)
    linus = appoint("linus@team.example", Role.ANALYST, campus)
    seen = linus.get(FILES)
    assert "people.csv" in seen
    assert "Import people" not in seen
    linus.get(page, 403)
    for step in ("columns", "start", "stop", "resume", "undo", "discard", "refused"):
        assert linus.client.post(f"{page}/{step}").status_code == 403
    assert linus.client.post(FILES, data={"file": (io.BytesIO(FILE), "x.csv")}).status_code == 403
    assert len(world.rows(ImportRun)) == 1
    with world.reading() as rx:
        assert rx.scalar(sa.select(sa.func.count()).select_from(ImportRow)) == 5
