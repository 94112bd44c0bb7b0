"""Installing: what a fresh installation remembers of itself, and the one-time link that makes its first owner."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, insert
from waitlist.models.access import User
from waitlist.models.upkeep import BACKUP, Installation

PEPPER = "pepper"  # its fingerprint
SET_UP = "set_up"  # the version of the set-up link, or `done`
DONE = "done"


class OtherPepper(Exception):
    """The pepper file is not the one this database was made with: no code, key or mailbox would be found again."""


class SetUpDone(Exception):
    """The first owner was made already, perhaps a moment ago by somebody else."""


def prepare(tx: Tx, *, fingerprint: str) -> int | None:
    """Note the pepper and offer the set-up link; returns the link's version, or None when an owner is there.

    May run any number of times. Raises OtherPepper.
    """
    _note(tx, PEPPER, fingerprint)
    if value_of(tx, PEPPER) != fingerprint:
        raise OtherPepper
    _note(tx, SET_UP, "1")
    return set_up_version(tx)


def set_up_version(tx: Tx) -> int | None:
    """The version that a set-up link must have, or None once the first owner is there. Reads only."""
    value = value_of(tx, SET_UP)
    if value is None or value == DONE or tx.scalar(sa.select(User.id).limit(1)) is not None:
        return None
    return int(value)


def claim(tx: Tx, version: int | None) -> None:
    """Use the set-up link up, once; `None` is the operator at the command line. Raises SetUpDone."""
    wanted = Installation.value != DONE if version is None else Installation.value == str(version)
    claimed = tx.execute(
        sa.update(Installation)
        .where(Installation.name == SET_UP, wanted)
        .values(value=DONE)
        .returning(Installation.name)
    ).one_or_none()
    if claimed is None:
        raise SetUpDone


def value_of(tx: Tx, name: str) -> str | None:
    return tx.scalar(sa.select(Installation.value).where(Installation.name == name))


def _note(tx: Tx, name: str, value: str) -> None:
    tx.execute(insert(tx, Installation).values(name=name, value=value).on_conflict_do_nothing())


def backed_up(tx: Tx, *, now: datetime) -> None:
    """Remember when the last backup was made, for the doctor."""
    statement = insert(tx, Installation).values(name=BACKUP, value=now.isoformat())
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()}))
