"""Whom a product means: our id, an address, or the product's own user id, within one launch."""

import sqlalchemy as sa

from waitlist.addresses import BadAddress, canon
from waitlist.db import Tx, one
from waitlist.models import entry as entries
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch


def entry_called(rx: Tx, launch: Launch, text: str) -> Entry | None:
    """The person with this entry id, address or external id in this launch, or None."""
    if not _is_storable(text):
        return None
    if text.startswith("ent_"):
        return one(rx, entries.by_public_id(launch.id, text))
    if "@" in text:
        try:
            found = one(rx, entries.by_address(launch.id, canon(text).key))
        except BadAddress:
            found = None
        if found is not None:
            return found
    return one(rx, sa.select(Entry).where(Entry.launch_id == launch.id, Entry.external_id == text))


def _is_storable(text: str) -> bool:
    # JSON may carry what no column can: NUL, and halves of a surrogate pair.
    return "\x00" not in text and text.encode("utf-8", "ignore").decode() == text
