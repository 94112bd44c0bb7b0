"""Judging: what the rules in force say of one person, in this transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.gates import parse
from waitlist.gates.answered import PREFIX
from waitlist.gates.answers import Admits, Answer, Fact, Refuses, Trust
from waitlist.gates.denied import Denied
from waitlist.gates.domain import Domain
from waitlist.gates.everyone import Everyone
from waitlist.gates.invited import Invited
from waitlist.gates.listed import Listed
from waitlist.gates.referred import Referred
from waitlist.models.entry import Entry
from waitlist.models.facts import applicant, is_denied
from waitlist.models.launch import Launch, Question, gate_in_force

OF_THE_ADDRESS = {kind.kind for kind in (Everyone, Domain, Listed, Invited, Referred, Denied)}


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
    only: str | None = None,
    entry: Entry | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Answer:
    """The gate's answer as of a proven mailbox: what the address may do once it is confirmed.

    With an entry, all that is known of it counts; `answers` are those of a form, by question id. The deny list beats
    every rule; `overridden` (an admin ticked so for one invite) beats every rule but that and the domain that an
    invite is `only` for.
    """
    if is_denied(tx, launch.id, domain=domain, abuse_key=abuse_key, now=now):
        return Refuses("denied", {})
    if only is not None and domain != only:
        return Refuses("domain_not_allowed", {"domain": domain, "domains": (only,)})
    if overridden:
        return Admits()
    revision = one(tx, gate_in_force(launch.id))
    assert revision is not None, "every launch has rules from its first day"
    facts = applicant(
        tx, launch.id, domain=domain, abuse_key=abuse_key, now=now, mailbox_proven=True, invited=invited,
        referred=referred or (entry is not None and entry.referrer_id is not None),
        entry_id=entry.id if entry is not None and _asks_more(revision.tree) else None,
        told=_said(tx, answers, now) if answers else (),
    )  # fmt: skip
    return parse(revision.tree).answer(facts, now)


def _asks_more(tree: Mapping[str, Any]) -> bool:
    """Whether a rule asks for more than the address and how it came: most do not, and need no further statement."""
    parts = tree.get("gates", [tree["gate"]] if "gate" in tree else [])
    return any(map(_asks_more, parts)) if parts else tree["kind"] not in OF_THE_ADDRESS


def _said(tx: Tx, answers: Mapping[str, Any], now: datetime) -> list[Fact]:
    asked = sa.select(Question.id, Question.key).where(Question.id.in_([int(question) for question in answers]))
    return [
        Fact(PREFIX + row.key, answers[str(row.id)], Trust.ASSERTED, "form", now) for row in tx.execute(asked).all()
    ]
