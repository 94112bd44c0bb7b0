"""Whoever worked on a wave hears how it ended, by a mail with numbers and nobody's name."""

from __future__ import annotations

from tests.parts import both
from tests.world import World
from waitlist.actors import COMMAND, WORKER, Actor, admin
from waitlist.models.access import User
from waitlist.queries.letter import gather
from waitlist.rendering import write
from waitlist.services import appointing, preferring, steering

pytestmark = both


def appoint(world: World, name: str) -> Actor:
    email = f"{name}@team.example"
    with world.writing() as tx:
        user = appointing.create(tx, email=email, name=name.title(), password_hash="x", actor=COMMAND, now=world.now)
    return admin(user.id)


def test_a_wave_that_is_done_is_told_once_to_whoever_confirmed_it(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    grace = appoint(world, "grace")  # the first admin: the one who confirms in this world
    appoint(world, "linus")
    wave = world.release(campus, 2)
    (mail,) = world.messages("wave_news")
    assert (mail.to_address, mail.launch_id, mail.wave_id) == ("grace@team.example", campus.id, None)
    world.deliver(campus, wave)
    assert len(world.messages("wave_news")) == 1
    with world.reading() as rx:
        letter = gather(rx, [mail], world.runtime.stationery, world.now)[mail.id].letter
    assert letter is not None
    written = write(letter)
    assert written.subject == "Wave 1: 2 of 2 invited"
    assert "college.edu" not in written.text
    assert f"/admin/w/campus/waves/{wave.public_id}" in written.text
    assert str(grace) == "admin:1"


def test_a_pause_is_told_to_the_others_and_to_nobody_who_wants_no_such_mail(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    appoint(world, "grace")
    linus, olga = appoint(world, "linus"), appoint(world, "olga")
    wave = world.plan_wave(campus, 2)
    for who in (linus, WORKER):
        with world.writing() as tx:
            steering.pause(tx, campus, wave.id, reason="Too many bounces", actor=who, now=world.now)
        with world.writing() as tx:
            steering.resume(tx, campus, wave.id, actor=olga, now=world.now)
        world.later(minutes=1)
    told = [(mail.to_address, mail.params["reason"]) for mail in world.messages("wave_news")]
    grace, linus_, olga_ = (f"{name}@team.example" for name in ("grace", "linus", "olga"))
    assert sorted(told) == [(who, "Too many bounces") for who in (grace, grace, linus_, olga_)]
    with world.writing() as tx:
        for user in world.rows(User):
            preferring.choose(tx, user.id, "no_wave_mails", actor=admin(user.id), now=world.now)
    world.deliver(campus, wave)
    assert len(world.messages("wave_news")) == 4
