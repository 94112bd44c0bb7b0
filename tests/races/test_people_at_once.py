"""Many people at the same moment, in processes of their own; and the same without the guard, which must go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both, processes
from tests.parts.processes import Ending
from tests.races import racing
from tests.world import ALICE, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission, Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.models.referral import Credit
from waitlist.models.wave import WaveMember
from waitlist.services import ranking

pytestmark = both


@pytest.fixture
def unguarded(engine: str) -> Callable[[], None]:
    """What takes the guard away. On SQLite the turns of its one writer go too, which guard a look as well."""
    return racing.without_anything if engine == "sqlite" else racing.without_claims


def crashes(endings: list[Ending]) -> list[str]:
    """Children that answered with an error instead of a refusal; nobody should see one."""
    return [f"{ending.error}: {ending.trace[-300:]}" for ending in endings if ending.error or ending.signal]


def words(endings: list[Ending]) -> Counter[str]:
    return Counter(ending.value for ending in endings if ending.error is None)


def line_is_exact(world: World) -> list[str]:
    """Complaints about places, seats and uses, whatever was raced."""
    complaints = []
    with world.writing() as tx:
        for line_id in tx.scalars(sa.text("SELECT id FROM line")).all():
            wrong = ranking.recount(tx, line_id)
            if wrong:
                complaints.append(f"{wrong} cells of line {line_id} are wrong")
    held = [admission for admission in world.rows(Admission) if admission.state in ("offered", "active")]
    open_bound = [
        invite
        for invite in world.rows(Invite, Invite.holds_seat, Invite.ended_at.is_(None), Invite.uses < Invite.max_uses)
        if invite.wave_id is None
    ]
    (launch,) = world.rows(Launch)
    if world.seats(launch) != len(held) + len(open_bound):
        complaints.append(f"{world.seats(launch)} seats are counted, {len(held) + len(open_bound)} are held")
    for invite in world.rows(Invite):
        used = len(world.rows(Redemption, Redemption.invite_id == invite.id))
        if invite.uses != used:
            complaints.append(f"invite {invite.id} counts {invite.uses} uses, {used} are there")
    return complaints


# --- fifty people on a link for ten


def race_for_ten(world: World, environ: dict[str, str], before: Callable[[], None] | None = None) -> list[str]:
    link = world.issue(world.launch(), uses=10)
    jobs = [{"email": f"person{n}@college.edu", "invite_id": link.id} for n in range(50)]
    endings = processes.run(racing.accept, jobs, environ, before=before)
    complaints = crashes(endings) + line_is_exact(world)
    if words(endings) != {"in": 10, "InviteSpent": 40}:
        complaints.append(f"{words(endings)}")
    if len(world.rows(Admission)) != 10:
        complaints.append(f"{len(world.rows(Admission))} are inside")
    return complaints


def test_ten_uses_admit_exactly_ten_of_fifty_racing_people(world: World, environ: dict[str, str]) -> None:
    assert race_for_ten(world, environ) == []


def test_without_the_guard_ten_uses_go_wrong(
    world: World, environ: dict[str, str], unguarded: Callable[[], None]
) -> None:
    assert race_for_ten(world, environ, unguarded) != []


# --- one person presses twenty times


def test_one_person_who_presses_twenty_times_is_in_once(world: World, environ: dict[str, str]) -> None:
    campus = world.launch(seats=5)
    links = [world.issue(campus, uses=10) for _ in range(2)]
    jobs = [{"email": ALICE, "invite_id": links[n % 2].id} for n in range(20)]
    endings = processes.run(racing.accept, jobs, environ)
    assert crashes(endings) + line_is_exact(world) == []
    assert (words(endings), world.seats(campus)) == ({"in": 1, "again": 9, "AlreadyMember": 10}, 1)


# --- a wave is revoked while its people accept


def race_against_revoking(world: World, environ: dict[str, str], before: Callable[[], None] | None = None) -> list[str]:
    campus = world.launch(seats=6)
    world.crowd(campus, 6)
    wave = world.release(campus, 6)
    people = [f"person{n}@college.edu" for n in range(1, 7)]
    jobs: list[tuple[str, dict[str, Any]]] = [
        ("accept", {"email": email, "invite_id": world.invite_of(email).id}) for email in people
    ]
    jobs += [("revoke_wave", {"wave_id": wave.id})] * 2
    endings = processes.run(racing.either, [{"name": name, "job": job} for name, job in jobs], environ, before=before)
    complaints = crashes(endings) + line_is_exact(world)
    inside = world.rows(Admission, Admission.state != "revoked")
    if inside:
        complaints.append(f"{len(inside)} kept what was taken back")
    if [world.place(email) for email in people] != list(range(1, 7)):
        complaints.append("somebody does not stand where they stood")
    if (words(endings)["revoked"], words(endings)["WrongState"]) != (1, 1):
        complaints.append(f"{words(endings)}")
    return complaints


def test_nobody_is_left_inside_by_a_wave_that_is_revoked_while_they_accept(
    world: World, environ: dict[str, str]
) -> None:
    assert race_against_revoking(world, environ) == []


def test_by_an_old_list_somebody_is_left_inside_a_revoked_wave(world: World, environ: dict[str, str]) -> None:
    assert race_against_revoking(world, environ, racing.with_an_old_list) != []


# --- four admins while people join


def race_of_admins(world: World, environ: dict[str, str], before: Callable[[], None] | None = None) -> list[str]:
    campus = world.launch(seats=180)
    with world.writing() as tx:
        for n in range(220):
            world.waiting_in(tx, campus, f"first{n}@college.edu")
    jobs = [("release", {"n": 50})] * 4 + [("join_some", {"prefix": f"late{n}-", "n": 8}) for n in range(4)]
    named = [{"name": name, "job": job} for name, job in jobs]
    endings = processes.run(racing.either, named, environ, before=before)
    complaints = crashes(endings) + line_is_exact(world)
    invited = Counter(member.entry_id for member in world.rows(WaveMember, WaveMember.outcome == "invited"))
    if any(n > 1 for n in invited.values()):
        complaints.append("somebody was invited twice")
    if len(world.messages("invite")) != len(invited):
        complaints.append(f"{len(world.messages('invite'))} mails for {len(invited)} invited people")
    if (len(invited), world.seats(campus)) != (180, 180):
        complaints.append(f"{len(invited)} invited on {world.seats(campus)} seats of 180")
    if len(world.rows(Entry, Entry.state == "waiting")) != 220 + 32 - len(invited):
        complaints.append("somebody was forgotten")
    return complaints


def test_four_admins_release_at_once_while_people_join(world: World, environ: dict[str, str]) -> None:
    assert race_of_admins(world, environ) == []


def test_without_the_guard_four_admins_go_wrong(
    world: World, environ: dict[str, str], unguarded: Callable[[], None]
) -> None:
    assert race_of_admins(world, environ, unguarded) != []


# --- one friend, fifty presses and fifty addresses


def race_of_presses(
    world: World, environ: dict[str, str], addresses: list[str], before: Callable[[], None] | None = None
) -> list[str]:
    """Fifty presses on the links of these addresses, which all reach one mailbox."""
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    asked = [world.join(campus, address, by=alice).attempt_id for address in addresses]
    jobs = [{"attempt_id": asked[n % len(asked)]} for n in range(50)]
    endings = processes.run(racing.press, jobs, environ, before=before)
    complaints = crashes(endings) + line_is_exact(world)
    if words(endings)["first"] != len(addresses):
        complaints.append(f"{words(endings)}")
    if (len(world.rows(Credit)), world.entry(ALICE).score) != (1, 1):
        complaints.append(f"{len(world.rows(Credit))} credits, {world.entry(ALICE).score} points")
    if len(world.messages("in_line")) != 1 + len(addresses):
        complaints.append(f"{len(world.messages('in_line'))} mails")
    return complaints


ONE = ["carol@college.edu"]
MANY = [f"carol+{n}@college.edu" for n in range(50)]


@pytest.mark.parametrize("addresses", [ONE, MANY], ids=["one-link", "fifty-links"])
def test_fifty_confirmations_of_one_friend_give_one_credit(
    world: World, environ: dict[str, str], addresses: list[str]
) -> None:
    assert race_of_presses(world, environ, addresses) == []


@pytest.mark.parametrize("addresses", [ONE, MANY], ids=["one-link", "fifty-links"])
def test_without_the_guard_fifty_confirmations_go_wrong(
    world: World, environ: dict[str, str], addresses: list[str], unguarded: Callable[[], None]
) -> None:
    assert race_of_presses(world, environ, addresses, unguarded) != []


# --- a branch is held while friends confirm


def race_for_a_branch(world: World, environ: dict[str, str], before: Callable[[], None] | None = None) -> list[str]:
    campus = world.launch()
    root = world.waiting(campus, ALICE)
    asked = [world.join(campus, f"friend{n}@college.edu", by=root).attempt_id for n in range(12)]
    jobs: list[dict[str, Any]] = [{"name": "hold_a_branch", "job": {"entry_id": root.id}}]
    jobs += [{"name": "press", "job": {"attempt_id": attempt_id}} for attempt_id in asked]
    endings = processes.run(racing.either, jobs, environ, before=before)
    complaints = crashes(endings) + line_is_exact(world)
    friends = world.rows(Entry, Entry.referrer_id == root.id)
    if len(friends) != 12:
        complaints.append(f"{len(friends)} friends confirmed")
    return complaints + [f"{friend.email} is not on hold" for friend in friends if friend.held_by is None]


def test_nobody_slips_past_a_hold_on_the_branch_they_come_by(world: World, environ: dict[str, str]) -> None:
    assert race_for_a_branch(world, environ) == []


def test_without_the_guard_people_slip_past_a_hold(world: World, environ: dict[str, str]) -> None:
    assert any("is not on hold" in said for said in race_for_a_branch(world, environ, racing.with_an_old_look))


# --- redeem against revoke


def race_against_revoke(
    world: World, environ: dict[str, str], campus: Launch, nth: int = 0, before: Callable[[], None] | None = None
) -> list[str]:
    people = [f"person{nth}-{n}@college.edu" for n in range(12)]
    invites = [world.invited(campus, email) for email in people]
    jobs = [
        {"name": "accept", "job": {"email": email, "invite_id": invite.id}}
        for email, invite in zip(people, invites, strict=True)
    ]
    jobs += [{"name": "take_back", "job": {"invite_id": invite.id}} for invite in invites]
    endings = processes.run(racing.either, jobs, environ, before=before)
    complaints = crashes(endings) + line_is_exact(world)
    for invite in world.rows(Invite):
        inside = bool(world.rows(Redemption, Redemption.invite_id == invite.id))
        if not inside and invite.revoked_at is None:
            complaints.append(f"invite {invite.id} is neither used nor revoked")
    return complaints


def test_redeem_and_revoke_at_once_leave_one_truth(world: World, environ: dict[str, str]) -> None:
    assert race_against_revoke(world, environ, world.launch(seats=300)) == []


def test_without_the_guard_redeem_and_revoke_go_wrong(
    world: World, environ: dict[str, str], unguarded: Callable[[], None]
) -> None:
    # Each pair has to meet within a millisecond or two, so an unguarded round may go well by luck; twenty do not.
    campus = world.launch(seats=300)
    assert any(race_against_revoke(world, environ, campus, nth, unguarded) for nth in range(20))
