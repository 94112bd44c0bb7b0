"""Who asks: a key that is whole, known, in force, secret, and allowed to."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.world import TEAM, World
from waitlist import keys, noticing
from waitlist.api import key_uses
from waitlist.models.access import ApiKey
from waitlist.services import keying

PATH = "invites/exchange"


def kind(answer: Any) -> str:
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.json["type"].rpartition("/")[2]


@pytest.mark.parametrize("authorization", [None, "Basic YTpi", "Bearer", "Bearer wl_sk_short", "Token x"])
def test_without_a_key_the_answer_says_how_to_send_one(client: FlaskClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = client.post(f"/api/v1/{PATH}", json={}, headers=headers)
    assert (answer.status_code, kind(answer)) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_with_a_slip_is_refused_before_any_look_up(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    key = make_key(world.launch())
    wrong = key[:-7] + ("a" if key[-7] != "a" else "b") + key[-6:]
    with pytest.raises(keys.BadKey):
        keys.read(wrong)
    assert ask(PATH, wrong, {}).status_code == 401


def test_an_unknown_a_revoked_and_an_ended_key_are_the_same(
    world: World, ask: Any, make_key: Callable[..., str]
) -> None:
    campus = world.launch()
    ended = make_key(campus, expires_at=world.now - timedelta(seconds=1))
    revoked = make_key(campus)
    (row,) = [key for key in world.rows(ApiKey) if key.key_end == keys.end(revoked)]
    with world.writing() as tx:
        keying.revoke(tx, campus, row.public_id, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(keying.KeyGone):
        keying.revoke(tx, campus, row.public_id, actor=TEAM, now=world.now)
    answers = [ask(PATH, key, {}) for key in (keys.make("secret"), ended, revoked)]
    assert {(a.status_code, a.json["detail"], a.headers["WWW-Authenticate"]) for a in answers} == {
        (401, "This key is not known, was revoked or has ended.", 'Bearer error="invalid_token"')
    }


def test_a_key_may_do_what_its_scopes_say(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus = world.launch()
    refused = ask(PATH, make_key(campus, scopes=["invites:read"]), {"code": "x"})
    assert (refused.status_code, kind(refused), refused.json["scope"]) == (403, "insufficient-scope", "invites:write")
    assert ask(PATH, make_key(campus, scopes=["invites:write"]), {"code": "x"}).status_code == 404
    writer = make_key(campus, scopes=["invites:write"])
    assert ask("invites/verify", writer, {"token": "x"}).status_code == 404, "who may write may read"
    with world.writing() as tx, pytest.raises(keying.BadScope, match="everything"):
        keying.create(
            tx, campus, kind="secret", name="", key_hash="h", key_end="e", scopes=["everything"], actor=TEAM,
            now=world.now,
        )  # fmt: skip


def test_a_public_key_has_no_place_on_a_server(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    refused = ask(PATH, make_key(world.launch(), kind="public"), {})
    assert (refused.status_code, kind(refused)) == (403, "secret-key-needed")


def test_the_database_holds_no_key(world: World, make_key: Callable[..., str]) -> None:
    text = make_key(world.launch())
    (row,) = world.rows(ApiKey)
    assert text not in repr(row)
    assert row.key_end == text[-4:]
    assert len(text) == len("wl_sk_") + 42


def test_when_a_key_was_used_is_seen_later_and_never_goes_back(
    app: Flask, world: World, ask: Any, make_key: Callable[..., str]
) -> None:
    key = make_key(world.launch())
    assert ask(PATH, key, {"code": "x"}).status_code == 404
    ask(PATH, key, {"code": "x"})  # within the ten seconds: only remembered
    for _ in range(100):
        (row,) = world.rows(ApiKey)
        if row.used_at is not None:
            break
        time.sleep(0.02)
    assert row.used_at is not None
    noticing.keep(app, key_uses.NAME, {row.id: world.now - timedelta(days=1)})
    assert world.rows(ApiKey)[0].used_at == row.used_at


def test_an_observation_that_cannot_be_written_hurts_nobody(app: Flask, world: World) -> None:
    with world.writing() as tx:
        tx.execute(sa.text("DROP TABLE api_key"))
    noticing.keep(app, key_uses.NAME, {1: world.now})
