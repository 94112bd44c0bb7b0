"""Plain words: what people typed, fit to stand in a mail to somebody else. No links, no lines they did not own."""

import re
import unicodedata

from waitlist import domains

_LINK = re.compile(r"(?:https?|ftp|mailto|tel|javascript|data):\S*|\bwww\.\S+", re.IGNORECASE)
# What mail programs turn into a link by themselves: a name with a dot whose last part is a real ending.
_HOST = re.compile(r"(?:[\w%+.-]+@)?(?:[\w-]+\.)+(?P<ending>[^\W\d_]{2,}|xn--[\w-]+)\.?(?:[:/?#]\S*)?", re.IGNORECASE)
GONE = "…"


def one_line(text: str, longest: int = 120) -> str:
    """What a stranger typed, in one line, without control and invisible characters and without links."""
    return clean(unlinked(text), longest)


def clean(text: str, longest: int = 120) -> str:
    """What the team typed, in one line, without control and invisible characters; cut to `longest`."""
    return _cut(" ".join(_visible(text).split()), longest)


def paragraphs(text: str, longest: int = 1_000) -> str:
    """The text with its line breaks, without control and invisible characters and without links."""
    lines = [" ".join(_visible(line).split()) for line in unlinked(text).splitlines()]
    return _cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), longest)


def unlinked(text: str) -> str:
    """The text with every address of a page or mailbox replaced by an ellipsis."""
    without = _LINK.sub(GONE, unicodedata.normalize("NFKC", text))
    return _HOST.sub(lambda found: GONE if _is_ending(found["ending"]) else found[0], without)


def first_name(name: str) -> str:
    """The first word of a name, or "" when there is none."""
    words = one_line(name, 60).split()
    return words[0] if words else ""


def _visible(text: str) -> str:
    # Cc, Cf, Zl, Zp, Cs, Co, Cn: control, bidirectional and other characters that nobody sees.
    kinds = ((character, unicodedata.category(character)) for character in text)
    return "".join(" " if kind[0] == "C" or kind in ("Zl", "Zp") else character for character, kind in kinds)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _is_ending(label: str) -> bool:
    return domains.suffixes(icann=True).is_public(label.lower())
