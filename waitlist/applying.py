"""Applying: an address as the rows keep it, hashed and drawn for one launch, outside of any transaction.

Forms, the API, the commands and the import make the same values here:

    joining.Application(**applying.hashed(address, salt=launch.salt, pepper=pepper), language="en")
"""

from typing import Protocol, TypedDict

from waitlist.addresses import Address, abuse_key, ticket


class Mailbox(Protocol):
    """An address with its keys. Applications and newcomers are."""

    @property
    def email(self) -> str: ...
    @property
    def email_key(self) -> str: ...
    @property
    def abuse_key(self) -> str: ...
    @property
    def domain(self) -> str: ...


class Drawn(Mailbox, Protocol):
    """A mailbox with its two numbers in a launch's draw."""

    @property
    def ticket(self) -> int: ...
    @property
    def arm_ticket(self) -> int: ...


class Hashed(TypedDict):
    """What an application, a newcomer or an imported row says of its mailbox."""

    email: str
    email_key: str
    domain: str
    abuse_key: str
    ticket: int
    arm_ticket: int


def hashed(address: Address, *, salt: str, pepper: bytes) -> Hashed:
    """The columns of an address in the launch with this salt (hex). The two tickets are independent draws."""
    drawn = bytes.fromhex(salt)
    return {
        "email": address.email,
        "email_key": address.key,
        "domain": address.domain,
        "abuse_key": abuse_key(address.mailbox, pepper),
        "ticket": ticket(address.mailbox, drawn, "wave"),
        "arm_ticket": ticket(address.mailbox, drawn, "arm"),
    }
