"""The one clock. Only doors read it; everything below takes `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)
