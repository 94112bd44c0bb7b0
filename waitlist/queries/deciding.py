"""What a decision is made from: the plan of a launch and what is known of its people, in a fixed number of statements.

`gates.deciding.decide` does the rest, and every door asks it: `decide(plan, subject, now)`.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from waitlist import splits
from waitlist.db import Tx, one, some
from waitlist.gates import parse
from waitlist.gates.answers import Applicant, Fact
from waitlist.gates.deciding import Brake, Given, Plan, Step, Subject
from waitlist.models.entry import Entry
from waitlist.models.experiment import split_in_force
from waitlist.models.facts import Somebody, applicants, denied_among
from waitlist.models.hold import Hold, open_holds
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import GateRevision, Launch
from waitlist.models.stage import stages
from waitlist.models.wave import Wave

CHUNK = 500  # people that one call may ask for


def plan_of(rx: Tx, launch: Launch, *, revision: int | None = None) -> Plan:
    """The rules, stages and holds of a launch, in four statements; `revision` asks for older rules.

    Raises LookupError for a revision that the launch never had.
    """
    wanted = launch.revision if revision is None else revision
    rules = one(rx, sa.select(GateRevision).where(GateRevision.launch_id == launch.id, GateRevision.revision == wanted))
    if rules is None:
        raise LookupError(wanted)
    split = one(rx, split_in_force(launch.id))
    steps = tuple(
        Step(stage.id, stage.key, stage.mode, parse(rules.tree if stage.tree is None else stage.tree), stage.started_at)
        for stage in some(rx, stages(launch.id))
    )
    return Plan(
        revision=wanted,
        opens_at=launch.opens_at,
        closes_at=launch.closes_at,
        launched_at=launch.launched_at,
        archived=launch.archived_at is not None,
        steps=steps,
        brakes=tuple(_brake(hold) for hold in some(rx, open_holds(launch.id))),
        arms=() if split is None else splits.read(split.arms),
        has_arms=split is not None,
    )


def subjects(
    rx: Tx, launch: Launch, entries: Sequence[Entry], now: datetime, *, told: Sequence[Fact] = ()
) -> dict[int, Subject]:
    """Who these people (500 at most) are to a decision, by entry id, in ten statements at most.

    `told` is what the caller says of all of them.
    """
    assert len(entries) <= CHUNK, "ask chunk by chunk"
    people = [_somebody(entry) for entry in entries]
    known = applicants(rx, launch.id, people, now, invited=False)
    denied = denied_among(rx, launch.id, people, now)
    given = _given(rx, [entry.id for entry in entries])
    held = {hold.id: _brake(hold) for hold in some(rx, _holds_of(entries))}
    return {
        entry.id: Subject(
            applicant=_with(known[entry.id], told),
            entry=entry.state,
            admission=given.get(entry.id),
            brake=None if entry.held_by is None else held.get(entry.held_by),
            blocked=entry.id in denied,
            arm_ticket=entry.arm_ticket,
        )
        for entry in entries
    }


def subject(rx: Tx, launch: Launch, entry: Entry, now: datetime, *, told: Sequence[Fact] = ()) -> Subject:
    """Who one person is to a decision."""
    return subjects(rx, launch, [entry], now, told=told)[entry.id]


def stranger(
    rx: Tx, launch: Launch, *, domain: str, abuse_key: str, now: datetime, told: Sequence[Fact] = ()
) -> Subject:
    """Who an address without an entry is to a decision: nothing of it is proven."""
    nobody = Somebody(0, domain, abuse_key, referred=False, proven=False)
    known = applicants(rx, launch.id, [nobody], now, invited=False)
    return Subject(_with(known[0], told), blocked=0 in denied_among(rx, launch.id, [nobody], now))


def _somebody(entry: Entry) -> Somebody:
    return Somebody(
        entry.id,
        entry.domain,
        entry.email_abuse_key,
        referred=entry.referrer_id is not None,
        proven=entry.confirmed_at is not None,
    )


def _with(known: Applicant, told: Sequence[Fact]) -> Applicant:
    if not told:
        return known
    return Applicant.of([*(fact for facts in known.facts.values() for fact in facts), *told])


def _given(rx: Tx, ids: Sequence[int]) -> dict[int, Given]:
    rows = rx.execute(
        sa.select(
            Admission.entry_id,
            Admission.state,
            Admission.arm,
            Admission.stage_id,
            Admission.via,
            Admission.expires_at,
            Wave.name,
            Wave.params,
        )
        .outerjoin(Wave, Wave.id == Admission.wave_id)
        .where(Admission.entry_id.in_(ids))
    )
    return {
        row.entry_id: Given(
            state=AdmissionState(row.state).value,
            arm=row.arm,
            stage_id=row.stage_id,
            wave=row.name or "",
            via=row.via,
            expires_at=row.expires_at,
            drawn=row.params is not None and "sample" in row.params.get("audience", {}),
        )
        for row in rows
    }


def _holds_of(entries: Sequence[Entry]) -> sa.Select[Hold]:
    ids = {entry.held_by for entry in entries if entry.held_by is not None}
    return sa.select(Hold).where(Hold.id.in_(ids), Hold.released_at.is_(None))


def _brake(hold: Hold) -> Brake:
    return Brake(
        public_id=hold.public_id,
        effect=frozenset(hold.effect),
        scope=hold.scope,
        public_reason=hold.public_reason,
        stage_id=hold.target_id if hold.scope == "stage" else None,
        gate=None if hold.predicate is None else parse(hold.predicate),
    )
