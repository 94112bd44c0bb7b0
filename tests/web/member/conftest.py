"""A member at their own browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.world import ALICE, World
from waitlist.models.entry import Attempt
from waitlist.models.launch import Launch

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def campus(world: World) -> Launch:
    """Alice is inside with three invites to give, Bob invited, Carol waiting."""
    return world.cast(world.launch(contact_email="help@college.edu"))


@pytest.fixture
def digits(world: World) -> Callable[[], str]:
    """The six digits of the newest sign-in mail."""

    def read() -> str:
        attempt = world.rows(Attempt, Attempt.kind == "sign_in")[-1]
        return world.runtime.stationery.six_digits(attempt.public_id, attempt.version)

    return read


@pytest.fixture
def sign_in(app: Flask, digits: Callable[[], str]) -> SignIn:
    """A browser in which somebody is signed in, by the code of the mail."""

    def enter(email: str = ALICE, slug: str = "campus", **options: object) -> FlaskClient:
        browser = app.test_client()
        page = forms.visit(browser, f"/w/{slug}/me/sign-in", **options).submit("E-mail me a sign-in link", email=email)
        assert page.submit("Continue", code=digits()).h1 == "My invites"
        return browser

    return enter


@pytest.fixture
def alice(campus: Launch, sign_in: SignIn) -> FlaskClient:
    """Alice's signed-in browser."""
    return sign_in()
