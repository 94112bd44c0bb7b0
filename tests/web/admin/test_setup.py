"""The first visit makes the first owner and the first waitlist, and nobody can make them a second time."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.admin.conftest import fields_of, form_of, make_admin
from tests.world import World
from waitlist import branding
from waitlist.models.access import Grant, User
from waitlist.models.launch import GateRevision, Launch
from waitlist.services import installing
from waitlist.tokens import Purpose

ANSWERS = {
    "name": "Grace Hopper",
    "email": "Grace@Team.example",
    "password": "a sentence to remember",
    "launch_name": "Café Zoé 2.0",
    "preset": "campus",
    "domains": "college.edu, cs.example.org",
    "subdomains": "yes",
    "contact_email": "hi@college.edu",
    "tz": "Europe/Paris",
}


@pytest.fixture
def link(world: World) -> str:
    """What `init` prints."""
    with world.writing() as tx:
        version = installing.prepare(tx, fingerprint=world.runtime.secrets.fingerprint())
    assert version is not None
    return "/setup?token=" + world.runtime.tokens.sign(Purpose.SETUP, "", "setup", version)


def send(client: FlaskClient, link: str, **changed: str) -> object:
    form = form_of(client.get(link).text)
    return client.post("/setup", data=dict(form["fields"]) | ANSWERS | changed)


def test_grace_sets_up_and_is_at_her_desk(client: FlaskClient, world: World, link: str) -> None:
    page = client.get(link)
    assert page.headers["Cache-Control"] == "no-store"
    response = send(client, link)
    assert response.status_code == 303
    assert response.location == "/admin/w/cafe-zoe-2-0?done=setup"
    (user,) = world.rows(User)
    assert (user.email, user.name) == ("grace@team.example", "Grace Hopper")
    (grant,) = world.rows(Grant)
    assert (grant.role, grant.launch_id) == ("owner", None)
    (launch,) = world.rows(Launch)
    assert (launch.name, launch.tz, launch.contact_email) == ("Café Zoé 2.0", "Europe/Paris", "hi@college.edu")
    assert launch.opens_at is not None
    (rules,) = world.rows(GateRevision)
    assert rules.tree == {"kind": "domain", "domains": ["college.edu", "cs.example.org"], "subdomains": True}
    desk = client.get(response.location).text
    assert "Café Zoé 2.0" in desk
    assert "You are signed in, and your waitlist is here." in desk
    known = branding.recall(world.runtime.settings.instance, "cafe-zoe-2-0")
    assert known is not None
    assert known.name == "Café Zoé 2.0"


def test_afterwards_the_page_is_not_there(client: FlaskClient, link: str) -> None:
    form = dict(form_of(client.get(link).text)["fields"]) | ANSWERS
    assert client.post("/setup", data=form).status_code == 303
    assert client.get(link).status_code == 404
    assert client.post("/setup", data=form | {"email": "mallory@team.example"}).status_code == 404


def test_before_init_and_once_an_owner_was_made_by_command_it_is_not_there(client: FlaskClient, world: World) -> None:
    assert client.get("/setup").status_code == 404
    with world.writing() as tx:
        installing.prepare(tx, fingerprint="x")
    assert client.get("/setup").status_code == 200
    make_admin(world)
    assert client.get("/setup").status_code == 404


def test_two_who_press_at_once_make_one_owner(client: FlaskClient, world: World, link: str) -> None:
    form = dict(form_of(client.get(link).text)["fields"]) | ANSWERS
    with world.writing() as tx:
        installing.claim(tx, 1)  # somebody else is a moment ahead
    with world.writing() as tx:
        tx.execute(Launch.__table__.delete())
    assert client.post("/setup", data=form).status_code == 404
    assert world.rows(User) == []


@pytest.mark.parametrize("token", ["", "altered", "x" * 3000])
def test_nobody_grabs_it_without_the_printed_link(client: FlaskClient, world: World, link: str, token: str) -> None:
    page = client.get("/setup").text
    assert 'id="token"' in page
    response = send(client, "/setup", token=token)
    assert response.status_code == 422
    assert "Copy the whole set-up link" in response.text
    assert "a sentence to remember" not in response.text
    assert world.rows(User) == []


def test_the_whole_link_may_be_pasted(client: FlaskClient, world: World, link: str) -> None:
    assert send(client, "/setup", token="http://127.0.0.1:8000" + link).status_code == 303


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "Enter your name"),
        ({"email": "grace"}, "Enter an e-mail address in the correct format"),
        ({"password": "short"}, "Use 12 characters or more"),
        ({"launch_name": ""}, "Enter a name for the waitlist"),
        ({"launch_name": "x" * 81}, "Use 80 characters or fewer"),
        ({"preset": "nobody"}, "Select who may join"),
        ({"domains": ""}, "Enter a domain, like college.edu"),
        ({"domains": "*.college.edu"}, "Enter college.edu and tick “and subdomains”"),
        ({"domains": "edu"}, "Enter the whole domain"),
        ({"domains": "gmail.com"}, "Type the domain again to allow it."),
        ({"contact_email": ""}, "Enter your e-mail address"),
        ({"tz": "Mars/Olympus"}, "Select a time zone"),
        ({"launch_name": "Admin"}, "Enter a name for the waitlist"),
    ],
)
def test_each_fault_has_its_words_and_nothing_is_made(
    client: FlaskClient, world: World, link: str, changed: dict[str, str], words: str
) -> None:
    response = send(client, link, **changed)
    assert response.status_code == 422
    assert words in response.text
    assert world.rows(User) == []
    assert world.rows(Launch) == []
    kept = dict(fields_of(response.text))
    assert kept["password"] == ""
    assert kept["tz"] == changed.get("tz", "Europe/Paris").replace("Mars/Olympus", "")


def test_a_domain_that_anybody_may_have_is_typed_twice(client: FlaskClient, world: World, link: str) -> None:
    first = send(client, link, domains="gmail.com")
    assert 'id="domains_again"' in first.text
    assert send(client, link, domains="gmail.com", domains_again=" @Gmail.com").status_code == 303


@pytest.mark.parametrize(
    ("preset", "kind"), [("invitation", "invited"), ("friends", "any_of"), ("everyone", "everyone")]
)
def test_the_other_presets_ask_for_no_domain(
    client: FlaskClient, world: World, link: str, preset: str, kind: str
) -> None:
    assert send(client, link, preset=preset, domains="", launch_name="!!!").status_code == 303
    assert world.rows(GateRevision)[0].tree["kind"] == kind
    assert world.rows(Launch)[0].slug == "waitlist"


def test_set_up_in_french_makes_a_french_waitlist(client: FlaskClient, world: World, link: str) -> None:
    form = form_of(client.get(link + "&lang=fr").text)
    response = client.post("/setup?lang=fr", data=dict(form["fields"]) | ANSWERS)
    assert response.status_code == 303
    assert world.rows(Launch)[0].language == "fr"
