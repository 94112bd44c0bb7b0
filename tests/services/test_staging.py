"""A launch opens step by step, as Facebook did: VIPs, a campus, friends, a region, everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, CAROL, TEAM, World
from waitlist.gates import BadGate
from waitlist.gates.deciding import decide
from waitlist.models.entry import Entry, StoredFact
from waitlist.models.hold import ListRow, NamedList
from waitlist.models.launch import Launch
from waitlist.queries import deciding
from waitlist.services import launching, staging, sticking

pytestmark = both
VIPS = {"kind": "listed", "list": "vip"}
CAMPUS = {"kind": "domain", "domains": ["college.edu"]}
FRIENDS = {"kind": "referred"}
REGION = {"kind": "country", "countries": ["US", "CA"]}


def add(world: World, launch: Launch, key: str, tree: dict[str, Any], **more: Any) -> None:
    with world.writing() as tx:
        staging.add(tx, launch, staging.Draft(key, tree, **more), actor=TEAM, now=world.now)


def start(world: World, launch: Launch, key: str, **more: Any) -> None:
    with world.writing() as tx:
        staging.start(tx, launch, key, actor=TEAM, now=world.now, **more)


def let_in(world: World, launch: Launch, people: list[Entry]) -> str:
    """The first letters of whoever may in now, and it sticks, as when their product asks."""
    inside = ""
    for person in people:
        entry = world.entry(person.email, launch)
        with world.writing() as tx:
            launch = world.launch_of(launch.slug)
            subject = deciding.subject(tx, launch, entry, world.now)
            decision = decide(deciding.plan_of(tx, launch), subject, world.now)
            sticking.stick(tx, launch, entry.id, decision, actor=TEAM, now=world.now)
        inside += person.email[0] if decision.admitted else ""
    return inside


def list_vip(world: World, launch: Launch, person: Entry) -> None:
    about = {"launch_id": launch.id, "key": "vip", "title": "VIPs", "created_at": world.now, "created_by": "x"}
    with world.writing() as tx:
        vips = tx.execute(sa.insert(NamedList).values(about).returning(NamedList.id)).scalar_one()
        row = {"list_id": vips, "abuse_key": person.email_abuse_key, "facts": {}, "added_at": world.now}
        tx.execute(sa.insert(ListRow).values(row))


def know(world: World, person: Entry, name: str, value: object) -> None:
    fact = {"entry_id": person.id, "name": name, "value": value, "trust": 4, "source": "import"}
    with world.writing() as tx:
        tx.execute(sa.insert(StoredFact).values(**fact, observed_at=world.now))


def test_one_launch_passes_through_five_stages(world: World) -> None:
    launch = world.launch(domain=None)
    vip = world.waiting(launch, "vera@elsewhere.edu")
    alice = world.waiting(launch, ALICE)
    bob = world.waiting(launch, "bob@elsewhere.edu", by=alice)
    dan = world.waiting(launch, "dan@elsewhere.edu")
    eve = world.waiting(launch, "eve@elsewhere.edu")
    people = [vip, alice, bob, dan, eve]
    list_vip(world, launch, vip)
    know(world, dan, "country", "CA")
    assert let_in(world, launch, people) == ""
    add(world, launch, "vip", VIPS, starts_at=world.now + timedelta(hours=1))
    assert let_in(world, launch, people) == ""
    world.later(hours=1)
    assert let_in(world, launch, people) == "v"
    add(world, launch, "campus", CAMPUS)
    assert let_in(world, launch, people) == "v"
    start(world, launch, "campus")
    assert let_in(world, launch, people) == "va"
    add(world, launch, "friends", FRIENDS, starts_at=world.now)
    assert let_in(world, launch, people) == "vab"
    add(world, launch, "region", REGION, starts_at=world.now)
    assert let_in(world, launch, people) == "vabd"
    with world.writing() as tx:
        launching.launch_to_all(tx, launch, actor=TEAM, now=world.now)
    assert let_in(world, launch, people) == "vabde"


def test_a_paused_stage_lets_nobody_new_in_and_keeps_whom_it_let_in(world: World) -> None:
    launch = world.launch(domain=None)
    alice, carol = world.waiting(launch, ALICE), world.waiting(launch, CAROL)
    add(world, launch, "campus", CAMPUS, starts_at=world.now)
    assert let_in(world, launch, [alice]) == "a"
    with world.writing() as tx:
        staging.pause(tx, launch, "campus", reason="flood", actor=TEAM, now=world.now)
    assert let_in(world, launch, [alice, carol]) == "a"
    with pytest.raises(staging.NoSuchStage), world.writing() as tx:
        staging.pause(tx, launch, "campus", reason="again", actor=TEAM, now=world.now)
    with world.writing() as tx:
        staging.resume(tx, launch, "campus", actor=TEAM, now=world.now)
    assert let_in(world, launch, [alice, carol]) == "ac"
    for key in ("campus", "nothing"):
        with pytest.raises(staging.NoSuchStage), world.writing() as tx:
            staging.resume(tx, launch, key, actor=TEAM, now=world.now)


def test_a_stage_that_started_is_neither_moved_nor_withdrawn(world: World) -> None:
    launch = world.launch()
    add(world, launch, "later", {"kind": "everyone"}, starts_at=world.now + timedelta(days=1))
    start(world, launch, "later", at=world.now + timedelta(days=2))
    with world.writing() as tx:
        staging.withdraw(tx, launch, "later", actor=TEAM, now=world.now)
    add(world, launch, "now", {"kind": "everyone"}, starts_at=world.now)
    for verb in (staging.start, staging.withdraw):
        for key in ("now", "first"):
            with pytest.raises(staging.NoSuchStage), world.writing() as tx:
                verb(tx, launch, key, actor=TEAM, now=world.now)
    verbs = [event.verb for event in world.events() if event.verb.startswith("staging.")]
    assert verbs == ["staging.added", "staging.started", "staging.withdrawn", "staging.added"]


def test_a_stage_that_cannot_be_is_refused_and_nothing_is_saved(world: World) -> None:
    launch = world.launch("loose", domain=None, double_opt_in=False)
    refusals: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (BadGate, "x", {"kind": "ticket", "below": 1_000_001}),
        (launching.BadSlug, "No key", {"kind": "everyone"}),
        (staging.StageTaken, "first", {"kind": "everyone"}),
        (launching.NeedsProof, "x", CAMPUS),
    ]
    for kind, key, tree in refusals:
        with pytest.raises(kind):
            add(world, launch, key, tree)
    assert not [event for event in world.events() if event.verb.startswith("staging.")]
