"""The doctor looks at everything and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Hand
from tests.parts import both
from tests.parts.redis import Redis, free_port
from tests.parts.smtp import Catcher
from tests.world import CAROL, World
from waitlist import secret_files
from waitlist.services import beating, installing

Fresh = Callable[..., Hand]


def findings(hand: Hand, code: int) -> dict[str, tuple[str, str]]:
    result = hand.types("doctor")
    assert result.exit_code == code, result.output
    rows = [line.split(None, 2) for line in result.stdout.splitlines()[1:]]
    return {check: (state, says) for check, state, says in rows}


@both
def test_a_house_that_runs_needs_nothing(world: World, hand: Hand) -> None:
    world.join(world.launch(), CAROL)
    with world.writing() as tx:
        installing.prepare(tx, fingerprint=world.runtime.secrets.fingerprint())
        beating.beat(tx, "here:1", world.now, now=world.now)
    found = findings(hand, code=1)  # plain http at a name that is not this machine
    assert {check for check, (state, _) in found.items() if state == "fix"} == {"address"}
    assert found["outbox"][0] == "note"


def test_a_house_whose_worker_is_away_and_whose_keys_are_open(
    world: World, hand: Hand, environ: dict[str, str]
) -> None:
    (Path(environ["WAITLIST_INSTANCE"]) / "pepper").chmod(0o644)
    found = findings(hand, code=1)
    assert "chmod 600" in found["keys"][1]
    assert "flask --app app worker" in found["worker"][1]


def test_another_pepper_is_found(world: World, hand: Hand) -> None:
    with world.writing() as tx:
        installing.prepare(tx, fingerprint="another")
    assert "Put its own back" in findings(hand, code=1)["keys"][1]


def test_a_database_without_tables_is_told(fresh: Fresh) -> None:
    assert "db upgrade" in findings(fresh(), code=1)["tables"][1]


def test_a_database_that_is_away_is_told(fresh: Fresh) -> None:
    hand = fresh(WAITLIST_DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    assert "WAITLIST_DATABASE_URL" in findings(hand, code=1)["database"][1]


def test_https_relay_and_redis_are_looked_at(fresh: Fresh, smtp: Catcher, redis: Redis) -> None:
    hand = fresh(
        WAITLIST_BASE_URL="https://join.college.edu",
        WAITLIST_MAIL_FROM="Campus <hello@other.org>",
        WAITLIST_SMTP_URL=smtp.url,
        WAITLIST_REDIS_URL=redis.url,
    )
    hand.types("init")
    found = findings(hand, code=1)
    assert {name: found[name][0] for name in ("address", "proxy", "sender", "mail", "limits", "disk")} == {
        "address": "ok",
        "proxy": "note",
        "sender": "note",
        "mail": "ok",
        "limits": "ok",
        "disk": "ok",
    }


def test_a_relay_and_a_redis_that_are_away_are_told(fresh: Fresh) -> None:
    hand = fresh(
        WAITLIST_SMTP_URL=f"smtp://127.0.0.1:{free_port()}", WAITLIST_REDIS_URL=f"redis://127.0.0.1:{free_port()}/0"
    )
    hand.types("init")
    found = findings(hand, code=1)
    assert (found["mail"][0], found["limits"][0]) == ("fix", "fix")


def test_a_full_disk_is_told(world: World, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waitlist.queries.doctor.LEAST_SPACE", 1 << 62)
    assert "Make room" in findings(hand, code=1)["disk"][1]


def test_old_links_work_after_a_rotation(world: World, hand: Hand, environ: dict[str, str]) -> None:
    folder = Path(environ["WAITLIST_INSTANCE"])
    before = secret_files.load_or_create(folder).signing
    assert hand.gets_one("secret", "rotate", "--dry-run")["keys"] == 2
    assert secret_files.load_or_create(folder).signing == before
    assert hand.gets_one("secret", "rotate", "--keep-days", "3")["keys"] == 2
    after = secret_files.load_or_create(folder).signing
    assert after[:-1] == before
    assert after[-1] not in before
