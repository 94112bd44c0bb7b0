"""A member reports a problem; the team answers, and everybody who said the same hears of it."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.actors import person
from waitlist.models.launch import Launch
from waitlist.models.report import Report, ReportAnswer, ReportPicture, id_of, ref
from waitlist.pictures import Encoded
from waitlist.queries import reports
from waitlist.services import reporting
from waitlist.services.reporting import BadTwin, NoSuchReport, NotInside, Said, TooMany

pytestmark = both
BLOCKED = Said("bug", "blocks", "It does not start.", wants_mail=True)


def report(world: World, launch: Launch, email: str, said: Said = BLOCKED, picture: Encoded | None = None) -> Report:
    with world.writing() as tx:
        who = world.entry(email)
        made = reporting.report(tx, launch, who.id, said, picture, actor=person(who.public_id), now=world.now)
    assert not isinstance(made, TooMany)
    return made


def answer(world: World, launch: Launch, of: Report, state: str, **more: str) -> None:
    with world.writing() as tx:
        reporting.answer(tx, launch, of.public_id, state, actor=TEAM, now=world.now, **more)


def a_wave(world: World) -> Launch:
    campus = world.launch()
    world.split(campus, ("new", 1_000_000))
    for email in (ALICE, BOB):
        world.waiting(campus, email)
    world.release(campus, 2)
    for email in (ALICE, BOB):
        world.redeem(campus, world.invite_of(email), email)
    return campus


def test_a_report_keeps_the_wave_and_the_arm_of_its_person(world: World) -> None:
    campus = a_wave(world)
    made = report(world, campus, ALICE, picture=Encoded("image/webp", 1, 1, b"webp"))
    admission = world.admission(ALICE)
    assert admission is not None
    assert (made.wave_id, made.arm, made.state) == (admission.wave_id, "new", "new")
    assert id_of(ref(made.id)) == made.id
    with world.reading() as rx:
        assert reports.health(rx, admission.wave_id or 0) == reports.Health(people=2, with_bugs=1, blocked=1)
        (shown,) = reports.mine(rx, world.entry(ALICE).id)
        assert (shown.ref, shown.picture, shown.answers) == (ref(made.id), True, [])
        assert reports.picture_of(rx, made.id) is not None


def test_only_members_report_and_twenty_a_day_at_most(world: World) -> None:
    campus = a_wave(world)
    waits = world.waiting(campus, CAROL)
    with world.writing() as tx, pytest.raises(NotInside):
        reporting.report(tx, campus, waits.id, BLOCKED, actor=TEAM, now=world.now)
    alice = world.entry(ALICE)
    with world.writing() as tx:
        for _ in range(reporting.A_DAY):
            reporting.report(tx, campus, alice.id, BLOCKED, actor=TEAM, now=world.now)
        assert isinstance(reporting.report(tx, campus, alice.id, BLOCKED, actor=TEAM, now=world.now), TooMany)
    world.later(days=2)
    report(world, campus, ALICE)


def test_who_wants_to_hear_is_told_of_each_answer_also_of_a_report_that_says_the_same(world: World) -> None:
    campus = a_wave(world)
    first, second = report(world, campus, ALICE), report(world, campus, BOB)
    answer(world, campus, second, "seen", twin=ref(first.id))
    assert [mail.to_address for mail in world.messages("report_news")] == [BOB]
    answer(world, campus, first, "fixed", note="Try again.")
    assert sorted(mail.to_address for mail in world.messages("report_news")) == [ALICE, BOB, BOB]
    answer(world, campus, first, "fixed")
    assert len(world.messages("report_news")) == 3, "nothing was said, so nobody is written to"
    assert [row.note for row in world.rows(ReportAnswer)] == ["", "Try again."]
    with world.reading() as rx:
        assert reports.counts(rx, campus) == {"new": 0, "seen": 1, "planned": 0, "fixed": 1, "wont_fix": 0}
        shown = reports.called(rx, campus, first.public_id)
        assert shown is not None
        assert shown.twins == 1


def test_who_wants_no_mail_gets_none(world: World) -> None:
    campus = a_wave(world)
    quiet = report(world, campus, ALICE, Said("idea", "small", "More colours"))
    answer(world, campus, quiet, "planned", note="Soon")
    assert world.messages("report_news") == []


def test_a_report_is_no_twin_of_itself_of_its_twin_or_of_another_launch(world: World) -> None:
    campus = a_wave(world)
    first, second = report(world, campus, ALICE), report(world, campus, BOB)
    answer(world, campus, second, "seen", twin=ref(first.id))
    other = world.launch("other")
    world.member(other, ALICE)
    foreign = report(world, other, ALICE)
    for twin in (ref(first.id), ref(second.id), ref(foreign.id), "FB-9", "nonsense"):
        with pytest.raises(BadTwin):
            answer(world, campus, first, "seen", twin=twin)
    with pytest.raises(NoSuchReport):
        answer(world, other, first, "seen")


def test_erasing_a_person_leaves_the_count_and_takes_the_words(world: World) -> None:
    from waitlist.services import forgetting

    campus = a_wave(world)
    made = report(world, campus, ALICE, picture=Encoded("image/webp", 1, 1, b"webp"))
    answer(world, campus, made, "seen", note="Thank you, Alice")
    with world.writing() as tx:
        forgetting.erase(tx, campus, world.entry(ALICE).id, never_again=False, actor=TEAM, now=world.now)
    (row,) = world.rows(Report)
    assert (row.happened, row.wants_mail, row.kind) == ("", False, "bug")
    assert world.rows(ReportPicture) == []
    assert [one.note for one in world.rows(ReportAnswer)] == [""]
