"""Load is shed by network, and only listed proxies may say which network that is."""

from __future__ import annotations

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.parts.redis import Redis
from tests.world import World
from waitlist import create_app
from waitlist.web import networks
from waitlist.web.guards import Owner, Proof, guard


@pytest.fixture
def settings() -> dict[str, str]:
    return {"WAITLIST_LIMITS": "true", "WAITLIST_TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.1"}


@pytest.fixture
def client(doors: Flask) -> FlaskClient:
    @doors.get("/try/where")
    @guard(Owner.PUBLIC)
    def where() -> str:
        return f"{request.remote_addr} {request.scheme} {networks.network()}"

    @doors.post("/w/<slug>/try-limit")
    @guard(Owner.PUBLIC, Proof.TOKEN, limit="2/minute")
    def limited(slug: str) -> str:
        return slug

    return doors.test_client()


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),  # nobody listed: anybody can write the header
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.7", "198.51.100.7"),  # the first is what the visitor made up
        ("10.1.2.3", "198.51.100.7, 192.168.1.1", "198.51.100.7"),
        ("10.1.2.3", "198.51.100.7, nonsense", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
    ],
)
def test_the_visitor_is_the_last_address_before_the_listed_ones(
    client: FlaskClient, peer: str, forwarded: str, seen: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    text = client.get("/try/where", headers=headers, environ_base={"REMOTE_ADDR": peer}).text
    assert text == f"{seen} http {seen}"


def test_a_listed_proxy_says_that_people_come_by_https(client: FlaskClient) -> None:
    headers = {"X-Forwarded-Proto": "https"}
    assert " https " in client.get("/try/where", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"}).text
    assert " http " in client.get("/try/where", headers=headers, environ_base={"REMOTE_ADDR": "203.0.113.9"}).text


def test_an_ipv6_visitor_is_known_by_the_network(client: FlaskClient) -> None:
    text = client.get("/try/where", environ_base={"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}).text
    assert text.endswith(" 2001:db8:1:2::/64")


def test_too_many_presses_get_a_page_that_says_how_long_to_wait(client: FlaskClient) -> None:
    answers = [client.post("/w/nowhere/try-limit") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Too many tries from this network" in answers[2].text
    assert "Try again in 1 minute." in answers[2].text
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60


def test_another_network_is_not_held_up(client: FlaskClient) -> None:
    for _ in range(3):
        client.post("/w/nowhere/try-limit")
    assert client.post("/w/nowhere/try-limit", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


def test_a_dormitory_behind_one_address_may_ask_twenty_times_more(client: FlaskClient, world: World) -> None:
    world.launch("campus", domain="college.edu")
    answers = {client.post("/w/campus/try-limit").status_code for _ in range(40)}
    assert answers == {200}
    assert client.post("/w/campus/try-limit").status_code == 429


def test_a_launch_for_everybody_has_the_plain_limit(client: FlaskClient, world: World) -> None:
    world.launch("open", domain=None)
    assert [client.post("/w/open/try-limit").status_code for _ in range(3)] == [200, 200, 429]


def test_two_nodes_share_one_count_through_redis(environ: dict[str, str], redis: Redis) -> None:
    nodes = [create_app({**environ, "WAITLIST_REDIS_URL": redis.url}) for _ in range(2)]
    for node in nodes:
        node.add_url_rule(
            "/try", "try", guard(Owner.PUBLIC, Proof.TOKEN, limit="3/minute")(lambda: "ok"), methods=["POST"]
        )
    answers = [nodes[n % 2].test_client().post("/try").status_code for n in range(4)]
    assert answers == [200, 200, 200, 429]


def test_a_limit_store_that_is_away_stops_nobody(environ: dict[str, str]) -> None:
    node = create_app({**environ, "WAITLIST_REDIS_URL": "redis://127.0.0.1:1"})
    node.add_url_rule("/try", "try", guard(Owner.PUBLIC, Proof.TOKEN, limit="1/minute")(lambda: "ok"), methods=["POST"])
    assert [node.test_client().post("/try").status_code for _ in range(3)] == [200, 200, 200]
