"""No page is a dead end, also when the service is in trouble."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, Gone, HTTPException

from tests.world import World
from waitlist import branding
from waitlist.services.shelving import LaunchArchived
from waitlist.web.guards import Owner, Proof, guard


class Odd(HTTPException):
    """A status that no page was written for."""

    code = 501


@pytest.fixture
def doors(app: Flask) -> Flask:
    """The app with pages that end badly."""
    errors = {
        "gone": Gone(),
        "refused": BadRequest(),
        "odd": Odd(),
        "away": OperationalError("SELECT 1", {}, Exception("disk full")),
        "crash": ZeroDivisionError("somebody@example.com"),
        "archived": LaunchArchived(),
    }

    @guard(Owner.PUBLIC)
    def fail(how: str) -> str:
        raise errors[how]

    app.add_url_rule("/w/campus/<how>", "fail", fail)
    app.add_url_rule("/api/v1/try/<how>", "api_fail", fail)
    app.add_url_rule("/press", "press", guard(Owner.PUBLIC, Proof.TOKEN)(lambda: "ok"), methods=["POST"])
    return app


@pytest.fixture
def client(doors: Flask) -> FlaskClient:
    return doors.test_client()


@pytest.mark.parametrize(
    ("how", "status", "title"),
    [
        ("gone", 410, "This is no longer here"),
        ("refused", 400, "This did not work"),
        ("archived", 409, "This waitlist is over"),
        ("odd", 501, "This did not work"),
        ("away", 503, "Sorry, this is unavailable for a moment"),
        ("crash", 500, "Sorry, there is a problem"),
    ],
)
def test_each_trouble_has_its_page_and_its_status(client: FlaskClient, how: str, status: int, title: str) -> None:
    response = client.get(f"/w/campus/{how}")
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in response.text


def test_a_crash_shows_the_number_that_is_also_in_the_log(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    (handler,) = logging.getLogger("waitlist").handlers
    monkeypatch.setattr(handler, "stream", log)
    response = client.get("/w/campus/crash")
    number = response.headers["X-Request-Id"]
    assert number in response.text
    assert number in log.getvalue()
    assert "ZeroDivisionError" in log.getvalue()
    assert "somebody@example.com" not in response.text


def test_a_page_that_is_away_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/w/campus/away").headers["Retry-After"] == "60"


def test_an_unknown_address_leads_somewhere(client: FlaskClient) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert 'href="/"' in response.text


def test_a_page_that_only_takes_presses_says_so(client: FlaskClient) -> None:
    response = client.get("/press")
    assert response.status_code == 405
    assert response.headers["Allow"] == "OPTIONS, POST"
    assert "Go back and press the button there." in response.text


def test_error_pages_keep_their_face_without_the_database(client: FlaskClient, environ: dict[str, str]) -> None:
    branding.remember(Path(environ["WAITLIST_INSTANCE"]), branding.Branding("campus", "Campus", "hi@campus.example"))
    text = client.get("/w/campus/away").text
    assert "Go to Campus" in text
    assert "mailto:hi@campus.example" in text


def test_a_broken_snapshot_gives_a_plain_face(client: FlaskClient, environ: dict[str, str]) -> None:
    (Path(environ["WAITLIST_INSTANCE"]) / branding.FILE).write_text("{half")
    assert client.get("/w/campus/away").status_code == 503


def test_products_get_problem_documents(client: FlaskClient) -> None:
    troubles = [("gone", 410, "gone"), ("archived", 409, "archived")]
    troubles += [("away", 503, "unavailable"), ("crash", 500, "internal-error")]
    for how, status, kind in troubles:
        response = client.get(f"/api/v1/try/{how}")
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")
        assert response.json["type"].endswith(f"/problems/{kind}")
        assert response.json["request_id"] == response.headers["X-Request-Id"]


def test_a_name_that_is_not_ours_is_not_answered(client: FlaskClient) -> None:
    assert client.get("/metrics", base_url="http://elsewhere.example").status_code == 400
    assert client.get("/w/campus", base_url="http://elsewhere.example").status_code == 400
    assert client.get("/", base_url="http://127.0.0.1:8000").status_code < 400


def test_a_health_check_may_ask_by_any_address(client: FlaskClient) -> None:
    for path in ("/livez", "/readyz", "/healthz"):
        assert client.get(path, base_url="http://10.1.2.3:8000").status_code == 200


def test_errors_speak_french(client: FlaskClient) -> None:
    assert "Page introuvable" in client.get("/no/such/page?lang=fr").text


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    client.get("/no/such/page?lang=fr")
    assert 'lang="fr"' in client.get("/no/such/page").text


def test_the_worker_that_was_never_seen_is_told_but_keeps_no_page_from_working(client: FlaskClient) -> None:
    response = client.get("/readyz?verbose")
    assert response.status_code == 200
    assert response.text == "[+]database ok\n[-]worker never seen\n"
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/livez").text == "ok\n"


def test_metrics_are_off_until_a_token_is_set(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404


class TestMetrics:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"WAITLIST_METRICS_TOKEN": "a long token"}

    def test_metrics_need_their_token(self, client: FlaskClient) -> None:
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401

    def test_metrics_count_people_by_state(self, client: FlaskClient, world: World) -> None:
        world.waiting(world.launch(), "carol@college.edu")
        text = client.get("/metrics", headers={"Authorization": "Bearer a long token"}).text
        assert 'waitlist_entries{launch="campus",state="waiting"} 1.0' in text
        assert "waitlist_worker_alive 0.0" in text
