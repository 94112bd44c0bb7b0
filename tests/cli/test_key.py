"""An operator gives a product its key, and takes it back."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import World
from waitlist import keys
from waitlist.db import some
from waitlist.models.access import ApiKey


@both
def test_a_key_is_printed_once_and_kept_as_a_hash(world: World, hand: Hand) -> None:
    world.launch()
    made = hand.gets_one("key", "create", "campus", "--name", "Shop", "--scope", "entries:read")
    assert re.fullmatch(r"wl_sk_[0-9A-Za-z]{42}", made["key"])
    with world.reading() as rx:
        (row,) = some(rx, sa.select(ApiKey))
    assert row.key_hash == keys.key_hash(world.runtime.secrets.pepper, made["key"])
    assert (row.name, row.scopes, made["key"] in str(row)) == ("Shop", ["entries:read"], False)
    assert hand.gets_one("key", "create", "campus", "--public")["key"].startswith("wl_pk_")
    assert "not be able to see it again" in hand.types("key", "create", "campus", "--dry-run").stderr


def test_a_revoked_key_is_over(world: World, hand: Hand) -> None:
    world.launch()
    made = hand.gets_one("key", "create", "campus", "--expires", "2999-01-01")
    assert hand.gets_one("key", "revoke", "campus", made["id"], "--dry-run")["revoked_at"]
    assert hand.gets_one("key", "revoke", "campus", made["id"])["revoked_at"]
    assert "revoked before" in hand.is_refused("key", "revoke", "campus", made["id"])
    hand.is_refused("key", "create", "campus", "--scope", "everything", code=2)
