"""Letters: every kind of mail, who may stop it, and what one letter holds before it is rendered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from waitlist.words import Words


class Class(StrEnum):
    """How a mail relates to its reader, which decides what holds it back and which headers it carries."""

    ASKED = "T"  # asked for by the person just now: a code, a link, a receipt
    OWN = "N"  # about the person's own place or invite
    PERSONAL = "N*"  # a member wrote to somebody who asked for nothing
    SUBSCRIBED = "S"  # news and digests


@dataclass(frozen=True)
class Kind:
    """One kind of mail. Its templates are `mail/<name>.subject.txt`, `.txt` and `.html`."""

    name: str
    klass: Class
    version: int = 1  # of the template, for the X-Waitlist-Template header
    brings_invite: bool = False  # waits while the launch is paused: no invites leave then
    tests: str = ""  # the kind that it is an example of, for the team
    last: bool = False  # its reader is forgotten: no e-mail settings are made for the address

    @property
    def priority(self) -> int:
        """0 for what a person waits for right now; it never queues behind a wave."""
        return 0 if self.klass is Class.ASKED else 1

    @property
    def unsubscribes(self) -> bool:
        """Whether it carries the List-Unsubscribe headers."""
        return self.klass is not Class.ASKED


LETTERS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("confirm", Class.ASKED),
        Kind("in_line", Class.OWN),
        Kind("already_in_line", Class.ASKED),
        Kind("interest_joined", Class.ASKED),
        Kind("interest_open", Class.OWN),
        Kind("seat_free", Class.OWN, brings_invite=True),
        Kind("friend_joined", Class.OWN),
        Kind("invite", Class.OWN, brings_invite=True),
        Kind("invite_reminder", Class.OWN, brings_invite=True),
        Kind("invite_ended", Class.OWN),
        Kind("invite_withdrawn", Class.OWN),
        Kind("member_invite", Class.PERSONAL, brings_invite=True),
        Kind("invite_accepted", Class.OWN),
        Kind("invite_unused", Class.OWN),
        Kind("invite_asked", Class.OWN),
        Kind("report_news", Class.OWN),
        Kind("sign_in", Class.ASKED),
        Kind("proof", Class.ASKED),
        Kind("change_confirm", Class.ASKED),
        Kind("change_notice", Class.ASKED),
        Kind("team_invite", Class.ASKED),
        Kind("team_alert", Class.ASKED),
        Kind("wave_news", Class.OWN),
        Kind("data_ready", Class.ASKED),
        Kind("erased", Class.ASKED, last=True),
        Kind("place_digest", Class.SUBSCRIBED),
        Kind("broadcast", Class.SUBSCRIBED),
        Kind("wave_test", Class.ASKED, tests="invite"),
        Kind("words_test", Class.ASKED),
        Kind("test", Class.ASKED),
    )
}
URGENT = frozenset(name for name, kind in LETTERS.items() if kind.priority == 0)
LAST = frozenset(name for name, kind in LETTERS.items() if kind.last)
BRING_INVITES = frozenset(name for name, kind in LETTERS.items() if kind.brings_invite)


@dataclass(frozen=True)
class Choices:
    """What a mailbox wants from a launch, and what the host learned of it."""

    wants: str = "all"  # all, place, nothing
    no_invites: bool = False
    bounced: bool = False


def held_because(klass: Class, choices: Choices) -> str:
    """Why a mail of this class may not leave, in a sentence for the outbox; "" when nothing stops it.

    What a person asks for just now is always tried: a bounced mailbox may work again, and five a day is the limit.
    """
    if klass is Class.ASKED:
        return ""
    if choices.bounced:
        return "The address bounced."
    if choices.wants == "nothing":
        return "Unsubscribed from everything."
    if choices.wants == "place" and klass is Class.SUBSCRIBED:
        return "Wants mail about the own place only."
    if choices.no_invites and klass is Class.PERSONAL:
        return "Asked not to be invited."
    return ""


@dataclass(frozen=True)
class Letter:
    """Everything one mail says, as plain values: templates never see a row, a setting or a request."""

    kind: Kind
    public_id: str
    message_id: str  # the part of the Message-ID before the @
    to_address: str
    language: str
    date: datetime
    sender_name: str
    reply_to: str
    tz: str = "UTC"
    unsubscribe_url: str | None = None
    list_id: str | None = None  # "Campus <campus.join.example>", of what people subscribed to
    facts: dict[str, Any] = field(default_factory=dict)
    words: Words | None = None  # the team's own; None: those of the templates
    tests: str = ""  # the kind that it is a test of, and is written like

    @property
    def written_as(self) -> str:
        """The name of its templates."""
        return self.tests or self.kind.name

    @property
    def template(self) -> str:
        """What it is written by, for its header: "invite/1", and "invite/1+3" by the third version of own words."""
        own = f"+{self.words.version}" if self.words is not None and self.words.version else ""
        return f"{self.kind.name}/{self.kind.version}{own}"
