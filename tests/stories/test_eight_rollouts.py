"""The eight ways to open a launch, each from its preset to the last person; and five of them in one launch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.worker import tick
from tests.world import TEAM, World
from waitlist import addresses
from waitlist.actors import admin
from waitlist.db import some
from waitlist.gates.deciding import decide
from waitlist.models.entry import Entry, StoredFact
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch, SeatCount, gate_in_force
from waitlist.models.stage import Stage, stages
from waitlist.models.wave import Wave
from waitlist.queries import deciding
from waitlist.services import (
    advancing,
    braking,
    denying,
    lapsing,
    listing,
    presetting,
    redeeming,
    staging,
    steering,
    sticking,
)
from waitlist.services.contradicting import Contradiction
from waitlist.services.presetting import Wishes

pytestmark = both
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fill(world: World, launch: Launch, kind: str, **wishes: Any) -> Launch:
    """The plan filled by a preset, as the page and the command do it."""
    with world.writing() as tx:
        rules = tx.execute(gate_in_force(launch.id)).one()
        plan = some(tx, stages(launch.id))
        proposal = presetting.propose(kind, Wishes(**wishes), launch, plan, rules.tree, world.now)
        presetting.check(tx, launch, proposal)
        presetting.apply(tx, launch, proposal, seen=launch.revision, actor=TEAM, now=world.now)
    return world.launch_of(launch.slug)


def verdict(world: World, launch: Launch, email: str) -> str:
    """What a product is told of somebody who has an entry; whom a rule lets in stays in."""
    with world.writing() as tx:
        now_so = world.launch_of(launch.slug)
        entry = world.entry(email, launch)
        decision = decide(deciding.plan_of(tx, now_so), deciding.subject(tx, now_so, entry, world.now), world.now)
        sticking.stick(tx, now_so, entry.id, decision, actor=TEAM, now=world.now)
    return decision.verdict.value


def stranger(world: World, launch: Launch, email: str) -> str:
    address = addresses.canon(email)
    with world.reading() as rx:
        key = world.runtime.abuse_key(address)
        nobody = deciding.stranger(rx, launch, domain=address.domain, abuse_key=key, now=world.now)
        return decide(deciding.plan_of(rx, world.launch_of(launch.slug)), nobody, world.now).verdict.value


def put_on_list(world: World, launch: Launch, key: str, *emails: str) -> None:
    found = [addresses.canon(email) for email in emails]
    rows = [listing.Listed(world.runtime.abuse_key(one), one.email, one.key) for one in found]
    with world.writing() as tx:
        listing.add(tx, launch, key, rows, title=key, actor=TEAM, now=world.now)


def know(world: World, launch: Launch, email: str, name: str, value: str) -> None:
    fact = {"entry_id": world.entry(email, launch).id, "name": name, "value": value, "trust": 4}
    with world.writing() as tx:
        tx.execute(sa.delete(StoredFact).where(StoredFact.entry_id == fact["entry_id"]))
        tx.execute(sa.insert(StoredFact).values(**fact, source="import", observed_at=world.now))


def states(world: World, launch: Launch) -> dict[str, str]:
    return {row.email.partition("@")[0]: row.state for row in world.rows(Entry, Entry.launch_id == launch.id)}


def accept(world: World, launch: Launch, email: str) -> None:
    world.redeem(launch, world.invite_of(email, launch), email)


def start(world: World, launch: Launch, key: str) -> None:
    with world.writing() as tx:
        staging.start(tx, launch, key, actor=TEAM, now=world.now)


def test_vips_first_with_seats_of_their_own_then_everybody_else(world: World) -> None:
    launch = world.launch(domain=None, seats=10)
    world.crowd(launch, 12)
    with world.writing() as tx:
        denied = addresses.canon("bad@vip.example")
        key = world.runtime.abuse_key(denied)
        denying.deny(
            tx, launch, kind="address", value=key, shown=denied.email, reason="x", until=None, actor=TEAM, now=world.now
        )
    # Three spellings of one mailbox are one row.
    put_on_list(world, launch, "vip", "Vera@gmail.com", "v.era@gmail.com", "vera+x@gmail.com", "bad@vip.example")
    launch = fill(world, launch, "vip", reserved_seats=2, size=10, every_minutes=24 * 60, starts_at=world.now)
    tick(world, launch)
    assert set(states(world, launch).values()) == {"waiting"}  # no VIP has joined yet
    world.later(days=1)
    tick(world, launch)
    tick(world, launch)
    invited = [name for name, state in states(world, launch).items() if state == "invited"]
    assert len(invited) == 8  # 10 seats less 2 that wait for VIPs
    assert world.place("person9@college.edu", launch) == 1
    world.waiting(launch, "vera@gmail.com")
    world.later(hours=1)
    tick(world, launch)
    accept(world, launch, "vera@gmail.com")
    assert verdict(world, launch, "vera@gmail.com") == "admitted"
    with world.writing() as tx:
        listing.drop(
            tx, launch, "vip", [world.entry("vera@gmail.com", launch).email_abuse_key], actor=TEAM, now=world.now
        )
    assert verdict(world, launch, "vera@gmail.com") == "admitted"  # what was given stays given
    assert stranger(world, launch, "bad@vip.example") == "blocked"  # the deny list beats the list


def test_one_campus_lets_in_whoever_proves_its_address_and_nobody_like_it(world: World) -> None:
    launch = world.launch(domain=None)
    launch = fill(world, launch, "campus", domains=("harvard.edu",), starts_at=world.now)
    outside = ["evil-harvard.edu", "harvard.edu.evil.com", "alumni.harvard.edu", "harvard.com", "hárvard.edu"]
    for domain in outside:
        assert stranger(world, launch, f"x@{domain}") != "admitted"
        with pytest.raises(Exception) as refused:  # noqa: PT011
            world.join(launch, f"x@{domain}")
        assert type(refused.value).__name__ == "NotEligible"
    asked = world.join(launch, "Ada@HARVARD.edu")
    assert verdict(world, launch, "ada@harvard.edu") == "needs_info"  # not proven yet
    world.confirm(launch, asked)
    assert verdict(world, launch, "ada@harvard.edu") == "admitted"


def test_a_campus_by_invite_refuses_outsiders_and_spends_nothing_on_them(world: World) -> None:
    launch = fill(world, world.launch(domain=None), "campus", domains=("harvard.edu",), invite_only=True)
    start(world, launch, "campus")
    link = world.issue(launch, uses=1)
    with pytest.raises(redeeming.NotEligible):
        world.redeem(launch, link, "x@alumni.harvard.edu")
    world.redeem(launch, link, "ada@harvard.edu")
    with pytest.raises(redeeming.InviteSpent):
        world.redeem(launch, link, "bob@harvard.edu")


def test_friends_come_in_so_many_invites_away_from_the_first_members(world: World) -> None:
    launch = world.launch(domain=None, allowance=3)
    put_on_list(world, launch, "founders", "fay@one.example")
    world.waiting(launch, "fay@one.example")
    wishes = {"list_key": "founders", "hops": 2, "starts_at": world.now}
    launch = fill(world, launch, "friends", **wishes)
    with pytest.raises(Exception) as refused:  # noqa: PT011
        world.join(launch, "nobody@college.edu")
    assert type(refused.value).__name__ == "NotEligible"
    tick(world, launch)
    tick(world, launch)
    accept(world, launch, "fay@one.example")
    inside = "fay@one.example"
    for friend in ("gus@two.example", "hal@three.example"):
        by = world.entry(inside, launch)
        given = world.issue(launch, source=InviteSource.MEMBER, inviter_id=by.id)
        world.redeem(launch, given, friend)
        inside = friend
    third = world.issue(launch, source=InviteSource.MEMBER, inviter_id=world.entry(inside, launch).id)
    with pytest.raises(redeeming.NotEligible) as too_far:
        world.redeem(launch, third, "ida@four.example")
    assert getattr(too_far.value.answer, "code", "") == "vouches_too_far"
    assert verdict(world, launch, "hal@three.example") == "admitted"


def test_regions_open_one_after_the_other_and_nobody_loses_what_they_had(world: World) -> None:
    launch = world.launch(domain=None)
    for email, country in (("us@a.example", "US"), ("ca@a.example", "CA"), ("mx@a.example", "MX")):
        world.waiting(launch, email)
        know(world, launch, email, "country", country)
    world.waiting(launch, "who@a.example")
    world.waiting(launch, "xx@a.example")
    know(world, launch, "xx@a.example", "country", "XX")
    launch = fill(world, launch, "regions", groups=(("US", "CA"), ("MX",)), every_minutes=60, starts_at=world.now)
    people = ["us@a.example", "ca@a.example", "mx@a.example", "who@a.example", "xx@a.example"]
    told = [verdict(world, launch, email) for email in people]
    assert told == ["admitted", "admitted", "waiting", "waiting", "waiting"]
    know(world, launch, "ca@a.example", "country", "MX")  # moved after
    assert tick(world, launch) == 0
    world.later(hours=1)
    assert tick(world, launch) == 1
    told = [verdict(world, launch, email) for email in people]
    assert told == ["admitted", "admitted", "admitted", "waiting", "waiting"]


def test_a_beta_draws_its_people_and_goes_on_only_when_others_say_so(world: World) -> None:
    launch = world.launch()
    crowd = world.crowd(launch, 6)
    launch = fill(world, launch, "beta", size=2, every_minutes=60, starts_at=world.now)
    tick(world, launch)
    drawn = {person.email for person in sorted(crowd, key=lambda person: person.ticket)[:2]}
    assert {row.email for row in world.rows(Entry, Entry.state == "invited")} == drawn
    for email in drawn:
        accept(world, launch, email)
    (wave,) = world.rows(Wave)
    with pytest.raises(advancing.OwnPlan), world.writing() as tx:
        advancing.approve(tx, launch, "everyone", actor=TEAM, now=world.now)
    world.later(hours=1)
    tick(world, launch)
    second = world.rows(Wave)[1]
    with world.writing() as tx:
        steering.pause(tx, launch, wave.id, reason="reports", actor=TEAM, now=world.now)
    with pytest.raises(advancing.TooEarly) as early, world.writing() as tx:
        advancing.approve(tx, launch, "everyone", actor=admin(2), now=world.now)
    assert early.value.missing == ("clear",)
    with world.writing() as tx:
        steering.resume(tx, launch, wave.id, actor=TEAM, now=world.now)
        advancing.approve(tx, launch, "everyone", actor=admin(2), now=world.now)
    assert second.planned == 2
    assert {verdict(world, launch, person.email) for person in crowd} <= {"admitted", "invited"}
    assert [verdict(world, launch, email) for email in sorted(drawn)] == ["admitted", "admitted"]


def test_everyone_at_once_is_false_a_second_before_and_true_for_strangers_at_the_time(world: World) -> None:
    launch = world.launch(domain=None, seats=2)
    world.crowd(launch, 3)
    opens = world.now + DAY
    with pytest.raises(Contradiction) as refused:
        fill(world, launch, "everyone", starts_at=opens)
    assert refused.value.code == "plan_everyone_over_seats"
    with world.writing() as tx:
        tx.execute(sa.update(Launch).values(seats=None))
        tx.execute(sa.update(SeatCount).values(seats=None))
    launch = fill(world, world.launch_of(launch.slug), "everyone", starts_at=opens)
    world.now = opens - timedelta(seconds=1)
    assert [stranger(world, launch, "new@any.example"), tick(world, launch)] == ["not_joined", 0]
    world.now = opens
    assert stranger(world, launch, "new@any.example") == "admitted"  # before any worker has looked
    assert [tick(world, launch), tick(world, launch)] == [1, 0]
    assert world.launch_of(launch.slug).launched_at == opens
    assert verdict(world, launch, "person3@college.edu") == "admitted"


def test_slow_waves_of_so_many_and_nobody_is_asked_again_who_let_the_first_one_go(world: World) -> None:
    launch = world.launch(invite_days=1)
    world.crowd(launch, 8)
    launch = fill(world, launch, "slow", size=2, every_minutes=3 * 24 * 60, starts_at=world.now)
    for _ in range(4):
        tick(world, launch)
        world.later(days=3)
        with world.writing() as tx:
            while lapsing.lapse_due(tx, world.now, 500):
                pass
    assert [wave.planned for wave in world.rows(Wave)] == [2, 4, 2]  # those who let go are made up for
    assert set(states(world, launch).values()) == {"lapsed"}


def test_a_ramp_reaches_everybody_in_seven_days(world: World) -> None:
    launch = world.launch()
    with world.writing() as tx:
        for n in range(1, 101):
            world.waiting_in(tx, launch, f"person{n}@college.edu")
    launch = fill(world, launch, "slow", ramp=True, starts_at=world.now)
    for _ in range(7):
        tick(world, launch)
        tick(world, launch)
        world.later(days=1)
    assert [wave.planned for wave in world.rows(Wave)] == [1, 1, 3, 5, 10, 30, 50]
    assert set(states(world, launch).values()) == {"invited"}


def test_departments_start_one_by_one_each_with_a_yes_of_somebody_else(world: World) -> None:
    launch = world.launch(domain=None)
    for email, unit in (
        ("pay@erp.example", "finance/payroll"),
        ("fin@erp.example", "finance"),
        ("hr@erp.example", "hr"),
    ):
        world.waiting(launch, email)
        know(world, launch, email, "unit", unit)
    world.waiting(launch, "contractor@erp.example")
    launch = fill(world, launch, "departments", groups=(("finance",), ("hr",)))
    people = ["pay@erp.example", "fin@erp.example", "hr@erp.example", "contractor@erp.example"]
    with pytest.raises(advancing.OwnPlan), world.writing() as tx:
        advancing.approve(tx, launch, "unit-1", actor=TEAM, now=world.now)
    with pytest.raises(advancing.TooEarly), world.writing() as tx:
        advancing.approve(tx, launch, "unit-2", actor=admin(2), now=world.now)
    with world.writing() as tx:
        advancing.approve(tx, launch, "unit-1", actor=admin(2), now=world.now)
    assert [verdict(world, launch, one) for one in people] == ["admitted", "admitted", "waiting", "waiting"]
    with world.writing() as tx:
        braking.brake(tx, launch, braking.Level.FREEZE, reason="quarter close", actor=TEAM, now=world.now)
        advancing.approve(tx, launch, "unit-2", actor=admin(2), now=world.now)
    assert verdict(world, launch, "hr@erp.example") == "waiting"
    with world.writing() as tx:
        braking.lift(tx, launch, (braking.Level.FREEZE,), actor=TEAM, now=world.now)
    assert verdict(world, launch, "hr@erp.example") == "admitted"
    know(world, launch, "pay@erp.example", "unit", "sales")  # transferred, and keeps it
    assert verdict(world, launch, "pay@erp.example") == "admitted"


def test_one_launch_goes_through_five_of_them(world: World) -> None:
    """VIPs, a campus, friends, regions, everybody: as the networks did that began at one university."""
    launch = world.launch(domain=None)
    people = ["vera@vip.example", "ada@harvard.edu", "bob@friend.example", "carl@ca.example", "eve@any.example"]
    put_on_list(world, launch, "vip", people[0])
    for email in people[:2]:
        world.waiting(launch, email)
    world.waiting(launch, people[2], by=world.entry(people[1], launch))
    for email in people[3:]:
        world.waiting(launch, email)
    know(world, launch, people[3], "country", "CA")

    def inside() -> str:
        return "".join(email[0] for email in people if verdict(world, launch, email) == "admitted")

    def add(key: str, tree: dict[str, Any], **more: Any) -> None:
        with world.writing() as tx:
            staging.add(tx, launch, staging.Draft(key, tree, **more), actor=TEAM, now=world.now)

    add("vip", {"kind": "listed", "list": "vip"}, mode="release", starts_at=world.now, exits={"redeemed": 1})
    after = {"starts": "after", "after_minutes": 60}
    add("campus", {"kind": "domain", "domains": ["harvard.edu"]}, exits={"admitted": 1}, **after)
    add("friends", {"kind": "referred"}, **after)
    add("north", {"kind": "country", "countries": ["US", "CA"]}, **after)
    add("everyone", {"kind": "everyone"}, kind="everyone", **after)
    assert inside() == ""
    tick(world, launch)
    world.later(hours=2)
    assert [tick(world, launch), inside()] == [0, ""]  # nobody has accepted yet
    accept(world, launch, people[0])
    for expected in ("v", "va", "vab", "vabc", "vabce"):
        assert inside() == expected
        tick(world, launch)
        world.later(hours=1)
    tick(world, launch)
    assert inside() == "vabce"
    assert world.launch_of(launch.slug).launched_at is not None
    plan = world.rows(Stage, Stage.ordinal > 1)
    assert [stage.started_at is not None for stage in plan] == [True] * 5
