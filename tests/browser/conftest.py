"""The town that the stories of the public pages share: it is built once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.browser.town import Town, launches, people
from tests.parts.apps import dispose, migrate
from tests.parts.serving import served
from tests.web.public.conftest import Hand
from tests.world import World
from waitlist import create_app


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    environ = {
        "WAITLIST_INSTANCE": str(tmp_path_factory.mktemp("town") / "instance"),
        "WAITLIST_LIMITS": "false",
        "WAITLIST_MAIL_FROM": "Campus <hello@campus.example>",
    }
    migrate(environ)
    app: Flask = create_app(environ)
    world = World(app)
    hand = Hand(app, world)
    paths = {**launches(world), **people(world, hand)}
    with served(app) as home:
        yield Town(home, hand, world, paths)
    dispose(app)
