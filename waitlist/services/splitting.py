"""Splitting: people get an arm when they are first admitted, by a draw of its own, and keep it for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import splits
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.experiment import ArmSplit, split_in_force
from waitlist.models.invite import Admission
from waitlist.models.launch import Launch, locked
from waitlist.services.recording import record
from waitlist.splits import CONTROL, WHOLE

WERE_IN = ("redeem", "rule", "transfer")  # how somebody came in, and not only was offered to


def set_arms(tx: Tx, launch: Launch, arms: Sequence[Sequence[object]], *, actor: Actor, now: datetime) -> ArmSplit:
    """Split whoever is admitted from now on among these arms; an empty list sends everybody to control.

    Nobody who has an arm is moved. Raises BadSplit.
    """
    wanted = splits.read(arms)
    tx.execute(locked(launch.id))
    before = one(tx, split_in_force(launch.id))
    row = {"launch_id": launch.id, "version": 1 if before is None else before.version + 1, "arms": wanted}
    made = one(tx, sa.insert(ArmSplit).values(row | {"created_at": now, "created_by": str(actor)}).returning(ArmSplit))
    assert made is not None, "INSERT ... RETURNING answers with its row"
    data = {"version": made.version, "before": [] if before is None else before.arms, "after": made.arms}
    record(tx, "splitting.changed", launch.id, ("launch", launch.id), actor, now, data)
    return made


def arm_for(tx: Tx, launch_id: int, arm_ticket: int) -> dict[str, Any]:
    """The columns of a first admission: the arm of this ticket, and by which split."""
    return by_split(one(tx, split_in_force(launch_id)), arm_ticket)


def by_split(split: ArmSplit | None, arm_ticket: int) -> dict[str, Any]:
    """The same by a split that was read, for the many."""
    if split is None or not split.arms:
        return {"arm": CONTROL, "split_id": None}
    return {"arm": splits.arm_of(splits.read(split.arms), arm_ticket), "split_id": split.id}


def unless_fixed(arm: dict[str, Any]) -> dict[str, Any]:
    """These columns for an admission that is there already: who has an arm, or was ever in, keeps what they have."""
    is_fixed = sa.or_(Admission.split_id.is_not(None), Admission.via.in_(WERE_IN))
    return {
        "arm": sa.case((is_fixed, Admission.arm), else_=sa.literal(arm["arm"])),
        "split_id": sa.case((is_fixed, Admission.split_id), else_=sa.literal(arm["split_id"], sa.BigInteger())),
    }


__all__ = ["WHOLE", "arm_for", "by_split", "set_arms", "unless_fixed"]
