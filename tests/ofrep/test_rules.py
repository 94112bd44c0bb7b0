"""The fifteen rules of a server that the published OpenFeature clients can work with, each seen in a real client."""

from __future__ import annotations

import json
import re

import pytest

from tests.ofrep.target import Reply, Target

REASONS = {"STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"}
ERRORS = {"PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL", "FLAG_NOT_FOUND"}


@pytest.fixture
def answers(target: Target) -> list[Reply]:
    """Good answers of every kind."""
    facts = target.facts
    waiting = {"flag": facts.waiting_flag, "key": facts.waiting_key}
    return [
        target.ask(facts.admitted),
        target.ask(facts.outsider),
        target.ask("nobody-known"),
        target.ask(facts.waiting, **waiting),
        target.ask(facts.admitted_token, key=facts.public_key, headers={"Origin": facts.origin}),
        target.ask("st_forged", key=facts.public_key),
    ]


@pytest.fixture
def refusals(target: Target) -> list[Reply]:
    """Refusals of every kind."""
    facts = target.facts
    return [
        target.ask(None),
        target.ask(facts.admitted, body=b"{"),
        target.ask(facts.admitted, body=b'{"context": []}'),
        target.ask(facts.admitted, body=b'{"context": {"targetingKey": 7}}'),
        target.ask(facts.admitted, body=b'"text"'),
        target.ask(facts.admitted, flag="no-such-flag"),
        target.ask(facts.admitted, key="wl_sk_wrong"),
        target.ask(facts.admitted, headers={"Authorization": ""}),
        target.ask(facts.admitted_token, key=facts.public_key, headers={"Origin": "https://elsewhere.example"}),
        target.send("GET", "/ofrep/v1/evaluate/flags", b"", {}),
        target.send("POST", "/ofrep/v1/elsewhere", b"", {}),
    ]


def test_people_get_the_answers_that_are_expected(target: Target) -> None:
    facts = target.facts
    assert target.ask(facts.admitted).json["value"] is True
    assert target.ask(facts.outsider).json["value"] is False
    assert target.ask(facts.waiting, flag=facts.waiting_flag, key=facts.waiting_key).json["value"] is False
    assert target.ask(facts.admitted_token, key=facts.public_key).json["value"] is True


def test_rule_01_every_answer_has_a_variant(answers: list[Reply]) -> None:
    assert all(isinstance(reply.json["variant"], str) and reply.json["variant"] for reply in answers)


def test_rule_02_reasons_are_those_of_the_protocol(answers: list[Reply]) -> None:
    assert {reply.json["reason"] for reply in answers} <= REASONS


def test_rule_03_every_refusal_says_its_code_and_details(refusals: list[Reply]) -> None:
    assert [reply.status for reply in refusals] == [400] * 5 + [404, 401, 401, 403, 405, 404]
    for reply in refusals:
        assert reply.json["errorCode"] in ERRORS
        assert reply.json["errorDetails"]
    assert [reply.json["errorCode"] for reply in refusals[:6]] == [
        *("TARGETING_KEY_MISSING", "PARSE_ERROR", "INVALID_CONTEXT", "INVALID_CONTEXT", "PARSE_ERROR"),
        "FLAG_NOT_FOUND",
    ]
    assert all(reply.json["key"] for reply in refusals[:6])


def test_rule_04_metadata_is_in_every_body_and_holds_no_null(answers: list[Reply], refusals: list[Reply]) -> None:
    for reply in answers + refusals:
        assert all(isinstance(value, str | int | float) for value in reply.json["metadata"].values())


def test_rule_05_a_value_is_never_missing_and_never_null(answers: list[Reply], target: Target) -> None:
    flags = target.ask_all(target.facts.admitted).json["flags"]
    assert all(item["value"] is not None for item in [*flags, *(reply.json for reply in answers)])


def test_rule_06_a_flag_keeps_one_type(answers: list[Reply]) -> None:
    assert {type(reply.json["value"]) for reply in answers} == {bool}


def test_rule_07_retry_after_is_whole_seconds(answers: list[Reply], refusals: list[Reply]) -> None:
    waits = [reply.headers["Retry-After"] for reply in answers + refusals if "Retry-After" in reply.headers]
    assert all(re.fullmatch(r"[0-9]+", wait) for wait in waits)


