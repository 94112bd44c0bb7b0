"""Reading a wave's form: whom it looks at, and what each invited person gets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import request
from flask_babel import gettext, ngettext

from waitlist import addresses, applying, catalogues
from waitlist.addresses import Pasted
from waitlist.db import Tx, reading, some
from waitlist.models.launch import MAIN, LapsePolicy, Launch, Line
from waitlist.models.stage import Stage, stages
from waitlist.models.wave import Wave
from waitlist.runtime import runtime
from waitlist.services import advancing
from waitlist.services.gathering import Audience
from waitlist.services.releasing import Offer
from waitlist.web.admin.fields import DIGITS, Fields
from waitlist.web.admin.frame import this_launch
from waitlist.web.admin.looking import asked_for

KINDS = ("first", "stage", "filter", "selected", "listed")
MOST_LISTED = 20_000
_SHOWN = 5


def read_audience(fields: Fields, launch: Launch) -> Audience:
    """The audience that the form asks for; what is wrong stands in `fields.errors`."""
    audience = _read_kind(fields, launch)
    sample = fields.number("sample", 1, 1_000_000)
    if sample is not None and audience.kind == "stage":
        fields.wrong("sample", gettext("A stage picks its people itself. Leave this empty"))
    back = fields.number("hold_back", 0, 1_000_000) or 0
    return replace(audience, include_lapsed=fields.tick("include_lapsed"), sample=sample, hold_back=back)


def _read_kind(fields: Fields, launch: Launch) -> Audience:
    kind = fields.choice("kind", KINDS, missing=gettext("Select whom to invite"))
    match kind:
        case "first":
            n = fields.number("n", 1, 1_000_000, missing=gettext("Enter how many"))
            return Audience(kind, n=n, line=_line(fields, launch))
        case "stage":
            return _stage(fields, launch)
        case "filter":
            asked = asked_for(request.form)
            for name, words in asked.errors:
                fields.wrong(name, words)
            return Audience(kind, looked_for=asked.filter.to_json(), asked=asked.kept)
        case "selected":
            typed = request.form.get("selected", "").split(",")
            ids = tuple(int(one) for one in typed if one.isdecimal() and len(one) <= DIGITS)
            if not ids:
                fields.wrong("kind", gettext("Select people on the page “People” first"))
            return Audience(kind, entry_ids=ids)
        case "listed":
            return Audience(kind, listed=_listed(fields, launch))
    return Audience("first", n=0)


def _stage(fields: Fields, launch: Launch) -> Audience:
    """The next wave of a stage of the plan, made by hand."""
    with reading() as rx:
        plan = {str(stage.id): stage for stage in stages_to_invite(rx, launch)}
        chosen = fields.choice("stage", plan, missing=gettext("Select a stage of the plan"))
        return advancing.audience_of(rx, plan[chosen]) if chosen else Audience("first", n=0)


def stages_to_invite(rx: Tx, launch: Launch) -> list[Stage]:
    """The stages that invite by waves and are not through."""
    waving = stages(launch.id).where(Stage.ordinal > 1, Stage.mode == "release", Stage.ended_at.is_(None))
    return list(some(rx, waving))


def _line(fields: Fields, launch: Launch) -> str:
    """The line that was picked, the main one being an empty text."""
    with reading() as rx:
        keys = rx.scalars(sa.select(Line.key).where(Line.launch_id == launch.id, Line.ranked)).all()
    picked = fields.choice("of_line", keys)
    return "" if picked == MAIN else picked


def read_offer(fields: Fields) -> Offer:
    """What each invited person gets."""
    policy = fields.choice("lapse_policy", list(LapsePolicy), missing=gettext("Select what happens when it expires"))
    return Offer(
        days=fields.number("days", 1, 365, missing=gettext("Enter a number of days")) or 1,
        allowance=fields.number("allowance", 0, 20, missing=gettext("Enter how many invites each may give")) or 0,
        lapse_policy=policy,
        remind=fields.tick("remind"),
        language=fields.choice("language", catalogues.locales()),
    )


def typed_of(wave: Wave | None = None, selected: str = "") -> dict[str, Any]:
    """What the form shows first: what the address asks for, as that of the people table, or what a draft says."""
    if wave is None:
        asked = asked_for().kept
        kind = "selected" if selected else "filter" if asked else "first"
        return {"kind": kind, "selected": selected, **asked}
    audience = audience_of(wave.params)
    return {
        "name": wave.name,
        "kind": audience.kind,
        "n": audience.n if audience.kind == "first" else "",
        "stage": audience.stage or "",
        "of_line": audience.line,
        **_asked(audience),
        "selected": ",".join(map(str, audience.entry_ids)),
        "list": "\n".join(row["email"] for row in audience.listed),
        "include_lapsed": audience.include_lapsed,
        "sample": audience.sample,
        "hold_back": audience.hold_back or "",
    }


def typed_offer(wave: Wave) -> dict[str, Any]:
    """What the step "Offer" shows first."""
    typed: dict[str, Any] = wave.params["offer"]
    return {"language": this_launch().language} | typed


def default_offer(launch: Launch) -> Offer:
    """The launch's own defaults."""
    return Offer(launch.invite_days, launch.allowance, launch.lapse_policy)


def offer_of(params: Mapping[str, Any]) -> Offer:
    return Offer(**params["offer"])


def audience_of(params: Mapping[str, Any]) -> Audience:
    return Audience.from_json(params["audience"])


def _listed(fields: Fields, launch: Launch) -> tuple[dict[str, Any], ...]:
    pasted = addresses.parse_pasted(f"{request.form.get('list', '')}\n{_uploaded(fields)}")
    wrong = [item for item in pasted if item.fault is not None and "@" in item.typed]
    found = [item.address for item in pasted if item.address is not None and not item.duplicate]
    if wrong:
        fields.wrong("list", _unreadable(wrong))
    elif not found:
        fields.wrong("list", gettext("Paste e-mail addresses, or choose a file that has some"))
    elif len(found) > MOST_LISTED:
        fields.wrong("list", gettext("Use %(most)s addresses or fewer in one wave", most=MOST_LISTED))
    pepper = runtime().secrets.pepper
    return tuple(dict(applying.hashed(address, salt=launch.salt, pepper=pepper)) for address in found)


def _uploaded(fields: Fields) -> str:
    """The text of the chosen file, as spreadsheets write it: UTF-8 or UTF-16, with or without a mark."""
    file = request.files.get("file")
    data = file.read() if file is not None else b""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        fields.wrong("file", gettext("Save the file as CSV (UTF-8) and choose it again"))
        return ""


def _unreadable(wrong: list[Pasted]) -> str:
    shown = ", ".join(item.typed[:60] for item in wrong[:_SHOWN])
    said = ngettext(
        "Correct or remove %(num)s line that is no e-mail address: %(shown)s",
        "Correct or remove %(num)s lines that are no e-mail addresses: %(shown)s",
        len(wrong),
        shown=shown,
    )
    return str(said)


def _asked(audience: Audience) -> dict[str, Any]:
    """The filter's fields: as they were typed, or what a command asked for."""
    tz = ZoneInfo(this_launch().tz)
    days = {"since": audience.joined_from, "until": audience.joined_to}
    typed = {name: f"{moment.astimezone(tz):%Y-%m-%d}" for name, moment in days.items() if moment}
    domains = {"q": ", ".join(f"@{domain}" for domain in audience.domains)} if audience.domains else {}
    return domains | ({"friends": audience.min_friends} if audience.min_friends else {}) | typed | audience.asked
