"""`doctor`: looks at everything a launch day needs, and says what to do where something is missing."""

import click
from flask import current_app

from waitlist import clock, records
from waitlist.cli.printing import print_rows
from waitlist.cli.shape import AS_JSON, read, top
from waitlist.mailer import Mailer
from waitlist.queries.doctor import House, findings
from waitlist.runtime import runtime


@top.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """Look at the database, the keys, the worker, the relay and the rest. Exit code 1 when something needs fixing."""
    found = findings(House(runtime(), read, _open_relay, clock.now(), records.txt))
    print_rows([{"check": one.check, "state": one.state, "says": one.words} for one in found], as_json)
    wrong = sum(one.state == "fix" for one in found)
    if wrong:
        raise click.ClickException(f"{wrong} of {len(found)} need fixing; each line above says how.")


def _open_relay() -> str | None:
    mailer = Mailer(current_app._get_current_object(), runtime().settings, runtime().stationery)  # type: ignore[attr-defined]
    trouble = mailer.open()
    mailer.close()
    return None if trouble is None else trouble.words
