"""Reading whom the people table is asked for, from its address, and saying it as a sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from waitlist import addresses, codes, i18n
from waitlist.addresses import BadAddress
from waitlist.db import Tx, some
from waitlist.hostnames import BadHost, host
from waitlist.models import launch as launches
from waitlist.models.entry import State
from waitlist.models.launch import INTEREST, Line
from waitlist.models.launch import LINE_KEY as KEY
from waitlist.models.looking import BOUNCED, Filter
from waitlist.models.message import MessageState
from waitlist.models.tag import tags_in
from waitlist.queries.people import SIZES, SORTS
from waitlist.sentences import N_
from waitlist.services.gathering import Audience
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import this_launch
from waitlist.web.wording import joined

STATES = (*map(str, State), "on_hold", INTEREST)
MAILS = (*map(str, MessageState), BOUNCED)
ASKED = (
    "q",
    "state",
    "line",
    "since",
    "until",
    "friends",
    "wave",
    "mail",
    "referrer",
    "question",
    "answer",
    "tag",
    "noted",
)
COLUMNS = {
    "place": N_("Place"),
    "name": N_("Name"),
    "state": N_("State"),
    "friends": N_("Friends"),
    "by": N_("Came by"),
    "joined": N_("Joined on"),
    "tags": N_("Tags"),
    "score": N_("Points"),
    "line": N_("Line"),
    "source": N_("Source"),
    "language": N_("Language"),
    "mail": N_("Last mail"),
    "wave": N_("Wave"),
}
SHOWN = ("place", "name", "state", "friends", "by", "joined")
STATE_WORDS = {
    "unconfirmed": N_("Unconfirmed"),
    "waiting": N_("Waiting"),
    "invited": N_("Invited"),
    "joined": N_("Joined"),
    "lapsed": N_("Expired"),
    "left": N_("Left"),
    "removed": N_("Removed"),
    "on_hold": N_("On hold"),
    "interest": N_("Interested, unranked"),
}
MAIL_WORDS = {
    "queued": N_("Queued"),
    "leased": N_("Sending"),
    "transmitting": N_("Sending"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
    "held": N_("Held"),
    "cancelled": N_("Cancelled"),
    "bounced": N_("Bounced"),
}
LONGEST = 254


@dataclass(frozen=True)
class Asked:
    """What the address of the table says. `kept` are the values of its form, to be carried on."""

    filter: Filter
    sort: str
    size: int
    columns: Sequence[str]
    after: str
    kept: dict[str, Any]
    errors: Sequence[tuple[str, str]]

    def link(self, **changed: Any) -> str:
        """The address of this table with something changed; what is empty is left out of it."""
        return url_for("admin_people.people", slug=this_launch().slug, **self.values(**changed))

    def values(self, **changed: Any) -> dict[str, Any]:
        order = {"sort": self.sort if self.sort != SORTS[0] else "", "size": self.size if self.size != SIZES[1] else ""}
        columns = {"col": list(self.columns) if tuple(self.columns) != SHOWN else ""}
        return {
            name: value for name, value in (self.kept | order | columns | changed).items() if value not in ("", None)
        }


def asked_for(given: MultiDict[str, str] | None = None) -> Asked:
    """Whom this request asks for by its address, or by a form; a value that no form offers asks for nothing."""
    args = request.args if given is None else given
    fields = Fields(asked=args)
    chosen = [name for name in COLUMNS if name in args.getlist("col")]
    return Asked(
        filter=_filter(fields),
        sort=fields.choice("sort", SORTS) or SORTS[0],
        size=next((size for size in SIZES if str(size) == args.get("size")), SIZES[1]),
        columns=chosen or SHOWN,
        after=args.get("after", "")[:300],
        kept={name: args[name][:LONGEST] for name in ASKED if args.get(name)},
        errors=fields.errors,
    )


def said(asked: Filter, questions: Mapping[str, str]) -> list[str]:
    """The filter in words, one part for each thing that is asked for; `questions` are keys and their labels."""
    question = questions.get(asked.question, asked.question)
    parts = [
        gettext(STATE_WORDS[asked.state]) if asked.state else "",
        gettext("line “%(line)s”", line=asked.line) if asked.line else "",
        f"@{asked.domain}" if asked.domain else "",
        joined(asked.domains, at="@") if asked.domains else "",
        asked.address,
        gettext("address begins with “%(words)s”", words=asked.prefix) if asked.prefix else "",
        f"“{asked.words}”" if asked.words else "",
        gettext("invite code ··%(end)s", end=asked.code) if asked.code else "",
        ngettext("%(num)s+ friend", "%(num)s+ friends", asked.friends) if asked.friends else "",
        gettext("joined from %(day)s", day=_day(asked.joined_from)) if asked.joined_from else "",
        gettext("joined before %(day)s", day=_day(asked.joined_to)) if asked.joined_to else "",
        gettext("invited in wave %(number)s", number=asked.wave) if asked.wave else "",
        gettext("a mail is: %(state)s", state=gettext(MAIL_WORDS[asked.mail])) if asked.mail else "",
        gettext("came by %(email)s", email=asked.referrer) if asked.referrer else "",
        gettext("%(question)s is “%(answer)s”", question=question, answer=asked.answer) if asked.answer else "",
        gettext("tag “%(tag)s”", tag=asked.tag) if asked.tag else "",
        gettext("has a note") if asked.noted else "",
    ]
    return [str(part) for part in parts if part]


def _day(moment: datetime) -> str:
    return str(i18n.day(moment, this_launch().tz).striptags())


def questions_of(rx: Tx) -> dict[str, str]:
    """The questions that can be asked for, by key, with their labels."""
    return {question.key: question.label for question in some(rx, launches.questions(this_launch().id))}


def choices(rx: Tx) -> dict[str, Any]:
    """What the fields of a filter offer."""
    launch_id = this_launch().id
    lines = rx.execute(sa.select(Line.key, Line.ranked).where(Line.launch_id == launch_id).order_by(Line.id)).all()
    return {
        "state_words": {name: gettext(label) for name, label in STATE_WORDS.items()},
        "mail_words": {name: gettext(label) for name, label in MAIL_WORDS.items() if name != "leased"},
        "lines": [(key, key) for key, _ in lines],
        "ranked_lines": [(key, key) for key, ranked in lines if ranked],
        "questions": list(questions_of(rx).items()),
        "tags": [(tag, tag) for tag in rx.scalars(tags_in(launch_id)).all()],
    }


def audience_said(audience: Audience) -> str:
    """Whom a wave's filter asks for, in the words of the people table; an empty text where it asks for everybody."""
    return in_words(said(Filter.from_json(audience.looked_for), {}))


