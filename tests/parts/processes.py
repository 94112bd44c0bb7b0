"""Real child processes that start together: what a race or a crash needs, and threads cannot give.

    endings = processes.run(redeem_once, [{"n": n} for n in range(50)], environ)

Each job is a process of its own with an app of its own over the same database. All apps are built first; then a
barrier lets everybody go at the same moment. `redeem_once(app, n=...)` stands at the top of a test module.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from waitlist import create_app

PATIENCE = 120.0  # seconds; a hanging child is a failed test

# A server that has imported the package once forks the children, so that fifty of them start within a second or two.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.parts.processes", "tests.parts.nursery"])


@dataclass(frozen=True)
class Ending:
    """How one child ended: what its work returned, or what it raised, or the signal that killed it."""

    value: Any = None
    error: str | None = None  # the exception's class name
    trace: str = ""
    signal: int | None = None


def run(
    work: Callable[..., Any],
    jobs: Sequence[Mapping[str, Any]],
    environ: Mapping[str, str],
    *,
    failpoint: str | None = None,
    before: Callable[[], None] | None = None,
    patience: float = PATIENCE,
) -> list[Ending]:
    """Run `work(app, **job)` for every job at once, and return how each ended, in the order of the jobs.

    `failpoint` kills each child there; `before` runs first in each, such as to take a guard out of the house. Nothing
    is swallowed: an unexpected exception is an ending to look at.
    """
    barrier = _CONTEXT.Barrier(len(jobs))
    environ = dict(environ) | ({"WAITLIST_FAILPOINT": failpoint} if failpoint else {})
    children = []
    for job in jobs:
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        child = _CONTEXT.Process(target=_child, args=(work, dict(job), environ, barrier, theirs, before))
        child.start()
        theirs.close()
        children.append((child, ours))
    return [_ending(child, ours, patience) for child, ours in children]


def values(endings: Sequence[Ending]) -> list[Any]:
    """What every child returned; fails with the first trace when one did not end well."""
    for ending in endings:
        assert ending.error is None, ending.trace
        assert ending.signal is None, f"killed by signal {ending.signal}"
    return [ending.value for ending in endings]


def _child(
    work: Callable[..., Any],
    job: dict[str, Any],
    environ: dict[str, str],
    barrier: Barrier,
    answer: Connection,
    before: Callable[[], None] | None,
) -> None:
    os.environ.update(environ)
    try:
        if before is not None:
            before()
        app: Flask = create_app(environ)
        with app.app_context():
            barrier.wait(PATIENCE)
            answer.send(Ending(value=work(app, **job)))
    except Exception as error:
        answer.send(Ending(error=type(error).__name__, trace=traceback.format_exc()))


def _ending(child: Any, ours: Connection, patience: float) -> Ending:
    hanging = Ending(error="Hanging", trace=f"no answer within {patience} seconds")
    try:
        ending: Ending = ours.recv() if ours.poll(patience) else hanging
    except EOFError:  # killed before it could answer
        child.join(PATIENCE)
        ending = Ending(signal=-(child.exitcode or 0))
    finally:
        ours.close()
    if ending is hanging:
        child.kill()
    child.join(PATIENCE)
    child.close()
    return ending
