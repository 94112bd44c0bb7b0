"""Presses: what the first press of a form came to, for the page that shows its result."""

from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.launch import Launch
from waitlist.models.upkeep import Once


def outcome(tx: Tx, launch: Launch, purpose: str, nonce: str) -> dict[str, Any]:
    """The recorded outcome; empty where there is none (any more)."""
    found: dict[str, Any] | None = tx.scalar(
        sa.select(Once.outcome).where(
            Once.key == f"{purpose}:{nonce}", Once.purpose == purpose, Once.launch_id == launch.id
        )
    )
    return found or {}
