"""Arms are parts of all tickets; what is left is control."""

from __future__ import annotations

import pytest

from waitlist import splits
from waitlist.addresses import ticket
from waitlist.splits import BadSplit

HALF = (("new", 500_000),)
SALT = bytes(range(32))


@pytest.mark.parametrize(
    ("arms", "code"),
    [
        ([("control", 1)], "split_bad_name"),
        ([("New arm", 1)], "split_bad_name"),
        ([("new", 0)], "split_bad_weight"),
        ([("new", 1_000_001)], "split_bad_weight"),
        ([("new", 1), ("new", 2)], "split_twice"),
        ([("one", 600_000), ("two", 400_001)], "split_over_whole"),
        ([(f"arm{n}", 1) for n in range(9)], "split_too_many"),
    ],
)
def test_arms_that_cannot_be_are_refused(arms: list[tuple[str, int]], code: str) -> None:
    with pytest.raises(BadSplit) as refused:
        splits.read(arms)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("typed", "ppm"), [("50", 500_000), ("12.5 %", 125_000), ("0,0001", 1), ("100", 1_000_000), ("", 0), ("half", 0)]
)
def test_a_percentage_is_read_as_people_write_it(typed: str, ppm: int) -> None:
    assert splits.ppm(typed) == ppm


def test_the_ends_of_the_draw_fall_where_they_should() -> None:
    assert splits.arm_of(HALF, 0) == "new"
    assert splits.arm_of(HALF, 2**62 - 1) == "new"
    assert splits.arm_of(HALF, 2**62) == splits.arm_of(HALF, 2**63 - 1) == "control"
    assert splits.arm_of((("all", 1_000_000),), 2**63 - 1) == "all"
    assert splits.arm_of((), 0) == "control"


def test_a_hundred_thousand_mailboxes_are_split_as_the_weights_say() -> None:
    arms = splits.read([("a", 100_000), ("b", 250_000)])
    counts = dict.fromkeys(splits.weights(arms), 0)
    for n in range(100_000):
        counts[splits.arm_of(arms, ticket(f"person{n}@college.edu", SALT, "arm"))] += 1
    expected = {name: weight / 10 for name, weight in splits.weights(arms).items()}
    chi_square = sum((counts[name] - n) ** 2 / n for name, n in expected.items())
    assert chi_square < 13.8, "two degrees of freedom: one draw in a thousand is further off, and this one is fixed"
