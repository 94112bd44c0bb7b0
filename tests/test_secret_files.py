"""The three secrets: made once, read by every node, rotated without breaking a mailed link."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from waitlist.secret_files import NAMES, load_or_create, rotate
from waitlist.tokens import BadToken, Purpose, Tokens

NOW = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    made = load_or_create(folder)
    assert load_or_create(folder) == made
    assert [(folder / name).stat().st_mode & 0o777 for name in NAMES] == [0o600] * 3
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES), "no draft is left over"
    assert (len(made.signing), len(made.pepper)) == (1, 32)
    assert made.membership.startswith(b"-----BEGIN PRIVATE KEY-----")


def test_two_installations_share_nothing(tmp_path: Path) -> None:
    one, other = load_or_create(tmp_path / "a"), load_or_create(tmp_path / "b")
    assert one.fingerprint() != other.fingerprint()
    assert one.pepper.hex() not in one.fingerprint()
    assert one.subkey("codes") != one.subkey("sealing")


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    barrier = threading.Barrier(8)
    found = []

    def start() -> None:
        barrier.wait()
        found.append(load_or_create(folder))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_rotated_key_goes_on_reading_until_its_time_is_up(tmp_path: Path) -> None:
    token = Tokens(load_or_create(tmp_path).signing).sign(Purpose.CONFIRM, "lch_1", "att_1")
    until = NOW + timedelta(days=30)
    assert rotate(tmp_path, keep_until=until, now=NOW) == 2
    rotated = load_or_create(tmp_path)
    assert Tokens(rotated.signing).read(Purpose.CONFIRM, token).row == "att_1"
    assert Tokens(rotated.signing).sign(Purpose.CONFIRM, "lch_1", "att_1") != token, "the newest key signs"
    assert rotate(tmp_path, keep_until=until + timedelta(days=9), now=until - timedelta(seconds=1)) == 3
    assert rotate(tmp_path, keep_until=until + timedelta(days=9), now=until) == 3, "the first one is gone"
    with pytest.raises(BadToken):
        Tokens(load_or_create(tmp_path).signing).read(Purpose.CONFIRM, token)
    assert (tmp_path / "signing_keys").stat().st_mode & 0o777 == 0o600
