"""What the tests' form filler sends is what a browser would."""

from __future__ import annotations

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.parts import forms

PAGE = """<!doctype html><title>Join - Campus</title><main data-state="open"><h1>Join</h1>
<a href="/other?x=1&amp;y=2">Other <b>page</b></a>
<form id="join" method="post" action="/w/join"><input type="hidden" name="form_id" value="f1">
<input name="email" value="a&amp;b"><input type="checkbox" name="day" value="mon" checked>
<input type="checkbox" name="day" value="tue"><textarea name="why">
Because</textarea><select name="land"><option value=""></option><option value="CA" selected>Canada</option></select>
<button>Join</button></form>
<form method="get" action="/find"><input name="q"><button name="how" value="fast">Find</button></form></main>"""


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule("/find", "find", lambda: f"<main data-state=found><h1>{request.query_string.decode()}</h1>")
    app.add_url_rule("/w/join", "join", lambda: ("", 303, {"Location": f"/find?{sent()}"}), methods=["POST"])
    return app.test_client()


def sent() -> str:
    return "&".join(f"{name}={value}" for name, value in request.form.items(multi=True))


def test_a_form_sends_what_stands_in_it_and_what_was_typed(client: FlaskClient) -> None:
    page = forms.visit(client, "/")
    assert (page.status, page.state, page.h1, page.title) == (200, "open", "Join", "Join - Campus")
    assert page.form("join").values == [
        ("form_id", "f1"), ("email", "a&b"), ("day", "mon"), ("why", "Because"), ("land", "CA"),
    ]  # fmt: skip
    there = page.submit("Join", email="c", day=["mon", "tue"], why=None)
    assert there.h1 == "form_id=f1&land=CA&email=c&day=mon&day=tue"


def test_a_form_that_asks_leads_to_its_page(client: FlaskClient) -> None:
    assert forms.visit(client, "/").submit("Find", q="me").h1 == "q=me&how=fast"


def test_a_field_that_is_not_there_cannot_be_filled_in(client: FlaskClient) -> None:
    with pytest.raises(AssertionError, match="no field"):
        forms.visit(client, "/").submit("join", colour="blue")


def test_links_are_found_by_their_words(client: FlaskClient) -> None:
    assert forms.visit(client, "/").follow("Other page").url.endswith("/other?x=1&y=2")
