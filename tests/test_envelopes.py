"""Rendered mails at rest."""

from __future__ import annotations

import pytest

from waitlist import envelopes

KEY = b"k" * 32


def test_what_was_closed_is_read_again() -> None:
    closed = envelopes.close(KEY, "msg_1", b"From: Ada")
    assert b"Ada" not in closed
    assert envelopes.read(KEY, "msg_1", closed) == b"From: Ada"


def test_the_same_mail_is_closed_differently_each_time() -> None:
    assert envelopes.close(KEY, "msg_1", b"x") != envelopes.close(KEY, "msg_1", b"x")


@pytest.mark.parametrize(
    ("key", "row", "change"),
    [(b"o" * 32, "msg_1", 0), (KEY, "msg_2", 0), (KEY, "msg_1", 1)],
    ids=["another key", "another row", "altered"],
)
def test_nobody_else_reads_it(key: bytes, row: str, change: int) -> None:
    closed = bytearray(envelopes.close(KEY, "msg_1", b"From: Ada"))
    closed[-1] ^= change
    with pytest.raises(envelopes.Unreadable):
        envelopes.read(key, row, bytes(closed))


def test_a_torn_envelope_is_unreadable() -> None:
    with pytest.raises(envelopes.Unreadable):
        envelopes.read(KEY, "msg_1", b"short")
