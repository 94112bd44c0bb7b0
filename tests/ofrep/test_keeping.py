"""What this service keeps of an evaluation, and whom it takes a key for."""

from __future__ import annotations

import pytest

from tests.ofrep.conftest import SHOP, facts_of, in_process, key_of
from tests.ofrep.target import Target
from tests.parts import both
from tests.world import ALICE, CAROL, TEAM, World
from waitlist.services import launching


@both
def test_a_server_key_makes_an_admission_stick_and_a_browser_key_does_not(world: World) -> None:
    target = Target(facts_of(world), in_process(world))
    facts = target.facts
    assert target.ask(facts.admitted_token, key=facts.public_key).json["value"] is True
    assert world.admission(ALICE, world.launch_of("campus")) is None
    first = target.ask(facts.admitted).json
    kept = world.admission(ALICE, world.launch_of("campus"))
    assert kept is not None
    assert kept.via == "rule"
    again = target.ask(facts.admitted).json
    assert {**again, "metadata": 0} == {**first, "metadata": 0}
    assert again["metadata"]["state"] == "admitted"


@pytest.mark.parametrize("flag", ["campsu", "campus.arm"])
def test_a_flag_that_is_none_lets_nobody_in(world: World, flag: str) -> None:
    target = Target(facts_of(world), in_process(world))
    assert target.ask(target.facts.admitted, flag=flag).status == 404
    assert world.admission(ALICE, world.launch_of("campus")) is None


def test_everybody_is_in_once_the_launch_is_for_all_also_a_forged_token(world: World) -> None:
    target = Target(facts_of(world), in_process(world))
    facts = target.facts
    with world.writing() as tx:
        launching.launch_to_all(tx, world.launch_of("slow"), actor=TEAM, now=world.now)
    for key, subject in (
        (facts.waiting_key, CAROL),
        (facts.waiting_key, "whoever"),
        (facts.waiting_public_key, "st_x"),
    ):
        answer = target.ask(subject, flag="slow", key=key).json
        assert (answer["value"], answer["reason"], answer["variant"]) == (True, "STATIC", "everyone")
    assert target.ask(CAROL, flag="slow", key=facts.waiting_key).json["reason"] == "STATIC"  # and it stuck


def test_only_a_scoped_server_key_may_say_where_somebody_is(world: World) -> None:
    north = world.launch("north", mode="open", tree={"kind": "country", "countries": ["US"]})
    target = Target(facts_of(world), in_process(world))
    trusted = key_of(world, north, scopes=("flags:read", "fact:country"))
    untrusted, public = key_of(world, north), key_of(world, north, "public")
    said = {"flag": "north", "context": {"country": "US", "lists": ["vips"], "domain": "college.edu"}}
    assert target.ask("user-1", key=trusted, **said).json["value"] is True
    assert target.ask("user-1", key=untrusted, **said).json["value"] is False
    assert target.ask("st_x", key=public, **said).json["value"] is False
    elsewhere = said | {"context": {"country": "GB"}}
    assert target.ask("user-1", key=trusted, **elsewhere).json["variant"] == "not_eligible"


def test_a_key_needs_the_scope_and_a_subject_token_comes_from_a_server(world: World) -> None:
    target = Target(facts_of(world), in_process(world))
    weak = key_of(world, world.launch_of("campus"), scopes=("entries:read",))
    assert target.ask(ALICE, key=weak).status == 403
    client = world.app.test_client()
    headers = {"Authorization": f"Bearer {target.facts.key}"}
    made = client.post("/api/v1/subjects", json={"subject": ALICE}, headers=headers)
    answer = target.ask(made.json["token"], key=target.facts.public_key, headers={"Origin": SHOP})
    assert answer.json["value"] is True
    assert target.ask(made.json["token"]).json["value"] is True
    assert client.post("/api/v1/subjects", json={"subject": "nobody"}, headers=headers).status_code == 404
