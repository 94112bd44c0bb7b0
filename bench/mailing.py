"""The outbox: claim, render, seal, hand over, note; beside a loop of smtplib that sends the same bytes."""

from __future__ import annotations

import smtplib
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from flask import Flask

from bench.ground import ROOT
from bench.measuring import Figure, took
from tests.parts.redis import free_port
from tests.world import World
from waitlist import db, envelopes
from waitlist.jobs import mails
from waitlist.mailer import init_mailer
from waitlist.models.launch import Launch
from waitlist.models.message import Message

WORK = "outbox: mails sent to a local server, one worker, beside a smtplib loop"
EACH, ROUNDS = 200, 5


def measure(app: Flask, **_: object) -> list[Figure]:
    """Rounds of 200 confirmation mails by the worker's own job, and the same 200 by `smtplib.sendmail`."""
    world, ratios, mine, its = World(app), [], [], []
    with world.reading() as rx:
        launch = db.one(rx, sa.select(Launch))
    assert launch is not None
    with _sink() as port:
        _point(app, world, port)
        for n in range(ROUNDS + 1):
            for i in range(EACH):
                world.join(launch, f"mailed{n}x{i}@college.edu")
            with app.app_context():
                sent: list[int] = []
                seconds = took(lambda: sent.append(mails.send(threading.Event())))  # noqa: B023
            assert sent == [EACH], sent
            bare = took(lambda: _loop(port, _bytes(world)))
            if n:  # the first round warms both sides
                mine.append(EACH / seconds)
                its.append(EACH / bare)
                ratios.append(mine[-1] / its[-1])
    doubled = _doubled(world)
    median = statistics.median
    return [
        Figure(
            WORK,
            median(mine),
            median(its),
            median(ratios),
            rate=True,
            checked=f"{doubled} not sent once",
            wrong=doubled > 0,
        )
    ]


def _point(app: Flask, world: World, port: int) -> None:
    """Let this app send to the sink, as fast as it can."""
    more = {"smtp_url": f"smtp://127.0.0.1:{port}", "mails_per_hour": 10**9}
    settings = world.runtime.settings.model_copy(update=more)
    app.extensions["waitlist"] = replace(world.runtime, settings=settings)
    init_mailer(app, settings)


def _bytes(world: World) -> Sequence[tuple[str, bytes]]:
    with world.reading() as rx:
        newest = sa.select(Message).where(Message.sealed.is_not(None)).order_by(Message.id.desc()).limit(EACH)
        return [
            (mail.to_address, envelopes.read(world.runtime.sealing_key, mail.public_id, mail.sealed or b""))
            for mail in db.some(rx, newest)
        ]


def _loop(port: int, letters: Sequence[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as relay:
        for to, content in letters:
            relay.sendmail("waitlist@localhost", [to], content)


def _doubled(world: World) -> int:
    with world.reading() as rx:
        ours = (Message.to_key.like("mailed%"), sa.or_(Message.state != "sent", Message.attempts != 1))
        return rx.scalar(sa.select(sa.func.count()).where(*ours)) or 0


@contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)], cwd=ROOT)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the mail server does not answer"
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)
