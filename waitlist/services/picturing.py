"""Picturing: the face of a launch page, its logo, picture, colour and the questions people ask."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert
from waitlist.models.launch import Launch, locked
from waitlist.models.picture import Picture
from waitlist.pictures import Encoded
from waitlist.services.recording import record


def put(tx: Tx, launch: Launch, role: str, picture: Encoded, alt: str, *, actor: Actor, now: datetime) -> str:
    """Show this as the launch's `role` ("logo" or "picture") from now on; returns its hash."""
    digest = hashlib.sha256(picture.data).hexdigest()[:32]
    row = {
        "launch_id": launch.id,
        "hash": digest,
        "mime": picture.mime,
        "width": picture.width,
        "height": picture.height,
        "data": picture.data,
        "made_at": now,
        "made_by": str(actor),
    }
    tx.execute(insert(tx, Picture).values(row).on_conflict_do_nothing())
    _change(tx, launch, {f"{role}_hash": digest, f"{role}_alt": alt}, actor=actor, now=now)
    return digest


def take_away(tx: Tx, launch: Launch, role: str, *, actor: Actor, now: datetime) -> None:
    """Show none; the data goes as soon as nothing shows it."""
    _change(tx, launch, {f"{role}_hash": None, f"{role}_alt": ""}, actor=actor, now=now)


def answer(tx: Tx, launch: Launch, faq: Sequence[tuple[str, str]], *, actor: Actor, now: datetime) -> None:
    """The questions people ask, each with its answer in markdown, in this order."""
    _change(tx, launch, {"faq": [list(pair) for pair in faq]}, actor=actor, now=now)


def colour(tx: Tx, launch: Launch, accent: str | None, *, actor: Actor, now: datetime) -> None:
    """The brand's colour as #rrggbb; None for the one every launch has."""
    _change(tx, launch, {"accent": accent}, actor=actor, now=now)


def _change(tx: Tx, launch: Launch, values: dict[str, object], *, actor: Actor, now: datetime) -> None:
    tx.execute(locked(launch.id))
    tx.execute(sa.update(Launch).where(Launch.id == launch.id).values(**values))
    shown = sa.select(Launch.logo_hash).where(Launch.id == launch.id, Launch.logo_hash.is_not(None))
    also = sa.select(Launch.picture_hash).where(Launch.id == launch.id, Launch.picture_hash.is_not(None))
    tx.execute(
        sa.delete(Picture).where(Picture.launch_id == launch.id, Picture.hash.not_in(shown), Picture.hash.not_in(also))
    )
    record(tx, "picturing.changed", launch.id, ("launch", launch.id), actor, now, {"changed": sorted(values)})
