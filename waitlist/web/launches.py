"""Finding the launch that an address names."""

from datetime import datetime

import sqlalchemy as sa
from flask import abort, current_app

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.gates import parse
from waitlist.models.launch import Launch, by_public_id, by_slug, gate_in_force

REMEMBERED_SECONDS = 30


def launch_or_404(tx: Tx, slug: str) -> Launch:
    """The launch at this address; answers 404 where there is none or it was archived."""
    launch = one(tx, by_slug(slug))
    if launch is None or launch.archived_at is not None:
        abort(404, "launch")
    return launch


def launch_of_token(tx: Tx, public_id: str) -> Launch:
    """The launch that a signed carrier names; answers 404 where it is gone."""
    launch = one(tx, by_public_id(public_id))
    if launch is None:
        abort(404, "launch")
    return launch


def launch_by_id(tx: Tx, launch_id: int) -> Launch:
    """The launch of a row that names one."""
    launch = one(tx, sa.select(Launch).where(Launch.id == launch_id))
    assert launch is not None, "the foreign key says so"
    return launch


def has_domain_rule(slug: str) -> bool:
    """Whether a launch is for certain mailboxes only; remembered for half a minute, since every press asks."""
    remembered: dict[str, tuple[datetime, bool]] = current_app.extensions.setdefault("waitlist.domain_rules", {})
    now = clock.now()
    known = remembered.get(slug)
    if known is not None and (now - known[0]).total_seconds() < REMEMBERED_SECONDS:
        return known[1]
    with reading() as rx:
        launch_id = rx.scalar(sa.select(Launch.id).where(Launch.slug == slug))
        revision = one(rx, gate_in_force(launch_id)) if launch_id is not None else None
    found = revision is not None and parse(revision.tree).needs_mailbox
    remembered[slug] = now, found
    return found
