"""What the arms answer: people exposed, outcomes, rates, and what may be said of it so far."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist import splits, statistics
from waitlist.db import Tx, some
from waitlist.models.experiment import ArmSplit, Experiment
from waitlist.models.guard import Signal
from waitlist.models.invite import Admission
from waitlist.models.launch import Launch
from waitlist.splits import CONTROL
from waitlist.statistics import Difference

HIDDEN = 10  # an outcome of fewer people than this might say who they are


@dataclass(frozen=True)
class ArmResult:
    """One arm: people exposed, and how many of them had the outcome afterwards; `difference` is to control."""

    name: str
    exposed: int
    outcomes: int
    difference: Difference | None

    @property
    def hidden(self) -> bool:
        return 0 < self.exposed < HIDDEN

    @property
    def rate(self) -> float:
        return self.outcomes / self.exposed if self.exposed else 0.0


@dataclass(frozen=True)
class Results:
    """An experiment so far. `ratio` is the chance that arms of these sizes come from their weights."""

    experiment: Experiment
    arms: list[ArmResult]
    ratio: float | None
    is_over: bool  # its planned end is reached

    @property
    def exposed(self) -> int:
        return sum(arm.exposed for arm in self.arms)

    @property
    def mismatch(self) -> bool:
        """The sizes of the arms are no chance, so something loses people of one of them: believe no rate."""
        return self.ratio is not None and self.ratio < statistics.SRM

    @property
    def winner(self) -> ArmResult | None:
        """The arm that surely did best, once the planned end is reached and the sizes are right; never before."""
        if not self.is_over or self.mismatch:
            return None
        better = [arm for arm in self.arms if arm.difference is not None and arm.difference.low > 0]
        if better:
            return max(better, key=lambda arm: arm.rate)
        others = [arm for arm in self.arms if arm.name != CONTROL]
        worse = [arm for arm in others if arm.difference is not None and arm.difference.high < 0]
        return next((arm for arm in self.arms if arm.name == CONTROL), None) if others and worse == others else None


def all_of(rx: Tx, launch: Launch, now: datetime) -> list[Results]:
    """Every experiment of a launch, newest first."""
    mine = sa.select(Experiment).where(Experiment.launch_id == launch.id).order_by(Experiment.id.desc())
    return [results(rx, found, now) for found in some(rx, mine)]


def results(rx: Tx, experiment: Experiment, now: datetime) -> Results:
    """Count it: everybody exposed while it ran, by the arm that they keep."""
    rows = _exposed(rx, experiment)
    counts: dict[str, tuple[int, int]] = {}
    sizes: dict[int, int] = defaultdict(int)
    for arm, split_id, exposed, outcomes in rows:
        n, k = counts.get(arm, (0, 0))
        counts[arm] = (n + exposed, k + outcomes)
        sizes[split_id] += exposed
    expected = _expected(rx, sizes)
    names = sorted(expected.keys() | counts.keys(), key=lambda name: (name != CONTROL, name))
    control = counts.get(CONTROL, (0, 0))
    arms = [_result(name, counts.get(name, (0, 0)), control) for name in names]
    people = sum(n for n, _ in counts.values())
    reached = experiment.min_people is not None and people >= experiment.min_people
    over = reached or (experiment.ends_at is not None and experiment.ends_at <= now)
    observed = {name: n for name, (n, _) in counts.items()}
    return Results(experiment, arms, statistics.sample_ratio(observed, expected), over)


def _result(name: str, counted: tuple[int, int], control: tuple[int, int]) -> ArmResult:
    (n, k), (n0, k0) = counted, control
    difference = None if name == CONTROL else statistics.difference((k0, n0), (k, n))
    return ArmResult(name, n, k, difference)


def _exposed(rx: Tx, experiment: Experiment) -> Sequence[tuple[str, int, int, int]]:
    outcome = sa.alias(Signal.__table__)
    happened = sa.and_(
        outcome.c.entry_id == Signal.entry_id,
        outcome.c.kind == "outcome",
        outcome.c.name == experiment.outcome,
        outcome.c.first_at >= Signal.first_at,
    )
    while_it_ran = [Signal.first_at >= experiment.started_at]
    if experiment.stopped_at is not None:
        while_it_ran += [
            Signal.first_at <= experiment.stopped_at,
        ]
    rows = rx.execute(
        sa.select(Admission.arm, Admission.split_id, sa.func.count(), sa.func.count(outcome.c.id))
        .select_from(Signal)
        .join(Admission, Admission.entry_id == Signal.entry_id)
        .outerjoin(outcome, happened)
        .where(Signal.launch_id == experiment.launch_id, Signal.kind == "exposure", Signal.name == experiment.key)
        .where(Admission.split_id.is_not(None), *while_it_ran)
        .group_by(Admission.arm, Admission.split_id)
    )
    return [(arm, split_id or 0, exposed, outcomes) for arm, split_id, exposed, outcomes in rows]


def _expected(rx: Tx, sizes: dict[int, int]) -> dict[str, float]:
    """How many people each arm should have, by the weights that were in force when each of them got theirs."""
    expected: dict[str, float] = defaultdict(float)
    for split in some(rx, sa.select(ArmSplit).where(ArmSplit.id.in_(sizes))):
        for name, weight in splits.weights(splits.read(split.arms)).items():
            expected[name] += sizes[split.id] * weight / splits.WHOLE
    return {name: n for name, n in expected.items() if n > 0}
