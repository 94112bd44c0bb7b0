"""A throw-away Redis on a free port; it keeps nothing."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from tests.parts import missing


class Redis:
    """One running server; `url` is what WAITLIST_REDIS_URL wants."""

    def __init__(self) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            missing("Redis", "redis-server")
        self._folder = Path(tempfile.mkdtemp(prefix="wl-redis-", dir="/tmp"))
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        words = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [str(program), *words, "--dir", str(self._folder), "--logfile", str(self._folder / "log")]
        )
        self._wait()

    def flush(self) -> None:
        """Forget everything, as a restart would."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)
                else:
                    return


def free_port() -> int:
    """A port of this machine that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
