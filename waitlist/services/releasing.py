"""Releasing: a wave is confirmed, held for a while, and goes out chunk by chunk; until then it can be undone.

Batches exclude each other on the launch row (`locked`), which joins pass. Lock order: launch, seats, wave, entry, fold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist import codes, failpoints
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.condition import Condition, circumstances, main_line
from waitlist.models.entry import Entry, State
from waitlist.models.hold import stage_hold
from waitlist.models.launch import Launch, locked
from waitlist.models.stage import Stage
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import seating, windowing
from waitlist.services.cutting import Cut, cut
from waitlist.services.gathering import Audience, line_of
from waitlist.services.recording import record
from waitlist.services.shelving import is_archived, refuse_archived
from waitlist.services.steering import DraftChanged, WrongState
from waitlist.services.timing import Timing


class CutChanged(Exception):
    """People changed since the dry run; `cut` and `digest` are the present ones. Nothing happened."""

    def __init__(self, present: Cut, digest: str) -> None:
        super().__init__(digest)
        self.cut = present
        self.digest = digest


class NobodyFits(Exception):
    """The cut is empty: there is nobody to invite."""


class LaunchHeld(Exception):
    """A hold stops releases; the wave can be confirmed once it is over."""


class StageHeld(LaunchHeld):
    """The stage of waves is stopped, since one of them was revoked or somebody paused it."""


@dataclass(frozen=True)
class Offer:
    """What each invited person gets; `remind`: one mail two days before the end.

    `language` is that of the mail to people whose own language no mail is written in ("": the launch's).
    """

    days: int
    allowance: int
    lapse_policy: str
    remind: bool = True
    language: str = ""

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value != ""}


@dataclass(frozen=True)
class Preview:
    """A dry run: the cut and its digest. Nothing was written."""

    cut: Cut
    digest: str
    params: dict[str, Any]


AT_ONCE = Timing()
HOUR = timedelta(hours=1)


def parameters(audience: Audience, offer: Offer, timing: Timing = AT_ONCE) -> dict[str, Any]:
    """What a wave is asked to do, as JSON; part of its digest."""
    timed = timing.to_json()
    return {"audience": audience.to_json(), "offer": offer.to_json()} | ({"timing": timed} if timed else {})


def timing_of(params: dict[str, Any]) -> Timing:
    """When a wave with these parameters starts and how fast it goes."""
    return Timing.from_json(params.get("timing", {}))


def preview(
    tx: Tx, launch: Launch, audience: Audience, offer: Offer, timing: Timing = AT_ONCE, *, now: datetime
) -> Preview:
    """Who would be invited and why everybody else would not; runs on a read-only transaction."""
    params = parameters(audience, offer, timing)
    present = cut(tx, launch, line_of(tx, launch.id, audience), audience, now)
    return Preview(present, present.digest(params), params)


@dataclass(frozen=True)
class Terms:
    """How a wave is confirmed: the digest the admin saw (None: whoever is first now), its name, when it goes out.

    `draft_id` names the draft that becomes the wave; without one it is a new row. `fixed=False`, for a wave with a
    start: people are picked when it starts, so until then it has neither a digest nor a seat.
    """

    digest: str | None
    hold: timedelta
    name: str = ""
    starts_at: datetime | None = None
    draft_id: int | None = None
    fixed: bool = True
    timing: Timing = AT_ONCE  # its pace and its quiet hours; the moments above count
    stage_no: int | None = None  # of the waves that its stage made by itself
    seen: datetime | None = None  # the draft's `state_at` when its page was opened; None: however it is


def confirm(
    tx: Tx, launch: Launch, audience: Audience, offer: Offer, terms: Terms, *, actor: Actor, now: datetime
) -> Wave:
    """Fix the cut, reserve its seats and start the holding window; people keep their place until it ends.

    Raises LaunchArchived, CutChanged, NobodyFits, LaunchHeld, LaunchFull, DraftChanged, or WrongState for a draft that
    was confirmed already, each with nothing written.
    """
    tx.execute(locked(launch.id))
    refuse_archived(tx, launch)
    if terms.draft_id is not None:
        _check_draft(tx, launch, terms.draft_id, terms.seen)
    if circumstances(tx, launch, now).condition is Condition.PAUSED:
        raise LaunchHeld
    if one(tx, stage_hold(stage_of(tx, launch, parameters(audience, offer)))) is not None:
        raise StageHeld
    if not terms.fixed and terms.starts_at is not None:
        return _schedule(tx, launch, parameters(audience, offer, terms.timing), terms, actor=actor, now=now)
    present = preview(tx, launch, audience, offer, terms.timing, now=now)
    if terms.digest is not None and terms.digest != present.digest:
        raise CutChanged(present.cut, present.digest)
    if not present.cut.chosen and not present.cut.newcomers:
        raise NobodyFits
    wave = _insert_wave(tx, launch, present.params, terms, digest=present.digest, actor=actor, now=now)
    fixed = _fix(tx, launch, wave, present, actor=actor, now=now)
    data = {"planned": fixed.planned, "digest": present.digest, "revision": launch.revision}
    record(tx, "releasing.confirmed", launch.id, ("wave", wave.id), actor, now, data)
    failpoints.reached("confirm.before_commit")
    return fixed


def due_waves(tx: Tx, now: datetime) -> list[tuple[int, int]]:
    """(launch id, wave id) of waves that are due: to start, to go on, or because a worker was interrupted."""
    moving = (WaveState.SCHEDULED, WaveState.HOLDING, WaveState.RELEASING)
    rows = tx.execute(
        sa.select(Wave.launch_id, Wave.id)
        .join(Launch, Launch.id == Wave.launch_id)
        .where(Launch.archived_at.is_(None), Wave.state.in_(moving), Wave.due_at <= now)
        .order_by(Wave.id)
    )
    return [(row.launch_id, row.id) for row in rows]


def start(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> bool:
    """Begin to release a wave whose holding window is over; False when it is not (or no longer) its turn."""
    tx.execute(locked(launch.id))
    if is_archived(tx, launch) or circumstances(tx, launch, now).holds_effect("admit"):
        return False
    if windowing.puts_off(tx, launch.id, wave_id, now):
        return False
    started = one(
        tx,
        sa.update(Wave)
        .where(Wave.id == wave_id, Wave.state.in_((WaveState.SCHEDULED, WaveState.HOLDING)), Wave.due_at <= now)
        .where(~stage_hold(Wave.stage_id).exists())
        .values(state=WaveState.RELEASING, state_at=now, state_by=str(actor), released_at=now)
        .returning(Wave),
    )
    if started is None:
        return False
    data = {} if started.digest is not None else _pick(tx, launch, started, actor=actor, now=now)
    record(tx, "releasing.started", launch.id, ("wave", wave_id), actor, now, data)
    return True


def stage_of(tx: Tx, launch: Launch, params: dict[str, Any]) -> int:
    """The stage that a wave with these parameters belongs to: its own, or the first one."""
    first = sa.select(sa.func.min(Stage.id)).where(Stage.launch_id == launch.id)
    stage_id: int = params["audience"].get("stage") or tx.execute(first).scalar_one()
    return stage_id


def _schedule(tx: Tx, launch: Launch, params: dict[str, Any], terms: Terms, *, actor: Actor, now: datetime) -> Wave:
    """A wave whose people are not known yet."""
    wave = _insert_wave(tx, launch, params, terms, digest=None, actor=actor, now=now)
    record(tx, "releasing.scheduled", launch.id, ("wave", wave.id), actor, now)
    return wave


def _pick(tx: Tx, launch: Launch, wave: Wave, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Cut a wave that starts now, as far as seats go; an empty one is simply done. Returns what its event says."""
    audience, offer = Audience.from_json(wave.params["audience"]), Offer(**wave.params["offer"])
    present = preview(tx, launch, audience, offer, timing_of(wave.params), now=now)
    fixed = _fix(tx, launch, wave, present, actor=actor, now=now)
    return {"planned": fixed.planned, "digest": present.digest, "revision": launch.revision}


def _fix(tx: Tx, launch: Launch, wave: Wave, present: Preview, *, actor: Actor, now: datetime) -> Wave:
    """These people and no others: their seats are held, and they are planned in their order. Raises LaunchFull."""
    chosen = present.cut.chosen + _enter_newcomers(tx, launch, present.cut, actor=actor, now=now)
    seating.take(tx, launch.id, len(chosen), stage_id=wave.stage_id)
    members = [{"wave_id": wave.id, "entry_id": entry_id, "position": n} for n, entry_id in enumerate(chosen, 1)]
    if members:
        tx.execute(sa.insert(WaveMember), members)
    values = {"planned": len(chosen), "digest": present.digest}
    fixed = one(tx, sa.update(Wave).where(Wave.id == wave.id).values(**values).returning(Wave))
    assert fixed is not None, "the launch is locked"
    return fixed


def _enter_newcomers(tx: Tx, launch: Launch, present: Cut, *, actor: Actor, now: datetime) -> list[int]:
    """Entries for listed people who are not in the launch yet; the mailed invite proves their mailbox."""
    made = []
    for somebody in present.newcomers:
        statement = insert(tx, Entry).values(
            public_id=codes.random_id("ent"),
            launch_id=launch.id,
            line_id=main_line(tx, launch.id),
            email=somebody["email"],
            email_key=somebody["email_key"],
            email_abuse_key=somebody["abuse_key"],
            domain=somebody["domain"],
            language=launch.language,
            slug=codes.random_slug(),
            state=State.UNCONFIRMED,
            state_at=now,
            state_by=str(actor),
            created_at=now,
            ticket=somebody["ticket"],
            arm_ticket=somebody["arm_ticket"],
            vip=True,
        )
        statement = statement.on_conflict_do_nothing(index_elements=["launch_id", "email_key"])
        entry_id: int | None = tx.execute(statement.returning(Entry.id)).scalar_one_or_none()
        made.append(entry_id or _met(tx, launch, somebody["email_key"]))
    return made


def _met(tx: Tx, launch: Launch, email_key: str) -> int:
    """Somebody on the list who joined by themselves since the cut."""
    found: int = tx.execute(
        sa.select(Entry.id).where(Entry.launch_id == launch.id, Entry.email_key == email_key)
    ).scalar_one()
    return found


def _check_draft(tx: Tx, launch: Launch, draft_id: int, seen: datetime | None) -> None:
    # Under the launch's lock: of two who press at once, the second finds the wave that the first one made.
    found = one(tx, sa.select(Wave).where(Wave.id == draft_id, Wave.launch_id == launch.id))
    if found is None or found.state != WaveState.DRAFT:
        raise WrongState(found.state if found is not None else "unknown")
    if seen is not None and seen != found.state_at:
        raise DraftChanged(found)


def _insert_wave(
    tx: Tx, launch: Launch, params: dict[str, Any], terms: Terms, *, digest: str | None, actor: Actor, now: datetime
) -> Wave:
    seq = (tx.scalar(sa.select(sa.func.max(Wave.seq)).where(Wave.launch_id == launch.id)) or 0) + 1
    scheduled = terms.starts_at is not None and terms.starts_at > now
    row = {
        "public_id": codes.random_id("wav"),
        "launch_id": launch.id,
        "line_id": line_of(tx, launch.id, Audience.from_json(params["audience"])),
        "stage_id": stage_of(tx, launch, params),
        "stage_no": terms.stage_no,
        "seq": seq,
        "name": terms.name or f"Wave {seq}",
        "params": params,
        "digest": digest,
        "state": WaveState.SCHEDULED if scheduled else WaveState.HOLDING,
        "state_at": now,
        "state_by": str(actor),
        "due_at": terms.starts_at if scheduled else now + terms.hold,
        "created_at": now,
        "created_by": str(actor),
    }
    if terms.draft_id is not None:
        kept = {"public_id", "seq", "created_at", "created_by"} | (set() if terms.name else {"name"})
        values = {name: value for name, value in row.items() if name not in kept}
        wave = one(tx, sa.update(Wave).where(Wave.id == terms.draft_id).values(values).returning(Wave))
    else:
        wave = one(tx, sa.insert(Wave).values(row).returning(Wave))
    assert wave is not None, "the launch is locked"
    return wave
