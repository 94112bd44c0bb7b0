"""The server whose rules are tested: this service with two small launches, or another one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ofrep.target import Facts, Reply, Target, over_http
from tests.world import ALICE, CAROL, DAVE, TEAM, World
from waitlist import keys
from waitlist.api.ofrep.whose import subject_token
from waitlist.models.launch import Launch
from waitlist.services import keying

SHOP = "https://shop.example"


def key_of(world: World, launch: Launch, kind: str = "secret", **more: object) -> str:
    """A new key of a launch, as its text."""
    text = keys.make(kind)
    row = {"key_hash": keys.key_hash(world.runtime.secrets.pepper, text), "key_end": keys.end(text)}
    wanted = {"scopes": ("flags:read",)} if kind == "secret" else {"scopes": (), "origins": (SHOP,)}
    with world.writing() as tx:
        keying.create(tx, launch, kind=kind, name="shop", actor=TEAM, now=world.now, **(row | wanted | more))
    return text


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Target:
    """`OFREP_BASE_URL` with `OFREP_FIXTURE`, or the service of this test."""
    if "OFREP_BASE_URL" in os.environ:
        facts = Facts(**json.loads(Path(os.environ["OFREP_FIXTURE"]).read_text()))
        return Target(facts, over_http(os.environ["OFREP_BASE_URL"]))
    world: World = request.getfixturevalue("world")
    return Target(facts_of(world), in_process(world))


def facts_of(world: World) -> Facts:
    """One campus that is open to its domain, and one line that nobody was called from yet."""
    campus, slow = world.launch(mode="open"), world.launch("slow")
    alice, carol = world.waiting(campus, ALICE), world.waiting(slow, CAROL)
    with world.app.app_context():
        tokens = subject_token(campus, alice), subject_token(slow, carol)
    return Facts(
        flag="campus",
        key=key_of(world, campus),
        public_key=key_of(world, campus, "public"),
        origin=SHOP,
        admitted=ALICE,
        outsider=DAVE,
        admitted_token=tokens[0],
        waiting_flag="slow",
        waiting_key=key_of(world, slow),
        waiting_public_key=key_of(world, slow, "public"),
        waiting=CAROL,
        waiting_token=tokens[1],
    )


def in_process(world: World):
    client = world.app.test_client()

    def send(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        response = client.open(path, method=method, data=body, headers=dict(headers))
        with response:  # a stream gives its slot back when it is closed
            return Reply(response.status_code, dict(response.headers), response.data)

    return send
