"""Forgetting: a person is erased at once, and the node they were stays, so nobody else's count or chain changes.

What stays: an entry without a name, an address or an answer, with its number, its state and its place in the tree; and
two keyed hashes, each for its own reason: one for 90 days so that nobody is credited twice for the same friend, one for
as long as the launch lives where the person asked never to be written to again.
"""

import secrets
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.entry import DIRECT, ERASED, Entry, locked_in
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, key_of_hash
from waitlist.services import posting, removing, seating
from waitlist.services.forgetting import scrubbing
from waitlist.services.recording import record

TICKET_BITS = 63


class NobodyToErase(LookupError):
    """No such person in this launch."""


def erase(tx: Tx, launch: Launch, entry_id: int, *, never_again: bool, actor: Actor, now: datetime) -> bool:
    """Take everything personal off every row of this person; True the first time, False when it was done before.

    What they hold ends by the verbs that end it: the place, offers, the seat, sessions, invites they gave. Whoever
    brought them keeps the credit. `never_again`: they want no more mail, not even an invite; whoever said so in their
    e-mail settings need not say it again. One last mail tells them. Raises NobodyToErase.
    """
    seating.lock(tx, launch.id)  # the lock order: seat, invites, entry
    removing.end_given(tx, launch, entry_id, actor=actor, now=now)
    with suppress(removing.AlreadyRemoved):
        removing.remove(tx, launch, entry_id, reason="erased", abuse=False, actor=actor, now=now)
    entry = one(tx, locked_in(launch.id, entry_id))
    if entry is None:
        raise NobodyToErase(entry_id)
    if entry.erased_at is not None:
        return False
    traces = scrubbing.traces_of(tx, entry)
    quiet = never_again or scrubbing.wanted_silence(tx, traces)
    scrubbing.scrub(tx, traces, now=now)
    tx.execute(sa.update(Entry).where(Entry.id == entry.id).values(_nobody(entry, now)))
    if quiet:
        _stay_silent(tx, launch, entry, now)
    if entry.confirmed_no is not None:  # an address that was never proven may be a stranger's
        about, said = {"launch_id": launch.id}, {"quiet": quiet}
        posting.enqueue(tx, "erased", entry.public_id, posting.to(entry), now, about=about, params=said)
    record(tx, "forgetting.erased", launch.id, ("entry", entry.id), actor, now, {"quiet": quiet})
    return True


def _nobody(entry: Entry, now: datetime) -> dict[str, Any]:
    anonymous = f"~{entry.public_id}"
    return {
        "email": ERASED,
        "email_key": anonymous,
        "email_abuse_key": anonymous,
        "domain": "",
        "name": "",
        "slug": codes.random_slug(),
        "external_id": None,
        "link_version": Entry.link_version + 1,
        "state_before": None,
        # A ticket is drawn from the address: whoever holds the launch's salt could try addresses on it.
        "ticket": secrets.randbits(TICKET_BITS),
        "arm_ticket": secrets.randbits(TICKET_BITS),
        "first_touch": None,
        "source": DIRECT,
        "share_name": False,
        "show_on_board": False,
        "vip": False,
        "note": "",
        "allowance_left": 0,
        "erased_at": now,
    }


def _stay_silent(tx: Tx, launch: Launch, entry: Entry, now: datetime) -> None:
    row = {
        "public_id": codes.random_id("box"),
        "launch_id": launch.id,
        "email": "",
        "email_key": key_of_hash(entry.email_abuse_key),
        "wants": "nothing",
        "do_not_invite_at": now,
        "changed_at": now,
    }
    statement = insert(tx, MailboxChoice).values(row)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["launch_id", "email_key"]))
