"""Grace makes a passkey at a real browser and signs in by it, with a finger that a virtual authenticator lends her."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser import visiting
from tests.parts.serving import served
from tests.web.admin.conftest import GRACE, PASSWORD, make_admin
from tests.world import World
from waitlist.models.team import Passkey


@pytest.fixture
def port() -> int:
    """A free one: a passkey belongs to one origin, so the service must know its own from the start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


@pytest.fixture
def settings(port: int) -> dict[str, str]:
    return {"WAITLIST_BASE_URL": f"http://localhost:{port}"}


@pytest.fixture
def home(app: Flask, port: int) -> Iterator[str]:
    with served(app, port):
        yield f"http://localhost:{port}"


def lend_finger(page: Page) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    virtual = {**options, "isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": virtual})


def test_a_passkey_of_this_device_is_made_and_signs_in_alone(chromium: Browser, home: str, world: World) -> None:
    make_admin(world)
    with visiting.person(chromium, home, visiting.DESK) as grace:
        page = grace.visit("/admin/sign-in", state="sign_in")
        lend_finger(page)
        page.locator("#email").fill(GRACE)
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button.primary").click()
        page.wait_for_url("**/admin")
        grace.visit("/admin/account/passkeys")
        grace.press("Add a passkey")
        page.get_by_label("What you call it").fill("Laptop")
        page.get_by_role("button", name="Make a passkey").click()
        page.wait_for_url("**done=added")
        grace.check()
        grace.visit("/admin/account")
        page.locator("main .between form button").click()
        page.wait_for_url("**/admin/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/admin")
        grace.check()
    (kept,) = world.rows(Passkey)
    assert (kept.name, kept.transports) == ("Laptop", ["internal"])
    assert kept.used_at is not None


def test_without_a_script_no_passkey_is_offered_and_two_steps_work(chromium: Browser, home: str, world: World) -> None:
    make_admin(world)
    with visiting.person(chromium, home, visiting.PHONE) as grace:
        page = grace.visit("/admin/sign-in", state="sign_in")
        assert page.locator("form").count() == 1
        page.locator("#email").fill(GRACE)
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button.primary").click()
        for path in ("passkeys", "sessions", "two-steps"):
            grace.visit(f"/admin/account/{path}")
        grace.press("La mettre en place")
        grace.visit("/admin/team")
