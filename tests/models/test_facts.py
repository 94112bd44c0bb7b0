"""What is known of a person, gathered from the rows that hold it, and who is on the deny list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.gates import parse
from waitlist.gates.answers import Admits, Applicant, Needs, Refuses, Trust
from waitlist.models.entry import Entry, StoredFact
from waitlist.models.facts import Somebody, applicant, applicants, denied_among, is_denied
from waitlist.models.hold import Denied, ListRow, NamedList
from waitlist.models.launch import Launch
from waitlist.services.judging import answer_for

pytestmark = both


def deny(world: World, launch: Launch, kind: str, value: str, until: datetime | None = None, **more: Any) -> None:
    row = {"launch_id": launch.id, "kind": kind, "value": value, "shown": value, "reason": "no", "until": until}
    with world.writing() as tx:
        tx.execute(sa.insert(Denied).values(**row, created_at=world.now, created_by=str(TEAM), **more))


def denied(world: World, launch: Launch, entry: Entry, domain: str = "cs.college.edu") -> tuple[bool, bool]:
    """The answer for one person, and the answer for a chunk of one: always the same."""
    somebody = Somebody(entry.id, domain, entry.email_abuse_key, referred=False)
    with world.reading() as rx:
        alone = is_denied(rx, launch.id, domain=domain, abuse_key=entry.email_abuse_key, now=world.now)
        return alone, entry.id in denied_among(rx, launch.id, [somebody], world.now)


@pytest.mark.parametrize(
    ("kind", "value", "hit"),
    [
        ("domain", "cs.college.edu", True),
        ("domain", "college.edu", True),
        ("domain", "edu", True),
        ("domain", "ollege.edu", False),
        ("domain", "www.cs.college.edu", False),
        ("address", "somebody else's", False),
    ],
)
def test_a_domain_is_denied_with_everything_below_it(world: World, kind: str, value: str, hit: bool) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    deny(world, campus, kind, value)
    assert denied(world, campus, carol) == (hit, hit)


def test_an_address_is_denied_under_all_its_spellings_in_one_launch(world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    carol = world.waiting(campus, CAROL)
    deny(world, campus, "address", world.application(campus, "carol+tag@college.edu").abuse_key)
    assert denied(world, campus, carol) == (True, True)
    assert denied(world, other, carol) == (False, False)


def test_a_denial_ends_at_its_date_or_when_it_is_taken_back(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    deny(world, campus, "address", carol.email_abuse_key, until=world.now + timedelta(hours=1))
    deny(world, campus, "domain", "college.edu", removed_at=world.now)
    assert denied(world, campus, carol) == (True, True)
    world.later(hours=1)
    assert denied(world, campus, carol) == (False, False)


def put_facts(world: World, campus: Launch, carol: Entry) -> None:
    with world.writing() as tx:
        made = {"launch_id": campus.id, "key": "vips", "title": "VIPs", "created_at": world.now, "created_by": "x"}
        list_id = tx.execute(sa.insert(NamedList).values(made).returning(NamedList.id)).scalar_one()
        tx.execute(sa.insert(ListRow).values(list_id=list_id, abuse_key=carol.email_abuse_key, added_at=world.now))
        fact = {"entry_id": carol.id, "name": "year", "value": 2, "trust": Trust.AUTHORITATIVE, "source": "import"}
        tx.execute(sa.insert(StoredFact).values(**fact, observed_at=world.now))


def test_one_person_and_a_chunk_know_the_same_facts(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    put_facts(world, campus, carol)
    with world.reading() as rx:
        alone = applicant(
            rx,
            campus.id,
            domain=carol.domain,
            abuse_key=carol.email_abuse_key,
            now=world.now,
            entry_id=carol.id,
            mailbox_proven=True,
            invited=True,
            referred=True,
        )
        somebody = Somebody(carol.id, carol.domain, carol.email_abuse_key, referred=True)
        chunk = applicants(rx, campus.id, [somebody], world.now)
    assert chunk == {carol.id: alone}
    assert alone.facts["lists"][0].value == frozenset({"vips"})
    assert alone.facts["year"][0].value == 2


def test_a_mailbox_that_is_not_proven_has_only_said_its_domain(world: World) -> None:
    campus = world.launch()
    with world.reading() as rx:
        known: Applicant = applicant(
            rx, campus.id, domain="college.edu", abuse_key="x", now=world.now, mailbox_proven=False
        )
    gate = parse({"kind": "domain", "domains": ["college.edu"]})
    assert gate.answer(known, world.now) == Needs("domain")


def test_the_deny_list_beats_every_rule_and_a_tick_beats_every_rule_but_that(world: World) -> None:
    campus = world.launch()
    who = {"domain": "elsewhere.edu", "abuse_key": "x", "now": world.now}
    with world.reading() as rx:
        assert isinstance(answer_for(rx, campus, **who), Refuses)
        assert answer_for(rx, campus, overridden=True, **who) == Admits()
    deny(world, campus, "domain", "elsewhere.edu")
    with world.reading() as rx:
        assert answer_for(rx, campus, overridden=True, **who) == Refuses("denied", {})
