"""The flag of the arms, and what else the answers tell of a person."""

from __future__ import annotations

import json

from tests.ofrep.conftest import SHOP, in_process, key_of
from tests.ofrep.target import Reply
from tests.world import ALICE, BOB, CAROL, World
from waitlist.api.ofrep.whose import subject_token
from waitlist.models.launch import Launch
from waitlist.services.gathering import Audience

FLAGS = "/ofrep/v1/evaluate/flags"


class Product:
    """Somebody's product with a key."""

    def __init__(self, world: World, launch: Launch, kind: str = "secret", **more: object) -> None:
        self.send = in_process(world)
        self.headers = {"Authorization": f"Bearer {key_of(world, launch, kind, **more)}"}

    def ask(self, subject: str, flag: str = "", **headers: str) -> Reply:
        body = json.dumps({"context": {"targetingKey": subject}}).encode()
        return self.send("POST", f"{FLAGS}/{flag}".rstrip("/"), body, self.headers | headers)


def test_the_arm_is_a_flag_of_its_own_and_only_where_there_are_arms(world: World) -> None:
    campus = world.launch()
    shop = Product(world, campus)
    assert shop.ask(ALICE, "campus.arm").status == 404
    assert [flag["key"] for flag in shop.ask(ALICE).json["flags"]] == ["campus"]
    world.split(campus, ("new", 1_000_000))
    world.member(campus, ALICE)
    told = shop.ask(ALICE, "campus.arm").json
    assert (told["value"], told["variant"], told["reason"]) == ("new", "new", "SPLIT")
    both = {flag["key"]: (flag["value"], flag["reason"]) for flag in shop.ask(ALICE).json["flags"]}
    assert both == {"campus": (True, "TARGETING_MATCH"), "campus.arm": ("new", "SPLIT")}
    world.split(campus)
    assert shop.ask(ALICE, "campus.arm").json["value"] == "new", "arms that were turned off are kept"


def test_whoever_is_not_in_is_told_of_control(world: World) -> None:
    campus = world.launch()
    world.split(campus, ("new", 1_000_000))
    world.waiting(campus, CAROL)
    shop = Product(world, campus)
    for subject in (CAROL, "nobody@college.edu"):
        told = shop.ask(subject, "campus.arm").json
        assert (told["value"], told["variant"], told["reason"]) == ("control", "control", "TARGETING_MATCH")


def test_a_first_answer_already_names_the_arm_that_sticks(world: World) -> None:
    campus = world.launch(mode="open")
    world.split(campus, ("new", 1_000_000))
    world.waiting(campus, CAROL)
    shop = Product(world, campus)
    assert shop.ask(CAROL, "campus.arm").json["value"] == "new"
    world.split(campus, ("other", 1_000_000))
    assert shop.ask(CAROL, "campus.arm").json["value"] == "new"
    assert shop.ask("stranger@college.edu", "campus.arm").json["value"] == "control", "who has no entry keeps nothing"


def test_a_new_arm_changes_the_tag_of_everything(world: World) -> None:
    campus = world.launch(mode="open")
    world.member(campus, ALICE)
    shop = Product(world, campus)
    tag = shop.ask(ALICE).headers["ETag"]
    assert shop.ask(ALICE, **{"If-None-Match": tag}).status == 304
    world.split(campus, ("new", 1_000_000))
    changed = shop.ask(ALICE, **{"If-None-Match": tag})
    assert (changed.status, changed.headers["ETag"] == tag) == (200, False)


def test_a_lot_is_called_a_split(world: World) -> None:
    half = world.launch("half", mode="open", tree={"kind": "ticket", "below": 1_000_000})
    world.waiting(half, CAROL)
    told = Product(world, half).ask(CAROL, "half").json
    assert (told["reason"], told["variant"]) == ("SPLIT", "admitted")
    assert Product(world, half).ask(CAROL, "half").json["reason"] == "SPLIT", "also once it stuck"
    drawn = world.launch("drawn")
    world.waiting(drawn, BOB)
    world.release(drawn, audience=Audience("first", n=1, sample=1))
    world.redeem(drawn, world.invite_of(BOB), BOB)
    assert Product(world, drawn).ask(BOB, "drawn").json["reason"] == "SPLIT"


def test_a_place_is_told_to_servers_of_one_person_at_a_time(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    shop, page = Product(world, campus), Product(world, campus, "public")
    assert shop.ask(CAROL, "campus").json["metadata"]["position"] == 1
    assert "position" not in shop.ask(CAROL).json["flags"][0]["metadata"], "it would make every answer a new one"
    with world.app.app_context():
        token = subject_token(campus, carol)
    assert "position" not in page.ask(token, "campus", Origin=SHOP).json["metadata"]


def test_the_link_of_an_invite_is_told_to_servers_with_the_scope(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    told = Product(world, campus, scopes=("flags:read", "invites:read")).ask(BOB, "campus").json["metadata"]
    assert told["state"] == "invited"
    assert world.app.test_client().get(
        told["invite_url"].partition("join.test")[2] or told["invite_url"]
    ).status_code in (200, 302)
    assert "invite_url" not in Product(world, campus).ask(BOB, "campus").json["metadata"]


def test_the_arms_of_one_launch_are_nobody_elses(world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    world.split(campus, ("new", 1_000_000))
    assert Product(world, other).ask(ALICE, "campus.arm").status == 404
