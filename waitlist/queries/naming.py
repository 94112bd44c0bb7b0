"""Naming: how people are shown to other people."""

from waitlist.addresses import mask


def short_name(name: str) -> str:
    """ "Ben Lee" as "Ben L.", and "Ben" as he is."""
    first, *rest = name.split()
    return f"{first} {rest[-1][0]}." if rest else first


def shown_to_others(name: str, email: str, *, share_name: bool) -> str:
    """The name where the person allows it and has told one; otherwise their masked address, "c•••@…"."""
    return short_name(name) if share_name and name.strip() else mask(email)
