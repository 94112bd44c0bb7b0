"""Rendering: a letter's facts become the exact bytes that leave. The same letter always gives the same bytes.

Mail templates have an environment of their own: it knows no request, no settings and no rows, refuses underscore
attributes, and escapes every value in HTML. What people typed is a value, so `{{ config }}` in a name stays text.
"""

import logging
import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

import css_inline
from babel import Locale, dates, numbers
from jinja2 import FileSystemLoader, StrictUndefined, pass_context
from jinja2.environment import TemplateExpression
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from waitlist import catalogues, typesetting
from waitlist.i18n import zone_name
from waitlist.letters import Class, Letter
from waitlist.stationery import Stationery
from waitlist.variables import KINDS, variables_of
from waitlist.words import Words, faults

WIDTH = 76  # columns of the text part
_MOMENT = {"en": "EEEE d MMMM y, HH:mm", "fr": "EEEE d MMMM y 'à' HH:mm"}
_DAY = {"en": "d MMMM y", "fr": "d MMMM y"}
_INLINER = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
# A sentence that a kind's two parts share is a template of its own: its name in the facts, and its file.
_SHARED: dict[str, tuple[tuple[str, str], ...]] = {
    "already_in_line": (("state_sentence", "already_in_line.state"),),
    "invite": (("policy_sentence", "invite.policy"),),
    "invite_reminder": (("policy_sentence", "invite.policy"),),
    "invite_ended": (("after_sentence", "invite_ended.after"),),
    "place_digest": (("moved_sentence", "place_digest.moved"), ("why_sentence", "place_digest.why")),
    "team_alert": (("happened", "team_alert.happened"),),
}
log = logging.getLogger("waitlist.letters")


@dataclass(frozen=True)
class Written:
    """A letter in words."""

    subject: str
    text: str
    html: str


def write(letter: Letter) -> Written:
    """The letter's subject, text and HTML in its language (English where we do not speak it).

    The team's own words never stop a mail: where they do not fit (any more), the service's own stand instead.
    """
    environment = environment_of(letter.language if letter.language in catalogues.locales() else "en")
    facts = {**letter.facts, "tz": letter.tz}
    kind = letter.written_as
    for fact, file in (("why", "why"), *_SHARED.get(kind, ()), ("subject", f"{kind}.subject")):
        facts[fact] = environment.get_template(f"mail/{file}.txt").render(facts).strip("\n ")
    name = kind
    if letter.words is not None and _fits(letter.words, kind):
        facts |= {"kind": kind, **_own(environment, letter.words, kind, facts)}
        name = "own"
    if letter.tests:
        facts["subject"] = f"[TEST] {facts['subject']}"
    text = environment.get_template(f"mail/{name}.txt").render(facts)
    html = environment.get_template(f"mail/{name}.html").render(facts)
    return Written(facts["subject"], _wrapped(text), _INLINER.inline(html))


def values_of(letter: Letter) -> dict[str, str]:
    """What each variable of the team's own words says in this letter."""
    environment = environment_of(letter.language if letter.language in catalogues.locales() else "en")
    facts = {**letter.facts, "tz": letter.tz}
    for fact, file in _SHARED.get(letter.written_as, ()):
        facts[fact] = environment.get_template(f"mail/{file}.txt").render(facts).strip("\n ")
    return _values(environment, letter.written_as, facts)


