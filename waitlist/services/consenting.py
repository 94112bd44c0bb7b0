"""Consenting: what people may agree to when they join. Other words make a new version; who agreed keeps the old one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, some
from waitlist.models.launch import ConsentText, Launch, consent_texts, locked
from waitlist.services.recording import record


@dataclass(frozen=True)
class Terms:
    """One text as the team writes it, a line of markdown. `key` is None for a new one."""

    key: str | None
    text: str
    required: bool = False


def put(tx: Tx, launch: Launch, terms: Sequence[Terms], *, actor: Actor, now: datetime) -> int:
    """Ask for these from now on, in this order; those left out are retired. Returns how many versions are new."""
    tx.execute(locked(launch.id))
    shown = {row.key: row for row in some(tx, consent_texts(launch.id))}
    kept, new = set(), 0
    for ordinal, term in enumerate(terms, 1):
        present = shown.get(term.key or "")
        if present is not None and present.text == term.text:
            kept.add(present.id)
            light = {"ordinal": ordinal, "required": term.required}
            tx.execute(sa.update(ConsentText).where(ConsentText.id == present.id).values(light))
        else:
            _insert(tx, launch, term, ordinal, present)
            new += 1
    gone = [row.id for row in shown.values() if row.id not in kept]
    tx.execute(sa.update(ConsentText).where(ConsentText.id.in_(gone)).values(retired_at=now))
    data = {"texts": len(terms), "new": new, "retired": len(gone)}
    record(tx, "consenting.put", launch.id, ("launch", launch.id), actor, now, data)
    return new


def _insert(tx: Tx, launch: Launch, term: Terms, ordinal: int, before: ConsentText | None) -> None:
    row = {
        "launch_id": launch.id,
        "key": before.key if before is not None else f"c_{secrets.token_hex(4)}",
        "version": before.version + 1 if before is not None else 1,
        "ordinal": ordinal,
        "text": term.text,
        "required": term.required,
    }
    tx.execute(sa.insert(ConsentText).values(row))
