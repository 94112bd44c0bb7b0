"""Somebody whom a rule let in, without any invite, finds their pages as a member does."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.web.admin.conftest import Desk
from tests.world import ALICE, TEAM, World
from waitlist.gates.deciding import decide
from waitlist.queries import deciding
from waitlist.services import sticking
from waitlist.tokens import Purpose


def test_a_person_let_in_by_a_rule_is_inside_on_every_page(world: World, client: FlaskClient, grace: Desk) -> None:
    campus = world.launch(mode="open", product_url="https://shop.example/")
    alice = world.waiting(campus, ALICE)
    with world.writing() as tx:
        decision = decide(deciding.plan_of(tx, campus), deciding.subject(tx, campus, alice, world.now), world.now)
        assert sticking.stick(tx, campus, alice.id, decision, actor=TEAM, now=world.now)
    token = world.runtime.tokens.sign(Purpose.STATUS, campus.public_id, alice.public_id, alice.link_version)
    page = client.get(f"/s/{token}")
    assert page.status_code == 200
    assert "You are in" in page.text
    assert ALICE in grace.get(f"/admin/w/campus/people/{alice.public_id}")
