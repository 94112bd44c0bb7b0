"""Which language a page speaks, and how it writes moments and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext, ngettext

from waitlist import catalogues, i18n
from waitlist.tokens import Purpose, Tokens

TOKENS = Tokens([b"an older key", b"the newest key"])
TEATIME = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__, template_folder=str(Path(__file__).parent.parent / "templates"))
    i18n.init_i18n(app, TOKENS)
    app.add_url_rule("/", view_func=lambda: f"{i18n.page_locale()} {i18n.text_direction()} {gettext('Privacy')}")
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(params=["en", "fr"])
def spoken(app: Flask, request: pytest.FixtureRequest) -> Iterator[str]:
    with app.test_request_context(), force_locale(request.param):
        yield request.param


def test_a_browser_that_prefers_french_is_answered_in_french(client: FlaskClient) -> None:
    assert client.get("/", headers={"Accept-Language": "fr-CA,en;q=0.5"}).text == "fr ltr Confidentialité"


@pytest.mark.parametrize("header", ["", "tlh", "*", ";;;q=", "de-AT", "fr;q=0"])
def test_any_other_browser_is_answered_in_english(client: FlaskClient, header: str) -> None:
    assert client.get("/", headers={"Accept-Language": header}).text == "en ltr Privacy"


def test_a_saved_choice_beats_the_browser(client: FlaskClient) -> None:
    client.set_cookie("wl_lang", i18n.saved_locale("fr", TOKENS))
    assert client.get("/", headers={"Accept-Language": "en"}).text.startswith("fr")


def test_a_choice_saved_under_an_older_key_is_still_known(client: FlaskClient) -> None:
    client.set_cookie("wl_lang", i18n.saved_locale("fr", Tokens([b"an older key"])))
    assert client.get("/").text.startswith("fr")


@pytest.mark.parametrize("value", ["fr", "", "x" * 3000, i18n.saved_locale("fr", Tokens([b"a foreign key"]))])
def test_a_choice_nobody_signed_is_not_believed(client: FlaskClient, value: str) -> None:
    client.set_cookie("wl_lang", value)
    assert client.get("/").text.startswith("en")


def test_a_signed_choice_that_is_no_language_is_not_believed(client: FlaskClient) -> None:
    client.set_cookie("wl_lang", TOKENS.sign_data(Purpose.LANGUAGE, ["fr"]))
    assert client.get("/").text.startswith("en")


def test_a_token_of_another_purpose_is_no_choice(client: FlaskClient) -> None:
    client.set_cookie("wl_lang", TOKENS.sign_data(Purpose.FIRST_TOUCH, "fr"))
    assert client.get("/").text.startswith("en")


def test_the_link_somebody_presses_beats_everything(client: FlaskClient) -> None:
    client.set_cookie("wl_lang", i18n.saved_locale("fr", TOKENS))
    assert client.get("/?lang=en", headers={"Accept-Language": "fr"}).text.startswith("en")


def test_a_language_that_does_not_exist_is_passed_over(client: FlaskClient) -> None:
    assert client.get("/?lang=../../etc", headers={"Accept-Language": "fr"}).text.startswith("fr")


def test_language_links_keep_the_rest_of_the_address(app: Flask) -> None:
    with app.test_request_context("/w/campus?r=7K2P&lang=fr&page=2"):
        english, french = i18n.language_links(["en", "fr"])
    assert (english.name, english.href, english.current) == ("English", "?r=7K2P&page=2&lang=en", False)
    assert (french.name, french.href, french.current) == ("Français", "?r=7K2P&page=2&lang=fr", True)


def test_a_mail_outside_any_page_speaks_the_language_it_is_told(app: Flask) -> None:
    with app.app_context():
        assert gettext("Privacy") == "Privacy"
        with force_locale("fr"):
            assert gettext("Privacy") == "Confidentialité"


def test_a_moment_is_absolute_and_names_its_zone(spoken: str) -> None:
    words = {"en": "4 March 2026, 17:00 CET", "fr": "4 mars 2026 à 17:00 CET"}[spoken]
    assert i18n.when(TEATIME, "Europe/Berlin") == f'<time datetime="2026-03-04T17:00:00+01:00">{words}</time>'


def test_a_zone_without_letters_is_named_by_its_offset(app: Flask) -> None:
    with app.test_request_context():
        assert "13:00 UTC-03" in i18n.when(TEATIME, "America/Sao_Paulo")


def test_a_day_is_the_day_of_the_place_it_happens_in(spoken: str) -> None:
    late = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    words = {"en": "5 March 2026", "fr": "5 mars 2026"}[spoken]
    assert i18n.day(late, "Europe/Berlin") == f'<time datetime="2026-03-05">{words}</time>'


def test_a_clock_shows_seconds_when_asked(app: Flask) -> None:
    with app.test_request_context():
        assert ">16:00</time>" in i18n.clock(TEATIME)
        assert ">16:00:00</time>" in i18n.clock(TEATIME, seconds=True)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        i18n.when(datetime(2026, 3, 4, 16, 0))  # noqa: DTZ001 - the point of the test


def test_distance_in_time_is_said_in_words(spoken: str) -> None:
    ahead, behind = {"en": ("in 3 days", "2 hours ago"), "fr": ("dans 3 jours", "il y a 2 heures")}[spoken]
    assert i18n.ago(TEATIME + timedelta(days=3), TEATIME) == ahead
    assert i18n.ago(TEATIME - timedelta(hours=2), TEATIME) == behind


def test_a_number_has_the_separators_of_the_language(spoken: str) -> None:
    assert i18n.number(1318) == {"en": "1,318", "fr": "1\u202f318"}[spoken]


def test_a_sentence_that_counts_writes_its_number_like_any_other(app: Flask, spoken: str) -> None:
    words = {"en": "1,318 people", "fr": "1\u202f318 personnes"}[spoken]
    assert ngettext("%(num)s person", "%(num)s people", 1318) == words
    assert render_template_string("{{ ngettext('%(num)s person', '%(num)s people', 1318) }}") == words


def test_french_ends_no_line_before_a_colon_or_a_question_mark() -> None:
    strings = [message.string for message in catalogues.merged("fr") if isinstance(message.string, str)]
    assert any("\N{NO-BREAK SPACE}:" in text for text in strings)
    assert not [text for text in strings if any(f" {mark}" in text for mark in ":;?!»") or "« " in text]
