"""What is known of a person, gathered for the gates: one applicant from the rows that hold the facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, UTCDateTime, some
from waitlist.gates import Gate, parse
from waitlist.gates.answers import Applicant, Fact, Trust
from waitlist.models.entry import StoredFact
from waitlist.models.hold import Denied, ListRow, NamedList, open_holds
from waitlist.models.own_facts import own_facts


def applicant(
    tx: Tx,
    launch_id: int,
    *,
    domain: str,
    abuse_key: str,
    now: datetime,
    entry_id: int | None = None,
    mailbox_proven: bool,
    invited: bool = False,
    referred: bool = False,
    told: Sequence[Fact] = (),
) -> Applicant:
    """The facts of one person. The domain counts as verified only once the mailbox is proven; `told` is said now."""
    facts = [
        Fact("domain", domain, Trust.VERIFIED if mailbox_proven else Trust.ASSERTED, "mailbox", now),
        Fact("lists", lists_of(tx, launch_id, abuse_key), Trust.AUTHORITATIVE, "lists", now),
        *_relations(invited=invited, referred=referred, now=now),
        *told,
    ]
    if entry_id is not None:
        facts += [
            Fact(row.name, row.value, Trust(row.trust), row.source, row.observed_at, row.expires_at)
            for row in some(tx, sa.select(StoredFact).where(StoredFact.entry_id == entry_id))
        ]
        facts += own_facts(tx, [entry_id], now).get(entry_id, [])
    return Applicant.of(facts)


@dataclass(frozen=True)
class Somebody:
    """What the facts of one entry are gathered by; `proven` says whether the mailbox was confirmed."""

    entry_id: int
    domain: str
    abuse_key: str
    referred: bool
    proven: bool = True


def applicants(
    tx: Tx, launch_id: int, people: Sequence[Somebody], now: datetime, *, invited: bool = True
) -> dict[int, Applicant]:
    """The facts of a chunk of people, who would hold an invite, by entry id, in six statements at most."""
    lists: dict[str, set[str]] = {}
    rows = tx.execute(
        sa.select(ListRow.abuse_key, NamedList.key)
        .join(NamedList, NamedList.id == ListRow.list_id)
        .where(NamedList.launch_id == launch_id, ListRow.abuse_key.in_([somebody.abuse_key for somebody in people]))
    )
    for abuse_key, list_key in rows:
        lists.setdefault(abuse_key, set()).add(list_key)
    stored: dict[int, list[Fact]] = {}
    for row in some(tx, sa.select(StoredFact).where(StoredFact.entry_id.in_([one.entry_id for one in people]))):
        fact = Fact(row.name, row.value, Trust(row.trust), row.source, row.observed_at, row.expires_at)
        stored.setdefault(row.entry_id, []).append(fact)
    own = own_facts(tx, [one.entry_id for one in people], now)
    return {
        one.entry_id: Applicant.of(
            [
                Fact("domain", one.domain, Trust.VERIFIED if one.proven else Trust.ASSERTED, "mailbox", now),
                Fact("lists", frozenset(lists.get(one.abuse_key, ())), Trust.AUTHORITATIVE, "lists", now),
                *_relations(invited=invited, referred=one.referred, now=now),
                *stored.get(one.entry_id, []),
                *own.get(one.entry_id, []),
            ]
        )
        for one in people
    }


def brakes_on(tx: Tx, launch_id: int, effect: str) -> list[Gate]:
    """The rules of open holds that stop this (admit, redeem or access) for whoever they mean."""
    held = some(tx, open_holds(launch_id))
    return [parse(hold.predicate) for hold in held if hold.predicate is not None and effect in hold.effect]


def denied_among(tx: Tx, launch_id: int, people: Sequence[Somebody], now: datetime) -> set[int]:
    """The entry ids of those whom the deny list names, by address or by domain."""
    in_force = sa.and_(
        Denied.launch_id == launch_id, Denied.removed_at.is_(None), sa.or_(Denied.until.is_(None), Denied.until > now)
    )
    keys = set(
        tx.scalars(
            sa.select(Denied.value).where(
                in_force, Denied.kind == "address", Denied.value.in_([somebody.abuse_key for somebody in people])
            )
        )
    )
    domains = set(tx.scalars(sa.select(Denied.value).where(in_force, Denied.kind == "domain")))
    return {
        somebody.entry_id
        for somebody in people
        if somebody.abuse_key in keys or (domains and domains.intersection(_with_parents(somebody.domain)))
    }


def _relations(*, invited: bool, referred: bool, now: datetime) -> list[Fact]:
    facts = []
    if invited:
        facts.append(Fact("invite", True, Trust.VERIFIED, "invite", now))
    if referred:
        facts.append(Fact("referrer", True, Trust.VERIFIED, "referral", now))
    return facts


def lists_of(tx: Tx, launch_id: int, abuse_key: str) -> frozenset[str]:
    """The keys of the named lists this mailbox is on."""
    return frozenset(tx.scalars(_LISTS, {"launch": launch_id, "mailbox": abuse_key}))


def is_denied(tx: Tx, launch_id: int, *, domain: str, abuse_key: str, now: datetime) -> bool:
    """Whether the address, its domain or a parent of its domain is on the deny list."""
    asked = {"launch": launch_id, "mailbox": abuse_key, "domains": _with_parents(domain), "moment": now}
    return tx.scalar(_ON_DENY_LIST, asked) is not None


def denied_by(launch_id: int, *, domain: str, abuse_key: str, now: datetime) -> sa.ColumnElement[bool]:
    """The rows of the deny list that keep this mailbox out."""
    return _denied_by(launch_id, abuse_key, _with_parents(domain), now)


def _denied_by(launch_id: Any, abuse_key: Any, domains: Any, now: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        Denied.launch_id == launch_id,
        Denied.removed_at.is_(None),
        sa.or_(Denied.until.is_(None), Denied.until > now),
        sa.or_(
            sa.and_(Denied.kind == "address", Denied.value == abuse_key),
            sa.and_(Denied.kind == "domain", Denied.value.in_(domains)),
        ),
    )


def _with_parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


# Asked by every join, some of them twice, so these two are built once.
_LISTS = (
    sa.select(NamedList.key)
    .join(ListRow, ListRow.list_id == NamedList.id)
    .where(NamedList.launch_id == sa.bindparam("launch"), ListRow.abuse_key == sa.bindparam("mailbox"))
)
_ON_DENY_LIST = (
    sa.select(Denied.id)
    .where(
        _denied_by(
            sa.bindparam("launch"),
            sa.bindparam("mailbox"),
            sa.bindparam("domains", expanding=True),
            sa.bindparam("moment", type_=UTCDateTime()),
        )
    )
    .limit(1)
)
