"""Requests to the running server, eight clients: joins, confirmations, status pages, and products that ask."""

from __future__ import annotations

import itertools
import json
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from bench import joining
from bench.clients import Answered, fire, form, request, serving
from bench.measuring import Figure
from tests.world import TEAM, World
from waitlist import db, keys
from waitlist.models.entry import Attempt, Entry, in_line
from waitlist.models.launch import Launch
from waitlist.services import keying
from waitlist.tokens import Purpose
from waitlist.web.forms import new_form_id

CLIENTS, EACH, ROUNDS = 8, 160, 5
JOIN = "POST /join at 8 clients, beside an endpoint that writes two rows by the driver"
CONFIRM = "POST /c/… (confirm) at 8 clients, beside the same"
STATUS = "GET /s/… (status page) at 8 clients, beside a no-op"
ONE = "OFREP, one flag for one person, beside a no-op POST"
ALL = "OFREP, all flags for one person, beside a no-op POST"
FORGED = "OFREP with a forged key, beside a no-op POST"


def measure(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """Every round sends a part of the requests to each side in turn; granian, 2 workers, 16 threads each."""
    world = World(app)
    with world.reading() as rx:
        launch = db.one(rx, sa.select(Launch))
    assert launch is not None
    with serving(environ, "bench.served:create") as port:
        bare = _repeat(form("/bench/bare", "email=somebody@college.edu"))
        noop = _repeat(request("POST", "/bench/noop", b"{}", Content_Type="application/json"))
        figures = [
            _figure(JOIN, port, _joins(app, launch), bare, 303),
            _figure(CONFIRM, port, _confirmations(world, launch), bare, 303),
            _figure(STATUS, port, _pages(world, launch), _repeat(request("GET", "/bench/noop")), 200),
        ]
        single, bulk, forged = _asked(world, launch)
        figures += [
            _figure(ONE, port, single, noop, 200),
            _figure(ALL, port, bulk, noop, 200),
            _figure(FORGED, port, forged, noop, 401),
        ]
    wrong = joining.differences(app)
    with world.reading() as rx:
        made = rx.scalar(sa.select(sa.func.count()).where(Entry.email_key.like("web%")))
        placed = rx.scalar(sa.select(sa.func.count()).where(Entry.email_key.like("web%"), in_line))
    lost = EACH * (ROUNDS + 1) - (placed or 0)
    checked = f"{made} joined, {lost} lost, {wrong} wrong or double places"
    confirm = figures[1]
    figures[1] = Figure(
        confirm.work,
        confirm.seconds,
        confirm.floor,
        confirm.ratio,
        rate=True,
        checked=f"{confirm.checked}, {checked}",
        wrong=confirm.wrong or bool(lost or wrong),
    )
    return figures


Batches = Callable[[], Sequence[bytes]]


def _figure(work: str, port: int, ours: Batches, floor: Batches, status: int) -> Figure:
    mine: list[Answered] = []
    its: list[Answered] = []
    fire(port, ours(), CLIENTS), fire(port, floor(), CLIENTS)  # both sides warm
    for _ in range(ROUNDS):
        mine.append(fire(port, ours(), CLIENTS))
        its.append(fire(port, floor(), CLIENTS))
    answers = sum((round_.statuses for round_ in mine), Counter())
    failed = sum(n for code, n in answers.items() if code != status)
    slow = statistics.median(round_.slowest() for round_ in mine) * 1_000
    return Figure(
        work,
        statistics.median(round_.rate for round_ in mine),
        statistics.median(round_.rate for round_ in its),
        statistics.median(a.rate / b.rate for a, b in zip(mine, its, strict=True)),
        rate=True,
        checked=f"{failed} failed, p99 {slow:.0f} ms",
        wrong=failed > 0,
    )


def _repeat(what: bytes) -> Batches:
    return lambda: [what] * EACH


def _joins(app: Flask, launch: Launch) -> Batches:
    names = itertools.count()

    def some() -> list[bytes]:
        with app.app_context():
            return [
                form(
                    f"/w/{launch.slug}/join",
                    urlencode(
                        {
                            "email": f"web{next(names)}@college.edu",
                            "form_id": new_form_id("join", launch.public_id),
                        }
                    ),
                )
                for _ in range(EACH)
            ]

    return some


def _confirmations(world: World, launch: Launch) -> Batches:
    with world.reading() as rx:
        query = sa.select(Attempt.public_id).where(Attempt.email_key.like("web%"), Attempt.used_at.is_(None))
        attempts = iter(rx.scalars(query.order_by(Attempt.id)).all())
    sign = world.runtime.tokens.sign
    return lambda: [
        form(f"/c/{sign(Purpose.CONFIRM, launch.public_id, attempt)}", "")
        for attempt in itertools.islice(attempts, EACH)
    ]


def _pages(world: World, launch: Launch) -> Batches:
    with world.reading() as rx:
        people = rx.scalars(sa.select(Entry.public_id).where(in_line).order_by(Entry.ticket).limit(EACH)).all()
    sign = world.runtime.tokens.sign
    some = [request("GET", f"/s/{sign(Purpose.STATUS, launch.public_id, person)}") for person in people]
    return lambda: some


def _asked(world: World, launch: Launch) -> tuple[Batches, Batches, Batches]:
    text = keys.make("secret")
    row = {"key_hash": keys.key_hash(world.runtime.secrets.pepper, text), "key_end": keys.end(text)}
    with world.writing() as tx:
        keying.create(tx, launch, kind="secret", name="shop", scopes=("flags:read",), actor=TEAM, now=world.now, **row)
    with world.reading() as rx:
        people = rx.scalars(sa.select(Entry.email).where(in_line).order_by(Entry.ticket).limit(EACH)).all()

    def ask(path: str, key: str) -> Batches:
        headers = {"Content_Type": "application/json", "Authorization": f"Bearer {key}"}
        some = [
            request("POST", path, json.dumps({"context": {"targetingKey": person}}).encode(), **headers)
            for person in people
        ]
        return lambda: some

    one, all_ = f"/ofrep/v1/evaluate/flags/{launch.slug}", "/ofrep/v1/evaluate/flags"
    return ask(one, text), ask(all_, text), ask(one, f"{text[:-1]}{'a' if text[-1] != 'a' else 'b'}")
