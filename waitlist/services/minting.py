"""Minting: codes for many are made together, and taken back together."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.services.inviting import Keys, Order, derived, row_of
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived

CHUNK = 500  # codes in one statement


def mint(tx: Tx, launch: Launch, order: Order, n: int, *, keys: Keys, actor: Actor, now: datetime) -> str:
    """Write `n` open invites for whoever has their code; returns the public id of the batch. Raises LaunchArchived."""
    refuse_archived(tx, launch)
    batch = codes.random_id("bat")
    shared = row_of(launch, replace(order, batch=batch), now) | {"created_by": str(actor)}
    for start in range(0, n, CHUNK):
        rows = [shared | derived(keys, codes.random_id("inv"), 1) for _ in range(start, min(start + CHUNK, n))]
        tx.execute(sa.insert(Invite), rows)
    data = {"batch": batch, "codes": n, "uses": order.uses, "domain": order.domain}
    record(tx, "minting.minted", launch.id, ("launch", launch.id), actor, now, data)
    return batch


def revoke(tx: Tx, launch: Launch, batch: str, *, actor: Actor, now: datetime) -> int:
    """End the codes of a batch that still work; whoever is in stays in. Returns how many."""
    open_ones = sa.and_(Invite.launch_id == launch.id, Invite.batch == batch, Invite.ended_at.is_(None))
    ended = (
        sa.update(Invite)
        .where(open_ones, Invite.expires_at > now)
        .values(ended_at=now, revoked_at=now, revoked_by=str(actor))
    )
    n = tx.execute(ended).rowcount
    if n:
        data = {"batch": batch, "codes": n}
        record(tx, "minting.revoked", launch.id, ("launch", launch.id), actor, now, data)
    return n
