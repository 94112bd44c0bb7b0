"""Organising: the tree of an organisation's departments is read as a whole, and whoever stands in one moves with it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, some
from waitlist.models.entry import Entry, StoredFact
from waitlist.models.launch import Launch, locked
from waitlist.models.unit import OrgUnit, units_of
from waitlist.services.recording import record

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class BadTree(ValueError):
    """A tree that cannot be. `code` is a sentence of the catalogue, `units` say which departments."""

    def __init__(self, code: str, units: Sequence[str]) -> None:
        super().__init__(code)
        self.code = code
        self.units = " → ".join(units)


@dataclass(frozen=True)
class Branch:
    """One line of the file: a department, and the one above it ("": none)."""

    key: str
    parent: str = ""
    title: str = ""


def paths(branches: Iterable[Branch]) -> dict[str, str]:
    """The path of each department. Raises BadTree for a bad or repeated key, a missing parent, or a circle."""
    parents: dict[str, str] = {}
    for branch in branches:
        if not KEY.fullmatch(branch.key):
            raise BadTree("unit_bad_key", [branch.key])
        if branch.key in parents:
            raise BadTree("unit_twice", [branch.key])
        parents[branch.key] = branch.parent
    for key, parent in parents.items():
        if parent and parent not in parents:
            raise BadTree("unit_no_parent", [key, parent])
    return {key: "/".join(reversed(_upwards(key, parents))) for key in parents}


def organise(tx: Tx, launch: Launch, branches: Sequence[Branch], *, actor: Actor, now: datetime) -> int:
    """Put this tree in place of the one before, and move people with their departments; returns how many moved."""
    wanted = paths(branches)
    titles = {branch.key: branch.title for branch in branches}
    tx.execute(locked(launch.id))
    before = {unit.key: unit.path for unit in some(tx, units_of(launch.id))}
    tx.execute(sa.delete(OrgUnit).where(OrgUnit.launch_id == launch.id))
    rows = [{"launch_id": launch.id, "key": key, "path": path, "title": titles[key]} for key, path in wanted.items()]
    if rows:
        tx.execute(sa.insert(OrgUnit), rows)
    renamed = {old: wanted[key] for key, old in before.items() if key in wanted and wanted[key] != old}
    moved = _move_people(tx, launch, renamed)
    data = {"units": len(rows), "moved": moved}
    record(tx, "organising.organised", launch.id, ("launch", launch.id), actor, now, data)
    return moved


def _upwards(key: str, parents: dict[str, str]) -> list[str]:
    """A department and everything above it, the nearest first."""
    way = [key]
    while parents[way[-1]]:
        above = parents[way[-1]]
        if above in way:
            raise BadTree("unit_circle", [*way[way.index(above) :], above])
        way.append(above)
    return way


def _move_people(tx: Tx, launch: Launch, renamed: dict[str, str]) -> int:
    """Whoever stood in a department that has another path by now has that one."""
    here = sa.select(StoredFact).join(Entry, Entry.id == StoredFact.entry_id)
    facts = some(tx, here.where(Entry.launch_id == launch.id, StoredFact.name == "unit")) if renamed else ()
    moved = [fact for fact in facts if fact.value in renamed]
    for fact in moved:
        tx.execute(sa.update(StoredFact).where(StoredFact.id == fact.id).values(value=renamed[fact.value]))
    return len(moved)
