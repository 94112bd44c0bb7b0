"""After the confirmation: to the place it took, with the browser that proved the mailbox remembered."""

from datetime import datetime

import sqlalchemy as sa
from flask import Response, make_response, redirect

from waitlist.actors import person
from waitlist.db import Tx, reading
from waitlist.models.entry import Attempt, Entry
from waitlist.models.launch import Launch
from waitlist.queries import launch_page, openings
from waitlist.queries.attempts import aside
from waitlist.services import confirming, sticking
from waitlist.services.confirming import Confirmed
from waitlist.web import devices
from waitlist.web.pages import page
from waitlist.web.public.paths import answers_path, status_path
from waitlist.web.public.questions import AT_ONCE


def take(tx: Tx, launch: Launch, attempt: Attempt, now: datetime) -> Confirmed:
    """Take the place of an attempt whose mailbox is proven. Raises LinkExpired or LinkReplaced."""
    entry = tx.scalar(sa.select(Entry.public_id).where(Entry.id == attempt.entry_id))
    actor = person(entry or attempt.public_id)
    confirmed = confirming.confirm(tx, launch, attempt.id, actor=actor, now=now)
    # Whom an open stage lets in is in from here on, whatever the rules say later.
    decision = openings.decision_by_rule(tx, launch, confirmed.entry.id, now)
    if decision is not None:
        sticking.stick(tx, launch, confirmed.entry.id, decision, actor=actor, now=now)
    return confirmed


def lead(launch: Launch, attempt_id: int, confirmed: Confirmed) -> Response:
    """Where a press leads that confirmed a place, now or before."""
    entry = confirmed.entry
    with reading() as rx:
        moved_aside = aside(rx, attempt_id)
        later = len(launch_page.questions(rx, launch)) > AT_ONCE
    done = "confirmed" if confirmed.first else "already"
    path = answers_path if later and confirmed.first else status_path
    if moved_aside:
        response = page(
            "public/rules_changed.html",
            status=403,
            state="rules-changed",
            launch=launch,
            private=True,
            email=entry.email,
            place=status_path(launch, entry.public_id, entry.link_version),
        )
    else:
        response = make_response(redirect(path(launch, entry.public_id, entry.link_version, done=done), 303))
    devices.remember(response, launch, entry.public_id)
    return response