def in_words(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _filter(fields: Fields) -> Filter:
    tz = this_launch().tz
    line = fields.text("line")
    question, answer = fields.text("question")[:60], fields.text("answer", most=LONGEST)
    referrer = fields.text("referrer", most=LONGEST)
    return Filter(
        **_typed(fields.text("q", most=LONGEST)),
        state=fields.choice("state", STATES),
        line=line if KEY.fullmatch(line) else "",
        joined_from=fields.moment("since", tz),
        joined_to=fields.moment("until", tz),
        friends=fields.number("friends", 0, 100_000) or 0,
        wave=fields.number("wave", 1, 1_000_000) or 0,
        mail=fields.choice("mail", MAILS),
        referrer=_key(referrer) if referrer else "",
        question=question if answer else "",
        answer=answer if question else "",
        tag=fields.text("tag", most=60).lower(),
        noted=fields.tick("noted"),
    )


def _typed(words: str) -> dict[str, Any]:
    """What was typed as what it is: a domain, a code, a beginning, a whole address, or words."""
    if words.startswith("@"):
        try:
            domains = [host(part.removeprefix("@")).ascii for part in re.split(r"[\s,]+", words) if part]
        except BadHost:
            return {"words": words}
        return {"domain": domains[0]} if len(domains) == 1 else {"domains": tuple(dict.fromkeys(domains))}
    if words.lower().startswith("code:"):
        return {"code": codes.fold(words[5:])[-4:]}
    if words.endswith("*") and len(words) > 1:
        return {"prefix": words[:-1].strip().lower()}
    try:
        return {"address": addresses.canon(words).key}
    except BadAddress:
        return {"words": words}


def _key(typed: str) -> str:
    try:
        return addresses.canon(typed).key
    except BadAddress:
        return typed.lower()
