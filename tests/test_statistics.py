"""The stops are right about how often they are wrong, and the intervals hold however often somebody looks."""

from __future__ import annotations

import math
import random
import statistics as std

import pytest

from waitlist import statistics

TOLERATED = 0.05
STOP = 1 / statistics.ALPHA


def stops_at(rng: random.Random, rate: float, people: int) -> int | None:
    """After how many people of a wave the guardrail stops, looking after each of them; None if it never does."""
    k = 0
    for n in range(1, people + 1):
        if rng.random() < rate:
            k += 1
            # Whoever has no problem only lowers the value, so nothing is missed by looking at problems alone.
            if statistics.e_value(k, n, TOLERATED) >= STOP:
                return n
    return None


def test_at_exactly_the_tolerated_rate_at_most_one_wave_in_twenty_is_stopped() -> None:
    rng = random.Random(1)
    stopped = sum(stops_at(rng, TOLERATED, 2_000) is not None for _ in range(1_000))
    assert stopped <= 50


def test_a_doubled_rate_is_found_within_250_people_in_the_median() -> None:
    rng = random.Random(2)
    found = [stops_at(rng, 2 * TOLERATED, 2_000) or math.inf for _ in range(300)]
    assert std.median(found) <= 250


@pytest.mark.parametrize(
    ("k", "n", "is_stop"), [(30, 100, True), (5, 100, False), (0, 1_000, False), (8, 8, True), (0, 0, False)]
)
def test_thirty_of_a_hundred_speak_and_five_do_not(k: int, n: int, is_stop: bool) -> None:
    assert (statistics.e_value(k, n, TOLERATED) >= STOP) is is_stop


def test_a_rate_that_is_none_is_refused() -> None:
    for rate in (0.0, 1.0):
        with pytest.raises(ValueError, match=str(rate)):
            statistics.e_value(1, 2, rate)


@pytest.mark.parametrize(
    # From the tables of any handbook, and from scipy.stats.chi2.sf where that is exact to more digits.
    ("x", "df", "p"),
    [(3.841458820694124, 1, 0.05), (10.827566170662733, 1, 0.001), (5.991464547107979, 2, 0.05), (0.0, 3, 1.0),
     (100.0, 10, 5.3616e-17), (2.0, 4, 0.7357588823428847), (18.307038053275143, 10, 0.05)],
)  # fmt: skip
def test_the_tail_of_chi_square_is_that_of_the_tables(x: float, df: int, p: float) -> None:
    assert statistics.chi_square_tail(x, df) == pytest.approx(p, rel=1e-4 if p < 1e-10 else 1e-10)


def test_the_tail_agrees_with_scipy_where_that_is_installed() -> None:
    chi2 = pytest.importorskip("scipy.stats").chi2
    for df in (1, 2, 5, 30):
        for x in (0.01, 0.5, 1.0, 4.0, 25.0, 80.0):
            assert statistics.chi_square_tail(x, df) == pytest.approx(chi2.sf(x, df), rel=1e-10)


def test_arms_of_the_wrong_size_are_seen_once_there_are_enough() -> None:
    half = {"control": 500.0, "new": 500.0}
    assert statistics.sample_ratio({"control": 500, "new": 500}, half) == pytest.approx(1.0)
    wrong = statistics.sample_ratio({"control": 400, "new": 600}, half)
    assert wrong is not None
    assert wrong < statistics.SRM
    assert statistics.sample_ratio({"control": 1, "new": 9}, {"control": 5.0, "new": 5.0}) is None
    assert statistics.sample_ratio({"control": 9}, {"control": 9.0, "new": 0.0}) is None


def test_two_equal_arms_are_told_apart_in_at_most_one_of_twenty_replays_whenever_one_looks() -> None:
    rng = random.Random(3)
    wrong = 0
    for _ in range(200):
        counts = [[0, 0], [0, 0]]
        for person in range(4_000):
            arm = counts[person % 2]
            arm[1] += 1
            arm[0] += rng.random() < 0.05
            if person % 100 == 99:
                found = statistics.difference((counts[0][0], counts[0][1]), (counts[1][0], counts[1][1]))
                if found is not None and found.is_clear and min(counts[0][0], counts[1][0]) >= 5:
                    wrong += 1
                    break
    assert wrong <= 10


def test_a_true_difference_lies_in_its_interval_and_is_found() -> None:
    found = statistics.difference((500, 10_000), (1_000, 10_000))
    assert found is not None
    assert found.low < 0.05 < found.high
    assert found.is_clear
    assert statistics.difference((0, 0), (1, 2)) is None


def test_the_interval_agrees_with_gbstats_where_that_is_installed() -> None:
    tests = pytest.importorskip("gbstats.frequentist.tests")
    models = pytest.importorskip("gbstats.models.statistics")
    a, b = (models.ProportionStatistic(n=n, sum=k) for k, n in ((500, 10_000), (560, 10_000)))
    config = tests.SequentialConfig(difference_type="absolute")
    theirs = tests.SequentialTwoSidedTTest(a, b, config).compute_result().ci
    ours = statistics.difference((500, 10_000), (560, 10_000))
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=1e-4)
