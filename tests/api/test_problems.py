"""Whatever goes wrong below /api/v1 is a problem document; the description of the API says so too."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from tests.world import World
from waitlist import problems
from waitlist.api import LARGEST
from waitlist.problems import KINDS

PROBLEM = "application/problem+json"
PACKAGE = Path(problems.__file__).parent


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


def test_every_problem_has_a_page_that_explains_it(client: FlaskClient) -> None:
    called = {kind for path in PACKAGE.rglob("*.py") for kind in named_in(path)}
    assert len(called) > 10
    assert called <= KINDS.keys()
    for kind in KINDS:
        page = client.get(f"/problems/{kind}")
        assert page.status_code == 200
        assert "<h1>" in page.text
    assert client.get("/problems/nonsense").status_code == 404


def named_in(path: Path) -> Iterator[str]:
    """The kinds that a module calls `problem(status, kind, ...)` with."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "problem":
            kind = node.args[1] if len(node.args) > 1 else None
            if isinstance(kind, ast.Constant):
                yield str(kind.value)
