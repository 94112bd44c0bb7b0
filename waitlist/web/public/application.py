"""The join form as it was sent: an address, a name, answers and a code, checked before anything is opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext

from waitlist import addresses
from waitlist.addresses import Address, BadAddress
from waitlist.applying import hashed
from waitlist.i18n import number, page_locale
from waitlist.models.launch import MAIN, Launch
from waitlist.queries.launch_page import Asked, Terms
from waitlist.runtime import runtime
from waitlist.services.joining import Application
from waitlist.web import first_touch
from waitlist.web.public import questions as fields
from waitlist.web.wording import say

LONGEST_NAME = 120
Fault = tuple[str, str]  # field id, message


@dataclass(frozen=True)
class Said:
    """What was typed. `address` is None where it is none; `faults` then says why, beside the other fields' faults."""

    address: Address | None
    name: str = ""
    slug: str = ""  # of the friend's link
    answers: dict[str, Any] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)  # key of a text -> its version
    faults: tuple[Fault, ...] = ()
    kept: bool = False  # the person was asked whether the address is as meant, and said so


def read(launch: Launch, asked: Sequence[Asked], terms: Sequence[Terms], now: datetime) -> Said:
    """The form of this request. More than three questions are asked later, so they are not looked for here."""
    kept = request.form.get("address", "")
    address, faults = read_address(kept or request.form.get("email", ""))
    name, too_long = read_name()
    slug, wrong_code = _slug(launch, now)
    answers, wrong_answers = fields.read(asked, request.form) if len(asked) <= fields.AT_ONCE else ({}, [])
    agreed, missing = fields.agreed(terms, request.form)
    wrong = (*faults, *too_long, *wrong_code, *wrong_answers, *missing)
    return Said(address, name, slug, answers, agreed, wrong, kept=bool(kept))


def read_address(typed: str) -> tuple[Address | None, list[Fault]]:
    """One address field, `email`."""
    try:
        return addresses.canon(typed), []
    except BadAddress as fault:
        params = {name: number(value) if isinstance(value, int) else value for name, value in fault.params.items()}
        return None, [("email", say(fault.code, params))]


def read_name() -> tuple[str, list[Fault]]:
    """The field `name`, on one line and without what cannot be seen."""
    name = " ".join("".join(filter(str.isprintable, request.form.get("name", "").replace("\t", " "))).split())
    if len(name) <= LONGEST_NAME:
        return name, []
    return name, [("name", gettext("Full name must be %(limit)s characters or less", limit=number(LONGEST_NAME)))]


def application(launch: Launch, said: Said, now: datetime, *, line: str = MAIN) -> Application:
    """What the verb gets, hashed and drawn here, outside its transaction."""
    assert said.address is not None, "a form without an address was refused"
    touch = first_touch.remembered(launch, now)
    return Application(
        **hashed(said.address, salt=launch.salt, pepper=runtime().secrets.pepper),
        language=str(page_locale()),
        name=said.name,
        referral_slug=said.slug or None,
        answers=said.answers,
        consents=said.agreed,
        first_touch=touch.as_row(),
        line=line,
    )


def mailbox(launch: Launch, address: Address) -> Application:
    """An address alone, for verbs that only ask whose mailbox it is."""
    return Application(
        **hashed(address, salt=launch.salt, pepper=runtime().secrets.pepper), language=str(page_locale())
    )


def _slug(launch: Launch, now: datetime) -> tuple[str, list[Fault]]:
    """A typed code counts before everything, then who came first, then what the page carried."""
    slug, faulty = first_touch.read(request.form.get("referral_code", ""))
    if faulty:
        return "", [("referral_code", gettext("Check the code: one character looks wrong"))]
    carried, _ = first_touch.read(request.form.get("ref", ""))
    return slug or first_touch.remembered(launch, now).slug or carried, []


def timed_out() -> list[Fault]:
    """What a form says that stood open for too long."""
    return [("email", gettext("Your session timed out. Check your answers and send again."))]
