"""Public forms: each carries a signed, stateless `form_id`, so a second press shows the first result."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import request

from waitlist import clock
from waitlist.db import Tx
from waitlist.runtime import runtime
from waitlist.services import remembering
from waitlist.tokens import BadToken, Purpose

LIFE = timedelta(hours=24)  # shorter than a recorded press is kept, so no press outlives its record
Outcome = dict[str, Any]


@dataclass(frozen=True)
class Press:
    """One press on a form. A `stale` one came from a page left open too long: show the form again, filled."""

    key: str
    purpose: str
    stale: bool = False

    def about(self, what: str) -> "Press":
        """The press as one on this very thing: whoever goes back and types another address has pressed anew."""
        return replace(self, key=f"{self.key}:{hashlib.sha256(what.encode()).hexdigest()[:16]}")


def new_form_id(purpose: str, launch: str = "") -> str:
    """The hidden value of a fresh form; `launch` is a launch's public id."""
    made = int(clock.now().timestamp())
    return runtime().tokens.sign_data(Purpose.FORM, [purpose, launch, made, secrets.token_urlsafe(12)])


def pressed(purpose: str, launch: str = "", *, now: datetime) -> Press:
    """Which press this request is. A form without an id (somebody's static page) is a press of its own."""
    given = request.form.get("form_id", "")
    return (
        press_of(given, purpose, launch, now=now) if given else Press(f"{purpose}:{secrets.token_urlsafe(16)}", purpose)
    )


def press_of(given: str, purpose: str, launch: str = "", *, now: datetime) -> Press:
    """The press that a form with this id will be."""
    try:
        data = runtime().tokens.read_data(Purpose.FORM, given)
    except BadToken:
        return Press("", purpose, stale=True)
    match data:
        case [str(made_for), str(made_in), int(made), str(nonce)] if (made_for, made_in) == (purpose, launch):
            stale = not 0 <= now.timestamp() - made + 1 <= LIFE.total_seconds()
            return Press(f"{purpose}:{nonce}", purpose, stale)
    return Press("", purpose, stale=True)


def once(tx: Tx, press: Press, launch_id: int | None, now: datetime, act: Callable[[], Outcome]) -> Outcome:
    """What `act` answered to the first press with this id; it is not called again for later ones.

    An exception from `act` rolls everything back, so a refused press may be tried again.
    """
    before = remembering.first(tx, press.key, purpose=press.purpose, launch_id=launch_id, now=now)
    if before is not None:
        return before
    outcome = act()
    remembering.keep(tx, press.key, outcome)
    return outcome


def is_bot() -> bool:
    """Whether something filled the box that people never see."""
    return bool(request.form.get("website"))
