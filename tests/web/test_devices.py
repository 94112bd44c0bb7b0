"""A browser that proved a mailbox knows whose it is, in that launch alone."""

from __future__ import annotations

from flask import Flask, Response

from tests.world import CAROL, World
from waitlist.tokens import Purpose
from waitlist.web import devices


def test_the_browser_of_carol_knows_her_in_her_launch_and_nowhere_else(app: Flask, world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    carol = world.waiting(campus, CAROL)
    with app.test_request_context("/"):
        response = Response()
        devices.remember(response, campus, carol.public_id)
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    with app.test_request_context("/", headers={"Cookie": cookie}):
        assert devices.visitor(campus) == carol.public_id
        assert devices.visitor(other) is None


def test_a_cookie_of_another_launch_or_purpose_names_nobody(app: Flask, world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    carol = world.waiting(campus, CAROL)
    tokens = world.runtime.tokens
    foreign = tokens.sign(Purpose.DEVICE, other.public_id, carol.public_id)
    status = tokens.sign(Purpose.STATUS, campus.public_id, carol.public_id)
    for value in (foreign, status, "x", ""):
        with app.test_request_context("/", headers={"Cookie": f"wl_on-campus={value}"}):
            assert devices.visitor(campus) is None
