"""Deciding: may this person in, and why. Pure: what is known comes in, a decision goes out, the same for every door.

The order is the meaning: the first line of `decide` that answers is the answer. What was given stays given, because an
active admission is asked before any rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses
from waitlist.gates.everyone import Everyone
from waitlist.gates.gate import Gate
from waitlist.gates.operators import AllOf
from waitlist.gates.ticket import Ticket
from waitlist.splits import CONTROL, Arms, arm_of


class Verdict(StrEnum):
    """Where a person stands with a launch. Only `admitted` lets in."""

    ARCHIVED = "archived"
    NOT_OPEN = "not_open"
    KILLED = "killed"
    BLOCKED = "blocked"
    HELD = "held"
    ADMITTED = "admitted"
    INVITED = "invited"
    LAPSED = "lapsed"
    NEEDS_INFO = "needs_info"
    WAITING = "waiting"
    CLOSED = "closed"
    NOT_ELIGIBLE = "not_eligible"
    NOT_JOINED = "not_joined"


@dataclass(frozen=True)
class Brake:
    """An open hold: what it stops (of admit, redeem, access), for whom, and what may be said of it."""

    public_id: str
    effect: frozenset[str]
    scope: str  # launch, stage, predicate, subtree or entry
    public_reason: str = ""
    stage_id: int | None = None
    gate: Gate | None = None  # of a predicate


@dataclass(frozen=True)
class Step:
    """One stage of the plan: `open` lets in whoever its gate admits; the other modes only offer and redeem."""

    id: int
    key: str
    mode: str
    gate: Gate
    started_at: datetime | None

    def runs(self, now: datetime) -> bool:
        return self.started_at is not None and self.started_at <= now


@dataclass(frozen=True)
class Plan:
    """What is known of a launch, in one revision of its rules."""

    revision: int
    opens_at: datetime | None
    closes_at: datetime | None = None
    launched_at: datetime | None = None
    archived: bool = False
    steps: tuple[Step, ...] = ()
    brakes: tuple[Brake, ...] = ()  # of the launch, its stages and predicates
    arms: Arms = ()  # whoever is admitted now is split among them
    has_arms: bool = False  # whether there ever were any


@dataclass(frozen=True)
class Given:
    """An admission: `offered`, `active`, `expired`, `declined` or `revoked`, since when the offer counts no more."""

    state: str
    arm: str = "control"
    stage_id: int | None = None
    wave: str = ""
    via: str = ""
    expires_at: datetime | None = None
    drawn: bool = False  # by a wave that was a random sample


@dataclass(frozen=True)
class Subject:
    """What is known of a person. `entry` is the stored state, None for somebody who never joined."""

    applicant: Applicant
    entry: str | None = None
    admission: Given | None = None
    brake: Brake | None = None  # the hold on the entry itself or on a subtree above it
    blocked: bool = False
    arm_ticket: int | None = None


@dataclass(frozen=True)
class Decision:
    """The verdict with what explains it; `admission` is set where one was given, `stage` where a rule let in."""

    verdict: Verdict
    revision: int
    stage: str = ""
    stage_id: int | None = None
    arm: str = "control"
    everyone: bool = False
    drawn: bool = False  # a lot let them in: a percentage, or a wave that was drawn
    admission: Given | None = None
    brake: Brake | None = None
    needs: str = ""
    refusal: Refuses | None = None

    @property
    def admitted(self) -> bool:
        return self.verdict is Verdict.ADMITTED


def decide(plan: Plan, subject: Subject, now: datetime) -> Decision:
    """Whether this person may in at `now`. The same arguments always give the same decision."""
    return (
        _shut(plan, now)
        or _stopped(plan, subject, now)
        or _given(plan, subject, now)
        or _let_in_by_rule(plan, subject, now)
        or _still_outside(plan, subject, now)
    )


def _shut(plan: Plan, now: datetime) -> Decision | None:
    if plan.archived:
        return Decision(Verdict.ARCHIVED, plan.revision)
    if plan.opens_at is None or now < plan.opens_at:
        return Decision(Verdict.NOT_OPEN, plan.revision)
    return None


def _stopped(plan: Plan, subject: Subject, now: datetime) -> Decision | None:
    """A kill first, then the deny list, then any other hold that takes access away."""
    closing = [brake for brake in plan.brakes if "access" in brake.effect]
    kill = next((brake for brake in closing if brake.scope == "launch"), None)
    if kill is not None:
        return Decision(Verdict.KILLED, plan.revision, brake=kill)
    if subject.blocked:
        return Decision(Verdict.BLOCKED, plan.revision)
    held = next((brake for brake in closing if _takes_access(brake, subject, now)), None)
    own = subject.brake
    if held is None and own is not None and "access" in own.effect:
        held = own
    return None if held is None else Decision(Verdict.HELD, plan.revision, brake=held)


def _given(plan: Plan, subject: Subject, now: datetime) -> Decision | None:
    given = subject.admission
    if given is None:
        return None
    if given.state == "active":
        step = next((step for step in plan.steps if step.id == given.stage_id), None)
        everyone = _is_launched(plan, now)
        return Decision(
            Verdict.ADMITTED,
            plan.revision,
            stage="everyone" if everyone else ("" if step is None else step.key),
            stage_id=given.stage_id,
            arm=given.arm,
            everyone=everyone,
            drawn=given.drawn or (given.via == "rule" and step is not None and _draws(step.gate)),
            admission=given,
        )
    if given.state == "offered" and (given.expires_at is None or now < given.expires_at):
        return Decision(Verdict.INVITED, plan.revision, admission=given)
    return None


def _let_in_by_rule(plan: Plan, subject: Subject, now: datetime) -> Decision | None:
    if any("admit" in brake.effect and brake.scope == "launch" for brake in plan.brakes):
        return None
    if subject.brake is not None and "admit" in subject.brake.effect:
        return None
    # Without a row there is no arm to keep, so a key that names no entry is told of control.
    arm = CONTROL if subject.entry is None or subject.arm_ticket is None else arm_of(plan.arms, subject.arm_ticket)
    if _is_launched(plan, now):
        return Decision(Verdict.ADMITTED, plan.revision, stage="everyone", arm=arm, everyone=True)
    for step in _running(plan, now):
        if step.mode == "open" and _lets_in(plan, step, subject, now):
            return Decision(
                Verdict.ADMITTED,
                plan.revision,
                stage=step.key,
                stage_id=step.id,
                arm=arm,
                everyone=isinstance(step.gate, Everyone),
                drawn=_draws(step.gate),
            )
    return None


def _still_outside(plan: Plan, subject: Subject, now: datetime) -> Decision:
    if subject.entry == "lapsed" or (subject.admission is not None and subject.admission.state == "offered"):
        return Decision(Verdict.LAPSED, plan.revision)
    if subject.entry in (None, "left", "removed"):
        return _never_joined(plan, subject, now)
    missing = _missing(plan, subject, now)
    if subject.entry == "unconfirmed" or missing:
        return Decision(Verdict.NEEDS_INFO, plan.revision, needs=missing or "mailbox")
    return Decision(Verdict.WAITING, plan.revision)


def _never_joined(plan: Plan, subject: Subject, now: datetime) -> Decision:
    if plan.closes_at is not None and plan.closes_at <= now:
        return Decision(Verdict.CLOSED, plan.revision)
    refusals = [answer for answer in _answers(plan, subject, now) if isinstance(answer, Refuses)]
    if refusals and len(refusals) == len(list(_running(plan, now))):
        return Decision(Verdict.NOT_ELIGIBLE, plan.revision, refusal=refusals[0])
    return Decision(Verdict.NOT_JOINED, plan.revision)


def _missing(plan: Plan, subject: Subject, now: datetime) -> str:
    """The first fact that could let the person in, where no running stage's rule is met."""
    answers = list(_answers(plan, subject, now))
    if any(isinstance(answer, Admits) for answer in answers):
        return ""
    return next((answer.fact for answer in answers if isinstance(answer, Needs)), "")


