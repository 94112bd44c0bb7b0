"""Small things that everybody stands on: the clock, who acts, the running app, and places to be killed at."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from waitlist import actors, clock, failpoints
from waitlist.addresses import canon
from waitlist.runtime import runtime


def test_the_clock_is_aware_and_in_utc() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().tzinfo is UTC


def test_every_doer_is_written_as_kind_and_name() -> None:
    doers = [actors.WORKER, actors.admin(3), actors.person("ent_1"), actors.Actor("system")]
    assert [str(doer) for doer in doers] == ["system:worker", "admin:3", "person:ent_1", "system"]


def test_the_running_app_has_keys_of_their_own_for_each_job(app: Flask) -> None:
    with pytest.raises(RuntimeError):
        runtime()
    with app.app_context():
        running = runtime()
    assert running.codes_key != running.sealing_key
    one, other = canon("a.da+x@gmail.com"), canon("ada@googlemail.com")
    assert running.abuse_key(one) == running.abuse_key(other) != running.abuse_key(canon("bob@gmail.com"))


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The real signal would end this process; children really die in the crash suite."""
    signals: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: signals.append(number))
    monkeypatch.setattr(failpoints, "_passes", {})
    return signals


def test_a_failpoint_kills_at_the_pass_it_names(killed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    failpoints.reached("release.before_commit")
    monkeypatch.setenv("WAITLIST_FAILPOINT", "release.before_commit:3")
    failpoints.reached("another")
    passes = []
    for _ in range(4):
        failpoints.reached("release.before_commit")
        passes.append(len(killed))
    assert (passes, killed) == ([0, 0, 1, 1], [signal.SIGKILL])


def test_a_failpoint_without_a_count_kills_at_once(killed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAITLIST_FAILPOINT", "a")
    failpoints.reached("a")
    assert killed == [signal.SIGKILL]
