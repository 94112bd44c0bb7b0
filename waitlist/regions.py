"""Regions: names that stand for many countries, by the United Nations' M49 codes. Rules keep the countries alone.

So a rule stays what it was when a region's borders are drawn anew, and everybody reads whom it lets in.
"""

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("data") / "m49.csv"

# M49's larger regions, by the ones they are made of.
LARGER = {
    "002": ("015", "202"),
    "202": ("011", "014", "017", "018"),
    "003": ("021", "013", "029"),
    "419": ("013", "029", "005"),
    "019": ("021", "419"),
    "142": ("030", "034", "035", "143", "145"),
    "150": ("151", "154", "039", "155"),
    "009": ("053", "054", "057", "061"),
}
# "North America" may mean two things: with Mexico (003), or Bermuda, Canada, Greenland, St. Pierre and the US (021).
NAMES = {
    "africa": "002", "northern africa": "015", "sub-saharan africa": "202", "western africa": "011",
    "eastern africa": "014", "middle africa": "017", "southern africa": "018",
    "americas": "019", "north america": "003", "northern america": "021", "central america": "013", "caribbean": "029",
    "south america": "005", "latin america": "419",
    "asia": "142", "eastern asia": "030", "southern asia": "034", "south-eastern asia": "035", "central asia": "143",
    "western asia": "145",
    "europe": "150", "eastern europe": "151", "northern europe": "154", "southern europe": "039",
    "western europe": "155", "oceania": "009", "australasia": "053", "melanesia": "054", "micronesia": "057",
    "polynesia": "061",
}  # fmt: skip


def countries_of(region: str) -> tuple[str, ...]:
    """The countries of a region by its M49 code or its English name, sorted; empty for what is no region."""
    typed = " ".join(region.casefold().split())
    return tuple(sorted(_expanded(NAMES.get(typed, typed))))


def _expanded(code: str) -> set[str]:
    if code in LARGER:
        return {country for part in LARGER[code] for country in _expanded(part)}
    return set(_table().get(code, ()))


@cache
def _table() -> dict[str, tuple[str, ...]]:
    lines = (line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {code: tuple(members.split()) for code, _, members in (line.partition(",") for line in lines)}
