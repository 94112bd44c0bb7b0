"""Languages, dates and numbers of every page: Flask-Babel, set up for catalogues without a compile step.

A page's language is `?lang`, else the saved choice (cookie `wl_lang`), else Accept-Language, else English.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale, dates, negotiate_locale, numbers
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug.utils import cached_property

from waitlist import catalogues
from waitlist.tokens import BadToken, Purpose, Tokens

LOCALE_COOKIE = "wl_lang"

# "4 March 2026, 17:00": absolute, 24 hours, in the order each language reads it.
_DAY = {"en": "d MMMM y", "fr": "d MMMM y"}
_MOMENT = {"en": "d MMMM y, HH:mm", "fr": "d MMMM y 'à' HH:mm"}


@dataclass(frozen=True)
class LanguageLink:
    """One choice of the language chooser: the same page in another language."""

    code: str
    name: str  # in its own language: "English", "Français"
    href: str
    current: bool


class CatalogueDomain(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """Flask-Babel's domain, reading our .po files."""

    def get_translations(self) -> Translations | NullTranslations:
        """The sentences of the page's language."""
        locale = str(page_locale())
        return catalogues.translations(locale) if locale in catalogues.locales() else NullTranslations()

    def ngettext(self, singular: str, plural: str, num: int, **variables: object) -> str:
        """A sentence that counts; the count is written as the page's language writes numbers."""
        text: str = self.get_translations().ungettext(singular, plural, num)
        return text % {"num": number(num), **variables}


class CatalogueBabel(Babel):  # type: ignore[misc]
    """Flask-Babel with the domain above as its default."""

    @cached_property
    def domain_instance(self) -> CatalogueDomain:
        """The domain every gettext call of a request uses."""
        return CatalogueDomain()


def init_i18n(app: Flask, tokens: Tokens) -> None:
    """Give the app its languages, and templates `when`, `day`, `clock`, `ago`, `number` and `language_links`.

    `tokens` proves the cookie that remembers a choice.
    """
    offered = catalogues.locales()
    for locale in offered:
        catalogues.translations(locale)  # a conflict between catalogues stops the start, not a visitor
    CatalogueBabel(app, locale_selector=lambda: choose_locale(offered, tokens))
    app.jinja_env.globals["ngettext"] = _counting(cast("Callable[..., str]", app.jinja_env.globals["ngettext"]))
    app.jinja_env.filters.update(when=when, day=day, clock=clock, ago=ago, number=number, date_of=date_of)
    app.jinja_env.globals.update(
        page_locale=page_locale, text_direction=text_direction, language_links=lambda: language_links(offered)
    )


def choose_locale(offered: Sequence[str], tokens: Tokens) -> str:
    """The language of this request, one of those offered (the first is the default)."""
    if not has_request_context():
        return offered[0]
    asked = request.args.get("lang", "")
    if asked in offered:
        return asked
    cookie = request.cookies.get(f"__Host-{LOCALE_COOKIE}") or request.cookies.get(LOCALE_COOKIE)
    saved = read_saved_locale(cookie, tokens) if cookie else ""
    if saved in offered:
        return saved
    # Werkzeug's best_match would answer "fr-CA, en;q=0.5" in English, the only tag it knows letter by letter.
    wanted = [tag for tag, quality in request.accept_languages if quality > 0]
    return negotiate_locale(wanted, offered, sep="-") or offered[0]


def saved_locale(locale: str, tokens: Tokens) -> str:
    """The signed value of the cookie that remembers a chosen language."""
    return tokens.sign_data(Purpose.LANGUAGE, locale)


def read_saved_locale(cookie: str, tokens: Tokens) -> str:
    """The language a cookie remembers; "" when it is not one of ours."""
    try:
        locale = tokens.read_data(Purpose.LANGUAGE, cookie)
    except BadToken:
        return ""
    return locale if isinstance(locale, str) else ""


def language_links(offered: Sequence[str]) -> list[LanguageLink]:
    """This page in each language offered; the rest of the query (a referral, a page number) stays."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    here = str(page_locale())
    return [
        LanguageLink(code, _own_name(code), "?" + urlencode([*kept, ("lang", code)]), current=code == here)
        for code in offered
    ]


def page_locale() -> Locale:
    """The language of the page being made; English outside a page."""
    return get_locale() or Locale.parse(catalogues.SOURCE_LOCALE)


def text_direction() -> str:
    """ "ltr" or "rtl", for `<html dir>`."""
    return page_locale().text_direction


def when(moment: datetime, tz: str | tzinfo = "UTC") -> Markup:
    """A moment as people read it, "4 March 2026, 17:00 CET", inside `<time datetime>`.

    Raises ValueError for a datetime without a time zone.
    """
    local = _local(moment, tz)
    text = dates.format_datetime(local, _pattern(_MOMENT, "long"), tzinfo=local.tzinfo, locale=page_locale())
    return _time(local.isoformat(timespec="seconds"), f"{text} {zone_name(local)}")


def day(moment: datetime, tz: str | tzinfo = "UTC") -> Markup:
    """The day of a moment in a time zone, "4 March 2026", inside `<time datetime>`."""
    local = _local(moment, tz)
    return _time(local.date().isoformat(), dates.format_date(local.date(), _pattern(_DAY, "long"), page_locale()))


def date_of(day: date) -> str:
    """A day of the calendar, "4 March 2026", as plain text."""
    return dates.format_date(day, _pattern(_DAY, "long"), page_locale())


def clock(moment: datetime, tz: str | tzinfo = "UTC", seconds: bool = False) -> Markup:
    """The time of day, "14:03" or "14:03:10", inside `<time datetime>`."""
    local = _local(moment, tz)
    return _time(local.isoformat(timespec="seconds"), f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}")


def ago(moment: datetime, now: datetime) -> str:
    """How far a moment is from now, "3 days ago" or "in 3 days"."""
    return dates.format_timedelta(moment - now, add_direction=True, locale=page_locale())


def number(value: int | float) -> str:
    """A number with the separators of the page's language: 1,318 or 1 318."""
    return numbers.format_decimal(value, locale=page_locale())


def _counting(plain: Callable[..., str]) -> Callable[..., str]:
    """Jinja's own ngettext, with the count written as the page's language writes numbers."""

    @pass_context
    def ngettext(context: Context, singular: str, plural: str, num: int, **variables: object) -> str:
        return plain(context, singular, plural, num, **{"num": number(num), **variables})

    return ngettext


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


def _local(moment: datetime, tz: str | tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment shown to people needs a time zone")
    return moment.astimezone(ZoneInfo(tz) if isinstance(tz, str) else tz)


def _pattern(patterns: dict[str, str], otherwise: str) -> str:
    return patterns.get(page_locale().language, otherwise)


def zone_name(local: datetime) -> str:
    # Zones without letters are named by their offset, "-03" in the data: shown as UTC-03.
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _time(machine: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, text)
