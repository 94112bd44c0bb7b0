"""Alice reports a problem from her page, with a picture that is nothing but a picture."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from PIL import Image

from tests.web.admin.conftest import fields_of
from tests.world import ALICE, CAROL, World
from waitlist import pictures
from waitlist.models.report import Report, ReportPicture
from waitlist.web.public import feedback
from waitlist.web.public.paths import status_token

SAID = {"kind": "bug", "severity": "blocks", "happened": "It broke.", "attach": "yes", "wants_mail": "yes"}


def page_of(app: Flask, world: World, email: str) -> str:
    entry = world.entry(email)
    with app.test_request_context():
        return f"/s/{status_token(world.launch_of(), entry.public_id, entry.link_version)}/feedback"


def png(**more: object) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new("RGB", (40, 30), "red").save(out, "PNG", exif=exif, **more)
    return out.getvalue()


def send(app: Flask, page: str, picture: bytes = b"", name: str = "a.png", **typed: str):
    client = app.test_client()
    shown = client.get(page).text
    fields = dict(fields_of(re.search(r"<form method=\"post\".*?</form>", shown, re.S)[0]))  # type: ignore[index]
    data: dict[str, object] = {"form_id": fields["form_id"]} | SAID | typed
    if picture:
        data["picture"] = (io.BytesIO(picture), name)
    return client.post(page, data=data, content_type="multipart/form-data", headers={"User-Agent": "Firefox Linux"})


def test_alice_reports_and_reads_it_on_her_page(app: Flask, world: World) -> None:
    world.member(world.launch(), ALICE)
    page = page_of(app, world, ALICE)
    assert "Version of the product: 2.1" in app.test_client().get(page + "?version=2.1").text
    sent = send(app, page, png(), version="2.1")
    assert sent.status_code == 303
    shown = app.test_client().get(sent.location).text
    (report,) = world.rows(Report)
    assert f"Your report is FB-{1000 + report.id}" in shown
    assert (report.version, report.browser, report.wants_mail) == ("2.1", "Firefox, Linux", True)
    (kept,) = world.rows(ReportPicture)
    assert b"where it was taken" not in kept.data
    mine = app.test_client().get(f"{page}/{report.public_id}/picture")
    assert (mine.mimetype, mine.data) == ("image/webp", kept.data)
    assert send(app, page, attach="no").status_code == 303
    assert world.rows(Report)[-1].browser == "", "taken off before it was sent"


def test_a_second_press_sends_nothing_twice(app: Flask, world: World) -> None:
    world.member(world.launch(), ALICE)
    page = page_of(app, world, ALICE)
    client = app.test_client()
    form_id = dict(fields_of(client.get(page).text))["form_id"]
    first, second = (client.post(page, data=SAID | {"form_id": form_id}) for _ in range(2))
    assert first.location == second.location
    assert len(world.rows(Report)) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "PNG"),
        (b"%PDF-1.7", "PNG"),
        (png()[:60], "broken"),
        (b"\x89PNG" + b"0" * 200_000, "too large"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(
    app: Flask, world: World, data: bytes, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGEST", 100_000)  # so that a large one needs no file of its own
    world.member(world.launch(), ALICE)
    refused = send(app, page_of(app, world, ALICE), data, "picture.png")
    assert refused.status_code == 422
    assert says in refused.text
    assert "It broke." in refused.text, "what was typed is kept"
    assert world.rows(Report) == []


def test_a_small_file_that_unpacks_to_everything_is_refused(app: Flask, world: World) -> None:
    world.member(world.launch(), ALICE)
    out = io.BytesIO()
    Image.new("1", (7_000, 7_000)).save(out, "PNG")
    refused = send(app, page_of(app, world, ALICE), out.getvalue())
    assert (refused.status_code, "too large" in refused.text) == (422, True)


def test_a_form_without_words_says_what_is_missing(app: Flask, world: World) -> None:
    world.member(world.launch(), ALICE)
    refused = send(app, page_of(app, world, ALICE), kind="", severity="", happened=" ", expected="x" * 5001)
    for words in (
        "Say what happened",
        "Select what it is",
        "Select how much it is in your way",
        "Use 5,000 characters",
    ):
        assert words in refused.text


def test_a_form_that_is_too_large_or_too_old_sends_nothing(app: Flask, world: World) -> None:
    world.member(world.launch(), ALICE)
    page = page_of(app, world, ALICE)
    huge = {"CONTENT_LENGTH": str(feedback.MOST + 1)}
    assert "too large" in app.test_client().post(page, data=b"", environ_overrides=huge).text
    old = app.test_client().post(page, data=SAID | {"form_id": "made-up"})
    assert (old.status_code, "timed out" in old.text) == (422, True)
    assert world.rows(Report) == []


def test_only_members_have_the_form_and_only_their_own_pictures(app: Flask, world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    world.waiting(campus, CAROL)
    send(app, page_of(app, world, ALICE), png())
    (report,) = world.rows(Report)
    waits = page_of(app, world, CAROL)
    client = app.test_client()
    assert client.get(waits).status_code == 303
    assert client.post(waits, data=SAID).status_code == 303
    assert client.get(f"{waits}/{report.public_id}/picture").status_code == 303


def test_twenty_a_day_are_enough(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from waitlist.services import reporting

    monkeypatch.setattr(reporting, "A_DAY", 1)
    world.member(world.launch(), ALICE)
    page = page_of(app, world, ALICE)
    assert send(app, page).status_code == 303
    assert "twenty reports today" in send(app, page).text
