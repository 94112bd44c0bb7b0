"""Units: the departments of an organisation, each below another one."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class OrgUnit(Base):
    """A department; `path` names everything above it, such as `finance/payroll`, and is what rules compare."""

    __tablename__ = "org_unit"
    __table_args__ = (sa.UniqueConstraint("launch_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    key: Mapped[str]
    path: Mapped[str]
    title: Mapped[str] = mapped_column(default="")


def units_of(launch_id: int) -> sa.Select[OrgUnit]:
    return sa.select(OrgUnit).where(OrgUnit.launch_id == launch_id).order_by(OrgUnit.path)
