"""What docs/flags.md tells products to copy is run as it stands there."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.ofrep.conftest import facts_of, key_of
from tests.ofrep.test_clients import Silent
from tests.parts import node
from tests.parts.serving import served
from tests.world import TEAM, World
from waitlist.services import splitting

PAPER = (Path(__file__).parents[2] / "docs" / "flags.md").read_text()


def blocks(language: str) -> list[str]:
    """What stands in the paper's fences of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAPER, re.M | re.S)


def test_every_example_works_as_it_is_written(world: World, chromium: Browser, tmp_path: Path) -> None:
    facts = facts_of(world)
    with served(world.app) as home:
        environ = os.environ | {"WL_URL": home, "WL_KEY": facts.key}

        def said(*command: str) -> str:
            done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
            return done.stdout.strip()

        asks, fetches, asks_for_the_arm = blocks("sh")
        assert json.loads(said("bash", "-c", asks))["value"] is True
        token = json.loads(said("bash", "-c", fetches))["token"]
        with world.writing() as tx:
            splitting.set_arms(tx, world.launch_of("campus"), [("new", 500_000)], actor=TEAM, now=world.now)
        arm = json.loads(said("bash", "-c", asks_for_the_arm))
        assert (arm["value"], arm["reason"]) == (
            "control",
            "SPLIT",
        )  # whoever was in before the arms keeps what they have
        (python,), (script,), (markup,) = blocks("python"), blocks("js"), blocks("html")
        assert said(sys.executable, "-c", python) == "True"
        server = node.clients() / "paper.cjs"
        server.write_text(script)
        assert said("node", str(server)) == "true"
        head = (node.CLIENTS / "page.html").read_text()
        imports = re.search(r'<script type="importmap">.*?</script>', head, re.S)
        assert imports
        (tmp_path / "node_modules").symlink_to(node.clients() / "node_modules")
        handler = functools.partial(Silent, directory=str(tmp_path))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as shop:
            threading.Thread(target=shop.serve_forever, daemon=True).start()
            origin = f"http://localhost:{shop.server_port}"
            public = key_of(world, world.launch_of("campus"), "public", origins=(origin,))
            filled = markup.replace("https://join.example.edu", home).replace("wl_pk_…", public).replace("st_…", token)
            (tmp_path / "index.html").write_text(f"<!doctype html><title>Shop</title><body>{imports[0]}{filled}")
            page = chromium.new_context().new_page()
            page.goto(origin)
            expect(page.locator("body")).to_have_attribute("data-may-enter", "true")
            page.context.close()
            shop.shutdown()
