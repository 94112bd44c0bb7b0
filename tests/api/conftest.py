"""A product with a secret key of its launch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.world import TEAM, World
from waitlist import keys
from waitlist.models.launch import Launch
from waitlist.services import keying

Ask = Callable[..., Any]


@pytest.fixture
def make_key(world: World) -> Callable[..., str]:
    """A new key of a launch, as its text."""

    def make(launch: Launch, kind: str = "secret", scopes: Sequence[str] = keys.SCOPES, **more: Any) -> str:
        text = keys.make(kind)
        with world.writing() as tx:
            keying.create(
                tx,
                launch,
                kind=kind,
                name="the product",
                key_hash=keys.key_hash(world.runtime.secrets.pepper, text),
                key_end=keys.end(text),
                scopes=scopes,
                actor=TEAM,
                now=world.now,
                **more,
            )
        return text

    return make


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Post JSON with a key."""

    def post(path: str, key: str | None, body: Any = None, **options: Any) -> Any:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return client.post(f"/api/v1/{path}", json=body, headers=headers, **options)

    return post
