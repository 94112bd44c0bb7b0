"""`worker` and `tick`: the periodic work, as a loop or once."""

import signal
import threading
from types import FrameType

from waitlist import jobs
from waitlist.cli.printing import note, print_one
from waitlist.cli.shape import AS_JSON, top


@top.command()
def worker() -> None:
    """Do the periodic work until Ctrl-C or SIGTERM: release waves, send mails, end what is over."""
    stop = threading.Event()

    def heard(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, heard)
    signal.signal(signal.SIGTERM, heard)
    note("The worker runs.")
    jobs.work(stop)


@top.command()
@AS_JSON
def tick(as_json: bool) -> None:
    """Do every kind of periodic work once and print how much there was; for cron."""
    print_one(jobs.tick(), as_json)
