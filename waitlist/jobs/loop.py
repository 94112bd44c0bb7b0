"""The worker's loop: lanes of jobs beside each other, so that a slow relay never keeps a wave waiting."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from flask import Flask, current_app

from waitlist import clock
from waitlist.db import Tx, reading, retried, writing
from waitlist.services import beating

R = TypeVar("R")
BEAT = 5.0  # seconds between two signs of life
PAUSE = 0.2  # seconds between two looks for work
log = logging.getLogger("waitlist.jobs")


@dataclass(frozen=True)
class Job:
    """One kind of periodic work. `run` gets the worker's stop and returns how much it did.

    `due` looks, without writing, whether there is anything to do; without it the job runs `every` so many seconds.
    An `alone` job is claimed, so that of any number of workers one runs it.
    """

    name: str
    every: float
    run: Callable[[threading.Event], int]
    due: Callable[[Tx, datetime], bool] | None = None
    lane: str = "steps"
    alone: bool = True


def step(verb: Callable[[Tx], R]) -> R:
    """One verb in a transaction of its own, again when the database says that it met another one."""

    def once() -> R:
        with writing() as tx:
            return verb(tx)

    return retried(once)


def tick(jobs: Sequence[Job]) -> dict[str, int]:
    """Run every job once, whosever turn it is."""
    never = threading.Event()
    return {job.name: job.run(never) for job in jobs}


def work(jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run the jobs until `stop` is set, each lane in a thread of its own, and give a sign of life meanwhile."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    name, started = f"{socket.gethostname()}:{os.getpid()}", clock.now()
    lanes = [
        threading.Thread(target=_lane, args=(app, [job for job in jobs if job.lane == lane], stop), name=lane)
        for lane in sorted({job.lane for job in jobs})
    ]
    for lane in lanes:
        lane.start()
    while True:
        _guarded("beat", lambda: step(lambda tx: beating.beat(tx, name, started, now=clock.now())))
        if stop.wait(BEAT):
            break
    for lane in lanes:
        lane.join()
    log.info("the worker has stopped")


def _lane(app: Flask, jobs: Sequence[Job], stop: threading.Event) -> None:
    next_at = dict.fromkeys((job.name for job in jobs), clock.now())
    while not stop.is_set():
        for job in jobs:
            if not stop.is_set() and next_at[job.name] <= clock.now():
                with app.app_context():
                    _guarded(job.name, lambda job=job: _turn(job, stop))  # type: ignore[misc]
                next_at[job.name] = clock.now() + timedelta(seconds=job.every)
        stop.wait(PAUSE)


def _turn(job: Job, stop: threading.Event) -> None:
    now = clock.now()
    if job.due is not None:
        with reading() as rx:
            if not job.due(rx, now):
                return
    if not job.alone or step(lambda tx: beating.claim_turn(tx, job.name, job.every, now=now)):
        done = job.run(stop)
        if done:
            log.info("%s: %s", job.name, done)


def _guarded(name: str, work: Callable[[], object]) -> None:
    # A job that fails is tried at its next turn; the others go on. The database may be away for a while, too.
    try:
        work()
    except sa.exc.OperationalError as error:
        log.error("%s: the database does not answer: %s", name, type(error.orig).__name__)
    except Exception:
        log.exception("%s failed and will be tried again", name)
