"""Broadcasting: the team writes to many people. They are fixed when it is drafted, counted, and written to once each.

A broadcast of any size goes on in the worker, chunk by chunk, once the minutes are over in which it can be undone.
Whoever unsubscribed, bounced or left meanwhile is left out, and the row says why.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import WORKER, Actor
from waitlist.db import Tx, one, some
from waitlist.models import launch as launches
from waitlist.models.broadcast import Broadcast, BroadcastMember, BroadcastState, why_not
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.looking import Filter, matching
from waitlist.models.message import Message, MessageState
from waitlist.services import posting, sending
from waitlist.services.recording import record
from waitlist.variables import variables_of
from waitlist.words import Words, faults

CHUNK = 200
LEAVING = (MessageState.QUEUED, MessageState.LEASED, MessageState.TRANSMITTING)
UNDERWAY = (BroadcastState.HOLDING, BroadcastState.SENDING, BroadcastState.PAUSED)


class NobodyChosen(Exception):
    """Nobody of this launch is among them."""


class WrongState(Exception):
    """Somebody pressed before, or changed what was looked at."""


def draft(
    tx: Tx, launch: Launch, who: Filter | Sequence[int], *, audience: str = "", actor: Actor, now: datetime
) -> Broadcast:
    """Fix the people: everyone a filter finds, or these ids, in the order of the line. Raises NobodyChosen."""
    row = {"public_id": codes.random_id("brd"), "launch_id": launch.id, "audience": audience, "total": 0}
    row |= {"state": BroadcastState.DRAFT, "created_at": now, "created_by": str(actor)}
    broadcast_id = tx.execute(sa.insert(Broadcast).values(row).returning(Broadcast.id)).scalar_one()
    where = (
        matching(tx, launch.id, who) if isinstance(who, Filter) else [Entry.launch_id == launch.id, Entry.id.in_(who)]
    )
    order = (Entry.rank_key.is_(None), Entry.rank_key, Entry.id)
    people = sa.select(sa.literal(broadcast_id), sa.func.row_number().over(order_by=order), Entry.id).where(*where)
    tx.execute(sa.insert(BroadcastMember).from_select(["broadcast_id", "position", "entry_id"], people))
    total = tx.scalar(sa.select(sa.func.count()).where(BroadcastMember.broadcast_id == broadcast_id)) or 0
    if total == 0:
        raise NobodyChosen
    made = one(tx, sa.update(Broadcast).where(Broadcast.id == broadcast_id).values(total=total).returning(Broadcast))
    assert made is not None, "it was just inserted"
    record(tx, "broadcasting.drafted", launch.id, ("broadcast", made.id), actor, now, {"people": total})
    return made


def write(
    tx: Tx, broadcast: Broadcast, words: Mapping[str, Words], agreed: str | None, *, actor: Actor, now: datetime
) -> Broadcast:
    """Set the words of a draft, by language, and whose agreement it asks for. Raises WrongState, ValueError."""
    if any(faults(said, variables_of("broadcast")) for said in words.values()):
        raise ValueError("these words could stop a mail")
    said = {
        language: {"subject": part.subject, "preheader": part.preheader, "body": part.body}
        for language, part in words.items()
    }
    values = {"words": said, "agreed": agreed, "revision": broadcast.revision + 1}
    same = Broadcast.revision == broadcast.revision
    return _step(tx, broadcast, "written", (BroadcastState.DRAFT,), actor, now, values, same)


def confirm(tx: Tx, broadcast: Broadcast, *, hold: timedelta, actor: Actor, now: datetime) -> Broadcast:
    """Send it once `hold` is over, as it was looked at. Raises WrongState when it was pressed or changed before."""
    seen = sa.and_(Broadcast.revision == broadcast.revision, Broadcast.confirmed_at.is_(None))
    values = {"state": BroadcastState.HOLDING, "due_at": now + hold, "confirmed_at": now, "confirmed_by": str(actor)}
    return _step(tx, broadcast, "confirmed", (BroadcastState.DRAFT,), actor, now, values, seen)


def undo(tx: Tx, broadcast: Broadcast, *, actor: Actor, now: datetime) -> Broadcast:
    """Back to a draft while nothing was sent. Raises WrongState."""
    values = {"state": BroadcastState.DRAFT, "due_at": None, "confirmed_at": None, "confirmed_by": None}
    return _step(tx, broadcast, "undone", (BroadcastState.HOLDING,), actor, now, values)


def pause(tx: Tx, broadcast: Broadcast, *, actor: Actor, now: datetime) -> Broadcast:
    """Nobody else is written to, and what is queued waits, until it is resumed. Raises WrongState."""
    return _step(tx, broadcast, "paused", (BroadcastState.SENDING,), actor, now, {"state": BroadcastState.PAUSED})


def resume(tx: Tx, broadcast: Broadcast, *, actor: Actor, now: datetime) -> Broadcast:
    """Go on. Raises WrongState."""
    return _step(tx, broadcast, "resumed", (BroadcastState.PAUSED,), actor, now, {"state": BroadcastState.SENDING})


def stop(tx: Tx, broadcast: Broadcast, *, actor: Actor, now: datetime) -> Broadcast:
    """End it: whose mail has not left gets none. Raises WrongState."""
    values = {"state": BroadcastState.STOPPED, "ended_at": now}
    stopped = _step(tx, broadcast, "stopped", UNDERWAY, actor, now, values)
    rest = sa.update(BroadcastMember).where(
        BroadcastMember.broadcast_id == stopped.id, BroadcastMember.outcome == "planned"
    )
    tx.execute(rest.values(outcome="stopped"))
    sending.cancel(tx, Message.broadcast_id == stopped.id, why="The broadcast was stopped.", now=now)
    return stopped


def going(rx: Tx, now: datetime) -> Sequence[Broadcast]:
    """What is to be sent now, of any launch."""
    due = sa.and_(Broadcast.state == BroadcastState.HOLDING, Broadcast.due_at <= now)
    return some(rx, sa.select(Broadcast).where(sa.or_(Broadcast.state == BroadcastState.SENDING, due)))


def go_on(tx: Tx, launch: Launch, broadcast_id: int, *, now: datetime) -> bool:
    """Write to the next chunk of people; True when there are more."""
    tx.execute(launches.locked(launch.id))  # two workers cannot write to the same people
    begun = (Broadcast.id == broadcast_id, Broadcast.state == BroadcastState.HOLDING, Broadcast.due_at <= now)
    tx.execute(sa.update(Broadcast).where(*begun).values(state=BroadcastState.SENDING))
    broadcast = one(tx, sa.select(Broadcast).where(Broadcast.id == broadcast_id).with_for_update())
    if broadcast is None or broadcast.state != BroadcastState.SENDING:
        return False
    people = _next(tx, broadcast)
    mails = [_mail(launch, broadcast, person) for person in people if not person.why]
    posting.enqueue_all(tx, "broadcast", mails, now)
    for why in sorted({person.why for person in people}):
        ids = [person.id for person in people if person.why == why]
        mine = (BroadcastMember.broadcast_id == broadcast_id, BroadcastMember.entry_id.in_(ids))
        values = {"outcome": "skipped", "why": why} if why else {"outcome": "written"}
        tx.execute(sa.update(BroadcastMember).where(*mine).values(values))
    if len(people) == CHUNK:
        return True
    if tx.scalar(sa.select(sa.exists().where(Message.broadcast_id == broadcast_id, Message.state.in_(LEAVING)))):
        return False  # what waits for its turn can still be paused and stopped
    over = {"state": BroadcastState.DONE, "ended_at": now}
    _step(tx, broadcast, "done", (BroadcastState.SENDING,), WORKER, now, over)
    return False


def _next(tx: Tx, broadcast: Broadcast) -> Sequence[Any]:
    query = (
        sa.select(
            Entry.id, Entry.public_id, Entry.email, Entry.email_key, Entry.language,
            why_not(broadcast.launch_id, broadcast.agreed).label("why"),
        )
        .join(BroadcastMember, BroadcastMember.entry_id == Entry.id)
        .where(BroadcastMember.broadcast_id == broadcast.id, BroadcastMember.outcome == "planned")
        .order_by(BroadcastMember.position)
        .limit(CHUNK)
    )  # fmt: skip
    return tx.execute(query).all()


def _mail(launch: Launch, broadcast: Broadcast, person: Any) -> posting.Mail:
    """In the person's language where it was written, else in the launch's."""
    language = person.language if person.language in broadcast.words else launch.language
    language = language if language in broadcast.words else next(iter(broadcast.words))
    about = {"launch_id": launch.id, "entry_id": person.id, "broadcast_id": broadcast.id}
    to = posting.To(person.email, person.email_key, language)
    return posting.Mail(f"{broadcast.public_id}:{person.public_id}", to, about)


def _step(
    tx: Tx,
    broadcast: Broadcast,
    verb: str,
    states: Sequence[BroadcastState],
    actor: Actor,
    now: datetime,
    values: Mapping[str, object],
    *also: sa.ColumnElement[bool],
) -> Broadcast:
    # One conditional UPDATE, so that of two presses one finds it possible.
    possible = (Broadcast.id == broadcast.id, Broadcast.state.in_(states), *also)
    changed = one(tx, sa.update(Broadcast).where(*possible).values(dict(values)).returning(Broadcast))
    if changed is None:
        raise WrongState(verb)
    data = {"broadcast": changed.public_id, "people": changed.total}
    record(tx, f"broadcasting.{verb}", changed.launch_id, ("broadcast", changed.id), actor, now, data)
    return changed
