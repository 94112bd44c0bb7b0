"""Passwords as people type them."""

from __future__ import annotations

from tests.world import World
from waitlist import passwords


def test_a_password_is_right_however_its_letters_were_composed(world: World) -> None:
    with world.app.app_context():
        kept = passwords.hashed("pässword für drei")
        assert passwords.is_right("pa\u0308ssword fu\u0308r drei", kept)
        assert not passwords.is_right("pässword für vier", kept)
        assert not passwords.is_right("x" * 129, kept)
        assert not passwords.is_right("the password of nobody", None)
    assert "pässword" not in kept


def test_a_password_has_twelve_to_128_characters() -> None:
    assert passwords.fault_in("elevenchars") == "password_short"
    assert passwords.fault_in("twelve chars") is None
    assert passwords.fault_in("x" * 129) == "password_long"
