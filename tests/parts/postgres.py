"""A throw-away PostgreSQL: its own data folder and socket, no network port, gone at the end."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from tests.parts import missing

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
SHARED = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "32MB", "jit": "off"}


class Postgres:
    """One running server. `durable` turns fsync on, for tests that cut the power.

    `kept` is a data folder that is used again and stays behind; `settings` go before its own.
    """

    def __init__(
        self, *, durable: bool = False, kept: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._bin = _binaries()
        self._user = _unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="wl-pg-", dir="/tmp" if durable else quick_folder()))
        self._data = kept or self.folder / "data"
        self._environment = {"PATH": f"{self._bin}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._names = (f"test_{n}" for n in itertools.count(1))
        self._settings = (SHARED if durable else SHARED | QUICK) | (settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._init()
        self.start()

    def url(self, name: str) -> str:
        """Where the app finds a database; a child process may use it too."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, template: str = "template1", name: str | None = None) -> str:
        """A new database, made as a copy of `template`; returns its name."""
        name = name or next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def start(self) -> None:
        """Start the server; also again after `kill`."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, "-k", self.folder, *options],
                env=self._environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **self._user,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.03)

    def kill(self) -> None:
        """As a power cut would: the server and all its backends stop at once."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        self._end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _init(self) -> None:
        data = self._data
        data.mkdir(exist_ok=True)
        if self._user:
            for folder in (self.folder, data):
                os.chown(folder, self._user["user"], self._user["group"])
        self.folder.chmod(0o755)
        if (data / "PG_VERSION").exists():
            return
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [self._bin / "initdb", "-D", data, *words],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self._user,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stderr}")

    def _answers(self) -> bool:
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)  # to the one process that we started
            self._process.wait(30)


def quick_folder() -> str:
    """Memory where there is enough of it: a database is copied in 20 ms there, and in 400 on a disk.

    Short in any case: a socket's path has 107 bytes.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return str(memory) if roomy else "/tmp"


def _binaries() -> Path:
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        missing("PostgreSQL", "postgresql")
    return Path(str(on_path)).resolve().parent


def _unprivileged() -> Mapping[str, Any]:
    """The server refuses to run as root, so root becomes `postgres` (or `nobody`) for it."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
