"""Appealing: somebody whom the rules refuse, or who came too late for a link, asks whoever decides for an invite.

The question stands as an invite that ended before it was sent, so that saying yes is granting a new one.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import person
from waitlist.db import Tx
from waitlist.models.entry import Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import admitting, asking, counting, inviting, reviewing
from waitlist.services.inviting import Keys, Order
from waitlist.services.joining import Application
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived

A_DAY = 3  # questions of one mailbox
MAILS_A_DAY = 20  # to whoever decides; what comes after stands in their list all the same
LONGEST = 500  # characters of a reason


def to_team(tx: Tx, launch: Launch, who: Application, reason: str, *, keys: Keys, now: datetime) -> bool:
    """ "I should have access": the team reads the reason, and a yes lets in whatever the rules say.

    Returns whether a question was written: not for members, the invited, the blocked, who asked already, nor for the
    fourth in a day. The page that follows is the same. Raises LaunchArchived.
    """
    order = Order(InviteSource.ADMIN, to=_to(who), overrides_rules=True, language=who.language)
    return _appeal(tx, launch, who, order, reason, keys=keys, now=now)


def to_member(tx: Tx, launch: Launch, who: Application, link: Invite, *, keys: Keys, now: datetime) -> bool:
    """ "Ask Ada for another": all places on her link are taken, and she is asked, if she lets herself be asked.

    Returns and raises as `to_team` does.
    """
    lets_ask = (Entry.id == link.inviter_id, Entry.asks_welcome, Entry.state == State.JOINED)
    inviter_id = tx.scalar(sa.select(Entry.id).where(*lets_ask))
    if inviter_id is None or link.uses < link.max_uses:
        return False
    if not reviewing.may_be_invited(tx, launch.id, who.email_key, who.abuse_key, now):
        return False
    order = Order(InviteSource.MEMBER, to=_to(who), inviter_id=inviter_id, language=who.language)
    return _appeal(tx, launch, who, order, "", keys=keys, now=now)


def _appeal(tx: Tx, launch: Launch, who: Application, order: Order, reason: str, *, keys: Keys, now: datetime) -> bool:
    refuse_archived(tx, launch)
    if is_denied(tx, launch.id, domain=who.domain, abuse_key=who.abuse_key, now=now):
        return False
    if admitting.inside(tx, launch.id, who.email_key) is not None:
        return False
    if reviewing.open_invite_to(tx, launch.id, who.email_key, now) is not None or _asks_already(tx, launch, who, order):
        return False
    day = timedelta(days=1)
    if not counting.claim(tx, "appeal", f"{launch.id}:{who.abuse_key}", limit=A_DAY, window=day, now=now):
        return False
    public_id = codes.random_id("inv")
    actor = person(public_id)  # nobody is known yet but by what they ask for
    invite = inviting.unsent(tx, launch, order, public_id=public_id, keys=keys, actor=actor, now=now)
    tx.execute(sa.update(Invite).where(Invite.id == invite.id).values(appeal=reason[:LONGEST]))
    decides = f"{launch.id}:{order.inviter_id or 'team'}"
    if counting.claim(tx, "appeal-mail", decides, limit=MAILS_A_DAY, window=day, now=now):
        asking.tell_decider(tx, launch, invite, now)
    record(tx, "appealing.asked", launch.id, ("invite", invite.id), actor, now, {"source": order.source})
    return True


def _to(who: Application) -> tuple[str, str, str]:
    return who.email, who.email_key, who.abuse_key


def _asks_already(tx: Tx, launch: Launch, who: Application, order: Order) -> bool:
    waits = sa.and_(Invite.asked_at.is_not(None), Invite.asked_answer_at.is_(None), Invite.revoked_at.is_(None))
    same = (Invite.source == order.source, Invite.inviter_id.is_not_distinct_from(order.inviter_id))
    found = sa.select(Invite.id).where(Invite.launch_id == launch.id, Invite.email_key == who.email_key, *same, waits)
    return tx.scalar(found.limit(1)) is not None
