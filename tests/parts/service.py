"""The whole service as people run it: `init` and `serve` in processes of their own, with a real mail server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.parts.redis import free_port
from tests.parts.smtp import Catcher, Caught

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds


@dataclass
class Service:
    """A running service: its address, its folder and its mail."""

    home: str
    environ: dict[str, str]
    mails: Catcher | None
    said: str  # what `init` printed

    def flask(self, *words: str) -> Any:
        """What a command prints as JSON, a list of objects where it prints one a line."""
        done = _flask(self.environ, *words)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        return lines[0] if len(lines) == 1 else lines

    def mail(self, to: str, subject: str, n: int = 1) -> Caught:
        """The n-th mail to an address whose subject holds these words; waits for the worker to send it."""
        assert self.mails is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = [mail for mail in self.mails.to(to) if subject in mail.subject]
            if len(found) >= n:
                return found[n - 1]
            time.sleep(0.1)
        raise AssertionError(f"no mail {subject!r} to {to}: {[mail.subject for mail in self.mails.to(to)]}")

    def link(self, mail: Caught, path: str) -> str:
        """The link of a mail below this path, such as "/c/"."""
        found = re.search(rf"{re.escape(self.home)}{re.escape(path)}\S*", mail.text)
        assert found, f"no link to {path} in:\n{mail.text}"
        return found[0]


@contextmanager
def running(
    instance: Path, mails: Catcher | None, settings: Mapping[str, str] | None = None, *, after: str | None = None
) -> Iterator[Service]:
    """A service on a free port, empty or as a command leaves it; it has to stop cleanly at the end.

    Without a mail server, mails stay in the outbox.
    """
    port = free_port()
    environ = {
        "WAITLIST_INSTANCE": str(instance),
        "WAITLIST_PROCESSES": "1",
        "WAITLIST_THREADS": "8",
        "PORT": str(port),
        **({} if mails is None else {"WAITLIST_SMTP_URL": mails.url}),
        **(settings or {}),
    }
    said = _flask(environ, "init").stdout
    if after is not None:
        _flask(environ, after)
    log = instance / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve"],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    home = f"http://127.0.0.1:{port}"
    try:
        _wait(home, process, log)
        yield Service(home, environ, mails, said)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0, log.read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _flask(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done


def _wait(home: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{home}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
