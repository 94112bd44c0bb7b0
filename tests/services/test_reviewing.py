"""Alice pastes addresses: each gets the row that is true of it, and nothing is written."""

from __future__ import annotations

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, WORKER, World
from waitlist.gates.answers import Refuses
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch
from waitlist.services import declining, denying, reviewing
from waitlist.services.reviewing import Candidate, Screened

pytestmark = both


def candidate(world: World, launch: Launch, email: str) -> Candidate:
    asked = world.application(launch, email)
    return Candidate(asked.email, asked.email_key, asked.abuse_key, asked.domain)


def screen(world: World, launch: Launch, *emails: str) -> list[Screened]:
    people = [candidate(world, launch, email) for email in emails]
    with world.reading() as rx:
        return reviewing.screen(rx, launch, world.entry(ALICE), people, now=world.now)


def by_alice(world: World, launch: Launch, email: str):
    alice = world.entry(ALICE)
    to = (email, email, world.application(launch, email).abuse_key)
    return world.issue(launch, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)


def test_every_address_gets_its_own_row(world: World) -> None:
    campus = world.launch(allowance=9)
    world.member(campus, ALICE)
    world.waiting(campus, CAROL)
    world.invited(campus, BOB)
    by_alice(world, campus, "mine@college.edu")
    refuses = by_alice(world, campus, "no@college.edu")
    with world.writing() as tx:
        declining.decline(tx, campus, refuses, never_again=True, actor=WORKER, now=world.now)
        bad = candidate(world, campus, "bad@college.edu")
        words = {"shown": bad.email, "reason": "abuse", "until": None}
        denying.deny(tx, campus, kind="address", value=bad.abuse_key, **words, actor=TEAM, now=world.now)
    rows = screen(
        world,
        campus,
        "new@college.edu",
        CAROL,
        ALICE,
        "mine@college.edu",
        BOB,
        "no@college.edu",
        "bad@college.edu",
        DAVE,
    )
    assert [row.verdict for row in rows] == [
        "ok",
        "in_line",
        "member",
        "yours",
        "cannot",
        "cannot",
        "cannot",
        "rules",
    ]
    assert isinstance(rows[-1].answer, Refuses)
    assert [row.verdict.may_be_sent for row in rows] == [True, True] + [False] * 6


def test_the_allowance_covers_the_first_ones(world: World) -> None:
    campus = world.launch(allowance=1)
    world.member(campus, ALICE)
    rows = screen(world, campus, DAVE, "one@college.edu", "two@college.edu")
    assert [row.verdict for row in rows] == ["rules", "ok", "over_limit"]