def test_rule_08_flag_keys_need_no_escaping(target: Target) -> None:
    facts = target.facts
    keys = [item["key"] for item in target.ask_all(facts.admitted).json["flags"]]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", key) for key in keys)
    assert target.ask(facts.admitted, flag="a b").status == 404
    assert target.ask(facts.admitted, flag="../flags").status in (400, 404)


def test_rule_09_answers_are_json_and_a_304_is_empty(
    answers: list[Reply], refusals: list[Reply], target: Target
) -> None:
    assert all(reply.headers["Content-Type"].startswith("application/json") for reply in answers + refusals)
    first = target.ask_all(target.facts.admitted)
    again = target.ask_all(target.facts.admitted, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_rule_10_a_post_with_a_known_etag_is_not_modified_even_when_the_tag_went_weak(target: Target) -> None:
    facts = target.facts
    tag = target.ask_all(facts.admitted).headers["ETag"]
    assert target.ask_all(facts.admitted, headers={"If-None-Match": f"W/{tag}"}).status == 304
    assert target.ask_all(facts.outsider, headers={"If-None-Match": tag}).status == 200


def test_rule_11_a_listed_page_may_send_and_read_what_its_client_needs(target: Target) -> None:
    facts = target.facts
    asks = {"Origin": facts.origin, "Access-Control-Request-Method": "POST"}
    preflight = target.send("OPTIONS", "/ofrep/v1/evaluate/flags", b"", asks)
    assert preflight.status in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] == facts.origin
    allowed = {name.strip() for name in preflight.headers["Access-Control-Allow-Headers"].lower().split(",")}
    assert {"authorization", "content-type", "x-api-key", "if-none-match"} <= allowed
    assert int(preflight.headers["Access-Control-Max-Age"]) > 0
    answer = target.ask_all(facts.admitted_token, key=facts.public_key, headers={"Origin": facts.origin})
    assert answer.status == 200
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]
    stranger = target.send("OPTIONS", "/ofrep/v1/evaluate/flags", b"", asks | {"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_rule_12_nobody_is_told_to_wait_before_their_first_answer(target: Target) -> None:
    assert {target.ask_all(target.facts.admitted).status for _ in range(60)} == {200}


def test_rule_13_a_stop_is_an_answer_and_never_an_error(target: Target) -> None:
    facts = target.facts
    held = target.ask(facts.waiting, flag=facts.waiting_flag, key=facts.waiting_key)
    assert (held.status, held.json["value"]) == (200, False)


def test_rule_14_an_answer_may_not_be_kept_by_anybody_on_the_way(answers: list[Reply]) -> None:
    assert all("no-store" in reply.headers["Cache-Control"] for reply in answers)


def test_rule_15_two_credentials_must_both_be_good(target: Target) -> None:
    facts = target.facts
    assert target.ask(facts.admitted, headers={"X-API-Key": facts.key}).status == 200
    assert target.ask(facts.admitted, headers={"X-API-Key": facts.key, "Authorization": ""}).status == 200
    assert target.ask(facts.admitted, headers={"X-API-Key": "wl_sk_wrong"}).status == 401
    assert target.ask(facts.admitted, headers={"X-API-Key": facts.key, "Authorization": "Bearer x"}).status == 401
    assert target.ask(facts.admitted, headers={"X-API-Key": facts.waiting_key}).status == 401
    assert target.ask(facts.admitted, headers={"X-API-Key": facts.key, "Authorization": "Basic x"}).status == 401


def test_nobody_learns_from_a_forged_token_who_is_in(target: Target) -> None:
    facts = target.facts
    asked = {"flag": facts.waiting_flag, "key": facts.waiting_public_key}
    waiting = target.ask(facts.waiting_token, **asked).json
    for forged in ("st_forged", facts.waiting, facts.admitted_token, "ent_made-up", "st_" + "x" * 3000, "\x00"):
        answer = target.ask(forged, **asked).json
        for volatile in (answer, waiting):
            volatile["metadata"].pop("decided_at", None)
        assert answer == waiting
    body = json.dumps({"context": {"targetingKey": "st_x", "email": facts.admitted}}).encode()
    assert target.ask(None, key=facts.public_key, body=body).json["value"] is False
