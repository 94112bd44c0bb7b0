"""Presetting: one of eight ways to open a launch, as the stages, rules and settings it means, to be seen before saved.

A proposal is pure: it says what would be added, taken back and changed. `apply` does it, by the verbs of each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from waitlist.actors import Actor
from waitlist.db import Tx, some
from waitlist.models.launch import Launch
from waitlist.models.stage import Stage, stages
from waitlist.services import contradicting, ruling, staging, tuning
from waitlist.services.contradicting import Contradiction
from waitlist.services.staging import Draft

DAY = 24 * 60  # minutes
RAMP = (1, 2, 5, 10, 20, 50, 100)  # percent of everybody in line, day by day


@dataclass(frozen=True)
class Wishes:
    """What a preset is asked with. Each takes what it needs of it.

    `groups` are the steps of regions (codes of countries) or departments (paths of units). `headline` and `note` are
    words for people: of the public page, and beside a new version of the rules.
    """

    domains: tuple[str, ...] = ()
    subdomains: bool = False
    invite_only: bool = False
    list_key: str = "vip"
    groups: tuple[tuple[str, ...], ...] = ()
    hops: int = 2
    size: int | None = None  # people of each wave
    every_minutes: int = 7 * DAY
    reserved_seats: int = 0
    ramp: bool = False
    starts_at: datetime | None = None  # None: the first step waits to be started by hand
    headline: str = ""
    note: str = ""


@dataclass(frozen=True)
class Proposal:
    """What would be so: stages to take back (by key) and to add, other rules (None: as they are), other settings."""

    drafts: tuple[Draft, ...]
    drops: tuple[str, ...] = ()
    tree: dict[str, Any] | None = None
    note: str = ""
    columns: dict[str, Any] = field(default_factory=dict)


def propose(kind: str, wishes: Wishes, launch: Launch, plan: Sequence[Stage], rules: dict[str, Any], now: datetime
            ) -> Proposal:  # fmt: skip
    """The proposal of a preset for a launch with this plan and these rules; stages ahead make room for its own.

    Raises Contradiction where the preset lacks what it cannot do without.
    """
    drops = tuple(stage.key for stage in plan if stage.ordinal > 1 and _is_ahead(stage, now))
    taken = {stage.key for stage in plan} - set(drops)
    if kind in SIZED and wishes.size is None and not wishes.ramp:
        raise Contradiction("plan_needs_size")
    drafts = tuple(_named(draft, taken) for draft in PRESETS[kind](wishes))
    if not drafts:
        raise Contradiction("plan_nothing")
    tree = _rules(kind, wishes)
    columns = {"headline": wishes.headline} if wishes.headline and wishes.headline != launch.headline else {}
    return Proposal(drafts, drops, None if tree == rules else tree, wishes.note, columns)


def check(rx: Tx, launch: Launch, proposal: Proposal) -> None:
    """Raise what saving would raise for its stages: BadGate or Contradiction. Writes nothing."""
    kept = [stage for stage in some(rx, stages(launch.id)) if stage.key not in proposal.drops]
    for draft in proposal.drafts:
        values = draft.columns()
        contradicting.refuse(rx, launch, values, kept)
        planned = SimpleNamespace(**values, ordinal=kept[-1].ordinal + 1, ended_at=None)
        kept.append(cast(Stage, planned))


def apply(tx: Tx, launch: Launch, proposal: Proposal, *, seen: int, actor: Actor, now: datetime) -> None:
    """Do what the proposal says, all or nothing; `seen` is the version of the rules it was made for.

    Raises NoSuchStage, BadGate, Contradiction, NeedsProof or RulesChanged.
    """
    for key in proposal.drops:
        staging.withdraw(tx, launch, key, actor=actor, now=now)
    if proposal.columns:
        tuning.change(tx, launch, proposal.columns, seen=None, actor=actor, now=now)
    if proposal.tree is not None:
        ruling.revise(tx, launch, proposal.tree, proposal.note, seen=seen, actor=actor, now=now)
    for draft in proposal.drafts:
        staging.add(tx, launch, draft, actor=actor, now=now)


def _vip(wishes: Wishes) -> list[Draft]:
    vips = {"kind": "listed", "list": wishes.list_key}
    every: dict[str, Any] = {"every_minutes": 60, "reserved_seats": wishes.reserved_seats, "backfill": True}
    first = _first(wishes, "vip", vips, mode="release", exits={"minutes": wishes.every_minutes}, **every)
    return [first, _waves(wishes, starts="after")]


def _campus(wishes: Wishes) -> list[Draft]:
    rule = {"kind": "domain", "domains": list(wishes.domains), "subdomains": wishes.subdomains}
    return [_first(wishes, "campus", rule, mode="redeem" if wishes.invite_only else "open")]


def _friends(wishes: Wishes) -> list[Draft]:
    founders = {"kind": "listed", "list": wishes.list_key}
    circle = {"kind": "within", "hops": wishes.hops, "list": wishes.list_key}
    return [
        _first(wishes, "founders", founders, mode="release", every_minutes=60),
        Draft("friends", circle, mode="redeem", kind="friends", starts="after"),
    ]


def _regions(wishes: Wishes) -> list[Draft]:
    rules = [{"kind": "country", "countries": list(group)} for group in wishes.groups]
    return _steps(wishes, "region", rules, mode="open")


def _departments(wishes: Wishes) -> list[Draft]:
    rules = [{"kind": "unit", "units": list(group)} for group in wishes.groups]
    steps = _steps(wishes, "unit", rules, mode="open")
    return [replace(step, starts="approval", starts_at=None, approvals=1, after_minutes=0) for step in steps]


def _beta(wishes: Wishes) -> list[Draft]:
    drawn = {"selects": "draw", "quota": wishes.size, "backfill": True, "every_minutes": wishes.every_minutes}
    exits = {"minutes": wishes.every_minutes, "clear": True}
    return [_first(wishes, "beta", None, mode="release", waves_most=2, exits=exits, **drawn), _everyone("approval")]


def _all_at_once(wishes: Wishes) -> list[Draft]:
    return [_first(wishes, "everyone", {"kind": "everyone"}, mode="open")]


def _slow(wishes: Wishes) -> list[Draft]:
    if not wishes.ramp:
        return [replace(_waves(wishes), starts_at=wishes.starts_at)]
    steps, before = [], 0
    for n, percent in enumerate(RAMP):
        # Of those who still wait: who came in by the steps before is not among them.
        share = -(-1_000_000 * (percent - before) // (100 - before))  # up: a share of them rounds down
        following: dict[str, Any] = {"starts": "after", "after_minutes": DAY} if n else {"starts_at": wishes.starts_at}
        size: dict[str, Any] = {"share_ppm": share, "exits": {"clear": True}}
        steps.append(Draft(f"ramp-{percent}", None, mode="release", kind="ramp", **size, **following))
        before = percent
    return steps


PRESETS: dict[str, Callable[[Wishes], list[Draft]]] = {
    "vip": _vip,
    "campus": _campus,
    "friends": _friends,
    "regions": _regions,
    "beta": _beta,
    "everyone": _all_at_once,
    "slow": _slow,
    "departments": _departments,
}


SIZED = ("slow", "beta")  # without a size they would be everybody at once


def _rules(kind: str, wishes: Wishes) -> dict[str, Any] | None:
    """Who may join by a preset, where it changes that."""
    if kind == "campus":
        rule = {"kind": "domain", "domains": sorted(wishes.domains), "subdomains": wishes.subdomains}
        return {"kind": "all_of", "gates": [rule, {"kind": "invited"}]} if wishes.invite_only else rule
    if kind == "friends":
        first = {"kind": "listed", "list": wishes.list_key}
        return {"kind": "any_of", "gates": [{"kind": "referred"}, {"kind": "invited"}, first]}
    return None


def _first(wishes: Wishes, key: str, tree: dict[str, Any] | None, **more: Any) -> Draft:
    return Draft(key, tree, starts_at=wishes.starts_at, kind=key, **more)


def _waves(wishes: Wishes, **more: Any) -> Draft:
    size: dict[str, Any] = {"quota": wishes.size, "every_minutes": wishes.every_minutes, "backfill": True}
    return Draft("waves", None, mode="release", kind="waves", **size, **more)


def _everyone(starts: str) -> Draft:
    return Draft("everyone", {"kind": "everyone"}, kind="everyone", starts=starts, approvals=1)


def _steps(wishes: Wishes, kind: str, rules: Sequence[dict[str, Any]], **more: Any) -> list[Draft]:
    steps = []
    for n, rule in enumerate(rules, 1):
        following = {"starts": "after", "after_minutes": wishes.every_minutes}
        when: dict[str, Any] = {"starts_at": wishes.starts_at} if n == 1 else following
        steps.append(Draft(f"{kind}-{n}", rule, kind=kind, **more, **when))
    return steps


def _named(draft: Draft, taken: set[str]) -> Draft:
    """The draft under a key that is free."""
    key, n = draft.key, 1
    while key in taken:
        n += 1
        key = f"{draft.key}-{n}"
    taken.add(key)
    return replace(draft, key=key)


def _is_ahead(stage: Stage, now: datetime) -> bool:
    return stage.ended_at is None and (stage.started_at is None or stage.started_at > now)
