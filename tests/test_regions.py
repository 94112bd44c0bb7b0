"""The regions' table against what CLDR and the time zone database say of the same countries."""

from __future__ import annotations

import pytest
from babel import Locale
from babel.core import get_global

from waitlist import regions
from waitlist.gates.country import CODES

CONTINENTS = {"002": "Africa", "019": "America", "142": "Asia", "150": "Europe"}
UNPLACED = {"AC", "AQ", "CP", "CQ", "DG", "EA", "IC", "TA"}  # the ice, and islands that CLDR knows and M49 does not


def test_every_country_stands_in_exactly_one_region() -> None:
    found = [country for code in regions._table() for country in regions.countries_of(code)]
    assert len(found) == len(set(found)) == 249
    assert set(found) == CODES - UNPLACED
    world = {country for code in ("002", "019", "142", "150", "009") for country in regions.countries_of(code)}
    assert world == set(found)


@pytest.mark.parametrize("code", sorted({*regions.LARGER, *regions.NAMES.values()}))
def test_cldr_calls_a_region_by_the_same_code(code: str) -> None:
    assert code in Locale("en").territories
    assert regions.countries_of(code)


@pytest.mark.parametrize(("code", "continent"), CONTINENTS.items())
def test_countries_keep_the_time_of_their_continent(code: str, continent: str) -> None:
    zones = get_global("territory_zones")
    # Islands keep the time of an ocean, and these that of a neighbour across a sea.
    elsewhere = {"BV", "CY", "AM", "AZ", "GE", "TR", "KZ", "RU", "SJ"}
    for country in set(regions.countries_of(code)) - elsewhere:
        areas = {zone.partition("/")[0] for zone in zones.get(country, [])}
        assert not areas or areas & {continent, "Atlantic", "Indian", "Pacific", "Arctic"}, country


def test_north_america_is_ambiguous_and_mexico_is_what_tells_the_two_apart() -> None:
    assert regions.countries_of("021") == ("BM", "CA", "GL", "PM", "US")
    assert regions.countries_of("Northern  America") == regions.countries_of("021")
    assert {"MX", "US", "PR"} <= set(regions.countries_of("North America"))
    assert regions.countries_of("003") == regions.countries_of("North America")
    assert "MX" not in regions.countries_of("021")


def test_what_is_no_region_stands_for_nobody() -> None:
    for word in ("", "000", "Atlantis", "US"):
        assert regions.countries_of(word) == ()
