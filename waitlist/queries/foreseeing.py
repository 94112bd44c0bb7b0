"""Foreseeing: what other rules would change for those who are in line or invited, before they are in force."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.gates.answers import Admits, Applicant, Fact, Trust
from waitlist.gates.deciding import Plan, Step, Subject, decide
from waitlist.gates.gate import Gate
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.promised import newly_refused, open_invites
from waitlist.models.stage import Stage
from waitlist.queries import deciding

MOST = 20_000  # people in line, from the front, who are asked about while somebody waits for the page


@dataclass(frozen=True)
class Effect:
    """What other rules would change; `asked` of the `in_line` people were asked about, those in front first."""

    in_line: int
    asked: int
    allowed: int  # in line, refused by the rules in force, and let in by these once they are invited
    refused: int  # in line, and the other way round
    comes_in: int  # let in at once by an open stage that follows the launch's rules
    stays_out: int  # let in by such a stage today whenever they come, and no more then
    invites: int  # open, for one person each, who would be refused on pressing
    links: int  # open, for whoever has them

    @property
    def is_nothing(self) -> bool:
        return not (self.allowed or self.refused or self.comes_in or self.stays_out or self.invites)


def of_rules(rx: Tx, launch: Launch, before: Gate, after: Gate, now: datetime) -> Effect:
    """What these rules would change for those who are in line or invited. Reads 500 people at a time."""
    plan = deciding.plan_of(rx, launch)
    plans = plan, replace(plan, steps=_under(rx, launch, plan.steps, after))
    turned: Counter[str] = Counter()
    for people in _in_line(rx, launch):
        turned["asked"] += len(people)
        for subject in deciding.subjects(rx, launch, people, now).values():
            turned.update(_turns(subject, plans, (before, after), now))
    links = sa.select(sa.func.count()).where(*open_invites(launch.id, now), Invite.email_key.is_(None))
    return Effect(
        in_line=rx.scalar(sa.select(sa.func.count()).where(*_waiting(rx, launch))) or 0,
        asked=turned["asked"],
        allowed=turned["allowed"],
        refused=turned["refused"],
        comes_in=turned["comes_in"],
        stays_out=turned["stays_out"],
        invites=sum(len(ids) for ids in newly_refused(rx, launch.id, (before, after), now)),
        links=rx.scalar(links) or 0,
    )


def _under(rx: Tx, launch: Launch, steps: tuple[Step, ...], gate: Gate) -> tuple[Step, ...]:
    """The stages as they would be; those with a rule of their own keep it."""
    follows = set(rx.scalars(sa.select(Stage.id).where(Stage.launch_id == launch.id, Stage.tree.is_(None))))
    return tuple(replace(step, gate=gate) if step.id in follows else step for step in steps)


def _turns(subject: Subject, plans: tuple[Plan, Plan], rules: tuple[Gate, Gate], now: datetime) -> Iterator[str]:
    """The words for what changes for one person in line."""
    was_in, is_in = (decide(plan, subject, now).admitted for plan in plans)
    if is_in is not was_in:
        yield "comes_in" if is_in else "stays_out"
    holder = _invited(subject.applicant, now)
    was, becomes = (not subject.blocked and isinstance(rule.answer(holder, now), Admits) for rule in rules)
    if becomes is not was:
        yield "allowed" if becomes else "refused"


def _invited(applicant: Applicant, now: datetime) -> Applicant:
    """The same person with an invite in their hand, as a wave asks about them."""
    return Applicant({**applicant.facts, "invite": (Fact("invite", True, Trust.VERIFIED, "invite", now),)})


def _waiting(rx: Tx, launch: Launch) -> tuple[sa.ColumnElement[bool], ...]:
    line = main_line(rx, launch.id)
    return Entry.launch_id == launch.id, Entry.line_id == line, Entry.state == State.WAITING, Entry.held_by.is_(None)


def _in_line(rx: Tx, launch: Launch) -> Iterator[Sequence[Entry]]:
    """People in line, those in front first, as many as are asked about."""
    last = -1
    query = sa.select(Entry).where(*_waiting(rx, launch), Entry.rank_key.is_not(None)).order_by(Entry.rank_key)
    for _ in range(0, MOST, deciding.CHUNK):
        people = some(rx, query.where(Entry.rank_key > last).limit(deciding.CHUNK))
        if not people:
            return
        yield people
        last = people[-1].rank_key or 0
