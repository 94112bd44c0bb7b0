"""Several presses about one person at the same moment, each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.parts import both, processes
from tests.races import racing
from tests.world import BOB, CAROL, TEAM, World
from waitlist import codes, db
from waitlist.actors import person
from waitlist.db import one, retried, writing
from waitlist.models import entry as entries
from waitlist.models import launch as launches
from waitlist.models.entry import Attempt, State
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.runtime import runtime
from waitlist.services import changing, confirming, holding, leaving, moving, proving, ranking, redeeming, resending
from waitlist.services.proving import Asked, Proven, Spent, WrongCode

pytestmark = both


def in_turn(work: Any, *args: Any) -> Any:
    """One transaction as a door has it, run again when it met another."""

    def once() -> Any:
        with writing() as tx:
            launch = one(tx, launches.by_slug("campus"))
            assert launch is not None
            return work(tx, launch, *args)

    return retried(once)


def guess(app: Flask, attempt: str, now: datetime) -> str:
    def work(tx: db.Tx, launch: Launch) -> str:
        key = runtime().codes_key
        right = codes.six_digits(key, attempt, 1)
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        outcome = proving.by_code(tx, launch, attempt, wrong, key=key, now=now)
        return f"{outcome.tries_left} left" if isinstance(outcome, WrongCode) else "no more"

    result: str = in_turn(work)
    return result


def without_claim() -> None:
    """A look at the tries, and then a write that trusts it."""
    proving.by_code = _careless_guess


def without_claim_and_turns() -> None:
    racing.without_turns()
    without_claim()


def _careless_guess(
    tx: db.Tx, launch: Launch, attempt: str, typed: str, *, key: bytes, now: datetime
) -> WrongCode | Spent:
    seen = one(tx, sa.select(Attempt).where(Attempt.public_id == attempt))
    assert seen is not None
    if seen.tries >= proving.TRIES:
        return Spent("tries")
    time.sleep(racing.PAUSE)
    tx.execute(sa.update(Attempt).where(Attempt.id == seen.id).values(tries=seen.tries + 1))
    return WrongCode(proving.TRIES - seen.tries - 1)


def open_link(app: Flask, attempt: str, now: datetime) -> bool:
    return isinstance(in_turn(lambda tx, launch: proving.by_link(tx, launch, attempt, 1, now=now)), Proven)


def send_again(app: Flask, attempt: str, now: datetime) -> str:
    return type(in_turn(lambda tx, launch: resending.send_again(tx, launch, attempt, now=now))).__name__


def leave_or_redeem(app: Flask, n: int, entry_id: int, invite_id: int, who: Any, now: datetime) -> str:
    def work(tx: db.Tx, launch: Launch) -> str:
        if n % 2:
            leaving.leave(tx, launch, entry_id, actor=person("ent_bob"), now=now)
            return "left"
        invite = one(tx, sa.select(Invite).where(Invite.id == invite_id))
        assert invite is not None
        return "in" if redeeming.redeem(tx, launch, invite, who, actor=person("ent_bob"), now=now).first else "again"

    try:
        result: str = in_turn(work)
    except (leaving.NotInLine, redeeming.InviteRevoked, redeeming.InviteExpired):
        return "no"
    return result


def hold_join_or_move(app: Flask, n: int, root: int, attempts: list[int], now: datetime) -> str:
    def work(tx: db.Tx, launch: Launch) -> str:
        if n == 0:
            return holding.hold(tx, launch, root, reason="odd", subtree=True, actor=TEAM, now=now)
        if n % 2:
            confirming.confirm(tx, launch, attempts[n], actor=TEAM, now=now)
            return "confirmed"
        moving.move(tx, launch, root + n, to=1 + n, reason="", actor=TEAM, now=now)
        return "moved"

    try:
        result: str = in_turn(work)
    except moving.NotInLine:
        return "held"
    return result


def change(app: Flask, attempt_id: int, new: Any, now: datetime) -> str:
    keys = changing.Keys(runtime().codes_key, runtime().secrets.pepper)
    try:
        in_turn(lambda tx, launch: changing.confirm(tx, launch, attempt_id, new, keys=keys, actor=TEAM, now=now).email)
    except changing.AddressTaken:
        return "taken"
    return "changed"


def asked(world: World, launch: Launch, email: str) -> Asked:
    with world.writing() as tx:
        answer = proving.ask(tx, launch, "sign_in", world.application(launch, email), language="en", now=world.now)
    assert isinstance(answer, Asked)
    return answer


def race_of_guesses(world: World, environ: dict[str, str], before: Callable[[], None] | None = None) -> list[str]:
    campus = world.launch()
    world.member(campus)
    attempt = asked(world, campus, "alice@college.edu").attempt
    jobs = [{"attempt": attempt, "now": world.now}] * 10
    endings = processes.run(guess, jobs, environ, before=before)
    return sorted(ending.value or ending.error or "killed" for ending in endings)


FIVE_TRIES = [*(f"{n} left" for n in range(5)), *["no more"] * 5]


def test_ten_guesses_at_once_are_five_tries(world: World, environ: dict[str, str]) -> None:
    assert race_of_guesses(world, environ) == FIVE_TRIES


def test_without_the_guard_ten_guesses_are_more(world: World, environ: dict[str, str], engine: str) -> None:
    before = without_claim_and_turns if engine == "sqlite" else without_claim
    assert race_of_guesses(world, environ, before) != FIVE_TRIES


def test_a_sign_in_link_opened_on_six_devices_signs_one_in(world: World, environ: dict[str, str]) -> None:
    campus = world.launch()
    world.member(campus)
    attempt = asked(world, campus, "alice@college.edu").attempt
    jobs = [{"attempt": attempt, "now": world.now}] * 6
    assert sorted(processes.values(processes.run(open_link, jobs, environ))) == [False] * 5 + [True]


def test_six_presses_of_send_it_again_send_one_mail(world: World, environ: dict[str, str]) -> None:
    campus = world.launch()
    attempt = world.join(campus, CAROL).attempt
    jobs = [{"attempt": attempt, "now": world.later(minutes=2)}] * 6
    outcomes = processes.values(processes.run(send_again, jobs, environ))
    assert sorted(outcomes) == ["SentAgain"] + ["TooSoon"] * 5
    assert len(world.rows(Message)) == 2
    assert world.rows(Attempt)[0].version == 2


def test_leaving_and_accepting_at_once_is_one_of_both(world: World, environ: dict[str, str]) -> None:
    campus = world.launch(seats=1)
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    common = {"entry_id": bob.id, "invite_id": world.invite_of(BOB).id, "who": world.newcomer(campus, BOB)}
    jobs = [common | {"n": n, "now": world.now} for n in range(8)]
    outcomes = processes.values(processes.run(leave_or_redeem, jobs, environ))
    state = world.entry(BOB).state
    assert {"in": State.JOINED, "left": State.LEFT}[next(o for o in outcomes if o in ("in", "left"))] == state
    assert outcomes.count("in") + outcomes.count("left") == 1
    assert world.seats(campus) == (1 if state == State.JOINED else 0)


def test_a_hold_while_people_join_and_move_leaves_no_wrong_place(world: World, environ: dict[str, str]) -> None:
    campus = world.launch()
    root = world.waiting(campus, "root@college.edu")
    for n in range(1, 8):
        world.waiting(campus, f"child{n}@college.edu", by=root)
    attempts = [world.join(campus, f"late{n}@college.edu", by=root).attempt_id for n in range(8)]
    jobs = [{"n": n, "root": root.id, "attempts": attempts, "now": world.now} for n in range(8)]
    outcomes = processes.values(processes.run(hold_join_or_move, jobs, environ))
    assert outcomes.count("confirmed") == 4
    with world.writing() as tx:
        assert ranking.recount(tx, root.line_id) == 0
        holding.release(tx, campus, outcomes[0], actor=TEAM, now=world.now)
        assert ranking.recount(tx, root.line_id) == 0
    people = [entry for entry in world.rows(entries.Entry) if entry.state == State.WAITING]
    assert sorted(world.place(entry.email) or 0 for entry in people) == list(range(1, 13))


def test_two_people_who_move_to_one_address_do_not_both_get_it(world: World, environ: dict[str, str]) -> None:
    campus = world.launch()
    new = world.application(campus, "shared@college.edu")
    jobs = []
    for email in (BOB, CAROL):
        entry = world.waiting(campus, email)
        with world.writing() as tx:
            asked_for = changing.ask(tx, campus, entry.id, new, actor=TEAM, now=world.now)
        jobs.append({"attempt_id": asked_for.attempt_id, "new": new, "now": world.now})
    outcomes = processes.values(processes.run(change, jobs, environ))
    assert sorted(outcomes) == ["changed", "taken"]
