"""Admins by name: an actor `admin:3` in a row is shown as the person who did it."""

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.access import User


def names(rx: Tx) -> dict[str, str]:
    """Admin ids (as actors write them) to names."""
    return {str(row.id): row.name or row.email for row in rx.execute(sa.select(User.id, User.name, User.email))}
