"""Who a wave would invite, in which order, and why everybody else is passed over: rows that add up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.test_joining import leave
from tests.services.test_releasing import listed
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.models.condition import line_id_of
from waitlist.models.entry import ASIDE, STANDING, Entry, StoredFact
from waitlist.models.hold import Denied, Hold, ListRow, NamedList
from waitlist.models.launch import MAIN, Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import gathering
from waitlist.services.cutting import REASONS, Cut, cut
from waitlist.services.gathering import Audience

pytestmark = both


def cut_now(world: World, launch: Launch, audience: Audience) -> Cut:
    with world.reading() as rx:
        return cut(rx, launch, line_id_of(rx, launch.id, MAIN), audience, world.now)


def names(world: World, launch: Launch, ids: list[int]) -> list[str]:
    found = {entry.id: entry.email for entry in world.rows(Entry, Entry.launch_id == launch.id)}
    return [found.get(entry_id, "stranger") for entry_id in ids]


def choose(world: World, launch: Launch | None, email: str, **values: Any) -> None:
    row = {"public_id": f"box_{email}", "launch_id": launch and launch.id, "email": email, "email_key": email}
    with world.writing() as tx:
        tx.execute(sa.insert(MailboxChoice).values(**row, changed_at=world.now, **values))


def test_everybody_who_is_passed_over_has_a_reason(world: World) -> None:
    campus = world.launch()
    people = {email: world.waiting(campus, f"{email}@college.edu") for email in "abcdefgh"}
    leave(world, "a@college.edu", "lapsed")
    choose(world, campus, "b@college.edu", wants="nothing")
    choose(world, None, "c@college.edu", bounced_at=world.now)
    choose(world, campus, "d@college.edu", wants="place")
    with world.writing() as tx:
        hold = {"public_id": "hld", "launch_id": campus.id, "scope": "entry", "effect": [], "source": "admin"}
        made = sa.insert(Hold).values(**hold, reason="look", created_at=world.now, created_by=str(TEAM))
        held_by = tx.execute(made.returning(Hold.id)).scalar_one()
        tx.execute(sa.update(Entry).where(Entry.id == people["e"].id).values(held_by=held_by))
        row = {"launch_id": campus.id, "kind": "address", "value": people["f"].email_abuse_key, "shown": "f"}
        tx.execute(sa.insert(Denied).values(**row, reason="no", created_at=world.now, created_by=str(TEAM)))
    world.plan_wave(campus, audience=Audience("selected", entry_ids=(people["g"].id,)))
    found = cut_now(world, campus, Audience("first", n=9))
    assert names(world, campus, found.chosen) == ["d@college.edu", "h@college.edu"]
    passed = {reason: names(world, campus, ids) for reason, ids in found.skipped.items()}
    assert passed == {
        "lapsed": ["a@college.edu"],
        "unsubscribed": ["b@college.edu"],
        "bounced": ["c@college.edu"],
        "held": ["e@college.edu"],
        "denied": ["f@college.edu"],
        "other_wave": ["g@college.edu"],
    }
    assert found.checked == 8
    assert set(passed) <= set(REASONS)


def test_selected_people_are_judged_whatever_their_state(world: World) -> None:
    campus = world.cast()
    world.join(campus, "erin@college.edu")
    world.waiting(campus, "frank@college.edu")
    leave(world, "frank@college.edu")
    everybody = tuple(entry.id for entry in world.rows(Entry))
    found = cut_now(world, campus, Audience("selected", entry_ids=everybody))
    passed = {reason: names(world, campus, ids) for reason, ids in found.skipped.items()}
    assert passed == {"already": [BOB, ALICE], "unconfirmed": ["erin@college.edu"], "left": ["frank@college.edu"]}
    assert names(world, campus, found.chosen) == [CAROL]


def test_a_filter_asks_for_campus_friends_and_dates(world: World) -> None:
    campus = world.launch(domain=None)
    alice = world.waiting(campus, ALICE)
    world.waiting(campus, DAVE, by=alice)
    world.later(days=1)
    world.waiting(campus, CAROL)

    def found(**values: Any) -> list[str]:
        return names(world, campus, cut_now(world, campus, Audience("filter", **values)).chosen)

    assert found() == [ALICE, DAVE, CAROL]
    assert found(domains=("college.edu",)) == [ALICE, CAROL]
    assert found(min_friends=1) == [ALICE]
    assert found(joined_from=world.now) == [CAROL]
    assert found(joined_to=world.now) == [ALICE, DAVE]


def test_listed_strangers_come_after_those_who_wait(world: World) -> None:
    campus = world.launch(seats=2)
    world.waiting(campus, CAROL)
    world.join(campus, BOB)
    found = cut_now(world, campus, listed(world, campus, ALICE, BOB, CAROL, DAVE))
    assert names(world, campus, found.chosen) == [CAROL, BOB], "the team vouches for an unconfirmed address"
    assert found.newcomers == []
    assert {reason: len(ids) for reason, ids in found.skipped.items()} == {"seats": 1, "rules": 1}
    assert found.checked == 4


def test_rules_are_asked_again_with_every_fact(world: World) -> None:
    tree = {
        "kind": "any_of",
        "gates": [
            {"kind": "listed", "list": "vips"},
            {"kind": "referred"},
            {"kind": "not_of", "gate": {"kind": "everyone"}},
        ],
    }
    campus = world.launch(domain=None)
    alice = world.waiting(campus, ALICE)
    world.waiting(campus, BOB, by=alice)
    world.waiting(campus, CAROL)
    vip = world.application(campus, CAROL).abuse_key
    with world.writing() as tx:
        tx.execute(sa.text("UPDATE gate_revision SET tree = :tree"), {"tree": json.dumps(tree)})
        made = {"launch_id": campus.id, "key": "vips", "title": "VIPs", "created_at": world.now, "created_by": "x"}
        list_id = tx.execute(sa.insert(NamedList).values(made).returning(NamedList.id)).scalar_one()
        tx.execute(sa.insert(ListRow).values(list_id=list_id, abuse_key=vip, added_at=world.now))
        fact = {"entry_id": alice.id, "name": "year", "value": 2, "trust": 4, "source": "import"}
        tx.execute(sa.insert(StoredFact).values(**fact, observed_at=world.now))
    found = cut_now(world, campus, Audience("first", n=3))
    assert names(world, campus, found.chosen) == [BOB, CAROL]
    assert names(world, campus, found.skipped["rules"]) == [ALICE]


def test_people_set_aside_are_named_where_they_would_have_stood(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 2)
    campus = world.launch()
    people = world.crowd(campus, 9)
    for n in (0, 1, 2, 5, 8):
        leave(world, people[n].email, "lapsed")
    found = cut_now(world, campus, Audience("first", n=3))
    assert found.chosen == [people[n].id for n in (3, 4, 6)]
    assert found.skipped == {"lapsed": [people[n].id for n in (0, 1, 2, 5)]}, "nobody behind the last is looked at"
    everybody = cut_now(world, campus, Audience("first", n=9, include_lapsed=True))
    assert everybody.chosen == [person.id for person in people]


@pytest.mark.parametrize("which", [STANDING, ASIDE])
def test_a_long_line_is_walked_along_an_index(world: World, which: str, engine: str) -> None:
    people = world.crowd(world.launch(), 3)
    said: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    with world.writing() as tx:
        sa.event.listen(tx.engine, "before_cursor_execute", listen)
        gathering._next(tx, people[0].line_id, which, -1)
        sa.event.remove(tx.engine, "before_cursor_execute", listen)
        if engine == "postgresql":  # three people are quicker read without any index
            tx.execute(sa.text("SET LOCAL enable_seqscan = off"))
            tx.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
        statement, parameters = said[-1]
        explain = "EXPLAIN QUERY PLAN " if engine == "sqlite" else "EXPLAIN "
        plan = str(tx.exec_driver_sql(explain + statement, parameters).all())
    assert ("ix_entry_in_line" if which == STANDING else "ix_entry_aside") in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("kind", ["first", "filter"])
def test_long_lines_are_read_in_chunks_and_in_order(world: World, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 3)
    campus = world.launch()
    people = world.crowd(campus, 6)
    world.waiting(campus, CAROL, by=people[5])
    found = cut_now(world, campus, Audience(kind, n=20))
    expected = [people[5], *people[:5]]
    assert names(world, campus, found.chosen) == [person.email for person in expected] + [CAROL]


def test_equal_audiences_have_equal_digests_however_they_were_stored(engine: str) -> None:
    moment = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    audience = Audience("filter", domains=("a.edu",), joined_from=moment, joined_to=moment + timedelta(days=1))
    again = Audience.from_json(audience.to_json())
    assert again == audience
    one, other = Cut(chosen=[1, 2]), Cut(chosen=[2, 1])
    assert one.digest(audience.to_json()) == one.digest(again.to_json())
    assert one.digest({}) != other.digest({})
    assert Cut(newcomers=[{"email_key": "a@b.edu"}]).digest({}) != Cut().digest({})
