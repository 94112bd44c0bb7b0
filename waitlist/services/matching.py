"""Matching: what a row of a file does with whoever has its address already."""

from waitlist.models.entry import Entry, State
from waitlist.models.upkeep import ImportRow, ImportRun


def fate(run: ImportRun, person: Entry | None, row: ImportRow) -> str:
    """What a row does with whoever has its address: new, confirm, updated, same, or the code of its problem."""
    if person is None:
        return "new"
    if person.state in (State.LEFT, State.REMOVED):
        return f"row_{person.state}"
    if person.state == State.UNCONFIRMED and run.options["ask"]:
        return "same"  # asked already; what they say themselves counts
    if run.options["only_add"]:
        return "same"
    if person.state == State.UNCONFIRMED:
        return "confirm"
    return "same" if said_of(person, row) == {"name": person.name, "language": person.language} else "updated"


def said_of(person: Entry, row: ImportRow) -> dict[str, str]:
    """The name and language of somebody who is there, as the file says them where it does."""
    data = row.data or {}
    return {"name": data["name"] or person.name, "language": data["language"] or person.language}
