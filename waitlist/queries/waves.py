"""Waves as the team sees them: the list, how far each one got, and who of it was passed over and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.hold import stage_hold
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message, MessageState, failed_of
from waitlist.models.stage import Stage
from waitlist.models.wave import Wave, WaveMember, WaveState

SENDING = (MessageState.LEASED, MessageState.TRANSMITTING)
_other = sa.alias(Message.__table__)
_newest = ~sa.exists().where(
    _other.c.invite_id == Message.invite_id, _other.c.kind == "invite", _other.c.id > Message.id
).correlate(Message.__table__)


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
    bounced: int = 0  # of the failed ones: the mailbox does not exist or refused for good

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
    def retriable(self) -> int:
        """Failed mails that may be tried again."""
        return self.failed - self.bounced

    @property
    def shown_state(self) -> str:
        """The state in the words of the pages: who is invited but not written to yet is still being released."""
        mails_wait = self.wave.state == WaveState.DONE and self.queued + self.sending > 0
        return str(WaveState.RELEASING if mails_wait else self.wave.state)

    @property
    def step(self) -> str:
        """The page of the wizard that shows this wave as it is."""
        before = self.wave.state_before if self.wave.state == WaveState.PAUSED else self.shown_state
        if self.wave.state == WaveState.DRAFT:
            return "check"
        if before in (WaveState.SCHEDULED, WaveState.HOLDING):
            return "holding"
        moving = self.shown_state in (WaveState.RELEASING, WaveState.PAUSED)
        return "releasing" if moving else "result"

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
    failed = mails.get(MessageState.FAILED, 0)
    again = rx.scalar(sa.select(sa.func.count()).select_from(Message).where(*failed_of(wave.id))) if failed else 0
    return Progress(wave, mails, accepted, declined, still_open, skipped, left, failed - (again or 0))


@dataclass(frozen=True)
class Reach:
    """What revoking a wave would reach: people who are in by it; the key of its stage if that is stopped, else ""."""

    inside: int
    stopped_stage: str


def reach(rx: Tx, wave: Wave) -> Reach:
    """Whom a wave let in, and whether its stage lets anybody in now."""
    inside = sa.select(sa.func.count()).where(Admission.wave_id == wave.id, Admission.state == AdmissionState.ACTIVE)
    key = sa.select(Stage.key).where(Stage.id == wave.stage_id, stage_hold(wave.stage_id).exists())
    return Reach(rx.scalar(inside) or 0, rx.scalar(key) or "")


def troubled(rx: Tx, launch_id: int, before: int) -> Progress | None:
    """The wave before the one with this number, if mails of it failed or are held, or if it stands still."""
    query = sa.select(Wave).where(Wave.launch_id == launch_id, Wave.seq < before, Wave.state != WaveState.DRAFT)
    wave = one(rx, query.order_by(Wave.seq.desc()).limit(1))
    if wave is None:
        return None
    found = progress(rx, wave)
    return found if found.failed or found.held or wave.state == WaveState.PAUSED else None


def members(rx: Tx, wave_id: int) -> Iterator[Any]:
    """Everybody of a wave in order: email, outcome, reason, and of the invite uses, declined_at, ended_at."""
    query = (
        sa.select(
            WaveMember.position, Entry.email, WaveMember.outcome, WaveMember.reason, Invite.uses, Invite.declined_at,
            Invite.ended_at, Message.state.label("mail"), Message.last_error,
        )
        .join(Entry, Entry.id == WaveMember.entry_id)
        .outerjoin(Invite, Invite.id == WaveMember.invite_id)
        .outerjoin(Message, sa.and_(Message.invite_id == Invite.id, Message.kind == "invite", _newest))
        .where(WaveMember.wave_id == wave_id)
        .order_by(WaveMember.position)
    )  # fmt: skip
    yield from rx.execute(query)


def failures(rx: Tx, wave_id: int, limit: int = 100) -> Sequence[Message]:
    """The mails of a wave that did not arrive, with the relay's words in `last_error`."""
    return some(
        rx,
        sa.select(Message)
        .where(
            Message.wave_id == wave_id,
            Message.kind == "invite",
            Message.state.in_((MessageState.FAILED, MessageState.HELD)),
        )
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
