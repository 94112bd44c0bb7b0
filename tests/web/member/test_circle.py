"""Alice sees whom she brought and whom those brought: by name where they allow it, and nobody who is not hers."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.world import ALICE, World
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch

PEOPLE, CHAIN = "/w/campus/me/people", "/w/campus/me/chain"


def shows(world: World, email: str, **values: object) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == email).values(**values))


def grow(world: World, campus: Launch, levels: int) -> list[Entry]:
    people = [world.entry(ALICE)]
    for i in range(1, levels + 1):
        people.append(world.waiting(campus, f"below{i}@college.edu", by=people[-1], name=f"Person Number{i}"))
    return people


def test_alice_has_brought_nobody_yet(alice: FlaskClient) -> None:
    assert "Nobody has joined by you yet." in alice.get(PEOPLE).text
    assert "Nobody has joined by you yet." in alice.get(CHAIN).text


def test_names_stand_only_where_their_owners_allow_it(world: World, campus: Launch, alice: FlaskClient) -> None:
    grow(world, campus, 2)
    page = alice.get(PEOPLE).text
    assert "Your circle: 1 direct, 2 in total." in page
    assert "1 person" in page
    assert "Person N." not in page
    shows(world, "below1@college.edu", share_name=True)
    for path in (PEOPLE, CHAIN):
        page = alice.get(path).text
        assert "Person N." in page
        assert "below1@" not in page


def test_somebody_erased_is_someone_who_left(world: World, campus: Launch, alice: FlaskClient) -> None:
    grow(world, campus, 2)
    shows(world, "below1@college.edu", erased_at=world.now, state="left", name="", share_name=False)
    for path in (PEOPLE, CHAIN):
        assert "Someone who left" in alice.get(path).text
    assert alice.get(CHAIN).text.count('data-testid="tree-row"') == 3  # nobody below is lost


def test_nobody_learns_that_a_friend_was_removed(world: World, campus: Launch, alice: FlaskClient) -> None:
    grow(world, campus, 1)
    shows(world, "below1@college.edu", state="removed", rank_key=None)
    for path in (PEOPLE, CHAIN):
        assert "removed" not in alice.get(path).text.lower()


def test_a_friend_who_took_an_invite_link_came_by_it(world: World, campus: Launch, alice: FlaskClient) -> None:
    friend = grow(world, campus, 1)[1]
    invite = world.issue(campus, uses=2)
    with world.writing() as tx:
        tx.execute(
            sa.text(
                "INSERT INTO vouch (launch_id, voucher_id, entry_id, invite_id, voucher_state, created_at)"
                " VALUES (:l, :v, :e, :i, 'joined', :n)"
            ),
            {"l": campus.id, "v": world.entry(ALICE).id, "e": friend.id, "i": invite.id, "n": world.now.isoformat(" ")},
        )
    assert "your invite link" in alice.get(PEOPLE).text


def test_the_fourth_level_is_a_page_further_down(world: World, campus: Launch, alice: FlaskClient) -> None:
    people = grow(world, campus, 5)
    page = alice.get(CHAIN).text
    assert page.count('data-testid="tree-row"') == 4
    further = f"{CHAIN}?from={people[3].public_id}"
    assert further in page
    page = alice.get(further).text
    assert page.count('data-testid="tree-row"') == 3
    assert "Back to the top of my chain" in page


def test_alice_sees_who_brought_her_and_how_she_is_shown(world: World, campus: Launch, alice: FlaskClient) -> None:
    bob = world.waiting(campus, "early@college.edu", name="Grace Hopper")
    shows(world, "early@college.edu", share_name=True, confirmed_no=1)
    shows(world, ALICE, referrer_id=bob.id, referrer_no=1)
    page = forms.visit(alice, CHAIN).text
    assert "Grace H." in page
    assert "Your name is not shown" in page
    shows(world, ALICE, share_name=True, name="Alice")
    assert "Your name is shown as the person who invited them. Ask help@college.edu" in forms.visit(alice, CHAIN).text


def test_nobody_looks_into_a_chain_that_is_not_theirs(world: World, campus: Launch, alice: FlaskClient) -> None:
    stranger = world.waiting(campus, "stranger@college.edu")
    for wrong in (f"?from={stranger.public_id}", "?from=nobody", "?after=x", "?after=" + "9" * 30):
        assert alice.get(CHAIN + wrong).status_code == 404


def test_many_friends_come_a_page_at_a_time(world: World, campus: Launch, alice: FlaskClient) -> None:
    mine = world.entry(ALICE)
    for i in range(27):
        world.waiting(campus, f"friend{i}@college.edu", by=mine)
    first = forms.visit(alice, PEOPLE)
    assert first.text.count('data-testid="circle-row"') == 25
    rest = alice.get(first.text.partition('rel="next" href="')[2].partition('"')[0]).text
    assert rest.count('data-testid="circle-row"') == 2
    assert "First page" in rest
