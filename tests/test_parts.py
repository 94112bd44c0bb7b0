"""The ground itself: the parts that other tests stand on do what they say."""

from __future__ import annotations

import os
import smtplib
import time

import pytest
import redis as redis_client
from flask import Flask
from playwright.sync_api import Browser

from tests.parts import both, missing, processes
from tests.parts.postgres import Postgres
from tests.parts.redis import Redis
from tests.parts.smtp import Catcher
from tests.world import ALICE, BOB, CAROL, World
from waitlist import failpoints
from waitlist.db import db, writing
from waitlist.services import counting

MAIL = b"From: team@college.edu\r\nSubject: Hello\r\n\r\n..two dots\r\n"


def say_hello(app: Flask, name: str) -> str:
    return f"{name} on {db.engine.dialect.name}"


def count_once(app: Flask, world_now: float, then_die: bool = False) -> bool:
    from datetime import UTC, datetime, timedelta

    with writing() as tx:
        now = datetime.fromtimestamp(world_now, UTC)
        counted = counting.claim(tx, "test", "same", limit=3, window=timedelta(hours=1), now=now)
        failpoints.reached("count.before_commit")
    return counted


def fail(app: Flask) -> None:
    raise LookupError("on purpose")


@both
def test_the_named_world_stands_as_its_names_say(world: World) -> None:
    campus = world.cast()
    assert [world.entry(email).state for email in (ALICE, BOB, CAROL)] == ["joined", "invited", "waiting"]
    assert world.place(CAROL) == 1
    assert world.seats(campus) == 2
    assert [mail.to_key for mail in world.messages("invite")] == [ALICE, BOB]


@both
def test_children_start_together_over_the_same_database(
    engine: str, app: Flask, world: World, environ: dict[str, str]
) -> None:
    endings = processes.run(say_hello, [{"name": "Ada"}, {"name": "Erin"}], environ)
    assert processes.values(endings) == [f"Ada on {engine}", f"Erin on {engine}"]
    jobs = [{"world_now": world.now.timestamp()}] * 6
    assert sorted(processes.values(processes.run(count_once, jobs, environ))) == [False] * 3 + [True] * 3


def test_a_child_that_fails_or_is_killed_says_so(world: World, environ: dict[str, str]) -> None:
    (ending,) = processes.run(fail, [{}], environ)
    assert ending.error == "LookupError"
    assert "on purpose" in ending.trace
    with pytest.raises(AssertionError, match="on purpose"):
        processes.values([ending])
    jobs = [{"world_now": world.now.timestamp()}]
    (killed,) = processes.run(count_once, jobs, environ, failpoint="count.before_commit")
    assert killed.signal == 9
    assert processes.run(count_once, jobs, environ)[0].value is True


def test_the_mail_server_keeps_the_exact_bytes(smtp: Catcher) -> None:
    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        client.sendmail("team@college.edu", ["carol@college.edu"], MAIL)
    (mail,) = smtp.caught
    assert (mail.sender, mail.recipients, mail.raw) == ("team@college.edu", ("carol@college.edu",), MAIL)
    assert (mail.subject, mail.text.strip()) == ("Hello", "..two dots")
    assert smtp.to("carol@college.edu") == [mail]
    assert mail.html == ""


def test_the_mail_server_has_bad_days_when_asked(smtp: Catcher) -> None:
    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        smtp.at_rcpt, smtp.only = "550 5.1.1 No such user", "bob@college.edu"
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("team@college.edu", ["bob@college.edu"], MAIL)
        client.sendmail("team@college.edu", ["carol@college.edu"], MAIL)
        smtp.only, smtp.at_rcpt, smtp.at_data = None, None, "554 5.6.0 No"
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail("team@college.edu", ["carol@college.edu"], MAIL)
    assert (len(smtp.caught), smtp.refused) == (1, ["bob@college.edu", "carol@college.edu"])
    smtp.clear()
    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        smtp.hang_up = True
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.sendmail("team@college.edu", ["carol@college.edu"], MAIL)
    assert len(smtp.caught) == 1, "accepted, and the answer was lost"


def test_the_mail_server_can_be_silent(smtp: Catcher) -> None:
    smtp.silent = True
    began = time.monotonic()
    client = smtplib.SMTP(timeout=0.3)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        client.connect(smtp.host, smtp.port)
    assert time.monotonic() - began < 5


def test_redis_forgets_when_flushed(redis: Redis) -> None:
    with redis_client.Redis.from_url(redis.url) as client:
        client.set("n", 1)
        redis.flush()
        assert client.get("n") is None


def test_postgresql_comes_back_after_a_power_cut() -> None:
    server = Postgres(durable=True)
    try:
        name = server.create()
        server.kill()
        server.start()
        server.drop(name)
    finally:
        server.stop()
    assert not server.folder.exists()
    if os.geteuid() == 0:
        assert server.folder.name.startswith("wl-pg-")


def test_the_browser_shows_a_page(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<h1>You are in line</h1>")
    assert page.get_by_role("heading").inner_text() == "You are in line"
    page.close()


def test_a_missing_part_names_the_way_out() -> None:
    with pytest.raises(pytest.fail.Exception, match="make system"):
        missing("Redis", "redis-server")
