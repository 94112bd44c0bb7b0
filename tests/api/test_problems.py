"""Whatever goes wrong below /api/v1 is a problem document; the description of the API says so too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from tests.world import World
from waitlist.api import LARGEST

PROBLEM = "application/problem+json"


def test_a_wrong_address_and_a_wrong_method_are_problems(client: FlaskClient) -> None:
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.mimetype) == (404, PROBLEM)
    wrong = client.get("/api/v1/invites/exchange")
    assert (wrong.status_code, wrong.mimetype) == (405, PROBLEM)
    assert "POST" in wrong.headers["Allow"]


def test_what_is_no_json_or_too_much_of_it_is_a_problem(
    client: FlaskClient, world: World, make_key: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {make_key(world.launch())}"}
    form = client.post("/api/v1/invites/verify", data="a=b", headers=headers, content_type="text/plain")
    assert (form.status_code, form.mimetype) == (415, PROBLEM)
    broken = client.post("/api/v1/invites/verify", data="{", headers=headers, content_type="application/json")
    assert (broken.status_code, broken.mimetype) == (400, PROBLEM)
    large = client.post("/api/v1/invites/verify", json={"code": "x" * LARGEST}, headers=headers)
    assert (large.status_code, large.mimetype) == (413, PROBLEM)


def test_the_description_names_the_key_and_every_refusal_as_a_problem(client: FlaskClient) -> None:
    spec: dict[str, Any] = client.get("/api/openapi.json").json
    assert spec["openapi"].startswith("3.1")
    assert set(spec["paths"]) >= {"/api/v1/invites/exchange", "/api/v1/invites/verify"}
    assert not [path for path in spec["paths"] if not path.startswith("/api/")]
    operation = spec["paths"]["/api/v1/invites/exchange"]["post"]
    assert operation["security"] == [{"key": []}]
    refusals = {status: list(answer["content"]) for status, answer in operation["responses"].items() if status >= "400"}
    assert set(refusals) >= {"401", "403", "404", "409", "410", "413", "415", "422"}
    assert set(map(tuple, refusals.values())) == {(PROBLEM,)}
