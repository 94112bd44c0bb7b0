"""The nouns. Importing this package makes every table known to the metadata."""

from waitlist.models import (
    access,
    entry,
    event,
    experiment,
    hold,
    invite,
    launch,
    message,
    picture,
    rank,
    referral,
    stage,
    sweep,
    tag,
    upkeep,
    wave,
)

__all__ = [
    "access",
    "entry",
    "event",
    "experiment",
    "hold",
    "invite",
    "launch",
    "message",
    "picture",
    "rank",
    "referral",
    "stage",
    "sweep",
    "tag",
    "upkeep",
    "wave",
]
