"""What the protocol's own document says of requests and answers holds, whatever is asked: schemathesis makes it up.

`OFREP_OPENAPI` is the path of the document, mended so that a validator accepts any answer at all;
without it this is skipped.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ofrep.conftest import key_of
from tests.world import ALICE, CAROL, World

PAPER = os.environ.get("OFREP_OPENAPI", "")
pytestmark = pytest.mark.skipif(not PAPER, reason="OFREP_OPENAPI names no document")
EXAMPLES = 60  # of each way to ask: seconds, not minutes
CACHE_HINTS = {"flagConfigEtag", "flagConfigLastModified"}  # hints that a server may ignore, wrong ones too


def ways() -> list[tuple[str, str]]:
    flags = "/ofrep/v1/evaluate/flags"
    return [(path, kind) for path in (flags + "/{key}", flags) for kind in ("positive", "negative")]


@pytest.mark.parametrize(("path", "kind"), ways())
def test_answers_are_as_the_protocol_says(world: World, path: str, kind: str) -> None:
    import schemathesis
    from schemathesis import openapi
    from schemathesis.checks import load_all_checks
    from schemathesis.specs.openapi import checks

    load_all_checks()
    campus = world.launch(mode="open")
    world.split(campus, ("new", 500_000))
    world.member(campus, ALICE)
    world.waiting(campus, CAROL)
    headers = {"Authorization": f"Bearer {key_of(world, campus)}"}
    document = openapi.from_path(Path(PAPER))
    document.app = world.app
    operation = document[path]["POST"]
    mode = schemathesis.GenerationMode(kind)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(case=operation.as_strategy(generation_mode=mode), flag=st.sampled_from(["campus", "campus.arm", None]))
    def ask(case: Any, flag: str | None) -> None:
        if flag and kind == "positive" and "key" in case.path_parameters:
            case.path_parameters["key"] = flag  # one that is there; others are made up
        hinted = not CACHE_HINTS.isdisjoint(case.query or {})
        ignored = [checks.negative_data_rejection] if hinted else []
        case.call_and_validate(headers=headers, excluded_checks=ignored)

    ask()
