"""Which column of somebody's table is which."""

from __future__ import annotations

import pytest

from waitlist.columns import BadColumn, guess, mapped


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (("Email", "Name"), {"email": 0, "name": 1}),
        (("First Name", "Last name", "E-mail address"), {"first_name": 0, "last_name": 1, "email": 2}),
        (("Prénom", "Adresse e-mail", "Parrain"), {"first_name": 0, "email": 1, "referrer": 2}),
        (
            ("id", "email", "referred_by", "joined_at", "locale"),
            {"email": 1, "referrer": 2, "joined_at": 3, "language": 4},
        ),
        ((), {"email": 0}),
        (("a", "b"), {}),
    ],
)
def test_a_header_is_guessed(header: tuple[str, ...], found: dict[str, int]) -> None:
    assert guess(header) == found


def test_what_is_said_by_hand_wins_over_the_guess() -> None:
    header = ("email", "work mail", "who")
    assert mapped(header, {"email": "Work Mail", "name": "3"}) == {"email": 1, "name": 2}


@pytest.mark.parametrize(
    ("header", "wishes"),
    [
        (("email",), {"name": "nickname"}),
        (("email",), {"shoe size": "email"}),
        (("email",), {"name": "2"}),
        (("who", "what"), {}),
    ],
)
def test_a_column_that_is_not_there_is_refused(header: tuple[str, ...], wishes: dict[str, str]) -> None:
    with pytest.raises(BadColumn):
        mapped(header, wishes)
