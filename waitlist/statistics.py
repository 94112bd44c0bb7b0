"""Statistics in the standard library: tests that stay true however often somebody looks.

`e_value` is a mixture of likelihood ratios (Ville: at a rate of `p0` or less it ever reaches 1/a with a chance of a at
most). `difference` is an asymptotic confidence sequence (Waudby-Smith and others, 2023, in the form GrowthBook uses).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

ALPHA = 0.05
BETS = tuple(n / 20 for n in range(1, 20))
TUNING = 5_000  # people at which the interval is narrowest
SRM = 0.001  # below this the sizes of the arms are no chance
LEAST = 8  # people to expect in each arm before their sizes say anything


def e_value(k: int, n: int, p0: float) -> float:
    """How strongly `k` of `n` people speak against a rate of `p0` or less; 20 and more is a reason to stop."""
    if not 0 < p0 < 1:
        raise ValueError(p0)
    logs = [k * math.log1p(bet * (1 - p0) / p0) + (n - k) * math.log1p(-bet) for bet in BETS]
    return sum(math.exp(min(log, 700.0)) for log in logs) / len(BETS)


def chi_square_tail(x: float, df: int) -> float:
    """The chance that a chi-square of `df` degrees of freedom is `x` or more."""
    return 1.0 if x <= 0 else _upper_gamma(df / 2, x / 2)


def sample_ratio(observed: Mapping[str, int], expected: Mapping[str, float]) -> float | None:
    """The chance of sizes as far from the expected ones as these; None while they are too small to say."""
    wanted = {name: n for name, n in expected.items() if n > 0}
    if len(wanted) < 2 or min(wanted.values()) < LEAST:
        return None
    distance = sum((observed.get(name, 0) - n) ** 2 / n for name, n in wanted.items())
    return chi_square_tail(distance, len(wanted) - 1)


@dataclass(frozen=True)
class Difference:
    """A rate less another one, and the interval that holds the true difference with 95 %, at every look."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


def difference(control: tuple[int, int], arm: tuple[int, int], alpha: float = ALPHA) -> Difference | None:
    """The rate of an arm less that of control, each as (k, n); None while one of them has nobody."""
    (k0, n0), (k1, n1) = control, arm
    if n0 == 0 or n1 == 0:
        return None
    p0, p1, n = k0 / n0, k1 / n1, n0 + n1
    spread = math.sqrt((_variance(k0, n0) / n0 + _variance(k1, n1) / n1) * n)
    rho = math.sqrt((-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / TUNING)
    known = n * rho**2 + 1
    half = spread * math.sqrt(2 * known * math.log(math.sqrt(known) / alpha) / (n * rho) ** 2)
    return Difference(p1 - p0, max(p1 - p0 - half, -1.0), min(p1 - p0 + half, 1.0))


def _variance(k: int, n: int) -> float:
    """Of a rate. Nobody, or everybody, is no proof that nobody ever will: then one of each is added."""
    p = k / n if 0 < k < n else (k + 1) / (n + 2)
    return p * (1 - p)


def _upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function: by its series below a + 1, by its continued fraction above."""
    front = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while abs(term) > abs(total) * 1e-16:
            n += 1
            term *= x / n
            total += term
        return 1 - total * front
    b, c = x + 1 - a, 1e300
    d = 1 / b
    h = d
    for i in range(1, 1_000):
        b += 2
        d = 1 / (-i * (i - a) * d + b)
        c = b - i * (i - a) / c
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * h
