"""Waves as the team sees them: the list, how far each one got, and who of it was passed over and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message, MessageState
from waitlist.models.wave import Wave, WaveMember

SENDING = (MessageState.LEASED, MessageState.TRANSMITTING)


@dataclass(frozen=True)
class Progress:
    """A wave with its counts. Mails: queued, sending, sent, failed, held, cancelled. Invites: accepted, declined, open.

    `skipped` counts people by the reason they were passed over for when their turn came.
    """

    wave: Wave
    mails: dict[str, int]
    accepted: int
    declined: int
    open: int
    skipped: dict[str, int]
    left: int  # planned people whose turn has not come

    @property
    def queued(self) -> int:
        return self.mails.get(MessageState.QUEUED, 0)

    @property
    def sending(self) -> int:
        return sum(self.mails.get(state, 0) for state in SENDING)

    @property
    def sent(self) -> int:
        return self.mails.get(MessageState.SENT, 0)

    @property
    def failed(self) -> int:
        return self.mails.get(MessageState.FAILED, 0)

    @property
    def held(self) -> int:
        return self.mails.get(MessageState.HELD, 0)

    @property
    def to_send(self) -> int:
        """People of the wave whose mail has not left: what "stop" would keep from leaving."""
        return self.left + self.queued


def all_waves(rx: Tx, launch: Launch, *, before: int | None = None, limit: int = 50) -> Sequence[Progress]:
    """The newest waves first, a page at a time; `before` is the number of the last wave of the page before."""
    query = sa.select(Wave).where(Wave.launch_id == launch.id).order_by(Wave.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(Wave.seq < before)
    return [progress(rx, wave) for wave in some(rx, query)]


def progress(rx: Tx, wave: Wave) -> Progress:
    """How far a wave got, counted from its rows."""
    mails = _counted(
        rx,
        sa.select(Message.state, sa.func.count())
        .where(Message.wave_id == wave.id, Message.kind == "invite")
        .group_by(Message.state),
    )
    accepted, declined, still_open = rx.execute(
        sa.select(
            sa.func.count().filter(Invite.uses > 0),
            sa.func.count().filter(Invite.declined_at.is_not(None)),
            sa.func.count().filter(Invite.uses == 0, Invite.ended_at.is_(None)),
        ).where(Invite.wave_id == wave.id)
    ).one()
    members = sa.select(sa.func.count()).where(WaveMember.wave_id == wave.id)
    skipped = _counted(
        rx,
        sa.select(WaveMember.reason, sa.func.count())
        .where(WaveMember.wave_id == wave.id, WaveMember.outcome == "skipped")
        .group_by(WaveMember.reason),
    )
    left = rx.scalar(members.where(WaveMember.outcome == "planned")) or 0
    return Progress(wave, mails, accepted, declined, still_open, skipped, left)


def failures(rx: Tx, wave_id: int, limit: int = 100) -> Sequence[Message]:
    """The mails of a wave that did not arrive, with the relay's words in `last_error`."""
    return some(
        rx,
        sa.select(Message)
        .where(Message.wave_id == wave_id, Message.state.in_((MessageState.FAILED, MessageState.HELD)))
        .order_by(Message.id)
        .limit(limit),
    )


def people_among(rx: Tx, launch_id: int, ids: Sequence[int]) -> Sequence[Entry]:
    """The entries with these ids, in the order of the ids."""
    found = {
        person.id: person
        for person in some(rx, sa.select(Entry).where(Entry.launch_id == launch_id, Entry.id.in_(ids)))
    }
    return [found[entry_id] for entry_id in ids if entry_id in found]


def _counted(rx: Tx, query: sa.Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in rx.execute(query)}
