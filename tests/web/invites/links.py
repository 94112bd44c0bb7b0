"""The links and codes of invites, as mails, cards and copies carry them."""

from __future__ import annotations

from tests.world import World
from waitlist.models.entry import Attempt
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.tokens import Purpose


def mailed(world: World, launch: Launch, invite: Invite, *, version: int | None = None) -> str:
    """The link in the mail: it proves the mailbox."""
    return _link(world, Purpose.INVITE_MAILED, launch, invite, version)


def shown(world: World, launch: Launch, invite: Invite, *, version: int | None = None) -> str:
    """The link that is copied, scanned or typed: it proves nothing."""
    return _link(world, Purpose.INVITE_SHOWN, launch, invite, version)


def typed(world: World, launch: Launch, invite: Invite) -> str:
    return world.runtime.stationery.typed_code(launch.slug, invite.public_id, invite.version)


def digits(world: World) -> str:
    """The six digits of the newest mail that proves a mailbox, as it shows them."""
    attempt = world.rows(Attempt)[-1]
    return world.runtime.stationery.six_digits(attempt.public_id, attempt.version)


def wrong_digits(world: World) -> str:
    return f"{(int(digits(world).replace(' ', '')) + 1) % 1_000_000:06d}"


def proof(world: World, launch: Launch) -> str:
    """The link of the newest mail that proves a mailbox."""
    attempt = world.rows(Attempt)[-1]
    return "/proof/" + world.runtime.tokens.sign(Purpose.PROOF, launch.public_id, attempt.public_id, attempt.version)


def from_member(world: World, launch: Launch, inviter: str, to: str | None = None, **order: object) -> Invite:
    """An invite that a member gives: to an address, or a link."""
    if to is not None:
        address = world.newcomer(launch, to)
        order |= {"to": (address.email, address.email_key, address.abuse_key)}
    return world.issue(launch, source=InviteSource.MEMBER, inviter_id=world.entry(inviter, launch).id, **order)


def _link(world: World, purpose: Purpose, launch: Launch, invite: Invite, version: int | None) -> str:
    row_version = invite.version if version is None else version
    return "/i/" + world.runtime.tokens.sign(purpose, launch.public_id, invite.public_id, row_version)
