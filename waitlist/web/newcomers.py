"""Newcomers: a mailbox that was typed or proven, as the verbs take it."""

from waitlist import applying
from waitlist.addresses import Address, canon
from waitlist.i18n import page_locale
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services.admitting import Newcomer


def newcomer(launch: Launch, address: Address, *, language: str | None = None) -> Newcomer:
    """The address hashed and drawn for this launch; its language is the page's unless one is known."""
    hashed = applying.hashed(address, salt=launch.salt, pepper=runtime().secrets.pepper)
    return Newcomer(**hashed, language=language or str(page_locale()))


def known(launch: Launch, email: str, *, language: str | None = None) -> Newcomer:
    """The same for an address that a row holds."""
    return newcomer(launch, canon(email), language=language)
