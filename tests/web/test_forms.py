"""A second press shows the first result, and an old page is asked again instead of losing what was typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import both
from tests.world import World
from waitlist.runtime import runtime
from waitlist.tokens import Purpose
from waitlist.web import forms

pytestmark = both


@pytest.fixture
def client(doors: Flask) -> FlaskClient:
    return doors.test_client()


def form_id(doors: Flask, purpose: str = "try", launch: str = "") -> str:
    with doors.app_context():
        return forms.new_form_id(purpose, launch)


def test_a_double_press_has_one_result(client: FlaskClient, doors: Flask) -> None:
    data = {"form_id": form_id(doors)}
    first, second = (client.post("/try/form", data=data).json for _ in range(2))
    assert first == second
    assert first["pressed"].startswith("try:")


def test_two_forms_have_two_results(client: FlaskClient, doors: Flask) -> None:
    answers = {client.post("/try/form", data={"form_id": form_id(doors)}).json["pressed"] for _ in range(2)}
    assert len(answers) == 2


def test_a_static_form_without_an_id_is_a_press_of_its_own(client: FlaskClient) -> None:
    answers = {client.post("/try/form").json["pressed"] for _ in range(2)}
    assert len(answers) == 2


@pytest.mark.parametrize("wrong", ["nonsense", "x" * 5000])
def test_a_made_up_id_asks_for_the_form_again(client: FlaskClient, wrong: str) -> None:
    assert client.post("/try/form", data={"form_id": wrong}).json == {"stale": True}


def test_an_id_of_another_form_or_launch_asks_for_the_form_again(client: FlaskClient, doors: Flask) -> None:
    assert client.post("/try/form", data={"form_id": form_id(doors, "other")}).json == {"stale": True}
    assert client.post("/try/form", data={"form_id": form_id(doors, "try", "lch_2")}).json == {"stale": True}


def test_a_signed_value_that_is_no_press_asks_for_the_form_again(client: FlaskClient, doors: Flask) -> None:
    with doors.app_context():
        odd = runtime().tokens.sign_data(Purpose.FORM, {"purpose": "try"})
    assert client.post("/try/form", data={"form_id": odd}).json == {"stale": True}


def test_a_page_left_open_for_a_day_asks_for_the_form_again(client: FlaskClient, doors: Flask, world: World) -> None:
    data = {"form_id": form_id(doors)}
    world.now += timedelta(hours=24, seconds=2)
    with world.clock():
        assert client.post("/try/form", data=data).json == {"stale": True}
