"""Event streams: a browser keeps one open and asks again when something may have changed for its person.

Events carry nothing but "ask again". Each open stream holds a thread, so a process gives away a few slots and no more;
who gets none asks when its page is seen again.
"""

import random
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Flask, Response, current_app

from waitlist import clock
from waitlist.db import reading
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.problems import flag_problem
from waitlist.queries.pulses import Pulse, pulse
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose

KEPT = 4  # threads of a process that no stream may take
GOOD_FOR = 3600  # seconds in which an address opens a stream
LONGEST = 600  # seconds that a stream lasts; its client comes back by itself
LOOKS_EVERY = 1.0  # seconds, and so at most one event in each
SPREAD = 3.0  # seconds over which clients are told of what is no kill
BEATS_EVERY = 15  # looks between two signs of life
AWAY = "30"  # seconds after which a slot may be free


class Slots:
    """How many more streams this process takes."""

    def __init__(self, n: int) -> None:
        self._left = max(n, 0)
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        return self._left

    def take(self) -> bool:
        with self._lock:
            taken = self._left > 0
            self._left -= int(taken)
            return taken

    def give_back(self) -> None:
        with self._lock:
            self._left += 1


def init_streams(app: Flask) -> None:
    """Give the app its slots."""
    app.extensions["waitlist.streams"] = Slots(app.extensions["waitlist"].settings.threads - KEPT)


def offered(launch: Launch, entry: Entry | None) -> list[dict[str, object]]:
    """What bulk answers name: one stream, or none while every slot is taken."""
    if _slots().left == 0:
        return []
    named = [launch.id, None if entry is None else entry.id, int(clock.now().timestamp())]
    token = runtime().tokens.sign_data(Purpose.CHANNEL, named)
    # Without an origin: the client asks where it evaluated, whatever proxy stands there.
    uri = f"{urlsplit(runtime().settings.base_url).path}/ofrep/v1/streams/{token}"
    return [{"type": "sse", "endpoint": {"requestUri": uri}, "inactivityDelaySec": 120}]


def stream(token: str) -> Response:
    """The stream that this address opens."""
    try:
        launch_id, entry_id, signed_at = runtime().tokens.read_data(Purpose.CHANNEL, token)
    except BadToken:
        return flag_problem(404, "GENERAL", "There is no such stream.")
    if clock.now().timestamp() - signed_at > GOOD_FOR:
        return flag_problem(410, "GENERAL", "This address is over: evaluate again for a new one.")
    if not _slots().take():
        full = flag_problem(503, "GENERAL", "Every stream is taken for now.")
        full.headers["Retry-After"] = AWAY
        return full
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    events = Response(_events(app, launch_id, entry_id), mimetype="text/event-stream")
    events.headers["X-Accel-Buffering"] = "no"
    events.call_on_close(_slots().give_back)
    return events


def _events(app: Flask, launch_id: int, entry_id: int | None) -> Iterator[str]:
    seen = _look(app, launch_id, entry_id)
    ends = time.monotonic() + LONGEST
    yield ": open\n\n"
    looks = 0
    while time.monotonic() < ends:
        time.sleep(LOOKS_EVERY)
        looks += 1
        now = _look(app, launch_id, entry_id)
        if now != seen:
            if now.killed == seen.killed:
                time.sleep(random.uniform(0, SPREAD))  # noqa: S311 - spreads load, no secret
            seen = now
            yield f'id: {now.newest}\nevent: message\ndata: {{"type": "refetchEvaluation"}}\n\n'
        elif looks % BEATS_EVERY == 0:
            yield ": here\n\n"


def _look(app: Flask, launch_id: int, entry_id: int | None) -> Pulse:
    with app.app_context(), reading() as rx:
        return pulse(rx, launch_id, entry_id, clock.now())


def _slots() -> Slots:
    slots: Slots = current_app.extensions["waitlist.streams"]
    return slots
