"""Links: signed carriers that name a row and grant nothing by themselves."""

from __future__ import annotations

import secrets

import pytest

from waitlist.tokens import LONGEST, BadToken, Carrier, Purpose, Tokens

TOKENS = Tokens([b"an older key", b"the newest key"])


def test_a_link_names_its_row_in_its_version() -> None:
    token = TOKENS.sign(Purpose.INVITE_MAILED, "lch_1", "inv_1", 3)
    assert TOKENS.read(Purpose.INVITE_MAILED, token) == Carrier("lch_1", "inv_1", 3)
    assert token == TOKENS.sign(Purpose.INVITE_MAILED, "lch_1", "inv_1", 3), "a mail sent again has the same bytes"


def test_a_link_of_one_kind_is_never_one_of_another() -> None:
    tokens = {purpose: TOKENS.sign(purpose, "lch_1", "row_1") for purpose in Purpose}
    assert len(set(tokens.values())) == len(Purpose)
    for purpose, token in tokens.items():
        for other in set(Purpose) - {purpose}:
            with pytest.raises(BadToken):
                TOKENS.read(other, token)


def test_an_older_key_still_reads_and_an_unknown_one_does_not() -> None:
    old = Tokens([b"an older key"]).sign(Purpose.STATUS, "lch_1", "ent_1")
    assert TOKENS.read(Purpose.STATUS, old).row == "ent_1"
    with pytest.raises(BadToken):
        TOKENS.read(Purpose.STATUS, Tokens([b"somebody else's"]).sign(Purpose.STATUS, "lch_1", "ent_1"))


def test_every_altered_symbol_is_noticed() -> None:
    token = TOKENS.sign(Purpose.STATUS, "lch_1", "ent_1")
    for place, symbol in enumerate(token[:-1]):  # the last one holds padding bits: malleable, so nothing keys on it
        altered = token[:place] + ("A" if symbol != "A" else "B") + token[place + 1 :]
        with pytest.raises(BadToken):
            TOKENS.read(Purpose.STATUS, altered)


@pytest.mark.parametrize("token", ["", ".", "a.b", "x" * LONGEST, "x" * (LONGEST + 1), "é", "\x00"])
def test_what_is_no_link_of_ours_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        TOKENS.read(Purpose.STATUS, token)


def test_a_very_long_link_is_refused_before_it_is_parsed() -> None:
    signed = TOKENS.sign_data(Purpose.FORM, [secrets.token_hex(LONGEST)])
    assert len(signed) > LONGEST
    with pytest.raises(BadToken):
        TOKENS.read_data(Purpose.FORM, signed)


@pytest.mark.parametrize("data", [["lch", "row"], ["lch", "row", "1"], {"launch": 1}, None, "text", [1, "row", 1]])
def test_signed_data_that_names_no_row_is_no_carrier(data: object) -> None:
    signed = TOKENS.sign_data(Purpose.FORM, data)
    assert TOKENS.read_data(Purpose.FORM, signed) == data
    with pytest.raises(BadToken):
        TOKENS.read(Purpose.FORM, signed)
