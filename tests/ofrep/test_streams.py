"""A stream says "ask again" and nothing else, to as many as there is room for."""

from __future__ import annotations

import pytest

from tests.ofrep.conftest import facts_of, in_process
from tests.ofrep.target import Target
from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.api.ofrep import streams
from waitlist.queries.pulses import pulse
from waitlist.services import braking, holding
from waitlist.services.braking import Level


@pytest.fixture
def target(world: World) -> Target:
    return Target(facts_of(world), in_process(world))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, and ends soon: how long a real one lasts is no matter of these tests."""
    for name, seconds in {"LOOKS_EVERY": 0.01, "SPREAD": 0.0, "LONGEST": 0.05}.items():
        monkeypatch.setattr(streams, name, seconds)


def path_of(target: Target) -> str:
    (offered,) = target.ask_all(target.facts.admitted).json["eventStreams"]
    assert offered["type"] == "sse"
    return offered["endpoint"]["requestUri"]


def test_a_stream_opens_beats_and_ends_by_itself(target: Target, quick: None) -> None:
    reply = target.send("GET", path_of(target), b"", {"Origin": target.facts.origin})
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert reply.headers["Access-Control-Allow-Origin"] == target.facts.origin
    assert reply.body.startswith(b": open")


def test_an_address_that_is_forged_or_old_opens_nothing(target: Target, world: World) -> None:
    assert target.send("GET", "/ofrep/v1/streams/forged", b"", {}).status == 404
    path = path_of(target)
    world.later(hours=2)
    with world.clock():
        assert target.send("GET", path, b"", {}).status == 410


def test_when_every_slot_is_taken_none_is_offered(target: Target, world: World, quick: None) -> None:
    path = path_of(target)
    slots = world.app.extensions["waitlist.streams"]
    taken = 0
    while slots.take():
        taken += 1
    full = target.send("GET", path, b"", {})
    assert (full.status, full.headers["Retry-After"]) == (503, "30")
    assert "eventStreams" not in target.ask_all(target.facts.admitted).json
    for _ in range(taken):
        slots.give_back()
    assert target.send("GET", path, b"", {}).status == 200
    assert slots.left == taken


@both
def test_the_pulse_changes_with_what_may_change_an_answer(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)

    def felt() -> object:
        with world.reading() as rx:
            return pulse(rx, campus.id, carol.id, world.now)

    before = felt()
    world.waiting(campus, "erin@college.edu")
    assert felt() == before
    with world.writing() as tx:
        holding.hold(tx, campus, carol.id, reason="check", actor=TEAM, now=world.now)
    held = felt()
    assert held != before
    with world.writing() as tx:
        braking.brake(tx, campus, Level.KILL, reason="leak", actor=TEAM, now=world.now)
    killed = felt()
    assert killed != held
    assert getattr(killed, "killed", False) is True
    with world.reading() as rx:
        assert pulse(rx, 999, None, world.now).dates == (False, False, False)
