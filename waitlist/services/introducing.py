"""Introducing: how a person is shown to friends. Nobody sees a name until its person says so."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.services.recording import record


def introduce(
    tx: Tx,
    launch: Launch,
    entry_id: int,
    *,
    name: str,
    shown: bool,
    on_board: bool | None = None,
    actor: Actor,
    now: datetime,
) -> Entry:
    """Keep the name, whether friends may see its short form, and whether the leaderboard shows it as typed.

    Without a name there is nothing to show. `on_board` None leaves that choice as it is.
    """
    entry = one(
        tx,
        sa.update(Entry)
        .where(Entry.id == entry_id, Entry.launch_id == launch.id)
        .values(name=name, share_name=shown and bool(name), **({} if on_board is None else {"show_on_board": on_board}))
        .returning(Entry),
    )
    assert entry is not None, "the private link named this entry"
    data = {"shown": entry.share_name, "on_board": entry.show_on_board}
    record(tx, "introducing.introduced", launch.id, ("entry", entry.id), actor, now, data, personal={"name": name})
    return entry


def on_board(tx: Tx, launch: Launch, entry_id: int, *, shown: bool, actor: Actor, now: datetime) -> None:
    """Show the name on the leaderboard, or an animal's instead; the same choice twice is one."""
    here = sa.and_(Entry.id == entry_id, Entry.launch_id == launch.id, Entry.show_on_board != shown)
    changed = tx.scalar(sa.update(Entry).where(here).values(show_on_board=shown).returning(Entry.id))
    if changed is not None:
        record(tx, "introducing.shown", launch.id, ("entry", entry_id), actor, now, {"on_board": shown})


def speak(tx: Tx, launch: Launch, entry_id: int, language: str, *, actor: Actor, now: datetime) -> None:
    """Write to this person in another language from now on; the same choice twice is one."""
    here = sa.and_(Entry.id == entry_id, Entry.launch_id == launch.id, Entry.language != language)
    changed = tx.scalar(sa.update(Entry).where(here).values(language=language).returning(Entry.id))
    if changed is not None:
        record(tx, "introducing.spoken", launch.id, ("entry", entry_id), actor, now, {"language": language})


def let_ask(tx: Tx, launch: Launch, entry_id: int, *, welcome: bool, actor: Actor, now: datetime) -> None:
    """Whether somebody who came too late for a member's link may ask them for another; the same choice twice is one."""
    here = sa.and_(Entry.id == entry_id, Entry.launch_id == launch.id, Entry.asks_welcome != welcome)
    changed = tx.scalar(sa.update(Entry).where(here).values(asks_welcome=welcome).returning(Entry.id))
    if changed is not None:
        record(tx, "introducing.let_ask", launch.id, ("entry", entry_id), actor, now, {"welcome": welcome})
