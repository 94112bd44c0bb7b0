"""A typed code is read forgivingly; a slip costs nothing, and guessing is counted before anything is looked up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.invites import links
from tests.world import TEAM, World
from waitlist import codes, db
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.services import inviting


@pytest.fixture
def campus(world: World) -> Launch:
    return world.launch()


@pytest.fixture
def invite(world: World, campus: Launch) -> Invite:
    return world.issue(campus, uses=3)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Every statement that reaches a database inside the block."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    with app.app_context():
        engines = [db.db.engine, db.db.engines["reading"]]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)


def unknown(prefix: str = "CAMPUS", start: str = "0") -> str:
    """A well-formed code that no invite has."""
    symbols = start * codes.CODE_SYMBOLS
    return codes.show_code(prefix, symbols + codes.check_symbol(symbols))


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", "").replace("0", "o").replace("1", "l"),
        lambda code: f"  {code} ",
        lambda code: code.partition("-")[2],
    ],
)
def test_a_code_is_read_however_it_is_typed(
    client: FlaskClient, world: World, campus: Launch, invite: Invite, spell: object
) -> None:
    page = forms.visit(client, "/redeem")
    assert (page.status, page.h1) == (200, "Have an invite code?")
    assert "Looks like CAMPUS-7K2P-M9QX-4TB8-WZ" in page.text
    found = page.submit("Continue", code=spell(links.typed(world, campus, invite)))  # type: ignore[operator]
    assert (found.status, found.state) == (200, "open")
    assert found.submit("accept", email="erin@college.edu").h1 == "Check your inbox", "a code skips no proof"


def test_a_wrong_check_symbol_never_touches_the_database(
    app: Flask, client: FlaskClient, world: World, campus: Launch, invite: Invite
) -> None:
    page = forms.visit(client, "/redeem")
    right = links.typed(world, campus, invite)
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    with counted(app) as statements:
        for typed in (wrong, "", "CAMPUS", "x" * 5_000, "!!!!!!!!!!!!!!"):
            refused = page.submit("Continue", code=typed)
            assert refused.status == 422
            assert "Check the code" in refused.text
    assert statements == []
    with counted(app) as statements:
        page.submit("Continue", code=right)
    assert statements, "the counter counts"


def test_one_wrong_symbol_is_named_and_what_was_typed_is_kept(client: FlaskClient) -> None:
    page = forms.visit(client, "/redeem").submit("Continue", code="CAMPUS-0000-0000-0000-01")
    assert "Check the code: one character looks wrong" in page.text
    assert dict(page.form("/redeem").values)["code"] == "CAMPUS-0000-0000-0000-01"
    assert page.title.startswith("Error: ")


def test_five_unknown_codes_in_ten_minutes_and_then_a_pause(
    client: FlaskClient, world: World, campus: Launch, invite: Invite
) -> None:
    page = forms.visit(client, "/redeem")
    for start in "01234":
        missing = page.submit("Continue", code=unknown(start=start))
        assert (missing.status, "No invite has this code" in missing.text) == (404, True)
    right = links.typed(world, campus, invite)
    refused = page.submit("Continue", code=right)
    assert refused.status == 429, "also a right one: guessing tells nothing"
    assert int(refused.headers["Retry-After"]) == 600
    assert page.submit("Continue", code=unknown("OTHER")).status == 404, "another family has tries of its own"
    world.later(minutes=11)
    with world.clock():
        assert forms.visit(client, "/redeem").submit("Continue", code=right).state == "open"


def test_a_desk_may_type_many_right_codes(client: FlaskClient, world: World, campus: Launch, invite: Invite) -> None:
    page = forms.visit(client, "/redeem")
    for _ in range(8):
        assert page.submit("Continue", code=links.typed(world, campus, invite)).state == "open"


def test_the_code_of_an_older_version_names_nothing(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.issue(campus)
    old = links.typed(world, campus, invite)
    with world.writing() as tx:
        inviting.resend(tx, campus, invite, keys=world.keys, actor=TEAM, now=world.now)
    assert forms.visit(client, "/redeem").submit("Continue", code=old).status == 404
