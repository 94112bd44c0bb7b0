"""The service as an operator starts it: real processes that answer, work, and stop when they are told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
import sqlalchemy as sa

from tests.cli.conftest import Hand
from tests.parts.redis import free_port
from tests.world import CAROL, World
from waitlist.cli import serving
from waitlist.models.upkeep import WorkerBeat

ROOT = Path(__file__).parents[2]
PATIENCE = 60


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """Reached as 127.0.0.1, the default; for a test that asks for `own_port`, at one that is free at this moment."""
    if "own_port" not in request.fixturenames:
        return {}
    return {"PORT": str(free_port()), "WAITLIST_PROCESSES": "1"}


@contextmanager
def child(words: list[str], environ: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, so that a Ctrl-C can be sent to all of it; killed if a test leaves it behind."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            words, cwd=ROOT, env={**os.environ, **environ}, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def serve(environ: Mapping[str, str], port: int, tmp_path: Path, *more: str) -> contextmanager:  # type: ignore[valid-type]
    words = [sys.executable, "-m", "flask", "--app", "app", "serve", *more]
    settings = {"PORT": str(port), "WAITLIST_PROCESSES": "1", "WAITLIST_THREADS": "4"}
    return child(words, {**environ, **settings}, tmp_path / "log")


def get(port: int, path: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """What the page says, as soon as the server listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"nobody listens:\n{log.read_text()}")
            time.sleep(0.1)


def group_is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_pages_and_worker_start_together_and_stop_together(
    world: World, environ: dict[str, str], tmp_path: Path, how: signal.Signals
) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    world.plan_wave(campus, 1)
    port, log = free_port(), tmp_path / "log"
    with serve(environ, port, tmp_path) as process:
        assert get(port, "/livez", process, log) == "ok\n"
        deadline = time.monotonic() + PATIENCE
        while world.entry(CAROL).state != "invited":  # the worker released the wave
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        # Ctrl-C reaches the whole group; a supervisor's SIGTERM reaches the first process alone.
        if how is signal.SIGINT:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        assert process.wait(30) == 0, log.read_text()
        assert group_is_gone(process.pid)
    assert "/setup?token=" in log.read_text()


def test_when_the_worker_dies_the_whole_ends_and_says_so(world: World, environ: dict[str, str], tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with serve(environ, port, tmp_path) as process:
        get(port, "/livez", process, log)
        os.kill(worker_of(process.pid), signal.SIGKILL)
        assert process.wait(30) == 1
        assert group_is_gone(process.pid)
    assert "The worker ended by itself" in log.read_text()


def worker_of(parent: int) -> int:
    """The child of a process whose command line says `worker`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for folder in Path("/proc").iterdir():
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(stat[1]) == parent and b"\0worker\0" in (folder / "cmdline").read_bytes():
                    return int(folder.name)
            except (OSError, IndexError):
                continue
        time.sleep(0.05)
    raise AssertionError("there is no worker")


def test_a_port_in_use_is_told_before_anything_starts(world: World, environ: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with serve(environ, busy.getsockname()[1], tmp_path, "--no-worker") as process:
            assert process.wait(PATIENCE) == 1
    assert "Set PORT to another one" in (tmp_path / "log").read_text()


def test_gunicorn_serves_the_same_app(world: World, environ: dict[str, str], tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    words = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "2", "app:app"]
    with child(words, environ, log) as process:
        assert get(port, "/livez", process, log) == "ok\n"
        process.terminate()
        assert process.wait(30) == 0


def test_the_worker_alone_stops_on_a_signal(world: World, environ: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with child([sys.executable, "-m", "flask", "--app", "app", "worker"], environ, log) as process:
        deadline = time.monotonic() + PATIENCE
        while "The worker runs" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.fixture
def quiet_signals() -> Iterator[None]:
    """Commands that wait for a signal set handlers; this process gets its own back."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGINT, before[0])
    signal.signal(signal.SIGTERM, before[1])


@pytest.fixture
def own_port() -> None:
    """Asks `settings` for a port of its own."""


def later(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def tell_when_it_beats(world: World, sign: signal.Signals, over: threading.Event) -> None:
    """Signal this process once the worker beats, unless the command is `over` before: it did not start then."""
    while beats(world) == 0:
        if over.wait(0.05):
            return
    os.kill(os.getpid(), sign)


def test_the_worker_in_this_process_stops_when_it_is_told_to(world: World, hand: Hand, quiet_signals: None) -> None:
    over = threading.Event()
    thread = later(lambda: tell_when_it_beats(world, signal.SIGTERM, over))
    ended = hand.types("worker")
    over.set()
    thread.join()
    assert ended.exit_code == 0


def beats(world: World) -> int:
    with world.reading() as rx:
        return rx.scalar(sa.select(sa.func.count()).select_from(WorkerBeat)) or 0


@pytest.mark.usefixtures("own_port")
def test_the_service_is_watched_from_this_process(
    world: World, hand: Hand, environ: dict[str, str], quiet_signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    over = threading.Event()
    thread = later(lambda: tell_when_it_beats(world, signal.SIGINT, over))
    served = hand.types("serve")
    over.set()
    thread.join()
    assert (served.exit_code, "Stopped." in served.stderr) == (0, True)


@pytest.mark.usefixtures("own_port")
def test_a_dead_child_is_told_from_this_process(
    world: World, hand: Hand, environ: dict[str, str], quiet_signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    thread = later(lambda: os.kill(worker_of(os.getpid()), signal.SIGKILL))
    assert "The worker ended by itself" in hand.types("serve").stderr
    thread.join()


def test_a_busy_port_is_told_from_this_process(world: World, hand: Hand) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(click.ClickException, match="Set PORT"):
            serving._check_port("127.0.0.1", busy.getsockname()[1])
