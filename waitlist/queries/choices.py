"""Choices: what one mailbox wants from a launch, with the place of its person if there is one."""

from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch, PlacesShown
from waitlist.models.message import MailboxChoice
from waitlist.models.rank import place_of


@dataclass(frozen=True)
class Choices:
    """E-mail settings. `entry_id` is None for people who only got an invite; `place` where it may be shown."""

    choice: str  # public id
    email: str
    wants: str
    can_undo: bool
    do_not_invite: bool
    entry_id: int | None
    entry: str | None  # public id
    link_version: int | None
    in_line: bool  # could leave the line
    place: int | None
    digest: bool
    show_on_board: bool


def choices(tx: Tx, launch: Launch, choice_public_id: str) -> Choices | None:
    """The settings behind a settings link, or None where this launch has no such mailbox."""
    row = tx.execute(
        sa.select(
            MailboxChoice,
            Entry.id.label("entry_id"),
            Entry.public_id.label("entry"),
            Entry.link_version,
            Entry.state,
            Entry.show_on_board,
        )
        .outerjoin(
            Entry, sa.and_(Entry.launch_id == MailboxChoice.launch_id, Entry.email_key == MailboxChoice.email_key)
        )
        .where(MailboxChoice.launch_id == launch.id, MailboxChoice.public_id == choice_public_id)
    ).one_or_none()
    if row is None:
        return None
    exact = row.entry_id is not None and launch.places_shown == PlacesShown.EXACT
    return Choices(
        choice=row.public_id,
        email=row.email,
        wants=row.wants,
        can_undo=row.wanted_before is not None,
        do_not_invite=row.do_not_invite_at is not None,
        entry_id=row.entry_id,
        entry=row.entry,
        link_version=row.link_version,
        in_line=row.state in (State.WAITING, State.INVITED, State.LAPSED),
        place=place_of(tx, row.entry_id) if exact else None,
        digest=row.digest,
        show_on_board=bool(row.show_on_board),
    )
