"""What one mail speaks of: its row and the rows around it, each of them kept or forgotten by now."""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TypeVar

import sqlalchemy as sa

from waitlist.db import Base
from waitlist.letters import LETTERS, Class
from waitlist.models.broadcast import Broadcast
from waitlist.models.entry import Attempt, Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.stationery import Stationery

R = TypeVar("R")


class Forgotten(LookupError):
    """A row that this mail speaks of is not kept any more."""


def kept(row: R | None) -> R:
    """The row; raises Forgotten."""
    if row is None:
        raise Forgotten
    return row


def unwritten(noun: type[Base], **values: object) -> SimpleNamespace:
    """A row that is not written: every column, empty where no value is given."""
    return SimpleNamespace(**dict.fromkeys(sa.inspect(noun).columns.keys()) | values)


@dataclass(frozen=True)
class Subject:
    """The rows that one mail speaks of."""

    message: Message
    launch: Launch | None
    entry: Entry | None
    attempt: Attempt | None
    invite: Invite | None
    inviter: Entry | None
    friend: Entry | None
    stationery: Stationery
    now: datetime
    broadcast: Broadcast | None = None

    @property
    def klass(self) -> Class:
        """The class of this mail: whatever is about a member's invite is personal to whom it is for."""
        kind, invite = LETTERS[self.message.kind], self.invite
        sent_by_member = invite is not None and invite.source == InviteSource.MEMBER
        to_friend = invite is not None and invite.email_key == self.message.to_key
        return Class.PERSONAL if kind.klass is Class.OWN and sent_by_member and to_friend else kind.klass

    @property
    def home(self) -> Launch:
        """The launch; every kind but `test` has one."""
        return kept(self.launch)
