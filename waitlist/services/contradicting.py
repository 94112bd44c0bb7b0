"""Contradicting: a plan that cannot be carried out is refused before it is saved, with what to mend."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.gates.ticket import WHOLE
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.stage import Stage


class Contradiction(ValueError):
    """Parts of a plan exclude each other. `code` names the sentence, `params` fill it in."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


YEAR = 366 * 24 * 60  # minutes
EXITS = frozenset({"minutes", "admitted", "redeemed", "clear", "ended"})


def refuse(tx: Tx, launch: Launch, stage: dict[str, Any], before: Sequence[Stage]) -> None:
    """Raise Contradiction for a stage (its columns by name) that cannot follow these, or not be at all."""
    _refuse_numbers(stage)
    _refuse_shape(stage)
    _refuse_seats(tx, launch, stage, before)
    _refuse_order(launch, stage, before)


def _refuse_numbers(stage: dict[str, Any]) -> None:
    def within(name: str, low: int, high: int) -> bool:
        return stage[name] is None or low <= stage[name] <= high

    if not within("share_ppm", 1, WHOLE):
        raise Contradiction("plan_share", stage=stage["key"])
    numbers = {"quota": (1, 1_000_000), "reserved_seats": (0, 1_000_000), "every_minutes": (1, YEAR)}
    numbers |= {"waves_most": (1, 1_000), "after_minutes": (0, YEAR), "approvals": (0, 9)}
    for name, (low, high) in numbers.items():
        if not within(name, low, high):
            raise Contradiction("plan_number", stage=stage["key"], low=low, high=high)
    if unknown := set(stage["exits"]) - EXITS:
        raise Contradiction("plan_exit_unknown", stage=stage["key"], name=min(unknown))


def _refuse_shape(stage: dict[str, Any]) -> None:
    """What a stage of its kind cannot have."""
    key = stage["key"]
    sized = stage["quota"] is not None or stage["share_ppm"] is not None
    paced = stage["every_minutes"] is not None or stage["waves_most"] is not None
    if stage["mode"] != "release" and (sized or paced or stage["backfill"] or stage["selects"] != "fifo"):
        raise Contradiction("plan_sized_without_waves", stage=key)
    if stage["mode"] == "open" and stage["reserved_seats"]:
        raise Contradiction("plan_open_reserves", stage=key)
    if stage["quota"] is not None and stage["share_ppm"] is not None:
        raise Contradiction("plan_quota_and_share", stage=key)
    if stage["waves_most"] is not None and stage["every_minutes"] is None:
        raise Contradiction("plan_waves_without_every", stage=key)
    if stage["starts"] == "at" and stage["started_at"] is None:
        raise Contradiction("plan_without_a_moment", stage=key)


def _refuse_seats(tx: Tx, launch: Launch, stage: dict[str, Any], before: Sequence[Stage]) -> None:
    key, seats = stage["key"], launch.seats
    if seats is None and stage["reserved_seats"]:
        raise Contradiction("plan_reserves_without_seats", stage=key)
    if seats is None:
        return
    reserved = stage["reserved_seats"] + sum(other.reserved_seats for other in before)
    if reserved > seats:
        raise Contradiction("plan_reserves_too_many", stage=key, reserved=reserved, seats=seats)
    if stage["quota"] is not None and stage["quota"] > seats:
        raise Contradiction("plan_quota_over_seats", stage=key, quota=stage["quota"], seats=seats)
    if _is_for_all(stage["mode"], stage["tree"]):
        inside = (State.UNCONFIRMED, State.WAITING, State.INVITED, State.JOINED, State.LAPSED)
        people = sa.select(sa.func.count()).where(Entry.launch_id == launch.id, Entry.state.in_(inside))
        if (n := tx.scalar(people) or 0) > seats:
            raise Contradiction("plan_everyone_over_seats", stage=key, people=n, seats=seats)


def _refuse_order(launch: Launch, stage: dict[str, Any], before: Sequence[Stage]) -> None:
    key, at = stage["key"], stage["started_at"]
    live = [other for other in before if other.ended_at is None or other.started_at is not None]
    for other in live:
        if _is_for_all(other.mode, other.tree):
            raise Contradiction("plan_after_everyone", stage=key, other=other.key)
    for other in live:
        if stage["starts"] == "at" and other.ordinal > 1 and other.started_at is not None and at < other.started_at:
            raise Contradiction("plan_before_its_turn", stage=key, other=other.key)
    if launch.opens_at is not None and at is not None and at < launch.opens_at:
        raise Contradiction("plan_before_opening", stage=key)
    last = live[-1] if live else None
    if stage["starts"] == "after" and last is not None:
        _refuse_exit(stage, last)


def _refuse_exit(stage: dict[str, Any], last: Stage) -> None:
    """A stage that could never start, because the one before it never gets so far."""
    most = last.waves_most or (1 if last.every_minutes is None else None)
    wanted = max(last.exits.get("admitted", 0), last.exits.get("redeemed", 0))
    total = last.quota * most if last.mode == "release" and last.quota is not None and most is not None else None
    if total is not None and wanted > total:
        raise Contradiction("plan_exit_never", stage=stage["key"], other=last.key, wanted=wanted, most=total)
    if last.exits.get("ended") and last.mode != "release":
        raise Contradiction("plan_open_never_ends", stage=stage["key"], other=last.key)


def _is_for_all(mode: str, tree: dict[str, Any] | None) -> bool:
    return mode == "open" and tree is not None and tree["kind"] == "everyone"
