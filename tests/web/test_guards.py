"""Nobody presses a button from somewhere else, and nothing that only looks can change anything."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from waitlist.web.guards import Owner, check_all_guarded, guard

HOME = "http://127.0.0.1:8000"


@pytest.fixture
def client(doors: Flask) -> FlaskClient:
    return doors.test_client()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://localhost:8000"},
        {"Origin": HOME + ".elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_sent_from_another_website_is_refused_with_a_way_out(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    response = client.post("/try/form", base_url=HOME, headers=headers)
    assert response.status_code == 403
    assert "Open the page here and send it again." in response.text


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": HOME}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
def test_a_form_sent_from_its_own_page_is_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/try/form", base_url=HOME, headers=headers).status_code == 200


def test_on_a_token_page_the_token_is_the_proof(client: FlaskClient) -> None:
    assert client.post("/try/token", headers={"Origin": "https://mail.example"}).text == "done"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_cannot_write(client: FlaskClient, method: str, caplog: pytest.LogCaptureFixture) -> None:
    assert client.open("/try/writing", method=method).status_code == 500


def test_a_press_after_a_look_may_write_again(client: FlaskClient) -> None:
    client.get("/try/writing")
    assert client.post("/try/form", base_url=HOME).status_code == 200


def test_a_page_that_nobody_guards_stops_the_start() -> None:
    bare = Flask("bare")
    bare.add_url_rule("/try/unguarded", "unguarded", lambda: "?")
    with pytest.raises(RuntimeError, match="unguarded has no guard"):
        check_all_guarded(bare)


def test_a_press_that_asks_for_no_proof_stops_the_start() -> None:
    bare = Flask("bare")
    bare.add_url_rule("/try/bare", "bare", guard(Owner.PUBLIC)(lambda: "?"), methods=["POST"])
    with pytest.raises(RuntimeError, match="bare takes POST and asks for no proof"):
        check_all_guarded(bare)
