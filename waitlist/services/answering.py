"""Answering: what a person says to the custom questions, with the form or after the confirmation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from waitlist.actors import Actor
from waitlist.db import Tx, insert
from waitlist.models.entry import Answer
from waitlist.models.launch import Launch
from waitlist.services.recording import record


def answer(tx: Tx, launch: Launch, entry_id: int, answers: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Keep what somebody in line answers now; a later answer replaces an earlier one.

    `answers` are by question id (as text), as an application carries them.
    """
    keep(tx, entry_id, answers, now)
    record(tx, "answering.answered", launch.id, ("entry", entry_id), actor, now, {"questions": len(answers)})


def keep(tx: Tx, entry_id: int, answers: Mapping[str, Any], now: datetime) -> None:
    """Write the answers down, each to the version of the question that was asked."""
    for question_id, value in answers.items():
        statement = insert(tx, Answer).values(
            entry_id=entry_id, question_id=int(question_id), value=value, answered_at=now
        )
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["entry_id", "question_id"], set_={"value": value, "answered_at": now}
            )
        )
