"""Tagging: the team's words for people."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.entry import locked_in
from waitlist.models.launch import Launch
from waitlist.models.tag import EntryTag
from waitlist.services.recording import record

LONGEST = 40


class BadTag(ValueError):
    """No word, or too long a one."""


class NobodyToTag(Exception):
    """Who was erased has no tags."""


def read(typed: str) -> str:
    """A tag as it is kept: one line, in lower case. Raises BadTag."""
    tag = " ".join(typed.lower().split())
    if not tag or len(tag) > LONGEST or not tag.isprintable():
        raise BadTag(typed)
    return tag


def put(tx: Tx, launch: Launch, entry_id: int, tag: str, *, actor: Actor, now: datetime) -> bool:
    """Give somebody a tag; False where they had it. Raises NobodyToTag."""
    person = one(tx, locked_in(launch.id, entry_id))
    if person is None or person.erased_at is not None:
        raise NobodyToTag
    row = {"entry_id": entry_id, "tag": tag, "launch_id": launch.id, "tagged_at": now, "tagged_by": str(actor)}
    put_now = insert(tx, EntryTag).values(row).on_conflict_do_nothing().returning(EntryTag.tag)
    if tx.execute(put_now).one_or_none() is None:
        return False
    record(tx, "tagging.tagged", launch.id, ("entry", entry_id), actor, now, personal={"tag": tag})
    return True


def take(tx: Tx, launch: Launch, entry_id: int, tag: str, *, actor: Actor, now: datetime) -> bool:
    """Take it off again; False where there was none."""
    here = sa.and_(EntryTag.launch_id == launch.id, EntryTag.entry_id == entry_id, EntryTag.tag == tag)
    if tx.execute(sa.delete(EntryTag).where(here)).rowcount == 0:
        return False
    record(tx, "tagging.untagged", launch.id, ("entry", entry_id), actor, now, personal={"tag": tag})
    return True
