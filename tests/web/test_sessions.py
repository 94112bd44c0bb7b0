"""Who is signed in: an opaque cookie, a row that can be revoked, and nothing for those who only look."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from tests.world import World
from waitlist.models.access import WebSession


@pytest.fixture
def client(doors: Flask) -> FlaskClient:
    return doors.test_client()


def sign_in(client: FlaskClient) -> str:
    """Alice signs in; answers with her CSRF token's seed."""
    return client.post("/w/campus/me/try-sign-in").text


def rows(world: World) -> int:
    with world.reading() as rx:
        return rx.scalar(sa.select(sa.func.count()).where(WebSession.revoked_at.is_(None))) or 0


def test_somebody_who_only_looks_gets_no_session(client: FlaskClient, world: World) -> None:
    response = client.get("/w/campus/me/try-who")
    assert response.text == "nobody"
    assert "Set-Cookie" not in response.headers
    assert rows(world) == 0


def test_a_sign_in_is_remembered_by_an_opaque_cookie(client: FlaskClient, world: World) -> None:
    sign_in(client)
    assert client.get("/w/campus/me/try-who").text == "Alice"
    cookie = client.get_cookie("wl_me-campus")
    assert cookie is not None
    assert "Alice" not in cookie.value
    with world.reading() as rx:
        assert rx.scalar(sa.select(WebSession.id_hash)) != cookie.value


def test_a_public_page_neither_reads_nor_sets_a_session(client: FlaskClient) -> None:
    sign_in(client)
    assert "Set-Cookie" not in client.post("/try/token").headers


def test_signing_in_again_throws_out_whoever_knew_the_old_cookie(client: FlaskClient, world: World) -> None:
    sign_in(client)
    old = client.get_cookie("wl_me-campus")
    assert old is not None
    sign_in(client)
    assert rows(world) == 1
    client.set_cookie("wl_me-campus", old.value)
    assert client.get("/w/campus/me/try-who").text == "nobody"


def test_what_a_page_notes_while_looking_is_not_kept(client: FlaskClient, world: World) -> None:
    sign_in(client)
    client.get("/w/campus/me/try-who")
    with world.reading() as rx:
        assert "seen" not in (rx.scalar(sa.select(WebSession.data)) or {})


def test_a_press_under_a_cookies_authority_needs_the_token_beside_it(client: FlaskClient, doors: Flask) -> None:
    sign_in(client)
    assert client.post("/w/campus/me/try-rename").status_code == 400
    assert client.get("/w/campus/me/try-who").text == "Alice"


def test_a_press_with_the_token_is_taken(client: FlaskClient, doors: Flask) -> None:
    seed = sign_in(client)
    signed = URLSafeTimedSerializer(doors.secret_key, salt="wtf-csrf-token").dumps(seed)
    assert client.post("/w/campus/me/try-rename", data={"csrf_token": signed}).text == "renamed"
    assert client.get("/w/campus/me/try-who").text == "Alicia"


def test_signing_out_revokes_the_row_and_drops_the_cookie(client: FlaskClient, world: World) -> None:
    sign_in(client)
    assert client.post("/w/campus/me/try-out").text == "out"
    assert client.get_cookie("wl_me-campus") is None
    assert rows(world) == 0


def test_a_session_ends_by_itself_after_thirty_days(client: FlaskClient, world: World) -> None:
    sign_in(client)
    world.later(days=30, seconds=1)
    with world.clock():
        assert client.get("/w/campus/me/try-who").text == "nobody"


class TestOverHttps:
    """On an https address the cookie is Secure and bound to the host."""

    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"WAITLIST_BASE_URL": "https://join.example.org"}

    def test_the_cookie_is_secure_and_bound_to_the_host(self, client: FlaskClient) -> None:
        response = client.post("/w/campus/me/try-sign-in", base_url="https://join.example.org")
        cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("__Host-wl_me-campus=")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_browsers_are_told_to_stay_with_https(self, client: FlaskClient) -> None:
        assert (
            client.get("/livez", base_url="https://join.example.org")
            .headers["Strict-Transport-Security"]
            .startswith("max-age=")
        )
