"""A product trades the code that came with a person for who they are: once, within five minutes, in its own launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import ALICE, BOB, World
from waitlist import keys
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch
from waitlist.services import handing


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "sqlite"))


both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def walk_in(world: World, launch: Launch, email: str) -> str:
    """The person presses "Continue": the code that the product gets."""
    code = keys.random_handoff()
    admission = world.admission(email, launch)
    assert admission is not None
    with world.writing() as tx:
        code_hash = keys.handoff_hash(world.runtime.secrets.pepper, code)
        handing.mint(tx, launch, admission.id, code_hash=code_hash, now=world.now)
    return code


@both
def test_a_product_learns_once_who_came_in(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    key, code = make_key(campus), walk_in(world, campus, ALICE)
    answer = ask("invites/exchange", key, {"code": code, "external_id": "u-1"})
    assert answer.status_code == 200, answer.text
    entry = world.entry(ALICE)
    assert answer.json["launch"] == "campus"
    assert answer.json["entry"]["id"] == entry.public_id
    assert (answer.json["entry"]["email"], answer.json["entry"]["state"]) == (ALICE, "joined")
    assert answer.json["invite"]["id"] == world.invite_of(ALICE).public_id
    assert answer.json["tags"] == []
    assert entry.external_id == "u-1"
    again = ask("invites/exchange", key, {"code": code})
    assert (again.status_code, again.mimetype) == (410, "application/problem+json")
    assert again.json["type"].endswith("/problems/code-spent")


def test_a_code_that_waited_for_six_minutes_is_over(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    key, code = make_key(campus), walk_in(world, campus, ALICE)
    world.later(minutes=6)
    with world.clock():
        assert ask("invites/exchange", key, {"code": code}).status_code == 410


def test_a_code_of_another_launch_is_unknown_and_stays_good(
    world: World, ask: Any, make_key: Callable[..., str]
) -> None:
    campus, other = world.launch(), world.launch("other")
    world.member(campus, ALICE)
    code = walk_in(world, campus, ALICE)
    assert ask("invites/exchange", make_key(other), {"code": code}).status_code == 404
    assert ask("invites/exchange", make_key(campus), {"code": code}).status_code == 200


@both
def test_one_user_id_belongs_to_one_person(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    world.member(campus, BOB)
    key = make_key(campus)
    assert (
        ask("invites/exchange", key, {"code": walk_in(world, campus, ALICE), "external_id": "u-1"}).status_code == 200
    )
    bobs = walk_in(world, campus, BOB)
    taken = ask("invites/exchange", key, {"code": bobs, "external_id": "u-1"})
    assert (taken.status_code, taken.json["type"].rpartition("/")[2]) == (409, "external-id-taken")
    assert ask("invites/exchange", key, {"code": bobs, "external_id": "u-2"}).status_code == 200, "the code was kept"
    again = walk_in(world, campus, ALICE)
    assert ask("invites/exchange", key, {"code": again, "external_id": "u-9"}).status_code == 409
    assert ask("invites/exchange", key, {"code": again, "external_id": "u-1"}).status_code == 200


def test_whose_access_was_taken_back_walks_in_nowhere(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    key, code = make_key(campus), walk_in(world, campus, ALICE)
    admission = world.admission(ALICE)
    assert admission is not None
    with world.writing() as tx:
        revoked = Admission.__table__.update().where(Admission.id == admission.id)
        tx.execute(revoked.values(state=AdmissionState.REVOKED))
    gone = ask("invites/exchange", key, {"code": code})
    assert (gone.status_code, gone.json["type"].rpartition("/")[2]) == (410, "not-a-member")
    with world.writing() as tx, pytest.raises(handing.NotIn):
        handing.mint(tx, campus, admission.id, code_hash="x", now=world.now)


def test_a_body_that_does_not_fit_is_told_where(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    key = make_key(world.launch())
    answer = ask("invites/exchange", key, {"code": "", "external_id": 7})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/code", "/external_id"}
