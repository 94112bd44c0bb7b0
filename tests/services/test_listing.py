"""Named lists of people."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import BOB, CAROL, TEAM, World
from waitlist.models.entry import State
from waitlist.models.hold import ListRow, NamedList
from waitlist.models.launch import Launch
from waitlist.services import listing
from waitlist.services.joining import NotEligible
from waitlist.services.listing import Listed

pytestmark = both


def listed(world: World, launch: Launch, email: str) -> Listed:
    known = world.application(launch, email)
    return Listed(known.abuse_key, known.email, known.email_key)


def add(world: World, launch: Launch, *rows: Listed, key: str = "vips") -> int:
    with world.writing() as tx:
        return listing.add(tx, launch, key, rows, title="Our VIPs", actor=TEAM, now=world.now)


def drop(world: World, launch: Launch, *abuse_keys: str, key: str = "vips") -> int:
    with world.writing() as tx:
        return listing.drop(tx, launch, key, abuse_keys, actor=TEAM, now=world.now)


def test_only_who_is_on_the_list_may_join(world: World) -> None:
    campus = world.launch(tree={"kind": "listed", "list": "vips"})
    with pytest.raises(NotEligible):
        world.join(campus, CAROL)
    assert add(world, campus, listed(world, campus, CAROL)) == 1
    assert world.waiting(campus, CAROL).state == State.WAITING
    with pytest.raises(NotEligible):
        world.join(campus, BOB)


def test_a_mailbox_stands_on_a_list_once_whichever_address_was_given(world: World) -> None:
    campus = world.launch()
    plain, tagged = listed(world, campus, "carol@gmail.com"), listed(world, campus, "carol+news@gmail.com")
    assert add(world, campus, plain, tagged) == 1
    assert add(world, campus, tagged) == 0
    (named,) = world.rows(NamedList)
    assert (named.title, named.version) == ("Our VIPs", 2)
    assert len(world.events("listing.added")) == 1


def test_a_list_may_hold_hashes_alone(world: World) -> None:
    campus = world.launch(tree={"kind": "listed", "list": "vips"})
    add(world, campus, Listed(world.application(campus, CAROL).abuse_key))
    assert world.rows(ListRow)[0].email is None
    assert world.waiting(campus, CAROL).state == State.WAITING


def test_a_long_list_is_written_in_chunks(world: World) -> None:
    campus = world.launch()
    assert add(world, campus, *[Listed(f"hash{n}") for n in range(1_203)]) == 1_203
    assert drop(world, campus, *[f"hash{n}" for n in range(1_300)]) == 1_203
    assert world.rows(ListRow) == []


def test_taking_somebody_off_puts_nobody_out(world: World) -> None:
    campus = world.launch(tree={"kind": "listed", "list": "vips"})
    carol = listed(world, campus, CAROL)
    add(world, campus, carol)
    world.waiting(campus, CAROL)
    assert drop(world, campus, carol.abuse_key) == 1
    assert drop(world, campus, carol.abuse_key) == 0
    assert world.place(CAROL) == 1
    assert len(world.events("listing.dropped")) == 1


def test_lists_belong_to_their_launch(world: World) -> None:
    campus = world.launch()
    add(world, campus, Listed("hash"))
    with pytest.raises(listing.NoSuchList):
        drop(world, world.launch("other"), "hash")


@pytest.mark.parametrize("key", ["", "VIPs", "my list", "-x", "x" * 64])
def test_a_key_that_no_rule_could_name_is_refused(world: World, key: str) -> None:
    campus = world.launch()
    with pytest.raises(listing.BadListKey):
        add(world, campus, key=key)
