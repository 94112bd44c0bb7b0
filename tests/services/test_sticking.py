"""Whom a rule lets in stays in, because a row says so."""

from __future__ import annotations

from datetime import timedelta

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.gates.deciding import Decision, Verdict, decide
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.queries import deciding
from waitlist.services import lapsing, leaving, ruling, sticking

pytestmark = both


def decision(world: World, launch: Launch, entry: Entry) -> Decision:
    with world.reading() as rx:
        launch = world.launch_of(launch.slug)
        return decide(deciding.plan_of(rx, launch), deciding.subject(rx, launch, entry, world.now), world.now)


def stick(world: World, launch: Launch, email: str) -> bool:
    entry = world.entry(email, launch)
    wanted = decision(world, launch, entry)
    with world.writing() as tx:
        return sticking.stick(tx, launch, entry.id, wanted, actor=TEAM, now=world.now)


def test_whoever_a_rule_let_in_stays_in_when_the_rule_narrows(world: World) -> None:
    campus = world.launch(mode="open")
    alice = world.waiting(campus, ALICE)
    carol = world.waiting(campus, CAROL)
    assert decision(world, campus, alice).admitted
    assert stick(world, campus, ALICE)
    assert not stick(world, campus, ALICE)
    admission = world.admission(ALICE)
    assert admission is not None
    assert (admission.via, admission.state, admission.seat, admission.arm) == ("rule", "active", False, "control")
    assert (world.entry(ALICE).state, world.place(CAROL), world.seats(campus)) == ("joined", 1, 0)
    assert world.entry(ALICE).allowance_left == campus.allowance > 0
    with world.writing() as tx:
        narrow = {"kind": "domain", "domains": ["elsewhere.edu"]}
        ruling.revise(tx, campus, narrow, "", seen=1, actor=TEAM, now=world.now)
    assert decision(world, campus, world.entry(ALICE)).admitted
    assert decision(world, campus, carol).verdict is Verdict.WAITING
    assert [event.verb for event in world.events("sticking.admitted")] == ["sticking.admitted"]


def test_who_waits_for_a_wave_or_has_proven_nothing_does_not_stick(world: World) -> None:
    slow = world.launch("slow")
    world.waiting(slow, CAROL)
    assert not stick(world, slow, CAROL)
    everybody = world.launch("all", domain=None, mode="open")
    world.join(everybody, DAVE)
    dave = world.entry(DAVE, everybody)
    assert decision(world, everybody, dave).admitted
    assert not stick(world, everybody, DAVE)
    gone = world.waiting(everybody, BOB)
    with world.writing() as tx:
        leaving.leave(tx, everybody, gone.id, actor=TEAM, now=world.now)
    assert not stick(world, everybody, BOB)


def test_a_lapsed_offer_may_be_followed_by_a_rule(world: World) -> None:
    campus = world.launch(mode="open")
    slow = world.launch("slow")
    bob = world.waiting(slow, BOB)
    world.release(slow, 1)
    assert decision(world, slow, bob).verdict is Verdict.INVITED
    world.now += timedelta(days=8)
    assert decision(world, slow, world.entry(BOB)).verdict is Verdict.LAPSED
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 10)
    rule = Decision(Verdict.ADMITTED, 1, stage="everyone", everyone=True)
    with world.writing() as tx:
        assert sticking.stick(tx, slow, bob.id, rule, actor=TEAM, now=world.now)
    assert world.entry(BOB, slow).state == "joined"
    with world.writing() as tx:
        assert not sticking.stick(tx, campus, bob.id, rule, actor=TEAM, now=world.now)
