"""Devices: a browser that proved a mailbox of a launch knows whose it is, without a session.

The cookie is signed and stateless, set only by the POST that proved the mailbox. It names an entry and signs nobody
in: pages use it to say "you are in line already", and ask for proof again before anything happens.
"""

from flask import Response, request

from waitlist.models.launch import Launch
from waitlist.queries import sign_ins
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose
from waitlist.web.cookies import put, take

DAYS = 90


def remember(response: Response, launch: Launch, entry: str) -> None:
    """Let this browser know whose it is in this launch; `entry` is the public id."""
    put(response, _name(launch), runtime().tokens.sign(Purpose.DEVICE, launch.public_id, entry), days=DAYS)


def visitor(launch: Launch) -> str | None:
    """The public id of the entry that this browser proved in this launch, if any."""
    try:
        carrier = runtime().tokens.read(Purpose.DEVICE, take(_name(launch)))
    except BadToken:
        return None
    return carrier.row if carrier.launch == launch.public_id else None


def words() -> str:
    """What this browser calls itself ("Firefox, Linux"), for a mail that says who asked; "" when it does not say."""
    return sign_ins.device(request.user_agent.string)


def _name(launch: Launch) -> str:
    return f"wl_on-{launch.slug}"
