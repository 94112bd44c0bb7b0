"""May this person in, and why: every verdict once, in the order that settles a quarrel between two of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist.gates import Gate, parse
from waitlist.gates.answers import Applicant, Fact, Refuses, Trust
from waitlist.gates.deciding import Brake, Decision, Given, Plan, Step, Subject, decide

NOW = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)
CAMPUS = parse({"kind": "domain", "domains": ["college.edu"]})
EVERYONE = parse({"kind": "everyone"})
VIPS = parse({"kind": "listed", "list": "vip"})


def somebody(domain: str = "college.edu", *, trust: Trust = Trust.VERIFIED, **known: object) -> Subject:
    return Subject(Applicant.of([Fact("domain", domain, trust, "mailbox", YESTERDAY)]), **known)  # type: ignore[arg-type]


def step(mode: str = "release", gate: Gate = CAMPUS, *, id: int = 1, started_at: datetime | None = YESTERDAY) -> Step:  # noqa: A002
    return Step(id, f"stage{id}", mode, gate, started_at)


def brake(effect: str, scope: str = "launch", **target: object) -> Brake:
    return Brake("hld_1", frozenset(effect.split()), scope, "We check something.", **target)  # type: ignore[arg-type]


RELEASE = Plan(3, YESTERDAY, steps=(step(),))
OPEN = Plan(3, YESTERDAY, steps=(step("open"),))
ACTIVE = Given("active", arm="blue", stage_id=1, wave="Wave 1", via="redeem")
OFFERED = Given("offered", stage_id=1, expires_at=TOMORROW)
OVERDUE = Given("offered", stage_id=1, expires_at=NOW)
WAITING = somebody(entry="waiting")


@pytest.mark.parametrize(
    ("plan", "subject", "verdict"),
    [
        (replace(OPEN, archived=True), somebody(admission=ACTIVE), "archived"),
        (replace(OPEN, opens_at=None), WAITING, "not_open"),
        (replace(OPEN, opens_at=TOMORROW), somebody(admission=ACTIVE), "not_open"),
        (replace(RELEASE, brakes=(brake("admit redeem access"),)), somebody(admission=ACTIVE), "killed"),
        (RELEASE, somebody(entry="joined", admission=ACTIVE, blocked=True), "blocked"),
        (replace(RELEASE, brakes=(brake("access", "stage", stage_id=1),)), somebody(admission=ACTIVE), "held"),
        (replace(RELEASE, brakes=(brake("access", "stage", stage_id=2),)), somebody(admission=ACTIVE), "admitted"),
        (replace(RELEASE, brakes=(brake("access", "predicate", gate=CAMPUS),)), somebody(admission=ACTIVE), "held"),
        (replace(RELEASE, brakes=(brake("access", "predicate", gate=VIPS),)), somebody(admission=ACTIVE), "admitted"),
        (RELEASE, somebody(admission=ACTIVE, brake=brake("access", "entry")), "held"),
        (RELEASE, somebody(admission=ACTIVE, brake=brake("admit", "entry")), "admitted"),
        (RELEASE, somebody(entry="joined", admission=ACTIVE), "admitted"),
        (RELEASE, somebody("elsewhere.edu", entry="joined", admission=ACTIVE), "admitted"),  # what was given stays
        (replace(RELEASE, closes_at=YESTERDAY), somebody(entry="joined", admission=ACTIVE), "admitted"),
        (RELEASE, somebody(entry="invited", admission=OFFERED), "invited"),
        (RELEASE, somebody(entry="invited", admission=OVERDUE), "lapsed"),
        (RELEASE, somebody(entry="lapsed", admission=Given("expired")), "lapsed"),
        (OPEN, WAITING, "admitted"),
        (OPEN, somebody(), "admitted"),
        (OPEN, somebody("elsewhere.edu", entry="waiting"), "waiting"),
        (replace(OPEN, steps=(step("open", started_at=TOMORROW),)), WAITING, "waiting"),
        (replace(OPEN, steps=(step("open", started_at=None),)), WAITING, "waiting"),
        (replace(OPEN, brakes=(brake("admit"),)), WAITING, "waiting"),
        (replace(OPEN, brakes=(brake("admit", "stage", stage_id=1),)), WAITING, "waiting"),
        (replace(OPEN, brakes=(brake("admit", "stage", stage_id=2),)), WAITING, "admitted"),
        (replace(OPEN, brakes=(brake("admit", "predicate", gate=VIPS),)), WAITING, "waiting"),  # unknown stops
        (replace(OPEN, brakes=(brake("redeem"),)), WAITING, "admitted"),
        (OPEN, somebody(entry="waiting", brake=brake("admit", "subtree")), "waiting"),
        (replace(RELEASE, launched_at=YESTERDAY), somebody("elsewhere.edu"), "admitted"),
        (replace(RELEASE, launched_at=TOMORROW), somebody("elsewhere.edu"), "not_eligible"),
        (RELEASE, somebody(trust=Trust.ASSERTED, entry="unconfirmed"), "needs_info"),
        (RELEASE, somebody(entry="unconfirmed"), "needs_info"),
        (RELEASE, somebody(trust=Trust.ASSERTED, entry="waiting"), "needs_info"),
        (RELEASE, WAITING, "waiting"),
        (RELEASE, somebody(), "not_joined"),
        (RELEASE, somebody(entry="left"), "not_joined"),
        (RELEASE, somebody(entry="removed"), "not_joined"),
        (RELEASE, somebody("elsewhere.edu"), "not_eligible"),
        (replace(RELEASE, steps=(step(), step(gate=EVERYONE, id=2))), somebody("elsewhere.edu"), "not_joined"),
        (replace(RELEASE, closes_at=NOW), somebody(), "closed"),
        (replace(RELEASE, steps=()), somebody(), "not_joined"),
    ],
)
def test_every_standing_has_its_verdict(plan: Plan, subject: Subject, verdict: str) -> None:
    assert decide(plan, subject, NOW).verdict == verdict


def test_a_decision_says_what_it_rests_on() -> None:
    admitted = decide(RELEASE, somebody(admission=ACTIVE), NOW)
    assert (admitted.stage, admitted.arm, admitted.revision, admitted.admitted) == ("stage1", "blue", 3, True)
    by_rule = decide(OPEN, WAITING, NOW)
    assert (by_rule.stage, by_rule.stage_id, by_rule.arm, by_rule.everyone) == ("stage1", 1, "control", False)
    assert decide(replace(OPEN, steps=(step("open", EVERYONE),)), somebody(), NOW).everyone
    assert decide(RELEASE, somebody(trust=Trust.ASSERTED, entry="waiting"), NOW).needs == "domain"
    assert decide(RELEASE, somebody(entry="unconfirmed"), NOW).needs == "mailbox"
    refused = decide(RELEASE, somebody("elsewhere.edu"), NOW).refusal
    assert isinstance(refused, Refuses)
    killed = decide(replace(RELEASE, brakes=(brake("access"),)), WAITING, NOW)
    assert killed.brake is not None
    assert killed.brake.public_reason == "We check something."


plans = st.builds(
    Plan,
    revision=st.just(1),
    opens_at=st.sampled_from([None, YESTERDAY, TOMORROW]),
    closes_at=st.sampled_from([None, YESTERDAY, TOMORROW]),
    launched_at=st.sampled_from([None, None, YESTERDAY]),
    archived=st.booleans(),
    steps=st.lists(
        st.builds(
            Step,
            id=st.integers(1, 3),
            key=st.just("stage"),
            mode=st.sampled_from(["open", "release", "redeem"]),
            gate=st.sampled_from([CAMPUS, EVERYONE, VIPS]),
            started_at=st.sampled_from([None, YESTERDAY, TOMORROW]),
        ),
        max_size=3,
    ).map(tuple),
    brakes=st.lists(
        st.sampled_from(
            [
                brake("admit"),
                brake("admit redeem"),
                brake("admit", "stage", stage_id=1),
                brake("admit", "predicate", gate=CAMPUS),
            ]
        ),
        max_size=2,
    ).map(tuple),
)
subjects = st.builds(
    somebody,
    domain=st.sampled_from(["college.edu", "elsewhere.edu"]),
    trust=st.sampled_from(list(Trust)),
    entry=st.sampled_from([None, "unconfirmed", "waiting", "invited", "joined", "lapsed", "left", "removed"]),
    admission=st.sampled_from([None, ACTIVE, OFFERED, OVERDUE]),
    brake=st.sampled_from([None, brake("admit", "entry"), brake("access", "subtree")]),
    blocked=st.booleans(),
)


@given(plans, subjects)
def test_the_same_question_has_the_same_answer(plan: Plan, subject: Subject) -> None:
    first: Decision = decide(plan, subject, NOW)
    assert first == decide(plan, subject, NOW)


@given(plans, subjects, st.sampled_from(["open", "release"]))
def test_one_more_stage_takes_nobody_out(plan: Plan, subject: Subject, mode: str) -> None:
    wider = replace(plan, steps=(*plan.steps, step(mode, EVERYONE, id=9)))
    if decide(plan, subject, NOW).admitted:
        assert decide(wider, subject, NOW).admitted


@given(plans, subjects)
def test_a_hold_without_access_takes_nobody_out_who_was_let_in(plan: Plan, subject: Subject) -> None:
    inside = replace(subject, admission=ACTIVE)
    braked = replace(plan, brakes=(*plan.brakes, brake("admit redeem")))
    assert decide(plan, inside, NOW) == decide(braked, inside, NOW)


@given(plans, subjects)
def test_what_is_unknown_never_lets_in(plan: Plan, subject: Subject) -> None:
    unknown = replace(subject, applicant=Applicant(), admission=None)
    decision = decide(replace(plan, launched_at=None), unknown, NOW)
    if decision.admitted:
        assert decision.everyone


@given(plans, subjects)
def test_a_kill_and_its_end_give_back_every_former_answer(plan: Plan, subject: Subject) -> None:
    before = decide(plan, subject, NOW)
    killed = replace(plan, brakes=(*plan.brakes, brake("admit redeem access")))
    assert not decide(killed, subject, NOW).admitted
    assert decide(replace(killed, brakes=killed.brakes[:-1]), subject, NOW) == before