def _answers(plan: Plan, subject: Subject, now: datetime) -> Iterator[Answer]:
    return (step.gate.answer(subject.applicant, now) for step in _running(plan, now))


def _is_launched(plan: Plan, now: datetime) -> bool:
    return plan.launched_at is not None and plan.launched_at <= now


def _running(plan: Plan, now: datetime) -> Iterator[Step]:
    return (step for step in plan.steps if step.runs(now))


def _lets_in(plan: Plan, step: Step, subject: Subject, now: datetime) -> bool:
    for brake in plan.brakes:
        if "admit" not in brake.effect:
            continue
        # Nobody new comes in while it is unknown whether a hold means them.
        unsure = (Admits, Needs)
        if brake.stage_id == step.id if brake.scope == "stage" else _meant(brake, subject, now, unsure):
            return False
    return isinstance(step.gate.answer(subject.applicant, now), Admits)


def _draws(gate: Gate) -> bool:
    """Whether a percentage of tickets decides, alone or with other conditions."""
    return isinstance(gate, Ticket) or (isinstance(gate, AllOf) and any(_draws(part) for part in gate.gates))


def _takes_access(brake: Brake, subject: Subject, now: datetime) -> bool:
    """Whether a hold on a stage or a predicate shuts somebody out who was in: only if it surely means them."""
    if brake.scope == "stage":
        return subject.admission is not None and subject.admission.stage_id == brake.stage_id
    return _meant(brake, subject, now, (Admits,))


def _meant(brake: Brake, subject: Subject, now: datetime, answers: tuple[type[Answer], ...]) -> bool:
    return brake.gate is not None and isinstance(brake.gate.answer(subject.applicant, now), answers)
