"""Screening: what the deny list and the rules say of imported rows, a chunk at a time."""

from collections.abc import Sequence
from datetime import datetime

from waitlist.db import Tx, one
from waitlist.gates import parse
from waitlist.gates.answers import Admits, Answer, Refuses
from waitlist.models.facts import Somebody, applicants, denied_among
from waitlist.models.launch import Launch, gate_in_force
from waitlist.models.upkeep import ImportRow


def refusals(tx: Tx, launch: Launch, rows: Sequence[ImportRow], referred: set[int], now: datetime) -> dict[int, str]:
    """The code of the refusal for each row that may not enter, by row number; `referred` rows came by somebody."""
    revision = one(tx, gate_in_force(launch.id))
    assert revision is not None, "every launch has rules from its first day"
    gate = parse(revision.tree)
    # Negative numbers: these people have no entry id yet, under which facts of others are kept.
    people = [
        Somebody(-row.row_no, row.data["domain"], row.data["abuse_key"], row.row_no in referred)
        for row in rows
        if row.data is not None
    ]
    denied = denied_among(tx, launch.id, people, now)
    facts = applicants(tx, launch.id, people, now, invited=False)
    codes = {}
    for person in people:
        if person.entry_id in denied:
            codes[-person.entry_id] = "row_denied"
        elif (code := _code(gate.answer(facts[person.entry_id], now))) is not None:
            codes[-person.entry_id] = code
    return codes


def _code(answer: Answer) -> str | None:
    if isinstance(answer, Admits):
        return None
    return answer.code if isinstance(answer, Refuses) else "row_fact_missing"
