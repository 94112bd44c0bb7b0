"""The team gives the launch page its face."""

from __future__ import annotations

import io

from flask.testing import FlaskClient

from tests.parts import both
from tests.test_pictures import picture
from tests.web.admin.conftest import Desk
from tests.world import World
from waitlist.models.picture import Picture

FACE = "/admin/w/campus/face"


def upload(grace: Desk, role: str, data: bytes, alt: str = "", status: int = 303) -> str:
    form = {f"{role}_file": (io.BytesIO(data), "picture.png"), f"{role}_alt": alt}
    return grace.press(FACE, action=f"{FACE}/{role}", status=status, **form).text


@both
def test_a_logo_and_a_picture_stand_on_the_public_page(grace: Desk, world: World, client: FlaskClient) -> None:
    world.launch(headline="Study rooms")
    upload(grace, "logo", picture(mode="RGBA"))
    upload(grace, "picture", picture("JPEG", (600, 400)), "A room with a view")
    campus = world.launch_of("campus")
    page = client.get("/w/campus").text
    assert f'src="/w/campus/pictures/{campus.logo_hash}" alt=""' in page
    assert f'src="/w/campus/pictures/{campus.picture_hash}" alt="A room with a view"' in page
    sent = client.get(f"/w/campus/pictures/{campus.picture_hash}")
    assert (sent.status_code, sent.mimetype) == (200, "image/webp")
    assert sent.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/w/campus/pictures/nonsense").status_code == 404
    upload(grace, "picture", picture("JPEG", (60, 40)), "Another room")
    assert len(world.rows(Picture)) == 2, "what nothing shows is gone"
    grace.press(FACE, action=f"{FACE}/logo", remove="yes")
    assert "pictures/" + str(campus.logo_hash) not in client.get("/w/campus").text
    assert len(world.rows(Picture)) == 1


def test_a_picture_needs_words_for_those_who_cannot_see_it(grace: Desk, world: World) -> None:
    world.launch()
    told = upload(grace, "picture", picture(), status=422)
    assert "Say what the picture shows, for those who cannot see it" in told
    assert "Select a picture" in upload(grace, "logo", b"", status=422)
    assert "Upload a PNG, JPEG or WebP picture." in upload(grace, "logo", b"<svg/>", status=422)
    assert list(world.rows(Picture)) == []


def test_a_colour_that_cannot_be_read_is_corrected_and_told(grace: Desk, world: World) -> None:
    world.launch()
    assert "Enter a colour" in grace.press(FACE, action=f"{FACE}/colour", status=422, accent="red").text
    grace.press(FACE, action=f"{FACE}/colour", accent="#ffe066")
    accent = world.launch_of("campus").accent
    assert accent not in (None, "#ffe066")
    assert f"nearest shade that can be read: {accent}" in grace.get(f"{FACE}?done=corrected")
    grace.press(FACE, action=f"{FACE}/colour", accent="2F3FB0")
    assert world.launch_of("campus").accent == "#2f3fb0"
    grace.press(FACE, action=f"{FACE}/colour", accent="")
    assert world.launch_of("campus").accent is None


@both
def test_questions_people_ask_are_folded_below_the_form(grace: Desk, world: World, client: FlaskClient) -> None:
    world.launch()
    faq = f"{FACE}/faq"
    assert "Enter the answer" in grace.press(FACE, action=faq, status=422, question_0="When?").text
    assert "Enter the question" in grace.press(FACE, action=faq, status=422, answer_0="Soon").text
    grace.press(FACE, action=faq, question_0="When?", answer_0="In *spring*. <b>Really</b>")
    page = client.get("/w/campus").text
    assert "<summary>When?</summary>" in page
    assert "In <em>spring</em>. &lt;b&gt;Really&lt;/b&gt;" in page
    grace.press(FACE, action=faq, question_0="", answer_0="")
    assert "Questions people ask" not in client.get("/w/campus").text


def test_a_shared_link_shows_a_card_that_changes_with_its_words(grace: Desk, world: World, client: FlaskClient) -> None:
    world.launch(headline="Study rooms")
    page = client.get("/w/campus").text
    address = page.partition('og:image" content="http://127.0.0.1:8000')[2].partition('"')[0]
    card = client.get(address)
    assert (card.mimetype, card.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert "31536000" in card.headers["Cache-Control"]
    upload(grace, "logo", picture())
    assert address not in client.get("/w/campus").text
    old = client.get(address)
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "public, max-age=300")
    assert old.data != card.data, "the logo is on it now"
