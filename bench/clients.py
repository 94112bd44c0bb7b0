"""Clients of a web server: some connections that are kept, each with its next request as soon as it has an answer."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.ground import ROOT
from tests.parts.redis import free_port

PATIENCE = 60  # seconds


@dataclass
class Answered:
    """How a round went: seconds in all, the answers by status, and the time of each in seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def slowest(self, share: float = 0.99) -> float:
        """The time within which this share of the answers came."""
        return sorted(self.times)[int(share * (len(self.times) - 1))]


@contextmanager
def serving(environ: Mapping[str, str], target: str, *, workers: int = 2, threads: int = 16) -> Iterator[int]:
    """The port of a granian that serves a WSGI factory such as `bench.served:create`, as `make run` would."""
    port = free_port()
    flags = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    flags += ["--blocking-threads", str(threads), "--log-level", "error", "--factory", target]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *flags],
        cwd=ROOT,
        env={**os.environ, **environ, "PORT": str(port), "PYTHONPATH": str(ROOT)},
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)  # to the one process that we started
        process.wait(30)


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def form(path: str, body: str) -> bytes:
    return request("POST", path, body.encode(), Content_Type="application/x-www-form-urlencoded")


def fire(port: int, requests: Sequence[bytes], clients: int) -> Answered:
    """Send every request once; each client waits for its answer before its next one."""
    answered, left = Answered(), iter(requests)
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = _Client(port)
            if client.goes_on(left):
                selector.register(client.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        while selector.get_map():
            for key, _ in selector.select(PATIENCE):
                client = key.data
                if not client.reads(answered):
                    continue
                if not client.goes_on(left):
                    selector.unregister(client.socket)
                    client.socket.close()
        answered.seconds = time.perf_counter() - began
    return answered


class _Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got, self.sent_at = b"", 0.0

    def goes_on(self, left: Iterator[bytes]) -> bool:
        wanted = next(left, None)
        if wanted is not None:
            self.got, self.sent_at = b"", time.perf_counter()
            self.socket.sendall(wanted)
        return wanted is not None

    def reads(self, answered: Answered) -> bool:
        """Whether an answer is complete."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise ConnectionError(f"the server hung up after {self.got[:200]!r}")
        self.got += part
        head, found, body = self.got.partition(b"\r\n\r\n")
        if not found:
            return False
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if length and len(body) < int(length[0].split(b":")[1]):
            return False
        answered.statuses[int(head.split(b" ", 2)[1])] += 1
        answered.times.append(time.perf_counter() - self.sent_at)
        return True


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/bench/noop", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
