"""The jobs: all periodic work stands in this table. Each entry is a plain function that may run twice.

`work` is the worker's loop over it, `tick` one pass; both are a loop over the database and nothing else.
"""

import threading

from waitlist.jobs import calendar, imports, loop, mails, steps
from waitlist.jobs.loop import Job

JOBS = (
    Job("advance stages", every=2, run=steps.advance_stages, due=steps.stages_due),
    Job("release waves", every=1, run=steps.release_waves, due=steps.waves_due),
    Job("watch waves", every=5, run=steps.watch_waves),
    Job("fold lines", every=1, run=steps.fold_lines, due=steps.lines_due),
    Job("fold credits", every=1, run=steps.fold_credits, due=steps.credits_due),
    Job("settle scores", every=60, run=steps.settle_scores, due=steps.rules_changed),
    Job("end invites", every=5, run=calendar.lapse),
    Job("remind of invites", every=60, run=calendar.remind),
    Job("tell people", every=30, run=calendar.tell, due=calendar.to_tell),
    Job("tell places", every=60, run=calendar.digest, due=calendar.digests_due),
    Job("seal events", every=10, run=calendar.seal, due=calendar.unsealed),
    Job("seal late events", every=3_600, run=calendar.seal_late),
    Job("read imported files", every=1, run=imports.read_files, due=imports.files_due, lane="imports"),
    Job("enter imported people", every=1, run=steps.enter_people, due=steps.imports_due, lane="imports"),
    Job("take imports back", every=1, run=steps.take_back, due=steps.imports_to_take_back, lane="imports"),
    Job("go on sweeping", every=1, run=steps.go_on_sweeping, due=steps.sweeps_due),
    Job("go on broadcasting", every=1, run=steps.go_on_broadcasting, due=steps.broadcasts_due),
    Job("send mails", every=0.5, run=mails.send, due=mails.due, lane="mail", alone=False),
    Job("name choices", every=10, run=mails.name_choices, due=mails.unnamed, lane="mail"),
    Job("forget rendered mails", every=3_600, run=mails.forget),
    Job("build own data", every=2, run=calendar.build_files, due=calendar.files_due),
    Job("forget the erased", every=60, run=calendar.forget_erased),
    Job("forget the unconfirmed", every=3_600, run=calendar.forget),
)


def work(stop: threading.Event) -> None:
    """Run every job whenever it is due until `stop` is set; what has begun is finished, what was claimed let go."""
    loop.work(JOBS, stop)


def tick() -> dict[str, int]:
    """Run every job once, now, and return how much each did."""
    return loop.tick(JOBS)
