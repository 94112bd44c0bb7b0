"""The arms of a launch: their weights now, and who is in each."""

from dataclasses import dataclass

import sqlalchemy as sa

from waitlist import splits
from waitlist.db import Tx, one
from waitlist.models.experiment import split_in_force
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch


@dataclass(frozen=True)
class Arm:
    """An arm with its weight in parts per million (0: nobody new), and the people who are in by it."""

    name: str
    weight: int
    people: int


def arms(rx: Tx, launch: Launch) -> list[Arm]:
    """Every arm that has a weight or people, control last; none where a launch never had arms."""
    split = one(rx, split_in_force(launch.id))
    if split is None:
        return []
    inside = sa.and_(Admission.launch_id == launch.id, Admission.state == AdmissionState.ACTIVE)
    counted = sa.select(Admission.arm, sa.func.count()).where(inside, Admission.split_id.is_not(None))
    people: dict[str, int] = {row[0]: row[1] for row in rx.execute(counted.group_by(Admission.arm))}
    weights = splits.weights(splits.read(split.arms))
    names = sorted(weights.keys() | people.keys(), key=lambda name: (name == splits.CONTROL, name))
    return [Arm(name, weights.get(name, 0), people.get(name, 0)) for name in names]
