"""Answers: what somebody said to the questions that are asked today."""

from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Answer
from waitlist.models.launch import Question


def answers_of(tx: Tx, entry_id: int) -> dict[str, Any]:
    """The newest answer of one entry to each question by its key, also to an older version of it."""
    rows = tx.execute(
        sa.select(Question.key, Answer.value)
        .join(Answer, Answer.question_id == Question.id)
        .where(Answer.entry_id == entry_id)
        .order_by(Question.version)
    )
    return {row.key: row.value for row in rows}
