"""Arms: how people are split among them, version by version."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class ArmSplit(Base):
    """The arms of a launch and their weights in one version; the newest is in force. No arms: everybody is control."""

    __tablename__ = "arm_split"
    __table_args__ = (sa.UniqueConstraint("launch_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    version: Mapped[int]
    arms: Mapped[list[Any]]  # pairs: a name, its weight in parts per million
    created_at: Mapped[datetime]
    created_by: Mapped[str]


def split_in_force(launch_id: int) -> sa.Select[ArmSplit]:
    newest = sa.select(ArmSplit).where(ArmSplit.launch_id == launch_id)
    return newest.order_by(ArmSplit.version.desc()).limit(1)
