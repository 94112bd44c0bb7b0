"""Eight workers look for mails at the same moment: each mail is claimed by one of them, and the pace is kept."""

from __future__ import annotations

import time
from collections import Counter

import sqlalchemy as sa
from flask import Flask

from tests.parts import both, processes
from tests.world import World
from waitlist import clock, db
from waitlist.models.message import Message
from waitlist.services import posting, sending

pytestmark = both

WORKERS = 8
MAILS = 160


def queue(world: World, mails: int) -> None:
    launch = world.launch()
    with world.writing() as tx:
        for n in range(mails):
            to = posting.To(f"person{n}@college.edu", f"person{n}@college.edu", "en")
            posting.enqueue(tx, "in_line", str(n), to, world.now, about={"launch_id": launch.id})


def claim_all(app: Flask, per_hour: int) -> list[int]:
    """The ids that this worker got, a few at a time, until nothing is left for it."""
    mine: list[int] = []
    while True:
        with db.writing() as tx:
            claimed = sending.claim(tx, 5, 60, per_hour, now=clock.now())
        if not claimed.messages:
            return mine
        mine += [message.id for message in claimed.messages]


def look_then_take(app: Flask) -> list[int]:
    """The same without the guard: look at what is queued, and take it a moment later."""
    mine: list[int] = []
    while True:
        with db.reading() as rx:
            ids = list(rx.scalars(sa.select(Message.id).where(Message.state == "queued").order_by(Message.id).limit(5)))
        if not ids:
            return mine
        time.sleep(0.01)  # rendering, say
        with db.writing() as tx:
            tx.execute(sa.update(Message).where(Message.id.in_(ids)).values(state="leased"))
        mine += ids


def test_eight_workers_claim_each_mail_once(world: World, environ: dict[str, str]) -> None:
    queue(world, MAILS)
    endings = processes.run(claim_all, [{"per_hour": 10_000_000}] * WORKERS, environ)
    taken = Counter(message_id for mine in processes.values(endings) for message_id in mine)
    assert set(taken.values()) == {1}
    assert len(taken) == MAILS


def test_eight_workers_together_keep_to_the_pace_of_the_host(world: World, environ: dict[str, str]) -> None:
    queue(world, MAILS)
    begun = time.monotonic()
    endings = processes.run(claim_all, [{"per_hour": 1_200}] * WORKERS, environ)
    taken = sum(len(mine) for mine in processes.values(endings))
    passed = time.monotonic() - begun
    assert 21 <= taken <= 22 + passed / 3  # a minute's worth and one, then one every three seconds


def test_without_the_guard_workers_take_the_same_mails(world: World, environ: dict[str, str]) -> None:
    queue(world, MAILS)
    endings = processes.run(look_then_take, [{}] * WORKERS, environ)
    taken = Counter(message_id for mine in processes.values(endings) for message_id in mine)
    assert max(taken.values()) > 1
