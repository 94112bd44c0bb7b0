"""Every address of the service: who it is for, what a press on it must carry, and that none appears or goes unnoticed.

`python -m tests.test_routes` writes docs/addresses.md anew after a page was added on purpose.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.world import World
from waitlist import create_app
from waitlist.web.guards import SAFE, UNGUARDED, Proof, guard_of

PAPER = Path(__file__).resolve().parents[1] / "docs" / "addresses.md"
HEAD = """# Addresses

Every address of the service. A page is for the public, for members, for admins of at least the role named, for
products with a key, or for machines. A press (POST) carries a signed form id (`form`), the token in its address
(`token`), or a CSRF token beside the cookie of whoever is signed in (`csrf`). `tests/test_routes.py` compares this
page with the service.

| address | methods | for | a press carries |
|---|---|---|---|
"""
STRANGER = {"Origin": "https://elsewhere.example"}


def addresses(app: Flask) -> list[str]:
    """One table row for each address, sorted."""
    found = {}
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        guard = guard_of(app, rule.endpoint)
        owner = "products" if guard is None else f"{guard.owner} {guard.role or ''}".strip()
        proof = "" if guard is None or guard.proof is Proof.NOTHING else str(guard.proof)
        if rule.endpoint in UNGUARDED:
            owner = "everybody"
        elif guard is None:
            proof = "key"
        key = f"| `{rule.rule.replace('|', '/')}` | {', '.join(methods)} | {owner} | {proof} |"
        found[key] = None
    return sorted(found)


def presses(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE]


def looks(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]


def at(rule: Rule, slug: str = "campus") -> str:
    """The rule's address with something in each of its places."""
    given = {name: 1 if "int:" + name in rule.rule else "nothing-like-it" for name in rule.arguments}
    if "slug" in given:
        given["slug"] = slug
    if "kind" in given:
        given["kind"] = "svg"
    if "deed" in given:
        given["deed"] = "again"
    built = rule.build(given)
    assert built is not None, rule.rule
    return built[1]


def test_no_address_appears_or_goes_without_its_line_in_the_papers(app: Flask) -> None:
    written = sorted(line for line in PAPER.read_text().splitlines() if line.startswith("| `"))
    assert addresses(app) == written, "python -m tests.test_routes"


def test_no_press_from_a_foreign_page_is_taken_where_a_cookie_or_a_form_would_carry_it(
    app: Flask, world: World, client: FlaskClient
) -> None:
    world.launch()
    for rule in presses(app):
        guard = guard_of(app, rule.endpoint)
        if guard is not None and guard.proof in (Proof.FORM, Proof.CSRF):
            assert client.post(at(rule), headers=STRANGER).status_code == 403, rule.rule


def test_a_press_that_carries_nothing_true_changes_nothing_and_breaks_nothing(
    app: Flask, world: World, client: FlaskClient
) -> None:
    world.launch()
    before = len(world.events())
    for rule in presses(app):
        status = client.post(at(rule)).status_code
        assert status < 500, f"{rule.rule} answered {status}"
    assert len(world.events()) == before
    assert not world.messages()


@pytest.mark.parametrize("slug", ["campus", "nowhere"])
def test_every_page_has_its_headers_whatever_stands_in_its_address(
    app: Flask, world: World, client: FlaskClient, slug: str
) -> None:
    world.launch()
    for rule in looks(app):
        response = client.get(at(rule, slug))
        assert response.status_code < 500, f"{rule.rule} answered {response.status_code}"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"], rule.rule
        assert "unsafe-inline" not in response.headers["Content-Security-Policy"], rule.rule
        assert response.headers["X-Content-Type-Options"] == "nosniff", rule.rule
        assert client.head(at(rule, slug)).status_code == response.status_code, rule.rule


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAPER.write_text(HEAD + "\n".join(addresses(create_app({"WAITLIST_INSTANCE": folder}))) + "\n")
