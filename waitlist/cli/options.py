"""Kinds of options that click does not know: moments."""

from datetime import UTC, datetime

import click


class Moment(click.ParamType[datetime]):
    """A moment like 2026-03-09T14:03 or 2026-03-09, in UTC unless it says otherwise."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware moment; wrong use (exit code 2) for anything else."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no moment. Write it like 2026-03-09T14:03Z.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


WHEN = Moment()
