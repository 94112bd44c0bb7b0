"""What is planned for somebody in line: the scheduled wave that covers their place, and nothing that is a guess."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.rank import place_of
from waitlist.models.wave import Wave, WaveMember, WaveState


@dataclass(frozen=True)
class Planned:
    """A wave that would invite this person as things stand; `invites` is how many it brings."""

    name: str
    invites: int
    at: datetime


def wave_for(rx: Tx, launch: Launch, entry_id: int, now: datetime) -> Planned | None:
    """The first scheduled wave this person is in, or None: no plan, a plan without a date, or one kept to the team.

    A wave whose people are picked when it starts covers the places in front, behind those of earlier waves.
    """
    if not launch.show_plan:
        return None
    scheduled = sa.and_(Wave.launch_id == launch.id, Wave.state == WaveState.SCHEDULED, Wave.due_at > now)
    line_id = rx.scalar(sa.select(Entry.line_id).where(Entry.id == entry_id))
    place, ahead = place_of(rx, entry_id), 0
    for wave in some(rx, sa.select(Wave).where(scheduled, Wave.line_id == line_id).order_by(Wave.due_at)):
        picked, mine = _members(rx, wave.id, entry_id)
        first = wave.params["audience"].get("n") or 0 if wave.params["audience"]["kind"] == "first" else 0
        covers = mine if picked else place is not None and ahead < place <= ahead + first
        if covers and wave.due_at is not None:
            return Planned(wave.name, picked or first, wave.due_at)
        ahead += 0 if picked else first
    return None


def _members(rx: Tx, wave_id: int, entry_id: int) -> tuple[int, bool]:
    planned = sa.and_(WaveMember.wave_id == wave_id, WaveMember.outcome == "planned")
    picked = rx.scalar(sa.select(sa.func.count()).where(planned)) or 0
    mine = rx.scalar(sa.select(sa.exists().where(planned, WaveMember.entry_id == entry_id)))
    return picked, mine in (True, 1)
