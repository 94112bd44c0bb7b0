"""The launch page: what a launch says of itself to everybody, and the rules in force as codes to translate."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.gates import explain, parse
from waitlist.gates.gate import Sentence
from waitlist.models.condition import Condition, circumstances
from waitlist.models.entry import Entry, State
from waitlist.models.launch import GateRevision, Launch, consent_texts, gate_in_force
from waitlist.models.launch import questions as asked_today
from waitlist.models.stage import Stage, stages
from waitlist.queries.naming import short_name

FEWEST_SHOWN = 50  # a count below this says nothing good of anybody
CHANGES_SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """One question of the form, in the version that is asked today; answers are kept under its `id`."""

    id: int
    key: str
    kind: str  # one, many, short, long
    label: str
    hint: str
    required: bool
    choices: tuple[Any, ...]
    longest: int
    most: int | None
    may_decline: bool = False


@dataclass(frozen=True)
class Terms:
    """A text that people may agree to, in the version that is shown today; one line of markdown."""

    key: str
    version: int
    text: str
    required: bool


@dataclass(frozen=True)
class LaunchPage:
    """Everything the launch page shows that is not the same for every launch. Nothing of a person is in it."""

    condition: Condition
    hold_reason: str  # the public words of a pause, "" without
    waiting: int | None  # None where the count is not shown
    in_line: int  # for "full (5,000 of 5,000)" only
    seats_left: int | None
    joining: bool  # the form is there
    interest: bool  # "tell me when it opens to me" is offered
    rules: tuple[Sentence, ...]
    needs_referral: bool  # nobody comes in without a member's link
    needs_invite: bool  # nobody comes in without an invite
    questions: tuple[Asked, ...]
    terms: tuple[Terms, ...]


@dataclass(frozen=True)
class RuleChange:
    """One revision of the rules; `note` is what the team wrote for everybody."""

    revision: int
    at: datetime
    note: str


@dataclass(frozen=True)
class HowItWorks:
    """The rules in force with how places, points and invites work, and what changed since the first day."""

    rules: tuple[Sentence, ...]
    revision: int
    since: datetime
    changes: tuple[RuleChange, ...]  # newest first
    stages: tuple[tuple[Stage, Sentence | None], ...] = ()  # with their rules; None: whoever the launch's own let in


@dataclass(frozen=True)
class Inviter:
    """Whose referral link was opened. `name` only if they allow it, else ""."""

    entry: str  # public id, to notice one's own link
    name: str


def launch_page(tx: Tx, launch: Launch, *, now: datetime) -> LaunchPage:
    """What the launch page shows at `now`; eight statements at most."""
    around = circumstances(tx, launch, now)
    revision = _revision(tx, launch)
    shown = launch.show_count and around.in_line >= FEWEST_SHOWN
    return LaunchPage(
        condition=around.condition,
        hold_reason=around.hold_reason,
        waiting=around.in_line if shown else None,
        in_line=around.in_line,
        seats_left=around.seats_left,
        joining=around.condition is Condition.OPEN,
        interest=launch.interest_open and around.condition in (Condition.NOT_OPEN, Condition.FULL),
        rules=_rules(launch, revision),
        needs_referral=_requires(revision.tree, "referred"),
        needs_invite=_requires(revision.tree, "invited"),
        questions=questions(tx, launch),
        terms=terms(tx, launch),
    )


def how_it_works(tx: Tx, launch: Launch) -> HowItWorks:
    """The rules in sentences with their version and date, and the public notes of earlier changes."""
    revisions = some(
        tx,
        sa.select(GateRevision)
        .where(GateRevision.launch_id == launch.id, GateRevision.revision <= launch.revision)
        .order_by(GateRevision.revision.desc())
        .limit(CHANGES_SHOWN),
    )
    in_force = revisions[0]
    return HowItWorks(
        rules=_rules(launch, in_force),
        revision=in_force.revision,
        since=in_force.created_at,
        changes=tuple(RuleChange(row.revision, row.created_at, row.note) for row in revisions if row.revision > 1),
        stages=_stages(tx, launch),
    )


def _stages(tx: Tx, launch: Launch) -> tuple[tuple[Stage, Sentence | None], ...]:
    """The stages of the plan that were not passed over; the first one is the launch itself."""
    shown = [stage for stage in some(tx, stages(launch.id)) if stage.ordinal > 1]
    return tuple(
        (stage, None if stage.tree is None else _shown(launch, parse(stage.tree).sentence))
        for stage in shown
        if stage.ended_at is None or stage.started_at is not None
    )


def questions(tx: Tx, launch: Launch) -> tuple[Asked, ...]:
    """The questions asked today, in their order."""
    return tuple(
        Asked(
            id=row.id,
            key=row.key,
            kind=row.kind,
            label=row.label,
            hint=row.hint,
            required=row.required,
            choices=tuple(row.choices),
            longest=row.longest,
            most=row.most,
            may_decline=row.may_decline,
        )
        for row in some(tx, asked_today(launch.id))
    )


def terms(tx: Tx, launch: Launch) -> tuple[Terms, ...]:
    """The texts that people may agree to today, in their order."""
    return tuple(Terms(row.key, row.version, row.text, row.required) for row in some(tx, consent_texts(launch.id)))


def inviter(tx: Tx, launch: Launch, slug: str) -> Inviter | None:
    """Who is behind a referral code of this launch; None for a code that is unknown or gives no credit any more."""
    row = tx.execute(
        sa.select(Entry.public_id, Entry.name, Entry.share_name).where(
            Entry.launch_id == launch.id,
            Entry.slug == slug,
            Entry.state.not_in((State.UNCONFIRMED, State.REMOVED)),
        )
    ).one_or_none()
    if row is None:
        return None
    return Inviter(row.public_id, short_name(row.name) if row.share_name else "")


def _revision(tx: Tx, launch: Launch) -> GateRevision:
    revision = one(tx, gate_in_force(launch.id))
    assert revision is not None, "every launch has rules from its first day"
    return revision


def _rules(launch: Launch, revision: GateRevision) -> tuple[Sentence, ...]:
    """The rules in words; which domains they name stays inside where the team wants it so."""
    return tuple(_shown(launch, sentence) for sentence in explain(parse(revision.tree)))


def _shown(launch: Launch, sentence: Sentence) -> Sentence:
    return sentence if launch.domains_shown else _without_domains(sentence)


def _without_domains(sentence: Sentence) -> Sentence:
    if "domains" in sentence.params:
        return Sentence("rule_domain_hidden")
    return replace(sentence, parts=tuple(_without_domains(part) for part in sentence.parts))


def _requires(tree: dict[str, Any], kind: str) -> bool:
    """Whether nobody comes in without meeting a condition of this kind."""
    return tree["kind"] == kind or (tree["kind"] == "all_of" and any(_requires(part, kind) for part in tree["gates"]))
