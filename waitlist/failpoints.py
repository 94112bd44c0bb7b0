"""Named places where a test may kill the process, as a power cut would.

`WAITLIST_FAILPOINT=release.before_commit` kills at the first pass, `release.before_commit:3` at the third.
Unset, which is always so outside the crash suite, a pass costs one dictionary look-up.
"""

import os
import signal

_passes: dict[str, int] = {}


def reached(name: str) -> None:
    """Kill this process with SIGKILL when the failpoint `name` is set and its count has come."""
    wanted = os.environ.get("WAITLIST_FAILPOINT")
    if wanted is None:
        return
    point, _, count = wanted.partition(":")
    if point != name:
        return
    _passes[name] = _passes.get(name, 0) + 1
    if _passes[name] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
