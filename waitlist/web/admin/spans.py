"""A length of time in a form: a number and its unit."""

from typing import Any

from flask_babel import gettext

from waitlist.web.admin.fields import Fields

UNITS = {"d": 24 * 60, "h": 60, "m": 1}
MOST = 366 * 24 * 60  # minutes


def read_span(fields: Fields, name: str) -> int | None:
    """Minutes, or None where the number was left empty."""
    unit = UNITS[fields.choice(f"{name}_unit", UNITS) or "d"]
    number = fields.number(name, 1, MOST // unit)
    return None if number is None else number * unit


def shown_span(name: str, minutes: int | None) -> dict[str, Any]:
    """What the two fields show: the largest unit that fits."""
    if not minutes:
        return {name: "", f"{name}_unit": "d"}
    unit = next(unit for unit, size in UNITS.items() if minutes % size == 0)
    return {name: minutes // UNITS[unit], f"{name}_unit": unit}


def unit_options() -> list[tuple[str, str]]:
    """The units for a select."""
    return [("d", gettext("days")), ("h", gettext("hours")), ("m", gettext("minutes"))]
