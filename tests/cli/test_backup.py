"""A whole installation goes into one file while it runs, and comes back as it was."""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import CAROL, World
from waitlist import secret_files

Fresh = Callable[..., Hand]


@both
def test_everything_comes_back_and_life_goes_on(world: World, hand: Hand, tmp_path: Path) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    world.waiting(campus, "zoe@college.edu", by=carol)
    before = hand.gets("people", "list", "campus")
    file = tmp_path / "kept.tar.gz"
    made = hand.gets_one("backup", str(file))
    assert (made["keys"], made["bytes"] > 0) == (False, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    world.waiting(campus, "late@college.edu")
    assert "Add --yes" in hand.is_refused("restore", str(file))
    assert hand.gets_one("restore", str(file), "--dry-run")["restored"] is False
    assert len(hand.gets("people", "list", "campus")) == 3
    assert hand.gets_one("restore", str(file), "--yes")["restored"] is True
    assert hand.gets("people", "list", "campus") == before
    assert hand.gets_one("recount", "campus")["differences"] == 0
    world.waiting(campus, "next@college.edu", by=world.entry(CAROL))
    assert world.entry(CAROL).friends == 2


def test_the_keys_stay_out_unless_they_are_asked_for(world: World, hand: Hand, tmp_path: Path) -> None:
    assert "signing_keys, pepper, membership_key" in hand.types("backup", str(tmp_path / "without.tar.gz")).stderr
    assert "stay out" not in hand.types("backup", str(tmp_path / "with.tar.gz"), "--with-keys").stderr

    def names(file: str) -> set[str]:
        with tarfile.open(tmp_path / file) as tar:
            return set(tar.getnames())

    assert names("with.tar.gz") - names("without.tar.gz") == set(secret_files.NAMES)


def test_a_new_machine_takes_it_with_its_keys_and_not_without(
    world: World, hand: Hand, fresh: Fresh, tmp_path: Path
) -> None:
    world.waiting(world.launch(), CAROL)
    hand.types("backup", str(tmp_path / "without.tar.gz"))
    hand.types("backup", str(tmp_path / "with.tar.gz"), "--with-keys")
    assert "made with other key files" in fresh().is_refused("restore", str(tmp_path / "without.tar.gz"))
    assert fresh().gets_one("restore", str(tmp_path / "with.tar.gz"))["restored"] is True
    again = fresh()
    assert [row["email"] for row in again.gets("people", "list", "campus")] == [CAROL]
    assert again.gets_one("init")
    mine, theirs = (Path(h.app.extensions["waitlist"].settings.instance) for h in (hand, again))
    for name in secret_files.NAMES:
        assert (mine / name).read_text() == (theirs / name).read_text()
        assert stat.S_IMODE((theirs / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("change", "way_out"),
    [
        ({"engine": "postgresql"}, "WAITLIST_DATABASE_URL"),
        ({"revision": "9999"}, "Install that version"),
        ({"form": 2}, "no backup"),
        ({"more": 1}, "no backup"),
    ],
)
def test_what_does_not_fit_is_refused(
    world: World, hand: Hand, tmp_path: Path, change: dict[str, object], way_out: str
) -> None:
    file = tmp_path / "kept.tar.gz"
    hand.types("backup", str(file))
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "in", filter="data")
    said = json.loads((tmp_path / "in" / "contents.json").read_text())
    (tmp_path / "in" / "contents.json").write_text(json.dumps(said | change))
    with tarfile.open(file, "w:gz") as tar:
        for part in (tmp_path / "in").iterdir():
            tar.add(part, part.name)
    assert way_out in hand.is_refused("restore", str(file), "--yes")


def test_no_archive_at_all_is_refused(world: World, hand: Hand, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"not a tar")
    assert "no backup" in hand.is_refused("restore", str(tmp_path / "photo.jpg"), "--yes")
