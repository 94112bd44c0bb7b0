"""What a new launch is asked for, by set-up and by "New waitlist": a name, who may join, whom people write to."""

import re
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from flask import request
from flask_babel import gettext

from waitlist import branding
from waitlist.branding import Branding
from waitlist.domains import BadDomain, rule_domain
from waitlist.i18n import page_locale
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services.planning import Wish
from waitlist.web.admin.fields import Fields
from waitlist.web.wording import say

PRESETS = ("campus", "invitation", "friends", "everyone")


def read_wish(fields: Fields, now: datetime) -> Wish:
    """The wish that the form speaks of; what is wrong stands in `fields.errors`."""
    name = fields.text("launch_name", most=80, missing=gettext("Enter a name for the waitlist"))
    preset = fields.choice("preset", PRESETS, missing=gettext("Select who may join"))
    domains = read_domains(fields, missing=gettext("Enter a domain, like college.edu")) if preset == "campus" else []
    contact = fields.address("contact_email")
    return Wish(
        slug=fields.text("slug", most=63) or slug_of(name),
        name=name,
        domains=domains,
        subdomains=fields.tick("subdomains"),
        invite_only=preset == "invitation",
        friends_only=preset == "friends",
        opens_at=now if request.form.get("opens", "now") == "now" else None,
        columns={
            "contact_email": contact.email if contact else None,
            "tz": read_tz(fields),
            "language": str(page_locale()),
        },
    )


def read_domains(fields: Fields, name: str = "domains", missing: str | None = None) -> list[str]:
    """The domains of a rule as A-labels; those that anybody may have must be typed a second time in `<name>_again`."""
    typed = request.form.get(name, "")
    again = {_folded(part) for part in _parts(request.form.get(f"{name}_again", ""))}
    if not typed.strip() and missing is not None:
        fields.wrong(name, missing)
    found = []
    for part in _parts(typed):
        try:
            rule = rule_domain(part)
        except BadDomain as fault:
            fields.wrong(name, say(fault.code, fault.params))
            continue
        if rule.confirm is not None and not again & {rule.domain, rule.shown}:
            fields.wrong(f"{name}_again", say(rule.confirm, {"domain": rule.shown}))
        found.append(rule.domain)
    return found


def read_tz(fields: Fields) -> str:
    """One of the world's time zones."""
    return fields.choice("tz", time_zones(), missing=gettext("Select a time zone"))


@cache
def time_zones() -> tuple[str, ...]:
    """The names of the time zone database, those of places first."""
    names = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return ("UTC", *sorted(names))


def zone_options() -> list[tuple[str, str]]:
    """The time zones for a select: value and words."""
    return [(name, name.replace("_", " ")) for name in time_zones()]


def slug_of(name: str) -> str:
    """A slug made of a name: "Café Zoé 2.0" becomes cafe-zoe-2-0."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-") or "waitlist"


def remember_face(launch: Launch) -> None:
    """Keep the launch's name and contact where an error page finds them without the database."""
    folder: Path = runtime().settings.instance
    branding.remember(folder, Branding(launch.slug, launch.name, launch.contact_email))


def _parts(typed: str) -> list[str]:
    return [part for part in re.split(r"[\s,;]+", typed) if part]


def _folded(typed: str) -> str:
    return typed.strip().lower().removeprefix("@")
