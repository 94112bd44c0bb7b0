"""Shelving: an archived launch gives nothing any more, by whatever door somebody asks."""

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.launch import Launch


class LaunchArchived(Exception):
    """The launch was put away: its data stays, and nobody gets anything from it any more."""


def is_archived(tx: Tx, launch: Launch) -> bool:
    """Whether the launch was put away by now, whatever the caller has read of it before."""
    return tx.scalar(_ARCHIVED_AT, {"launch": launch.id}) is not None


def refuse_archived(tx: Tx, launch: Launch) -> None:
    """Raise LaunchArchived once the launch was put away."""
    if is_archived(tx, launch):
        raise LaunchArchived


_ARCHIVED_AT = sa.select(Launch.archived_at).where(Launch.id == sa.bindparam("launch"))
