"""The worker's turn at a rollout, in this process: stages that are due, then the waves that are."""

from __future__ import annotations

from datetime import timedelta

from tests.world import World
from waitlist.actors import WORKER
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.services import advancing, releasing

NO_WINDOW = timedelta(0)


def tick(world: World, launch: Launch, hold: timedelta = NO_WINDOW) -> int:
    """One pass of the worker: stages first, then the waves that are due. Returns how many stages did something."""
    with world.reading() as rx:
        due = advancing.due(rx, world.now)
    done = 0
    for launch_id, stage_id in due:
        with world.writing() as tx:
            done += advancing.advance(tx, launch_id, stage_id, hold=hold, actor=WORKER, now=world.now)
    with world.reading() as rx:
        waves = releasing.due_waves(rx, world.now)
    for _, wave_id in waves:
        world.deliver(launch, world.rows(Wave, Wave.id == wave_id)[0])
    return done