def compose(letter: Letter, written: Written, stationery: Stationery) -> bytes:
    """The whole mail as it goes over the wire. Raises ValueError when a header would hold a line break."""
    mail = EmailMessage(policy=_policy(letter.to_address))
    mail.set_content(written.text, cte=_encoding(written.text))
    mail.add_alternative(written.html, subtype="html", cte=_encoding(written.html))
    mail.set_boundary(f"=_{letter.message_id}")  # otherwise drawn anew for each rendering
    subscribed = letter.kind.klass is Class.SUBSCRIBED
    sender = (stationery.news_sender if subscribed else stationery.sender)[1]
    mail["From"] = _mailbox(sender, letter.sender_name)
    mail["To"] = _mailbox(letter.to_address)
    mail["Reply-To"] = _mailbox(letter.reply_to)
    mail["Subject"] = written.subject
    mail["Date"] = letter.date
    mail["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = letter.language
    mail["X-Waitlist-Template"] = letter.template
    mail["X-Waitlist-Message"] = letter.public_id
    if letter.list_id is not None:
        mail["List-Id"] = letter.list_id
    if letter.unsubscribe_url is not None and letter.kind.unsubscribes:
        by_mail = f"mailto:{quote(letter.reply_to, safe='@')}?subject=unsubscribe"
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>, <{by_mail}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return mail.as_bytes()


def render(letter: Letter, stationery: Stationery) -> bytes:
    """The exact bytes of a letter."""
    return compose(letter, write(letter), stationery)


@lru_cache(maxsize=256)
def _fits(words: Words, kind: str) -> bool:
    wrong = faults(words, variables_of(kind)) if kind in KINDS else [kind]
    if wrong:
        log.error("the own words for %s (version %s) do not fit: %s", kind, words.version, wrong)
    return not wrong


def _own(environment: ImmutableSandboxedEnvironment, words: Words, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a mail in the team's own words; an empty subject or preheader leaves the service's own."""
    known, values = variables_of(kind), _values(environment, kind, facts)
    button = environment.get_template("mail/parts.html").module.button  # type: ignore[attr-defined]
    text = typesetting.text_of if words.text else typesetting.to_text
    own = {
        "own_preheader": typesetting.line(words.preheader, values),
        "own_html": typesetting.to_html(words.body, known, values, button),
        "own_text": text(words.text or words.body, known, values),
    }
    return own | ({"subject": typesetting.line(words.subject, values)} if words.subject else {})


def _values(environment: ImmutableSandboxedEnvironment, kind: str, facts: dict[str, Any]) -> dict[str, str]:
    said = {name: expression(environment, v.says)(**facts) for name, v in variables_of(kind).items()}
    return {name: "" if value is None else str(value) for name, value in said.items()}


@cache
def expression(environment: ImmutableSandboxedEnvironment, says: str) -> TemplateExpression:
    """One of our own expressions over the facts of a letter."""
    return environment.compile_expression(says)


@cache
def environment_of(language: str) -> ImmutableSandboxedEnvironment:
    """The environment that mails of this language are written in."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(catalogues.templates_folder()),
        extensions=["jinja2.ext.i18n"],
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    locale = Locale.parse(language)
    environment.install_gettext_translations(catalogues.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(lang=language, dir=locale.text_direction)
    environment.filters.update(
        moment=pass_context(lambda context, at: _moment(context, at, locale)),
        day=pass_context(lambda context, at: _day(context, at, locale)),
        number=lambda value: numbers.format_decimal(value, locale=locale),
        quoted=lambda text: "\n".join(f"> {line}".rstrip() for line in text.splitlines()),
    )
    return environment


def _wrapped(text: str) -> str:
    """Paragraphs within the width, one empty line between them; a line without spaces (an address) stays whole."""
    lines: list[str] = []
    for line in re.sub(r"\n{3,}", "\n\n", text.strip()).split("\n"):
        quoted = "> " if line.startswith("> ") else "  " if line.startswith("- ") else ""
        whole = line.rstrip()
        lines += (
            textwrap.wrap(whole, WIDTH, subsequent_indent=quoted, break_long_words=False, break_on_hyphens=False)
            if whole
            else [""]
        )
    return "\n".join(lines) + "\n"


def _moment(context: Context, at: datetime, locale: Locale) -> str:
    local = at.astimezone(dates.get_timezone(context["tz"]))
    text: str = dates.format_datetime(local, _MOMENT.get(locale.language, "full"), tzinfo=local.tzinfo, locale=locale)
    return f"{text} {zone_name(local)}"


def _day(context: Context, at: datetime, locale: Locale) -> str:
    local = at.astimezone(dates.get_timezone(context["tz"]))
    text: str = dates.format_date(local.date(), _DAY.get(locale.language, "long"), locale=locale)
    return text


def _mailbox(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)  # as a whole, an address outside ASCII would be refused


class _Policy(EmailPolicy):
    """RFC 5322 with CR LF; refuses a line break in any header. List-Unsubscribe is folded between its addresses:
    the library would break a long address into encoded words, which no mail program reads."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "List-Unsubscribe":
            return f"{name}: {value.replace(', ', f',{self.linesep} ')}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class _Registry(HeaderRegistry):
    """The library's, which makes a new class for each header that is set; this one keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._made.get(name) or self._made.setdefault(name, super().__getitem__(name))


_ASCII = _Policy(linesep="\r\n", header_factory=_Registry())
_UTF8 = _Policy(linesep="\r\n", header_factory=_Registry(), utf8=True)


def _policy(address: str) -> _Policy:
    # Only a mailbox that cannot be written in ASCII needs headers in UTF-8, and a server that takes them.
    return _ASCII if address.isascii() else _UTF8


def _encoding(text: str) -> str:
    plain = text.isascii() and all(len(line) <= 990 for line in text.splitlines())
    return "7bit" if plain else "quoted-printable"
