"""Pictures of a launch, in the database so that every node has them; named by what is in them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class Picture(Base):
    """A logo or a picture of the launch page, small and clean."""

    __tablename__ = "picture"
    __table_args__ = (sa.UniqueConstraint("launch_id", "hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    hash: Mapped[str]  # of the data; part of its address, so that it may be kept for ever
    mime: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(sa.LargeBinary())
    made_at: Mapped[datetime]
    made_by: Mapped[str]


def by_hash(launch_id: int, digest: str) -> sa.Select[Picture]:
    return sa.select(Picture).where(Picture.launch_id == launch_id, Picture.hash == digest)
