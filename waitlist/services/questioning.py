"""Questioning: what people are asked when they join. Other words make a new version and keep the old answers true."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, some
from waitlist.models.launch import Launch, Question, locked, questions
from waitlist.services.recording import record


@dataclass(frozen=True)
class Wording:
    """One question as the team writes it. `key` is None for a new one; `choices` are texts, for kinds one and many."""

    key: str | None
    kind: str  # one, many, short, long
    label: str
    hint: str = ""
    required: bool = False
    may_decline: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 500

    @property
    def light(self) -> dict[str, Any]:
        """What may change without a new version."""
        return {"hint": self.hint, "required": self.required, "may_decline": self.may_decline}

    @property
    def words(self) -> dict[str, Any]:
        """What makes a new version when it changes."""
        return {"kind": self.kind, "label": self.label, "choices": list(self.choices), "longest": self.longest}


def put(tx: Tx, launch: Launch, wordings: Sequence[Wording], *, actor: Actor, now: datetime) -> int:
    """Ask these questions in this order from now on; those left out are retired. Returns how many versions are new."""
    tx.execute(locked(launch.id))
    asked = {question.key: question for question in some(tx, questions(launch.id))}
    kept, new = set(), 0
    for ordinal, wording in enumerate(wordings, 1):
        present = asked.get(wording.key or "")
        if present is not None and all(getattr(present, name) == value for name, value in wording.words.items()):
            kept.add(present.id)
            tx.execute(
                sa.update(Question).where(Question.id == present.id).values(wording.light | {"ordinal": ordinal})
            )
        else:
            _insert(tx, launch, wording, ordinal, present)
            new += 1
    gone = [question.id for question in asked.values() if question.id not in kept]
    tx.execute(sa.update(Question).where(Question.id.in_(gone)).values(retired_at=now))
    data = {"questions": len(wordings), "new": new, "retired": len(gone)}
    record(tx, "questioning.put", launch.id, ("launch", launch.id), actor, now, data)
    return new


def _insert(tx: Tx, launch: Launch, wording: Wording, ordinal: int, before: Question | None) -> None:
    row = wording.words | wording.light | {"ordinal": ordinal}
    row["key"] = before.key if before is not None else f"q_{secrets.token_hex(4)}"
    row["version"] = before.version + 1 if before is not None else 1
    tx.execute(sa.insert(Question).values(launch_id=launch.id, **row))
