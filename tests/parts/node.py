"""The published OpenFeature clients for JavaScript, installed once for each lock file."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.parts import missing

CLIENTS = Path(__file__).parents[1] / "ofrep" / "clients"


def clients() -> Path:
    """The folder with their `node_modules`, filled by `npm ci` when this lock file is new to the machine."""
    if shutil.which("npm") is None:
        missing("Node.js", "nodejs npm")
    lock = hashlib.sha256((CLIENTS / "package-lock.json").read_bytes()).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"waitlist-ofrep-clients-{lock}"
    home.mkdir(exist_ok=True)
    with (home / ".lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)  # test processes side by side install once
        _install(home)
    return home


def _install(home: Path) -> None:
    if not (home / ".done").exists():
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(CLIENTS / name, home / name)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=home, check=True, timeout=300)
        (home / ".done").touch()


def run(script: str, *words: str) -> list[dict[str, Any]]:
    """What a script of tests/ofrep/clients prints, a JSON object a line."""
    command = ["node", str(CLIENTS / script), str(clients()), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
