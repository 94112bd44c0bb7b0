"""The operator makes admins and gives them a way back in, without any mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Hand
from tests.world import World
from waitlist import passwords
from waitlist.db import one
from waitlist.models.access import User, grants_of, user_by_email
from waitlist.services import securing

Fresh = Callable[..., Hand]
PASSWORD = "correct horse battery"


def test_an_admin_may_be_made_with_a_link_or_a_password(world: World, hand: Hand) -> None:
    world.launch()
    made = hand.gets_one("create-admin", "Ada@College.edu", "--role", "viewer", "--launch", "campus")
    assert (made["email"], made["role"], made["launch"]) == ("ada@college.edu", "viewer", "campus")
    assert made["link"].startswith("http://join.test/admin/reset/")
    result = hand.types("create-admin", "bob@college.edu", "--password-stdin", stdin=PASSWORD + "\n")
    assert result.exit_code == 0
    with world.reading() as rx:
        bob = one(rx, user_by_email("bob@college.edu"))
        assert bob is not None
        assert passwords.is_right(PASSWORD, bob.password)
        assert [(grant.role, grant.launch_id) for grant in rx.execute(grants_of(bob.id))] == [("owner", None)]


def test_refusals_name_the_way_out(world: World, hand: Hand) -> None:
    hand.types("create-admin", "ada@college.edu")
    assert "reset-admin" in hand.is_refused("create-admin", "ada@college.edu")
    assert "create-admin" in hand.is_refused("reset-admin", "nobody@college.edu")
    result = hand.types("create-admin", "bob@college.edu", "--password-stdin", stdin="short\n")
    assert (result.exit_code, "12" in result.stderr) == (1, True)


def test_each_reset_link_ends_the_one_before(world: World, hand: Hand) -> None:
    hand.types("create-admin", "ada@college.edu")
    links = [hand.gets_one("reset-admin", "ada@college.edu")["link"] for _ in range(2)]
    assert links[0] != links[1]


def test_the_settings_may_name_the_first_owner(fresh: Fresh) -> None:
    hand = fresh(WAITLIST_ADMIN_EMAIL="ada@college.edu", WAITLIST_ADMIN_PASSWORD=PASSWORD)
    assert hand.gets_one("init")["set_up_link"] is None
    assert hand.gets_one("init")["set_up_link"] is None
    assert "is an admin already" in hand.is_refused("create-admin", "ada@college.edu")


@pytest.mark.parametrize("missing", ["WAITLIST_ADMIN_EMAIL", "WAITLIST_ADMIN_PASSWORD"])
def test_half_an_owner_is_none(fresh: Fresh, missing: str) -> None:
    named = {"WAITLIST_ADMIN_EMAIL": "ada@college.edu", "WAITLIST_ADMIN_PASSWORD": PASSWORD}
    del named[missing]
    assert fresh(**named).gets_one("init")["set_up_link"]


def test_a_first_owner_with_a_short_password_is_refused(fresh: Fresh) -> None:
    hand = fresh(WAITLIST_ADMIN_EMAIL="ada@college.edu", WAITLIST_ADMIN_PASSWORD="short")
    assert "12" in hand.is_refused("init")


def test_a_lost_device_is_forgotten_when_it_is_said_so(world: World, hand: Hand) -> None:
    hand.types("create-admin", "ada@college.edu")
    with world.writing() as tx:
        ada = one(tx, user_by_email("ada@college.edu"))
        assert ada is not None
        securing.turn_on(tx, ada.id, "a secret", 1, ["a hash"], now=world.now)
    hand.gets_one("reset-admin", "ada@college.edu")
    assert world.rows(User)[0].tf_totp_secret == "a secret"
    assert hand.gets_one("reset-admin", "ada@college.edu", "--lost-device")["link"]
    assert (world.rows(User)[0].tf_totp_secret, world.rows(User)[0].recovery_codes) == (None, None)
    assert len(world.events("securing.devices_forgotten")) == 1
