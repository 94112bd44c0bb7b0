"""What people find on their status page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.db import db
from waitlist.gates.answers import Refuses
from waitlist.models.condition import Condition
from waitlist.models.entry import Entry, State
from waitlist.models.hold import SUSPEND, Hold
from waitlist.models.launch import INTEREST, GateRevision, Launch
from waitlist.models.referral import Credit
from waitlist.queries.standing import StatusPage, status_page
from waitlist.services import launching, posting

pytestmark = both

BEN = "ben@college.edu"


def page_of(world: World, launch: Launch, email: str) -> StatusPage:
    entry = world.entry(email, launch)
    with world.reading() as rx:
        page = status_page(rx, launch, entry.public_id, now=world.now)
    assert page is not None
    return page


def change(world: World, noun: Any, email: str, **values: Any) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(noun).where(noun.id == world.entry(email).id).values(**values))


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Every statement that a reader sends meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append(statement)

    with world.app.app_context():
        engine = db.engines["reading"]
    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def test_a_place_adds_up_and_says_how_far_it_moved(world: World) -> None:
    campus = world.launch(points=5)
    world.crowd(campus, 3)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol)

    place = page_of(world, campus, CAROL).place

    assert place is not None
    assert (place.place, place.total, place.arrival, place.points, place.up) == (1, 5, 4, -3, 3)


def test_a_band_is_said_without_the_number(world: World) -> None:
    campus = world.launch(places_shown="band")
    world.waiting(campus)
    place = page_of(world, campus, CAROL).place
    assert place is not None
    assert (place.shown, place.within, place.place, place.total, place.arrival) == ("band", 100, None, None, None)


def test_hidden_places_stay_hidden(world: World) -> None:
    campus = world.launch(places_shown="hidden")
    world.waiting(campus)
    place = page_of(world, campus, CAROL).place
    assert place is not None
    assert (place.shown, place.place, place.within, place.up) == ("hidden", None, None, None)


def test_friends_are_named_as_they_allow(world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol, name="Ben van Lee")
    change(world, Entry, BEN, share_name=True)
    world.waiting(campus, "dora@college.edu", by=carol, name="Dora Quiet")
    world.join(campus, "erin@college.edu", by=carol)

    friends = page_of(world, campus, CAROL).friends

    assert [(friend.who, friend.status, friend.points) for friend in friends.shown] == [
        ("e•••@…", "pending", 0),
        ("d•••@…", "counted", 5),
        ("Ben L.", "counted", 5),
    ]
    assert (friends.counted, friends.pending, friends.joined, friends.more) == (2, 1, 2, 0)


def test_a_friend_who_does_not_count_is_not_accused(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    ben = world.waiting(campus, BEN, by=carol)
    with world.writing() as tx:
        tx.execute(sa.update(Credit).where(Credit.friend_id == ben.id).values(state="reversed"))

    friends = page_of(world, campus, CAROL).friends

    assert [(friend.status, friend.points) for friend in friends.shown] == [("withheld", 0)]
    assert friends.counted == 0


def test_somebody_on_hold_sees_no_number(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        hold = sa.insert(Hold).values(
            public_id="hld_1",
            launch_id=campus.id,
            scope="entry",
            target_id=carol.id,
            effect=SUSPEND,
            source="admin",
            reason="looks odd",
            created_at=world.now,
            created_by=str(TEAM),
        )
        tx.execute(sa.update(Entry).values(held_by=tx.execute(hold.returning(Hold.id)).scalar_one()))

    page = page_of(world, campus, CAROL)

    assert (page.state, page.place) == ("held", None)


def test_the_interest_line_has_no_numbers(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, "dave@elsewhere.edu", line=INTEREST)
    page = page_of(world, campus, "dave@elsewhere.edu")
    assert (page.state, page.place) == ("interest", None)


def test_everybody_sees_their_own_state(world: World) -> None:
    campus = world.cast()
    world.join(campus, "erin@college.edu")

    assert page_of(world, campus, ALICE).state == "joined"
    assert page_of(world, campus, ALICE).invites_left == 3
    bob = page_of(world, campus, BOB)
    assert bob.state == "invited"
    assert bob.invite is not None
    assert bob.invite.alive
    assert page_of(world, campus, CAROL).state == "waiting"
    assert page_of(world, campus, CAROL).invite is None
    assert page_of(world, campus, "erin@college.edu").state == "unconfirmed"


def test_an_invite_is_over_at_its_end_before_any_job_says_so(world: World) -> None:
    campus = world.cast()
    world.later(days=8)
    bob = page_of(world, campus, BOB)
    assert bob.state == "lapsed"
    assert bob.invite is not None
    assert not bob.invite.alive


@pytest.mark.parametrize(("days", "may_come_back"), [(6, True), (7, False)])
def test_who_left_may_come_back_for_seven_days(world: World, days: int, may_come_back: bool) -> None:
    campus = world.launch()
    world.waiting(campus)
    change(world, Entry, CAROL, state=State.LEFT, state_before="waiting", state_at=world.now)
    world.later(days=days)
    page = page_of(world, campus, CAROL)
    assert (page.undo_until is not None) is may_come_back


def test_a_pause_is_told_with_its_public_words(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="load", public_reason="Back at noon.", actor=TEAM, now=world.now)
    page = page_of(world, campus, CAROL)
    assert (page.condition, page.hold_reason) == (Condition.PAUSED, "Back at noon.")
    assert page.place is not None


@pytest.mark.parametrize(("domain", "code"), [("college.edu", None), ("other.edu", "domain_not_allowed")])
def test_rules_that_came_later_are_told_to_whom_they_refuse(world: World, domain: str, code: str | None) -> None:
    campus = world.launch()
    world.waiting(campus)
    with world.writing() as tx:
        rule = {"kind": "domain", "domains": [domain]}
        newer = {"launch_id": campus.id, "revision": 2, "tree": rule, "created_at": world.now, "created_by": "admin:1"}
        tx.execute(sa.insert(GateRevision).values(newer))
        tx.execute(sa.update(Launch).values(revision=2))

    refusal = page_of(world, world.launch_of(), CAROL).refusal

    assert (refusal.code if isinstance(refusal, Refuses) else None) == code


def test_the_email_settings_are_found_once_a_mail_was_made(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    assert page_of(world, campus, CAROL).choice is None
    with world.writing() as tx:
        made = posting.choice_for(tx, campus.id, carol.email, carol.email_key, world.now)
    assert page_of(world, campus, CAROL).choice == made


def test_nobody_is_found_in_another_launch(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    other = world.launch("other")
    with world.reading() as rx:
        assert status_page(rx, other, carol.public_id, now=world.now) is None
        assert status_page(rx, campus, "ent_nobody", now=world.now) is None


def test_a_status_page_costs_six_statements(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    for n in range(5):
        world.waiting(campus, f"friend{n}@college.edu", by=carol)
    with statements(world) as sent, world.reading() as rx:
        status_page(rx, campus, carol.public_id, now=world.now)
    assert len(sent) <= 6
