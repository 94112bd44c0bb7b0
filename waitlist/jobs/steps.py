"""The jobs of the line: waves, counts, credits and imports, each in small steps of one transaction."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from waitlist import clock, failpoints
from waitlist.actors import WORKER
from waitlist.db import Tx, one, reading
from waitlist.jobs.loop import step
from waitlist.models.broadcast import Broadcast
from waitlist.models.launch import Launch
from waitlist.models.sweep import Sweep
from waitlist.models.upkeep import ImportRun
from waitlist.queries import guards
from waitlist.runtime import runtime
from waitlist.services import (
    advancing,
    broadcasting,
    delivering,
    entering,
    guarding,
    importing,
    ranking,
    recovering,
    referring,
    releasing,
    rescoring,
    sweeping,
    undoing,
)
from waitlist.services.importing import WrongImportState
from waitlist.services.inviting import Keys


def stages_due(rx: Tx, now: datetime) -> bool:
    return bool(advancing.due(rx, now))


def advance_stages(stop: threading.Event) -> int:
    """Start the stages whose turn has come, and make the waves that are due, each in a transaction of its own."""
    with reading() as rx:
        due = advancing.due(rx, clock.now())
    hold = timedelta(seconds=runtime().settings.hold_seconds)
    advanced = 0
    for launch_id, stage_id in due:
        if not stop.is_set():
            advanced += step(
                lambda tx: advancing.advance(tx, launch_id, stage_id, hold=hold, actor=WORKER, now=clock.now())  # noqa: B023
            )
    return advanced


def watch_waves(stop: threading.Event) -> int:
    """Stop the waves that surely go worse than is tolerated, each by its guardrail, once."""
    with reading() as rx:
        due = [seen for seen in guards.watched(rx, clock.now()) if seen.stops]
        launches = {seen.launch_id: _launch(rx, seen.launch_id) for seen in due}
    acted = 0
    for seen in due:
        if not stop.is_set():
            acted += step(partial(_trip, launch=launches[seen.launch_id], seen=seen))
    return acted


def _trip(tx: Tx, launch: Launch, seen: guards.Watched) -> bool:
    what = guarding.Seen(seen.guardrail.metric, seen.k, seen.n, int(min(seen.e, 1e9)))
    return guarding.trip(tx, launch, seen.wave_id, seen.guardrail, what, actor=WORKER, now=clock.now())


def waves_due(rx: Tx, now: datetime) -> bool:
    return bool(releasing.due_waves(rx, now))


def release_waves(stop: threading.Event) -> int:
    """Start the waves whose holding window is over, and turn them into invites chunk by chunk."""
    with reading() as rx:
        due = releasing.due_waves(rx, clock.now())
        launches = {launch_id: _launch(rx, launch_id) for launch_id, _ in due}
    steps = 0
    for launch_id, wave_id in due:
        steps += _release(launches[launch_id], wave_id, stop)
    return steps


def _release(launch: Launch, wave_id: int, stop: threading.Event) -> int:
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    started = step(lambda tx: releasing.start(tx, launch, wave_id, actor=WORKER, now=clock.now()))
    if not started:
        step(lambda tx: recovering.note_interruption(tx, launch, wave_id, actor=WORKER, now=clock.now()))
    steps, more = int(started), True
    while more and not stop.is_set():
        more = step(lambda tx: delivering.deliver_chunk(tx, launch, wave_id, keys=keys, actor=WORKER, now=clock.now()))
        failpoints.reached("release.after_commit")
        steps += 1
    return steps


def lines_due(rx: Tx, _now: datetime) -> bool:
    return bool(ranking.lines_to_fold(rx))


def fold_lines(_stop: threading.Event) -> int:
    """Move the changes of each line into its counts."""
    with reading() as rx:
        lines = ranking.lines_to_fold(rx)
    return sum(step(lambda tx, line_id=line_id: ranking.fold(tx, line_id)) for line_id in lines)  # type: ignore[misc]


def credits_due(rx: Tx, _now: datetime) -> bool:
    return bool(referring.launches_to_fold(rx))


def fold_credits(stop: threading.Event) -> int:
    """Add the credits of launches without a cap to the scores of whoever brought those friends."""
    with reading() as rx:
        launches = [_launch(rx, launch_id) for launch_id in referring.launches_to_fold(rx)]
    folded = 0
    for launch in launches:
        while not stop.is_set() and (n := step(lambda tx: referring.fold_credits(tx, launch))):  # noqa: B023
            folded += n
    return folded


def rules_changed(rx: Tx, now: datetime) -> bool:
    return bool(rescoring.lately_changed(rx, now))


def settle_scores(_stop: threading.Event) -> int:
    """Put right whoever was counted by the old worth of a friend while it changed."""
    with reading() as rx:
        launches = rescoring.lately_changed(rx, clock.now())
    return sum(step(lambda tx, launch_id=launch_id: rescoring.settle(tx, launch_id)) for launch_id in launches)  # type: ignore[misc]


def imports_due(rx: Tx, _now: datetime) -> bool:
    return bool(importing.running(rx))


def enter_people(stop: threading.Event) -> int:
    """Go on with imports that are under way: begun on a page, or by a command that was killed."""

    def enter(tx: Tx, launch: Launch, run_id: int) -> bool:
        return entering.enter_chunk(tx, launch, run_id, actor=WORKER, now=clock.now())

    return _go_on(importing.running, enter, stop)


def imports_to_take_back(rx: Tx, _now: datetime) -> bool:
    return bool(undoing.going(rx))


def take_back(stop: threading.Event) -> int:
    """Take out again whom imports added, as somebody asked on their page."""

    def undo(tx: Tx, launch: Launch, run_id: int) -> bool:
        try:
            return undoing.undo_chunk(tx, launch, run_id, actor=WORKER, now=clock.now())[1]
        except WrongImportState:  # another worker has come to its end
            return False

    return _go_on(undoing.going, undo, stop)


def sweeps_due(rx: Tx, _now: datetime) -> bool:
    return bool(sweeping.going(rx))


def go_on_sweeping(stop: threading.Event) -> int:
    """Go on with what the team does with many people at once, chunk by chunk."""
    return _go_on(
        sweeping.going, lambda tx, launch, sweep_id: sweeping.go_on(tx, launch, sweep_id, now=clock.now()), stop
    )


def broadcasts_due(rx: Tx, now: datetime) -> bool:
    return bool(broadcasting.going(rx, now))


def go_on_broadcasting(stop: threading.Event) -> int:
    """Go on with what the team writes to many people, chunk by chunk."""

    def write(tx: Tx, launch: Launch, broadcast_id: int) -> bool:
        more = broadcasting.go_on(tx, launch, broadcast_id, now=clock.now())
        failpoints.reached("broadcast.before_commit")
        return more

    return _go_on(lambda rx: broadcasting.going(rx, clock.now()), write, stop)


def _go_on(
    begun: Callable[[Tx], Sequence[ImportRun | Sweep | Broadcast]],
    chunk: Callable[[Tx, Launch, int], bool],
    stop: threading.Event,
) -> int:
    """Do whatever was begun to its end, each chunk in a transaction of its own; returns how many chunks that took."""
    with reading() as rx:
        found = [(row.id, _launch(rx, row.launch_id)) for row in begun(rx)]
    chunks = 0
    for row_id, launch in found:
        more = True
        while more and not stop.is_set():
            more = step(lambda tx: chunk(tx, launch, row_id))  # noqa: B023
            chunks += 1
    return chunks


def _launch(rx: Tx, launch_id: int) -> Launch:
    launch = one(rx, sa.select(Launch).where(Launch.id == launch_id))
    assert launch is not None, "the foreign key says so"
    return launch
