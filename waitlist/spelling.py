"""Spelling: is one word a slip of the finger away from another?"""

from collections.abc import Iterable


def one_slip(typed: str, meant: str) -> bool:
    """True when one letter was added, left out, replaced, or swapped with its neighbour; False for equal words."""
    if typed == meant:
        return False
    short, long = sorted((typed, meant), key=len)
    same = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) - len(short) == 1:
        return short[same:] == long[same + 1 :]
    if len(long) != len(short):
        return False
    swapped = short[same : same + 2] == long[same : same + 2][::-1]
    return short[same + 1 :] == long[same + 1 :] or (swapped and short[same + 2 :] == long[same + 2 :])


def nearest(typed: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that is a slip away, or None. Two that fit as well are no help, so they give None too."""
    near = {candidate for candidate in candidates if one_slip(typed, candidate)}
    return near.pop() if len(near) == 1 else None
