"""Grace thinks a wave out, changes her mind, and presses twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.parts import both
from tests.world import TEAM, World
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave, WaveMember
from waitlist.services import drafting, releasing, steering
from waitlist.services.gathering import Audience
from waitlist.services.releasing import Offer, Terms
from waitlist.services.steering import WrongState

pytestmark = both
FIRST_TWO = Audience("first", n=2)


def offer(launch: Launch) -> Offer:
    return Offer(days=7, allowance=launch.allowance, lapse_policy="keep")


def draft(world: World, launch: Launch, audience: Audience = FIRST_TWO, name: str = "") -> Wave:
    with world.writing() as tx:
        return drafting.draft(tx, launch, audience, offer(launch), name=name, actor=TEAM, now=world.now)


def confirm(world: World, launch: Launch, wave: Wave, name: str = "") -> Wave:
    terms = Terms(digest=None, hold=timedelta(minutes=5), name=name, draft_id=wave.id)
    with world.writing() as tx:
        return releasing.confirm(tx, launch, FIRST_TWO, offer(launch), terms, actor=TEAM, now=world.now)


def test_a_draft_takes_no_seat_and_nobodys_place(world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 3)
    wave = draft(world, campus)
    assert (wave.state, wave.seq, wave.name) == ("draft", 1, "Wave 1")
    assert world.seats(campus) == 0
    assert world.place("person1@college.edu") == 1
    assert draft(world, campus, name="VIPs").name == "VIPs"


def test_a_confirmed_draft_is_the_wave_itself(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    wave = draft(world, campus, name="VIPs")
    confirmed = confirm(world, campus, wave)
    assert (confirmed.public_id, confirmed.seq, confirmed.name) == (wave.public_id, 1, "VIPs")
    assert (confirmed.state, confirmed.planned) == ("holding", 2)
    assert len(world.rows(Wave)) == 1


def test_who_presses_second_finds_it_confirmed_and_nothing_doubles(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 4)
    wave = draft(world, campus)
    confirm(world, campus, wave, name="Friday")
    with pytest.raises(WrongState) as told:
        confirm(world, campus, wave)
    assert told.value.state == "holding"
    assert len(world.rows(WaveMember)) == 2
    assert world.wave(wave.public_id).name == "Friday"


def test_an_undone_wave_is_a_draft_again_and_can_be_changed_and_confirmed(world: World) -> None:
    campus = world.launch(seats=3)
    world.crowd(campus, 3)
    wave = draft(world, campus)
    confirm(world, campus, wave)
    with world.writing() as tx:
        steering.undo(tx, campus, wave.id, actor=TEAM, now=world.now)
    assert world.seats(campus) == 0
    with world.writing() as tx:
        changed = drafting.redraft(
            tx, campus, wave.id, Audience("first", n=3), offer(campus), name="All", actor=TEAM, now=world.now
        )
    assert (changed.name, changed.params["audience"]["n"]) == ("All", 3)
    assert confirm(world, campus, wave).planned == 2


def test_a_draft_is_thrown_away_and_a_wave_is_not(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    wave, other = draft(world, campus), draft(world, campus)
    with world.writing() as tx:
        drafting.discard(tx, campus, other.id, actor=TEAM, now=world.now)
    assert [row.id for row in world.rows(Wave)] == [wave.id]
    confirm(world, campus, wave)
    for refused in (other, wave):
        with pytest.raises(WrongState), world.writing() as tx:
            drafting.discard(tx, campus, refused.id, actor=TEAM, now=world.now)
        with pytest.raises(WrongState), world.writing() as tx:
            drafting.redraft(tx, campus, refused.id, FIRST_TWO, offer(campus), name="", actor=TEAM, now=world.now)


def test_a_draft_of_another_launch_is_unknown(world: World) -> None:
    campus, beta = world.launch(), world.launch("beta")
    world.crowd(beta, 2)
    wave = draft(world, campus)
    with pytest.raises(WrongState) as told:
        confirm(world, beta, wave)
    assert told.value.state == "unknown"
