"""An operator makes a new installation and looks at its settings."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Hand

Fresh = Callable[..., Hand]
SECRETS = ("signing_keys", "pepper", "membership_key")


def test_init_makes_everything_and_a_second_init_keeps_it(fresh: Fresh, tmp_path: Path) -> None:
    hand = fresh()
    first = hand.gets_one("init")
    before = {name: (tmp_path / "fresh" / name).read_text() for name in SECRETS}
    hand.types("launch", "create", "campus", "--name", "Campus")
    assert hand.gets_one("init") == first
    assert first["set_up_link"].startswith("http://join.test/setup?token=")
    assert {name: (tmp_path / "fresh" / name).read_text() for name in SECRETS} == before
    assert [row["slug"] for row in hand.gets("launch", "list")] == ["campus"]


def test_what_holds_secrets_or_people_is_for_its_owner_alone(fresh: Fresh, tmp_path: Path) -> None:
    fresh().types("init")
    for name in (*SECRETS, "waitlist.db"):
        assert stat.S_IMODE((tmp_path / "fresh" / name).stat().st_mode) == 0o600, name


def test_init_says_what_to_do_next(fresh: Fresh) -> None:
    assert "flask --app app serve" in fresh().types("init").stderr


def test_a_database_of_another_installation_is_refused(fresh: Fresh, tmp_path: Path) -> None:
    fresh().types("init")
    (tmp_path / "fresh" / "pepper").write_text("ab" * 32)
    assert "pepper" in fresh().is_refused("init")


def test_a_command_before_init_says_to_run_init(fresh: Fresh) -> None:
    assert "flask --app app init" in fresh().is_refused("launch", "list")


def test_config_tells_where_each_value_comes_from_and_masks_secrets(fresh: Fresh, tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("smtp://mailer:hunter2@relay.test\n")
    hand = fresh(
        WAITLIST_SMTP_URL_FILE=str(tmp_path / "smtp"),
        WAITLIST_METRICS_TOKEN="hunter2",
        WAITLIST_TRUSTED_HOSTS="a.test, b.test",
        PORT="8111",
    )
    rows = {row["setting"]: row for row in hand.gets("config")}
    assert rows["WAITLIST_BASE_URL"] == {
        "setting": "WAITLIST_BASE_URL",
        "value": "http://join.test",
        "from": "WAITLIST_BASE_URL",
    }
    assert rows["WAITLIST_SMTP_URL"]["value"] == "smtp://mailer:•••@relay.test"
    assert rows["WAITLIST_SMTP_URL"]["from"].startswith("WAITLIST_SMTP_URL_FILE (")
    assert rows["WAITLIST_METRICS_TOKEN"]["value"] == "•••"
    assert rows["WAITLIST_TRUSTED_HOSTS"]["value"] == "a.test, b.test"
    assert rows["WAITLIST_REDIS_URL"] == {"setting": "WAITLIST_REDIS_URL", "value": "", "from": "default"}
    assert rows["PORT"] == {"setting": "PORT", "value": "8111", "from": "PORT"}
    assert "hunter2" not in hand.types("config").output


def test_db_upgrade_may_run_at_any_time(hand: Hand) -> None:
    assert hand.types("db", "upgrade").exit_code == 0
