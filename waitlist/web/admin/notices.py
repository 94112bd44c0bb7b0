"""What every admin should know first: the worker's notice always, the others until somebody puts them away."""

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask_babel import gettext
from markupsafe import Markup, escape

from waitlist import i18n
from waitlist.queries.doctor import LEAST_SPACE
from waitlist.queries.health import Worker
from waitlist.runtime import runtime

PREFIX = "notice:"
KEYS = ("smtp", "proxies", "disk")


@dataclass(frozen=True)
class Notice:
    """One sentence above every page. Without a `key` it cannot be put away."""

    kind: str
    text: str | Markup
    key: str = ""


def notices(worker: Worker, tz: str, now: datetime, chosen: Collection[str]) -> list[Notice]:
    """The notices that are so now, without those that this admin put away."""
    there = [*_worker(worker, tz, now), *_house()]
    return [notice for notice in there if not notice.key or PREFIX + notice.key not in chosen]


def _worker(worker: Worker, tz: str, now: datetime) -> Iterator[Notice]:
    if worker.alive:
        return
    if worker.seen_at is None:
        yield Notice("error", gettext("The worker is not running (never seen): no mail leaves."))
        return
    today = (now - worker.seen_at).total_seconds() < 12 * 60 * 60
    seen = i18n.clock(worker.seen_at, tz) if today else i18n.when(worker.seen_at, tz)
    sentence = escape(gettext("The worker is not running (last seen %(time)s): no mail leaves.", time="\0"))
    yield Notice("error", Markup(str(sentence).replace("\0", str(seen))))  # noqa: S704 - both halves are escaped


def _house() -> Iterator[Notice]:
    settings = runtime().settings
    if settings.smtp_url is None:
        yield Notice("warning", gettext("E-mail is not set up: messages stay in the Outbox"), "smtp")
    if "X-Forwarded-For" in request.headers and not settings.trusted_proxies:
        yield Notice("warning", gettext("Visitors share one IP: set WAITLIST_TRUSTED_PROXIES"), "proxies")
    if shutil.disk_usage(settings.instance).free < LEAST_SPACE:
        yield Notice("warning", gettext("Disk nearly full"), "disk")
