"""An invite's link as it was opened: which launch, which invite, and whether the link itself proves the mailbox."""

from dataclasses import dataclass
from datetime import datetime

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.invite import Invite, by_public_id
from waitlist.models.launch import Launch
from waitlist.queries.invite_page import InvitePage, open_link
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Carrier, Purpose
from waitlist.web.devices import visitor
from waitlist.web.launches import launch_of_token


@dataclass(frozen=True)
class Opened:
    """A validly signed link. `mailed` ones exist only in a mail; the others were copied, printed, typed or scanned."""

    token: str
    mailed: bool
    launch: Launch
    page: InvitePage
    now: datetime

    @property
    def launched(self) -> bool:
        """Whether everybody may come in, so that nobody needs an invite."""
        return self.launch.launched_at is not None and self.launch.launched_at <= self.now


def opened(token: str) -> Opened | None:
    """What the link names now; None for an altered link, or an invite that is gone."""
    read = _read(token)
    if read is None:
        return None
    carrier, mailed = read
    now = clock.now()
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        found = open_link(rx, launch, carrier.row, carrier.version, mailed=mailed, visitor=visitor(launch), now=now)
    return None if found is None else Opened(token, mailed, launch, found, now)


def shown_token(launch: Launch, invite: str, version: int) -> str:
    """The link that proves nothing, for whoever has it."""
    return runtime().tokens.sign(Purpose.INVITE_SHOWN, launch.public_id, invite, version)


def the_invite(tx: Tx, launch: Launch, public_id: str) -> Invite:
    """The row of an invite that was found before: nobody deletes one."""
    invite = one(tx, by_public_id(launch.id, public_id))
    assert invite is not None, public_id
    return invite


def _read(token: str) -> tuple[Carrier, bool] | None:
    for purpose in (Purpose.INVITE_MAILED, Purpose.INVITE_SHOWN):
        try:
            return runtime().tokens.read(purpose, token), purpose is Purpose.INVITE_MAILED
        except BadToken:
            continue
    return None
