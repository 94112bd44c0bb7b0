"""Cutting: who a wave would invite, in which order, and why everybody else is passed over. Writes nothing."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.gates import Gate, parse
from waitlist.gates.answers import Admits, Applicant, Refuses
from waitlist.gates.ticket import WHOLE
from waitlist.models.condition import seats_left
from waitlist.models.entry import Entry, State
from waitlist.models.facts import Somebody, applicants, brakes_on, denied_among
from waitlist.models.launch import Launch, gate_in_force
from waitlist.models.message import MailboxChoice, key_of_hash
from waitlist.models.wave import WaveMember
from waitlist.services.gathering import Audience, chunks

__all__ = ["REASONS", "Audience", "Cut", "cut", "unfit"]

# The rows of the dry run, in the order they are shown and asked.
REASONS = (
    "already",
    "unconfirmed",
    "left",
    "held",
    "denied",
    "lapsed",
    "other_wave",
    "unsubscribed",
    "bounced",
    "rules",
    "stage",
    "not_drawn",
    "seats",
)


# How a stage picks among those who fit. Keys are unique, so there are no ties.
SELECTS: dict[str, Callable[[Entry], tuple[int, ...]]] = {
    "fifo": lambda _: (),  # as they were gathered: in the order of the line
    "manual": lambda _: (),
    "draw": lambda person: (person.ticket, person.id),
    "score": lambda person: (-person.score, person.sequence or 0, person.id),
}


@dataclass
class Cut:
    """The ids to invite, in order, and the ids passed over by reason. `checked` is always their sum."""

    chosen: list[int] = field(default_factory=list)
    newcomers: list[dict[str, Any]] = field(default_factory=list)  # listed people who are not in the launch yet
    skipped: dict[str, list[int]] = field(default_factory=dict)

    @property
    def checked(self) -> int:
        return len(self.chosen) + len(self.newcomers) + sum(len(ids) for ids in self.skipped.values())

    def skip(self, reason: str, entry_id: int) -> None:
        self.skipped.setdefault(reason, []).append(entry_id)

    def digest(self, params: dict[str, Any]) -> str:
        """SHA-256 over the wave's parameters and the ordered ids of its cut, in hex."""
        canonical = json.dumps(
            [params, self.chosen, [stranger["email_key"] for stranger in self.newcomers]],
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


def cut(tx: Tx, launch: Launch, line_id: int, audience: Audience, now: datetime) -> Cut:
    """Who would be invited now. The same rows give the same cut, whoever asks."""
    judge, result = _judge(tx, launch, audience, now), Cut()
    if audience.kind == "stage":
        _cut_stage(tx, line_id, judge, result)
        return result
    limit = audience.n if audience.kind == "first" else None
    tickets: dict[int, int] = {}
    for people in chunks(tx, launch.id, line_id, audience):
        reasons = judge.reasons(tx, people)
        for person in people:
            if limit is not None and len(result.chosen) == limit:
                break
            reason = reasons.get(person.id)
            if reason is None and audience.sample is None and judge.is_full(result):
                reason = "seats"
            if reason is None:
                result.chosen.append(person.id)
                tickets[person.id] = person.ticket
            else:
                result.skip(reason, person.id)
        if limit is not None and len(result.chosen) == limit:
            break
    if audience.kind == "listed":
        _add_newcomers(tx, judge, result)
    if audience.sample is not None:
        _draw(result, tickets, audience.sample, judge.left)
    return result


def _cut_stage(tx: Tx, line_id: int, judge: "_Judge", result: Cut) -> None:
    """Those who fit a stage, in the order it selects by, as many as its quota or share says and as seats go."""
    audience, fit = judge.audience, list[Entry]()
    limit = None if audience.n is None else audience.n + audience.extra
    in_order = audience.selects in ("fifo", "manual")
    for people in chunks(tx, judge.launch_id, line_id, audience):
        reasons = judge.reasons(tx, people)
        for person in people:
            if in_order and limit is not None and len(fit) == limit:
                break
            if person.id in reasons:
                result.skip(reasons[person.id], person.id)
            else:
                fit.append(person)
        if in_order and limit is not None and len(fit) == limit:
            break
    if audience.share is not None:
        # A share rounds down, but of somebody it is never nobody.
        limit = max(len(fit) * audience.share // WHOLE, min(len(fit), 1)) + audience.extra
    wanted = len(fit) if limit is None else limit
    seated = wanted if judge.left is None else min(wanted, judge.left)
    for rank, person in enumerate(sorted(fit, key=SELECTS[audience.selects])):
        if rank < seated:
            result.chosen.append(person.id)
        else:
            result.skip("seats" if rank < wanted else "not_drawn", person.id)


def _draw(result: Cut, tickets: dict[int, int], n: int, left: int | None) -> None:
    """Keep the n lowest tickets of those who fit, lowest first, as far as seats go."""
    # Who has no entry yet is known by a negative number, as where they are passed over.
    strangers = {-1 - n: stranger for n, stranger in enumerate(result.newcomers)}
    drawn = tickets | {key: int(stranger["ticket"]) for key, stranger in strangers.items()}
    order = sorted(drawn, key=lambda key: (drawn[key], key))
    seated = order[:n] if left is None else order[: min(n, left)]
    for rank, key in enumerate(order[len(seated) :], len(seated)):
        result.skip("seats" if rank < n else "not_drawn", key)
    result.chosen = [key for key in seated if key >= 0]
    result.newcomers = [strangers[key] for key in seated if key < 0]


def unfit(tx: Tx, launch: Launch, people: Sequence[Entry], audience: Audience, now: datetime) -> dict[int, str]:
    """Of people already cut: the reason for each who no longer fits when their wave starts to release."""
    reasons = _judge(tx, launch, audience, now).reasons(tx, people, planned=False)
    # Who unsubscribes after the cut is invited all the same; the mail stays held, visibly.
    return {entry_id: reason for entry_id, reason in reasons.items() if reason != "unsubscribed"}


def _judge(tx: Tx, launch: Launch, audience: Audience, now: datetime) -> "_Judge":
    revision = one(tx, gate_in_force(launch.id))
    assert revision is not None, "every launch has rules from its first day"
    left = seats_left(tx, launch.id, audience.stage)
    left = None if left is None else max(left - audience.hold_back, 0)
    stage = None if audience.tree is None else parse(audience.tree)
    return _Judge(launch.id, parse(revision.tree), stage, brakes_on(tx, launch.id, "admit"), audience, left, now)


def _add_newcomers(tx: Tx, judge: "_Judge", result: Cut) -> None:
    """Judge the listed addresses that have no entry: invited after those who have one, or passed over as rules say."""
    listed = judge.audience.listed
    keys = [stranger["email_key"] for stranger in listed]
    known = set(
        tx.scalars(sa.select(Entry.email_key).where(Entry.launch_id == judge.launch_id, Entry.email_key.in_(keys)))
    )
    strangers = [stranger for stranger in listed if stranger["email_key"] not in known]
    # Negative numbers stand for people who have no id yet.
    people = [
        (Somebody(-1 - n, stranger["domain"], stranger["abuse_key"], False), str(stranger["email_key"]))
        for n, stranger in enumerate(strangers)
    ]
    reasons = judge.rest(tx, people)
    for (somebody, _), stranger in zip(people, strangers, strict=True):
        reason = reasons.get(somebody.entry_id)
        if reason is None and judge.audience.sample is None and judge.is_full(result):
            reason = "seats"
        if reason is None:
            result.newcomers.append(stranger)
        else:
            result.skip(reason, somebody.entry_id)


@dataclass(frozen=True)
class _Judge:
    """What every person of a cut is measured by."""

    launch_id: int
    gate: Gate
    stage: Gate | None  # the further rule of a stage
    brakes: Sequence[Gate]  # whoever may be meant by one of them waits
    audience: Audience
    left: int | None  # seats that this wave may take
    now: datetime

    def is_full(self, result: Cut) -> bool:
        return self.left is not None and len(result.chosen) + len(result.newcomers) >= self.left

    def reasons(self, tx: Tx, people: Sequence[Entry], *, planned: bool = True) -> dict[int, str]:
        """The reason for each person of a chunk who is passed over; who fits is not in it."""
        reasons = {}
        in_waves = _planned(tx, [person.id for person in people]) if planned else set()
        for person in people:
            reason = _state_reason(person, self.audience)
            if reason is None and person.id in in_waves:
                reason = "other_wave"
            if reason is not None:
                reasons[person.id] = reason
        left = [
            (Somebody(p.id, p.domain, p.email_abuse_key, p.referrer_id is not None), p.email_key)
            for p in people
            if p.id not in reasons
        ]
        return reasons | self.rest(tx, left)

    def rest(self, tx: Tx, people: Sequence[tuple[Somebody, str]]) -> dict[int, str]:
        """The reasons that do not depend on an entry's state: deny list, mailbox, rules."""
        somebodies = [somebody for somebody, _ in people]
        denied = denied_among(tx, self.launch_id, somebodies, self.now)
        facts = applicants(tx, self.launch_id, somebodies, self.now)
        # Who has no entry may have been erased, and have asked then not to be written to.
        hashed = {one.entry_id: key_of_hash(one.abuse_key) for one in somebodies if one.entry_id < 0}
        keys = [email_key for _, email_key in people] + list(hashed.values())
        wants, bounced = _mailboxes(tx, self.launch_id, keys)
        reasons = {}
        for somebody, email_key in people:
            if somebody.entry_id in denied:
                reasons[somebody.entry_id] = "denied"
            elif "nothing" in (wants.get(email_key), wants.get(hashed.get(somebody.entry_id, ""))):
                reasons[somebody.entry_id] = "unsubscribed"
            elif email_key in bounced:
                reasons[somebody.entry_id] = "bounced"
            else:
                reasons |= self._by_rule(somebody.entry_id, facts[somebody.entry_id])
        return reasons

    def _by_rule(self, entry_id: int, facts: Applicant) -> dict[int, str]:
        if not isinstance(self.gate.answer(facts, self.now), Admits):
            return {entry_id: "rules"}
        if self.stage is not None and not isinstance(self.stage.answer(facts, self.now), Admits):
            return {entry_id: "stage"}
        meant = any(not isinstance(brake.answer(facts, self.now), Refuses) for brake in self.brakes)
        return {entry_id: "held"} if meant else {}


def _state_reason(person: Entry, audience: Audience) -> str | None:
    if person.held_by is not None:
        return "held"
    if person.state == State.LAPSED and audience.include_lapsed:
        return None
    if person.state == State.UNCONFIRMED and audience.kind == "listed":
        return None  # the team vouches for a listed address, and the mailed link proves the mailbox
    return {
        State.WAITING: None,
        State.UNCONFIRMED: "unconfirmed",
        State.INVITED: "already",
        State.JOINED: "already",
        State.LAPSED: "lapsed",
    }.get(State(person.state), "left")


def _planned(tx: Tx, ids: list[int]) -> set[int]:
    return set(
        tx.scalars(sa.select(WaveMember.entry_id).where(WaveMember.entry_id.in_(ids), WaveMember.outcome == "planned"))
    )


def _mailboxes(tx: Tx, launch_id: int, keys: list[str]) -> tuple[dict[str, str], set[str]]:
    rows = tx.execute(
        sa.select(
            MailboxChoice.email_key, MailboxChoice.launch_id, MailboxChoice.wants, MailboxChoice.bounced_at
        ).where(
            MailboxChoice.email_key.in_(keys),
            sa.or_(MailboxChoice.launch_id == launch_id, MailboxChoice.launch_id.is_(None)),
        )
    ).all()
    wants = {row.email_key: row.wants for row in rows if row.launch_id is not None}
    return wants, {row.email_key for row in rows if row.bounced_at is not None}
