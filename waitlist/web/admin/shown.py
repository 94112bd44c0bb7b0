"""Who was shown on a page, carried by the page itself, so that it can say how many changed since."""

import base64
import binascii
import zlib

from waitlist.services.cutting import Cut

MOST = 20_000  # people; with more of them the page says that people changed, and not how many
_LONGEST = 400_000  # bytes once unpacked


def packed(cut: Cut) -> str:
    """The people of a cut as a short text, or nothing where they are too many."""
    if len(cut.chosen) + len(cut.newcomers) > MOST:
        return ""
    return base64.urlsafe_b64encode(zlib.compress("\n".join(sorted(_names(cut))).encode(), 9)).decode()


def changed(text: str, present: Cut) -> int | None:
    """How many people stand in one of the two only; None where the page did not carry them."""
    if not text:
        return None
    try:
        unpacked = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), _LONGEST).decode()
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        return None
    return len(set(unpacked.split("\n")) ^ _names(present))


def _names(cut: Cut) -> set[str]:
    return {str(entry_id) for entry_id in cut.chosen} | {str(stranger["email_key"]) for stranger in cut.newcomers}
