"""The published OpenFeature clients, unmodified, against the service on a real socket."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from playwright.sync_api import Browser, expect

from tests.ofrep.conftest import facts_of, key_of
from tests.ofrep.target import Facts
from tests.parts import node
from tests.parts.serving import served
from tests.world import TEAM, World
from waitlist.services import braking
from waitlist.services.braking import Level


@pytest.fixture
def facts(world: World) -> Facts:
    return facts_of(world)


@pytest.fixture
def home(world: World) -> Iterator[str]:
    with served(world.app) as address:
        yield address


def test_the_python_client_learns_who_may_in(facts: Facts, home: str) -> None:
    provider = OFREPProvider(home, headers_factory=lambda: {"Authorization": f"Bearer {facts.key}"})
    api.set_provider(provider)
    client = api.get_client()
    inside = client.get_boolean_details(facts.flag, False, EvaluationContext(facts.admitted))
    assert (inside.value, inside.variant, inside.reason, inside.error_code) == (
        *(True, "admitted", "TARGETING_MATCH"),
        None,
    )
    assert inside.flag_metadata["state"] == "admitted"
    outside = client.get_boolean_details(facts.flag, True, EvaluationContext(facts.outsider))
    assert (outside.value, outside.error_code) == (False, None)
    unknown = client.get_boolean_details("no-such-flag", True, EvaluationContext(facts.admitted))
    assert (unknown.value, unknown.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)
    api.shutdown()


def test_the_node_server_client_learns_who_may_in(facts: Facts, home: str) -> None:
    inside, outside = node.run("server.mjs", home, facts.key, facts.flag, facts.admitted, facts.outsider)
    assert (inside["value"], inside["variant"], inside["reason"]) == (True, "admitted", "TARGETING_MATCH")
    assert (outside["value"], outside.get("errorCode")) == (False, None)


def test_the_web_client_in_node_learns_who_may_in(facts: Facts, home: str) -> None:
    for found in node.run("web.mjs", home, facts.public_key, facts.flag, facts.admitted_token):
        assert (found["value"], found["variant"]) == (True, "admitted")
    for found in node.run("web.mjs", home, facts.waiting_public_key, facts.waiting_flag, facts.waiting_token):
        assert (found["value"], found["variant"]) == (False, "waiting")


def test_a_page_of_another_site_hears_of_a_kill_by_itself(
    facts: Facts, home: str, world: World, chromium: Browser, tmp_path: Path
) -> None:
    shutil.copy(node.CLIENTS / "page.html", tmp_path / "page.html")
    (tmp_path / "node_modules").symlink_to(node.clients() / "node_modules")
    handler = functools.partial(Silent, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        origin = f"http://localhost:{shop.server_port}"
        campus = world.launch_of("campus")
        key = key_of(world, campus, "public", origins=(origin,))
        page = chromium.new_context().new_page()
        about = f"base={home}&key={key}&flag=campus&token={facts.admitted_token}"
        with page.expect_request("**/ofrep/v1/streams/*"):
            page.goto(f"{origin}/page.html?{about}")
        answer = page.locator("#answer")
        expect(answer).to_have_text("true admitted TARGETING_MATCH")
        page.wait_for_timeout(1500)
        with world.writing() as tx:
            braking.brake(tx, campus, Level.KILL, reason="leak", actor=TEAM, now=world.now)
        expect(answer).to_have_text("false killed DISABLED", timeout=10_000)
        with world.writing() as tx:
            braking.lift(tx, campus, (Level.KILL,), actor=TEAM, now=world.now)
        expect(answer).to_have_text("true admitted TARGETING_MATCH", timeout=10_000)
        page.context.close()
        shop.shutdown()


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_args: object) -> None:
        pass
