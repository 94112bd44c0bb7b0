"""A wave whose worker was gone for a while says so."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import World
from waitlist.actors import WORKER
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.services import delivering, recovering, releasing, steering

pytestmark = both


@pytest.fixture
def launch(world: World) -> Launch:
    launch = world.launch()
    world.crowd(launch, 4)
    return launch


@pytest.fixture
def wave(world: World, launch: Launch, monkeypatch: pytest.MonkeyPatch) -> Wave:
    """A wave of which the first two of four people are invited."""
    monkeypatch.setattr(delivering, "CHUNK", 2)
    wave = world.plan_wave(launch, 4)
    with world.writing() as tx:
        releasing.start(tx, launch, wave.id, actor=WORKER, now=world.now)
    chunk(world, launch, wave)
    return wave


def chunk(world: World, launch: Launch, wave: Wave) -> None:
    with world.writing() as tx:
        delivering.deliver_chunk(tx, launch, wave.id, keys=world.keys, actor=WORKER, now=world.now)


def note(world: World, launch: Launch, wave: Wave) -> bool:
    with world.writing() as tx:
        return recovering.note_interruption(tx, launch, wave.id, actor=WORKER, now=world.now)


def test_a_wave_that_stood_still_says_since_when(world: World, launch: Launch, wave: Wave) -> None:
    stopped = world.now
    world.later(minutes=1)
    assert note(world, launch, wave)
    assert not note(world, launch, wave)  # once
    assert world.wave(wave.public_id).interrupted_at == stopped
    (event,) = world.events("releasing.interrupted")
    assert event.data == {"from": stopped.isoformat(), "to": world.now.isoformat()}


def test_a_wave_that_is_being_worked_on_was_not_interrupted(world: World, launch: Launch, wave: Wave) -> None:
    world.later(seconds=14)
    assert not note(world, launch, wave)


def test_a_pause_is_no_interruption(world: World, launch: Launch, wave: Wave) -> None:
    with world.writing() as tx:
        steering.pause(tx, launch, wave.id, reason="tea", actor=WORKER, now=world.now)
    world.later(hours=1)
    assert not note(world, launch, wave)
    with world.writing() as tx:
        steering.resume(tx, launch, wave.id, actor=WORKER, now=world.now)
    assert not note(world, launch, wave)
