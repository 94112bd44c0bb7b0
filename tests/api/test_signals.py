"""A product tells what became of its people; the first of a kind counts."""

from __future__ import annotations

from tests.ofrep.conftest import key_of
from tests.world import ALICE, World
from waitlist.models.guard import Signal


def test_a_product_tells_an_outcome_once(world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    client = world.app.test_client()
    headers = {"Authorization": f"Bearer {key_of(world, campus, scopes=('signals:write',))}"}
    body = {"subject": ALICE, "kind": "outcome", "name": "first-invoice"}
    told = [client.post("/api/v1/signals", json=body, headers=headers) for _ in range(2)]
    assert [(one.status_code, one.json) for one in told] == [(200, {"first": True}), (200, {"first": False})]
    assert len(world.rows(Signal)) == 1
    unknown = client.post("/api/v1/signals", json=body | {"subject": "no@college.edu"}, headers=headers)
    assert unknown.status_code == 404
    odd = client.post("/api/v1/signals", json=body | {"kind": "mood"}, headers=headers)
    assert odd.status_code == 422
    reader = {"Authorization": f"Bearer {key_of(world, campus)}"}
    assert client.post("/api/v1/signals", json=body, headers=reader).status_code == 403
