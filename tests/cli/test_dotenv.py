"""A developer keeps settings in a file, and the real environment has the last word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_dotenv_beside_the_app_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text((ROOT / "app.py").read_text())
    (tmp_path / ".env").write_text(
        "# mine\nWAITLIST_INSTANCE=here\nWAITLIST_MAIL_FROM='Us <us@join.test>'\nWAITLIST_THREADS=3\n"
    )
    environ = {name: value for name, value in os.environ.items() if name != "FLASK_SKIP_DOTENV"}
    environ |= {"PYTHONPATH": str(ROOT), "WAITLIST_THREADS": "5"}
    words = [sys.executable, "-m", "flask", "--app", "app", "config", "--json"]
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    shown = {row["setting"]: row["value"] for row in map(json.loads, done.stdout.splitlines())}
    assert shown["WAITLIST_INSTANCE"] == str(tmp_path / "here")
    assert (shown["WAITLIST_MAIL_FROM"], shown["WAITLIST_THREADS"]) == ("Us <us@join.test>", "5")
