"""Judging: what the rules in force say of one person, in this transaction."""

from datetime import datetime

from waitlist.db import Tx, one
from waitlist.gates import parse
from waitlist.gates.answers import Admits, Answer, Refuses
from waitlist.models.facts import applicant, is_denied
from waitlist.models.launch import Launch, gate_in_force


def answer_for(
    tx: Tx,
    launch: Launch,
    *,
    domain: str,
    abuse_key: str,
    now: datetime,
    referred: bool = False,
    invited: bool = False,
    overridden: bool = False,
) -> Answer:
    """The gate's answer as of a proven mailbox: what the address may do once it is confirmed.

    The deny list beats every rule; `overridden` (an admin ticked so for one invite) beats every rule but that.
    """
    if is_denied(tx, launch.id, domain=domain, abuse_key=abuse_key, now=now):
        return Refuses("denied", {})
    if overridden:
        return Admits()
    revision = one(tx, gate_in_force(launch.id))
    assert revision is not None, "every launch has rules from its first day"
    facts = applicant(
        tx,
        launch.id,
        domain=domain,
        abuse_key=abuse_key,
        now=now,
        mailbox_proven=True,
        referred=referred,
        invited=invited,
    )
    return parse(revision.tree).answer(facts, now)
