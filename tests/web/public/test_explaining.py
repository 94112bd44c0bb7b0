"""How the line works and what is kept, each written from what is really so; and the pictures of a link."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.web.public.conftest import Hand
from tests.web.public.test_joining import ask
from tests.world import CAROL, TEAM, World
from waitlist.db import some
from waitlist.models.entry import Consent, Entry
from waitlist.models.launch import consent_texts
from waitlist.services import consenting
from waitlist.services.consenting import Terms


def test_the_rules_write_the_page(hand: Hand, world: World) -> None:
    campus = world.launch(points=5, seats=500, line_limit=5_000, invite_days=7)
    text = hand.open("/w/campus/how-it-works").text
    for sentence in (
        "Each friend who confirms gives you 5 points, up to 10 friends; more points stand further ahead.",
        "For people with a @college.edu address.",
        "Invites last 7 days; if one expires you keep your place.",
        "There are 500 seats in all.",
        "At most 5,000 people can stand in line.",
        "Rules version 1, since",
        campus.salt_commitment,
    ):
        assert sentence in text
    assert campus.salt not in text


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"points": 0}, "Friends do not move anybody: the order is fixed."),
        ({"points": 1, "points_cap": None}, "gives you 1 point; more points stand further ahead."),
        ({"lapse_policy": "end"}, "if one expires you go to the end of the line."),
        ({"lapse_policy": "leave", "invite_days": 1}, "Invites last 1 day; if one expires you leave the line."),
        ({"places_shown": "band"}, "Places are shown as a range"),
        ({"places_shown": "hidden"}, "This list does not show places."),
        ({"domain": None, "double_opt_in": False}, "a place is taken in the order of joining."),
    ],
)
def test_each_setting_has_its_sentence(hand: Hand, world: World, columns: dict[str, object], sentence: str) -> None:
    world.launch(**columns)
    assert sentence in hand.open("/w/campus/how-it-works").text


def test_rules_inside_rules_are_shown_below_them(hand: Hand, world: World) -> None:
    domain = {
        "kind": "domain",
        "domains": ["college.edu", "xn--mnchen-3ya.de"],
        "subdomains": True,
        "excluded": ["alumni.college.edu"],
    }
    world.launch(tree={"kind": "any_of", "gates": [domain, {"kind": "listed", "list": "vip"}]})
    text = hand.open("/w/campus/how-it-works").text
    assert "Any one of these:" in text
    assert "For people with a @college.edu or @münchen.de address, subdomains included" in text
    assert "Not for @alumni.college.edu addresses" in text
    assert "For people on the team’s list" in text


def test_the_secret_of_the_draw_is_told_when_the_launch_closes(hand: Hand, world: World) -> None:
    campus = world.launch(closes_at=world.now - timedelta(minutes=1))
    assert campus.salt in hand.open("/w/campus/how-it-works").text


def test_the_privacy_page_lists_what_is_kept(hand: Hand, world: World) -> None:
    campus = world.launch(contact_email="help@campus.example", policy_url="https://campus.example/privacy")
    page = hand.open("/w/campus/privacy")
    assert "Nothing is asked." in page.text
    assert "30 days after the last link, then deleted." in page.text
    assert ("help@campus.example", "mailto:help@campus.example") in page.links
    assert ("Privacy policy of the team", "https://campus.example/privacy") in page.links
    ask(world, campus.id, {"label": "Which team?"})
    carol = world.waiting(campus)
    with world.writing() as tx:
        consenting.put(tx, campus, [Terms(None, "News by *mail*")], actor=TEAM, now=world.now)
        (news,) = some(tx, consent_texts(campus.id))
        row = {"entry_id": carol.id, "key": news.key, "text_version": "1", "given_at": world.now}
        tx.execute(sa.insert(Consent).values(row))
        new_words = [Terms(news.key, "News, once a month"), Terms(None, "The small print")]
        consenting.put(tx, campus, new_words, actor=TEAM, now=world.now)
        (news, _) = some(tx, consent_texts(campus.id))
        consenting.put(tx, campus, [Terms(news.key, "News, once a month")], actor=TEAM, now=world.now)
    text = hand.open("/w/campus/privacy").text
    assert "Which team?" in text
    assert "News, once a month" in text
    assert "News by <em>mail</em>" in text, "somebody agreed to these words"
    assert "no longer asked" in text
    assert "small print" not in text, "nobody agreed and nobody is asked"


def test_a_link_has_a_picture_to_keep_and_a_card_to_print(hand: Hand, world: World) -> None:
    carol = world.waiting(world.launch(headline="Study rooms"), CAROL)
    png = hand.client.get(f"/r/{carol.slug}/qr.png")
    assert (png.mimetype, png.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert png.headers["Content-Disposition"] == f'attachment; filename="campus-{carol.slug.lower()}.png"'
    svg = hand.client.get(f"/r/{carol.slug}/qr.svg?show=1")
    assert (svg.mimetype, "Content-Disposition" in svg.headers) == ("image/svg+xml", False)
    page = hand.open(f"/r/{carol.slug.lower()}/card")
    assert (page.status, page.h1) == (200, "Study rooms")
    assert f"http://127.0.0.1:8000/r/{carol.slug}" in page.text
    for path in ("qr.png", "card"):
        assert hand.client.get(f"/r/7K2PM9QX4/{path}").status_code == 404
        assert hand.client.get(f"/r/{carol.slug[:-1]}/{path}").status_code == 404


def test_every_page_of_the_footer_answers_in_french(hand: Hand, world: World) -> None:
    campus = world.launch(points=5, seats=10)
    carol = world.waiting(campus, CAROL, name="Carol")
    world.waiting(campus, "ben@college.edu", by=carol)
    for path, says in {
        "/w/campus": "Rejoindre la liste d’attente",
        "/w/campus/find": "Retrouver ma place",
        "/w/campus/how-it-works": "Chaque ami qui confirme vous donne 5 points, jusqu’à 10 amis",
        "/w/campus/privacy": "Ce qui est gardé",
        hand.status(campus, carol): "Vous êtes dans la file, Carol",
    }.items():
        page = hand.open(f"{path}?lang=fr")
        assert says in page.text
        assert '<html lang="fr"' in page.text


def test_a_launch_that_brought_people_by_a_list_says_so(hand: Hand, world: World) -> None:
    from waitlist.models.upkeep import ImportRun

    campus = world.launch(double_opt_in=True)
    world.waiting(campus)
    with world.writing() as tx:
        row = {"public_id": "imp_1", "launch_id": campus.id, "file_name": "a.csv", "file_digest": "0", "options": {}}
        row |= {"state": "done", "created_at": world.now, "created_by": "admin:1"}
        run = tx.scalar(sa.insert(ImportRun).values(row).returning(ImportRun.id))
        tx.execute(sa.update(Entry).values(import_id=run))
    assert "Some addresses were brought by the team" in hand.open("/w/campus/privacy").text


def test_a_brand_has_its_colour_and_nothing_else(hand: Hand, world: World) -> None:
    world.launch(accent="#ffdd00")
    assert '/w/campus/brand.css"' in hand.open("/w/campus").text
    answer = hand.client.get("/w/campus/brand.css")
    assert answer.mimetype == "text/css"
    assert "--brand-dark: #ffdd00;" in answer.text
    world.launch("plain")
    assert "brand.css" not in hand.open("/w/plain").text
    assert hand.client.get("/w/plain/brand.css").status_code == 404
