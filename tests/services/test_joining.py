"""Somebody asks for a place: one attempt whatever the case, one mail where it belongs, and nothing on a refusal."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.gates.answers import Refuses
from waitlist.models.condition import Condition
from waitlist.models.entry import Attempt, Entry
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.services import joining, launching, ranking, resending
from waitlist.services.joining import NotEligible, NotOpen

pytestmark = both


def deny(world: World, launch: Launch, email: str) -> None:
    key = world.application(launch, email).abuse_key
    row = {"launch_id": launch.id, "kind": "address", "value": key, "shown": email, "reason": "abuse"}
    with world.writing() as tx:
        tx.execute(sa.insert(Denied).values(**row, created_at=world.now, created_by="admin:1"))


def leave(world: World, email: str, state: str = "left") -> None:
    """Out of the line, as the verbs for leaving and removing do it."""
    gone = world.entry(email)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.id == gone.id).values(state=state))
        ranking.went(tx, gone.line_id, rank_key=gone.rank_key or 0, sequence=gone.sequence or 0)


def test_carol_asks_and_gets_a_link(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, CAROL, name="Carol")
    carol = world.entry(CAROL)
    (mail,) = world.messages()
    assert (carol.state, carol.confirmed_no) == ("unconfirmed", None)
    assert (mail.kind, mail.to_address, mail.attempt_id) == ("confirm", CAROL, asked.attempt_id)
    assert asked.entry is None


def test_carol_asks_again_and_only_her_newest_link_works(world: World) -> None:
    campus = world.launch()
    first = world.join(campus, CAROL)
    second = world.join(campus, "Carol@College.EDU")
    attempts = world.rows(Attempt)
    assert [attempt.replaced_at is None for attempt in attempts] == [False, True]
    assert attempts[0].entry_id == attempts[1].entry_id
    assert {first.attempt_id, second.attempt_id} == {attempt.id for attempt in attempts}


def test_a_known_person_is_told_by_mail_only(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = world.join(campus, CAROL)
    assert asked.entry is None
    assert [mail.kind for mail in world.messages()] == ["confirm", "in_line", "already_in_line"]
    assert world.rows(Attempt)[-1].pending is False


def test_the_wrong_campus_is_refused_and_leaves_no_trace(world: World) -> None:
    campus = world.launch()
    with pytest.raises(NotEligible) as refused:
        world.join(campus, DAVE)
    assert refused.value.answer == Refuses(
        "domain_not_allowed", {"domain": "elsewhere.edu", "domains": ("college.edu",)}
    )
    assert list(world.rows(Attempt)) == list(world.rows(Entry)) == list(world.messages()) == []


def test_a_blocked_person_gets_the_same_answer_and_no_mail(world: World) -> None:
    campus = world.launch()
    deny(world, campus, CAROL)
    assert world.join(campus, CAROL).entry is None
    assert [attempt.pending for attempt in world.rows(Attempt)] == [False]
    assert list(world.messages()) == []


def test_a_blocked_person_at_a_closed_door_reads_that_it_is_closed(world: World) -> None:
    campus = world.launch(closes_at=world.now)
    deny(world, campus, CAROL)
    with pytest.raises(NotOpen):
        world.join(campus, CAROL)


def test_a_removed_person_gets_the_same_answer_and_no_mail(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    leave(world, CAROL, "removed")
    world.join(campus, CAROL)
    assert [mail.kind for mail in world.messages()] == ["confirm", "in_line"]


def test_without_confirmation_mails_the_place_is_taken_at_once(world: World) -> None:
    campus = world.launch(domain=None, double_opt_in=False)
    asked = world.join(campus, CAROL)
    assert asked.entry == world.entry(CAROL).public_id
    assert world.place(CAROL) == 1
    assert [mail.kind for mail in world.messages()] == ["in_line"]
    again = world.join(campus, CAROL)
    assert again.entry is None, "a known address is answered by mail"
    assert world.messages()[-1].kind == "already_in_line"


@pytest.mark.parametrize(
    ("condition", "columns"),
    [
        (Condition.NOT_OPEN, {"opens_at": 1}),
        (Condition.CLOSED, {"closes_at": 0}),
        (Condition.ARCHIVED, {"archived_at": 0}),
    ],
)
def test_a_launch_that_takes_nobody_says_why(world: World, condition: Condition, columns: dict[str, int]) -> None:
    now = world.now
    campus = world.launch(**{name: now if days == 0 else world.later(days=days) for name, days in columns.items()})
    world.now = now
    with pytest.raises(NotOpen) as refused:
        world.join(campus, CAROL)
    assert refused.value.condition is condition


def test_a_launched_product_still_takes_people(world: World) -> None:
    campus = world.launch(launched_at=world.now)
    assert world.waiting(campus).state == "waiting"


def test_a_paused_launch_takes_nobody(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        launching.pause(tx, campus, reason="too quick", public_reason="Back soon.", actor=TEAM, now=world.now)
    with pytest.raises(NotOpen) as refused:
        world.join(campus, CAROL)
    assert refused.value.condition is Condition.PAUSED


def test_a_full_line_takes_only_who_has_a_place_in_it(world: World) -> None:
    campus = world.launch(line_limit=2)
    world.waiting(campus, ALICE)
    world.join(campus, BOB)  # unconfirmed people count while their link works
    with pytest.raises(NotOpen) as refused:
        world.join(campus, CAROL)
    assert refused.value.condition is Condition.FULL
    world.join(campus, ALICE)
    world.join(campus, BOB)


def test_whose_link_ran_out_has_no_place_in_a_full_line(world: World) -> None:
    campus = world.launch(line_limit=2)
    world.waiting(campus, ALICE)
    world.join(campus, BOB)
    world.later(hours=49)
    world.waiting(campus, CAROL)
    with pytest.raises(NotOpen):
        world.join(campus, BOB)


def test_seats_that_are_gone_close_a_launch_that_says_so(world: World) -> None:
    campus = world.launch(seats=1, on_full="close")
    world.member(campus, ALICE)
    with pytest.raises(NotOpen):
        world.join(campus, CAROL)
    queueing = world.launch("queue", seats=1)
    world.member(queueing, ALICE)
    assert world.waiting(queueing, CAROL).state == "waiting"


def test_who_comes_back_to_a_full_line_is_told_when_there_is_room(world: World) -> None:
    campus = world.launch(line_limit=1)
    world.waiting(campus, ALICE)
    leave(world, ALICE)
    coming_back = world.join(campus, ALICE)  # nobody is in line now
    world.waiting(campus, BOB)
    assert world.confirm(campus, coming_back).rank_key is None
    assert (world.place(ALICE), world.place(BOB)) == (None, 1)
    assert world.messages()[-1].kind == "interest_joined"


def test_who_comes_back_stands_at_the_end(world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    world.waiting(campus, BOB, by=alice)
    leave(world, ALICE)
    assert world.place(BOB) == 1
    back = world.waiting(campus, ALICE)
    assert (back.confirmed_no, back.score) == (alice.confirmed_no, 1)
    assert (world.place(ALICE), world.place(BOB)) == (1, 2), "the friend still counts"


def test_a_sixth_mail_in_a_day_is_not_sent_and_the_fifth_link_works(world: World) -> None:
    campus = world.launch()
    asked = [world.join(campus, CAROL) for _ in range(7)]
    assert len(world.messages("confirm")) == 5
    assert asked[4] == asked[5] == asked[6], "the page after it speaks of the mail that was sent"
    with world.writing() as tx:
        assert resending.send_again(tx, campus, asked[6].attempt, now=world.later(minutes=2)) == resending.TooMany()
    world.later(hours=25)
    with world.writing() as tx:
        sent = resending.send_again(tx, campus, asked[6].attempt, now=world.now)
    assert isinstance(sent, resending.SentAgain)
    assert sent.attempt == asked[4].attempt
    assert world.confirm(campus, asked[4]).state == "waiting"
    world.join(campus, CAROL)
    assert world.messages()[-1].kind == "already_in_line"


def test_known_addresses_are_mailed_five_times_a_day_too(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    for _ in range(6):
        world.join(campus, CAROL)
    assert len(world.messages("already_in_line")) == 4


def test_posting_an_attempt_again_counts_as_one_of_the_five(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, CAROL)
    with world.writing() as tx:
        sent = [joining.post_attempt(tx, campus, asked.attempt_id, "confirm", now=world.now) for _ in range(5)]
    assert sent == [True] * 4 + [False]


def test_whoever_is_interested_gets_a_place_once_it_opens_to_them(world: World) -> None:
    campus = world.launch()
    dave = world.waiting(campus, DAVE, line="interest", answers={}, consents={"terms": "1"})
    assert (dave.state, dave.rank_key, world.place(DAVE)) == ("waiting", None, None)
    assert world.messages()[-1].kind == "interest_joined"
    with pytest.raises(NotEligible):
        world.join(campus, DAVE)
    with world.writing() as tx:
        tx.execute(sa.text('UPDATE gate_revision SET tree = \'{"kind": "everyone"}\''))
    world.waiting(campus, ALICE)
    dave = world.waiting(campus, DAVE)
    assert world.place(DAVE) == 2
    assert world.join(campus, DAVE, line="interest").entry is None
    assert world.messages()[-1].kind == "already_in_line", "a place is not given up by a form"


def test_the_interest_line_can_be_closed(world: World) -> None:
    campus = world.launch(interest_open=False)
    with pytest.raises(NotOpen):
        world.join(campus, DAVE, line="interest")


def test_a_line_that_is_not_there_is_a_programming_error(world: World) -> None:
    with pytest.raises(LookupError):
        world.join(world.launch(), CAROL, line="mars")
