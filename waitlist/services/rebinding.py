"""Rebinding: what is bound to a person's address follows them to another one."""

from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.applying import Mailbox
from waitlist.db import Tx, insert, one, some
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, meant_for
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, Message, MessageState
from waitlist.services import inviting
from waitlist.services.inviting import Keys


def follow(tx: Tx, launch: Launch, entry: Entry, new: Mailbox, *, keys: Keys, now: datetime) -> None:
    """Bind the person's open invites, waiting mails and mail settings to `new`; `entry` still has the old address.

    Each invite gets a new link, sent to the new address; its end date stays. The old link proves the old mailbox only.
    """
    for invite in _open_invites(tx, launch, entry):
        _rebind(tx, launch, invite, new, keys=keys, now=now)
    tx.execute(
        sa.update(Message)
        .where(
            Message.entry_id == entry.id,
            Message.to_key == entry.email_key,
            Message.state == MessageState.QUEUED,
            Message.sealed.is_(None),
            Message.attempt_id.is_(None),  # a mail about proving the old mailbox stays there
        )
        .values(to_address=new.email, to_key=new.email_key)
    )
    _keep_choice(tx, launch, entry, new, now)


def _open_invites(tx: Tx, launch: Launch, entry: Entry) -> list[Invite]:
    bound = meant_for(launch.id, entry.id, [entry.email_key])
    query = (
        sa.select(Invite)
        .where(bound, Invite.ended_at.is_(None), Invite.uses < Invite.max_uses)
        .order_by(Invite.id)
        .with_for_update()
    )
    return list(some(tx, query))


def _rebind(tx: Tx, launch: Launch, invite: Invite, new: Mailbox, *, keys: Keys, now: datetime) -> None:
    version = invite.version + 1
    symbols = codes.derive_code(keys.codes, invite.public_id, version)
    bound = one(
        tx,
        sa.update(Invite)
        .where(Invite.id == invite.id)
        .values(
            email=new.email,
            email_key=new.email_key,
            email_abuse_key=new.abuse_key,
            version=version,
            code_hash=codes.look_up_hash(keys.pepper, symbols),
            code_end=symbols[-4:],
        )
        .returning(Invite),
    )
    assert bound is not None, "the row is locked"
    inviting.send(tx, launch, bound, now=now)


def _keep_choice(tx: Tx, launch: Launch, entry: Entry, new: Mailbox, now: datetime) -> None:
    """Whoever wanted no mail wants none at the new address, unless it has said otherwise itself."""
    wants = tx.scalar(
        sa.select(MailboxChoice.wants).where(
            MailboxChoice.launch_id == launch.id, MailboxChoice.email_key == entry.email_key
        )
    )
    if wants is None:
        return
    statement = insert(tx, MailboxChoice).values(
        public_id=codes.random_id("box"),
        launch_id=launch.id,
        email=new.email,
        email_key=new.email_key,
        wants=wants,
        changed_at=now,
    )
    tx.execute(statement.on_conflict_do_nothing(index_elements=["launch_id", "email_key"]))
