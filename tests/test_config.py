"""A wrong setting stops the start, by name, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from waitlist import create_app
from waitlist.config import BadSetting, Settings, read_settings, unknown_settings

ROOT = Path("/srv/waitlist")


def settings(**environ: str) -> Settings:
    return read_settings(environ, ROOT)


def test_nothing_needs_to_be_set() -> None:
    found = settings()
    assert found.instance == ROOT / "instance"
    assert found.database_url == "sqlite:////srv/waitlist/instance/waitlist.db"
    assert (found.base_url, found.port, found.smtp_url, found.secure) == ("http://127.0.0.1:8000", 8000, None, False)
    assert found.engine == "sqlite"


def test_the_port_is_part_of_the_default_address() -> None:
    assert settings(PORT="9000").base_url == "http://127.0.0.1:9000"
    assert settings(PORT="9000").port == 9000


def test_the_instance_folder_may_be_elsewhere(tmp_path: Path) -> None:
    found = settings(WAITLIST_INSTANCE=str(tmp_path / "a" / ".." / "b"))
    assert found.instance == tmp_path / "b"
    assert found.database_url == f"sqlite:///{tmp_path / 'b' / 'waitlist.db'}"


def test_an_https_address_makes_cookies_secure() -> None:
    found = settings(WAITLIST_BASE_URL="https://join.college.edu/")
    assert (found.base_url, found.secure) == ("https://join.college.edu", True)


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_every_spelling_of_postgresql_is_understood(url: str) -> None:
    found = settings(WAITLIST_DATABASE_URL=url)
    assert (found.database_url, found.engine) == ("postgresql+psycopg://u@h/d", "postgresql")


def test_lists_are_separated_by_commas() -> None:
    found = settings(WAITLIST_TRUSTED_HOSTS="a.edu, b.edu,", WAITLIST_TRUSTED_PROXIES="10.0.0.0/8,192.168.1.1")
    assert found.trusted_hosts == ("a.edu", "b.edu")
    assert found.trusted_proxies == ("10.0.0.0/8", "192.168.1.1")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("WAITLIST_BASE_URL", "join.college.edu", "absolute address"),
        ("WAITLIST_BASE_URL", "ftp://college.edu", "absolute address"),
        ("WAITLIST_DATABASE_URL", "mysql://x", "sqlite:///FILE"),
        ("WAITLIST_DATABASE_URL", "sqlite:///:memory:", "sqlite:///FILE"),
        ("WAITLIST_DATABASE_URL", "sqlite:///", "sqlite:///FILE"),
        ("WAITLIST_TRUSTED_PROXIES", "everybody", "everybody"),
        ("WAITLIST_SMTP_TIMEOUT", "0", "greater than 0"),
        ("WAITLIST_HOLD_SECONDS", "4000", "3600"),
        ("WAITLIST_LIMITS", "perhaps", "boolean"),
        ("PORT", "99999", "65535"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name: str, value: str, says: str) -> None:
    with pytest.raises(BadSetting) as refused:
        settings(**{name: value})
    assert str(refused.value).startswith(f"{name}: ")
    assert says in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="WAITLIST_BASE_URL"):
        create_app({"WAITLIST_INSTANCE": str(tmp_path), "WAITLIST_BASE_URL": "x"})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtp://relay.college.edu\n")
    found = settings(WAITLIST_SMTP_URL_FILE=str(tmp_path / "url"), WAITLIST_SMTP_URL="smtp://ignored")
    assert found.smtp_url == "smtp://relay.college.edu"
    with pytest.raises(BadSetting, match=r"WAITLIST_SMTP_URL_FILE: cannot read .*No such file"):
        settings(WAITLIST_SMTP_URL_FILE=str(tmp_path / "none"))


def test_an_empty_setting_is_an_unset_one() -> None:
    assert settings(WAITLIST_SMTP_URL="").smtp_url is None


def test_a_misspelled_setting_is_told_with_the_nearest_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "WAITLIST_BASE_URLL": "x",
        "WAITLIST_XJZKWVYXJZKWVYXJZKWVY": "1",
        "WAITLIST_SMTP_URL_FILE": "f",
        "HOME": "/",
    }
    assert unknown_settings(environ) == [
        "WAITLIST_BASE_URLL is not a setting; did you mean WAITLIST_BASE_URL?",
        "WAITLIST_XJZKWVYXJZKWVYXJZKWVY is not a setting.",
    ]
    create_app({"WAITLIST_INSTANCE": str(tmp_path), "WAITLIST_BASE_URLL": "x"})
    assert "did you mean WAITLIST_BASE_URL?" in capsys.readouterr().err
