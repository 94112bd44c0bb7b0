"""Real child processes that start together: what a race or a crash needs, and threads cannot give.

    endings = processes.run(redeem_once, [{"n": n} for n in range(50)], environ)

Each job is a process of its own over the same database. One parent builds their app and forks them; then a barrier
lets everybody go at the same moment. `redeem_once(app, n=...)` stands at the top of a test module.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from waitlist import create_app

PATIENCE = 120.0  # seconds; a hanging child is a failed test

# A server that has imported the package once forks the parents; fifty children start within a second or two.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.parts.processes", "tests.parts.nursery"])

Work = Callable[..., Any]


@dataclass(frozen=True)
class Ending:
    """How one child ended: what its work returned, or what it raised, or the signal that killed it."""

    value: Any = None
    error: str | None = None  # the exception's class name
    trace: str = ""
    signal: int | None = None


def run(
    work: Work,
    jobs: Sequence[Mapping[str, Any]],
    environ: Mapping[str, str],
    *,
    failpoint: str | None = None,
    before: Callable[[], None] | None = None,
    patience: float = PATIENCE,
) -> list[Ending]:
    """Run `work(app, **job)` for every job at once, and return how each ended, in the order of the jobs.

    `failpoint` kills each child there; `before` runs once ahead of all, such as to take a guard out of the house.
    Nothing is swallowed: an unexpected exception is an ending to look at.
    """
    environ = dict(environ) | ({"WAITLIST_FAILPOINT": failpoint} if failpoint else {})
    pipes = [_CONTEXT.Pipe(duplex=False) for _ in range(len(jobs) + 1)]
    ours, theirs = [pipe[0] for pipe in pipes], [pipe[1] for pipe in pipes]
    barrier = _CONTEXT.Barrier(len(jobs))
    parent = _CONTEXT.Process(target=_parent, args=(work, list(map(dict, jobs)), environ, barrier, theirs, before))
    parent.start()
    for pipe in theirs:
        pipe.close()
    *answers, report = ours
    endings = [_heard(answer, patience) for answer in answers]
    signals = _signals(report, endings)
    parent.join(PATIENCE)
    parent.close()
    return [ending or Ending(signal=number) for ending, number in zip(endings, signals, strict=True)]


def values(endings: Sequence[Ending]) -> list[Any]:
    """What every child returned; fails with the first trace when one did not end well."""
    for ending in endings:
        assert ending.error is None, ending.trace
        assert ending.signal is None, f"killed by signal {ending.signal}"
    return [ending.value for ending in endings]


def _heard(answer: Connection, patience: float) -> Ending | None:
    """What a child answered; None for one that was killed before it could."""
    with answer:
        try:
            return answer.recv() if answer.poll(patience) else Ending(error="Hanging", trace=f"{patience} s, no answer")
        except EOFError:
            return None


def _signals(report: Connection, endings: Sequence[Ending | None]) -> Iterator[int]:
    """The signal that ended each child, 0 for none; whoever hangs is killed first."""
    with report:
        pids = report.recv()
        for pid, ending in zip(pids, endings, strict=True):
            if ending is not None and ending.error == "Hanging":
                os.kill(pid, signal.SIGKILL)
        yield from report.recv()


def _parent(
    work: Work,
    jobs: Sequence[dict[str, Any]],
    environ: dict[str, str],
    barrier: Barrier,
    pipes: Sequence[Connection],
    before: Callable[[], None] | None,
) -> None:
    os.environ.update(environ)
    *answers, report = pipes
    if before is not None:
        before()
    app = create_app(environ)  # nothing is connected yet, so that nothing is shared
    pids = []
    for job, answer in zip(jobs, answers, strict=True):
        pids.append(_forked(app, work, job, barrier, answer))
        answer.close()  # or nobody would see the end of a child that was killed
    report.send(pids)
    report.send([-min(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0) for pid in pids])


def _forked(app: Flask, work: Work, job: dict[str, Any], barrier: Barrier, answer: Connection) -> int:
    pid = os.fork()
    if pid == 0:
        _child(app, work, job, barrier, answer)
        os._exit(0)
    return pid


def _child(app: Flask, work: Work, job: dict[str, Any], barrier: Barrier, answer: Connection) -> None:
    try:
        with app.app_context():
            barrier.wait(PATIENCE)
            answer.send(Ending(value=work(app, **job)))
    except BaseException as error:
        answer.send(Ending(error=type(error).__name__, trace=traceback.format_exc()))
