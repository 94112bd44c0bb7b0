"""When keys were last used: an observation, written now and then."""

from datetime import datetime

from flask import Flask

from waitlist import noticing
from waitlist.db import writing
from waitlist.services import keying

NAME = "waitlist.key_uses"


def init_key_uses(app: Flask) -> None:
    """Give the app its memory of uses."""
    noticing.init_last_seen(app, NAME, keep)


def note(key_id: int, now: datetime) -> None:
    """This key was used just now."""
    noticing.note(NAME, key_id, now)


def keep(seen: dict[int, datetime]) -> None:
    """Write uses."""
    with writing() as tx:
        keying.note_use(tx, seen)
