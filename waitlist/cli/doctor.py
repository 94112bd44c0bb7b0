"""`doctor`: looks at everything a launch day needs, and says what to do where something is missing."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import click
import redis
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import DBAPIError

from waitlist import clock, secret_files
from waitlist.cli.printing import print_rows
from waitlist.cli.shape import AS_JSON, read, top
from waitlist.mailer import Mailer
from waitlist.queries import health
from waitlist.runtime import runtime
from waitlist.services import installing

LEAST_SPACE = 500 * 1024 * 1024
SKEW = 5.0  # seconds between our clock and the database's that nobody will notice
MIGRATIONS = Path(__file__).parents[1] / "migrations"


@dataclass(frozen=True)
class Finding:
    """One look: `ok`, `note` (works, but know this) or `fix`, with what to do."""

    check: str
    state: str
    says: str


@top.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """Look at the database, the keys, the worker, the relay and the rest. Exit code 1 when something needs fixing."""
    findings = [finding for check in CHECKS for finding in check()]
    print_rows([asdict(finding) for finding in findings], as_json)
    wrong = sum(finding.state == "fix" for finding in findings)
    if wrong:
        raise click.ClickException(f"{wrong} of {len(findings)} need fixing; each line above says how.")


def database() -> Iterator[Finding]:
    """The database answers, has this version's tables, and agrees on the time."""
    try:
        now = read(lambda rx: rx.scalar(sa.text("SELECT CURRENT_TIMESTAMP")))
        current = read(lambda rx: MigrationContext.configure(rx).get_current_revision())
    except DBAPIError as error:
        yield Finding("database", "fix", f"{type(error.orig).__name__}: see WAITLIST_DATABASE_URL.")
        return
    yield Finding("database", "ok", f"{runtime().settings.engine} answers.")
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if current != head:
        yield Finding("tables", "fix", f"They are of version {current}. Run `flask --app app db upgrade`.")
        return
    yield Finding("tables", "ok", f"They are of this version ({head}).")
    skew = abs((clock.now() - now).total_seconds()) if isinstance(now, datetime) else 0.0
    if skew > SKEW:
        yield Finding("clock", "fix", f"This machine and the database are {skew:.0f} s apart. Set both by NTP.")


def keys() -> Iterator[Finding]:
    """The key files are there, for their owner alone, and are those of this database."""
    folder = runtime().settings.instance
    for name in secret_files.NAMES:
        mode = stat.S_IMODE((folder / name).stat().st_mode)
        if mode & 0o077:
            yield Finding("keys", "fix", f"Others can read {folder / name}. Run `chmod 600 {folder / name}`.")
            return
    try:
        known = read(lambda rx: installing.value_of(rx, installing.PEPPER))
    except DBAPIError:
        known = None
    if known not in (None, runtime().secrets.fingerprint()):
        yield Finding("keys", "fix", f"The pepper is not this database's. Put its own back into {folder}.")
    else:
        yield Finding("keys", "ok", f"In {folder}. Keep a copy of them apart from the backups.")


def worker() -> Iterator[Finding]:
    """A worker was seen a moment ago."""
    try:
        seen = read(lambda rx: health.worker(rx, clock.now()))
        count, since = read(health.queued)
    except DBAPIError:
        return
    if seen.alive:
        yield Finding("worker", "ok", "It runs.")
    else:
        when = f"last seen {seen.seen_at:%Y-%m-%d %H:%M} UTC" if seen.seen_at else "never seen"
        yield Finding("worker", "fix", f"It is not running ({when}): no mail leaves. Run `flask --app app worker`.")
    if count:
        yield Finding("outbox", "note", f"{count} mails wait, the oldest since {since:%Y-%m-%d %H:%M} UTC.")


def address() -> Iterator[Finding]:
    """People reach the service by https, at the address that its links name."""
    settings = runtime().settings
    host = urlsplit(settings.base_url).hostname or ""
    if settings.secure:
        yield Finding("address", "ok", settings.base_url)
    else:
        local = host in ("127.0.0.1", "localhost", "::1")
        words = f"{settings.base_url} is plain http: cookies are not Secure. Set WAITLIST_BASE_URL to an https address."
        yield Finding("address", "note" if local else "fix", words)
    if settings.secure and not settings.trusted_proxies:
        words = "Behind a proxy all visitors look like one. If there is one, set WAITLIST_TRUSTED_PROXIES."
        yield Finding("proxy", "note", words)
    sender = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    if sender and not (host == sender or host.endswith(f".{sender}")):
        yield Finding("sender", "note", f"Mails come from {sender} and link to {host}: some filters dislike that.")


def relay() -> Iterator[Finding]:
    """The relay lets us in."""
    settings = runtime().settings
    if settings.smtp_url is None:
        yield Finding("mail", "note", "No relay is set: mails stay in the outbox. Set WAITLIST_SMTP_URL.")
        return
    mailer = Mailer(current_app._get_current_object(), settings, runtime().stationery)  # type: ignore[attr-defined]
    trouble = mailer.open()
    mailer.close()
    if trouble is not None:
        yield Finding("mail", "fix", f"The relay cannot be used: {trouble.words} See WAITLIST_SMTP_URL.")
    else:
        yield Finding("mail", "ok", "The relay lets us in. `mail test ADDRESS` sends a mail.")


def room() -> Iterator[Finding]:
    """There is space on the disk."""
    folder = runtime().settings.instance
    free = shutil.disk_usage(folder).free
    words = f"{free // 1024**2} MB are free in {folder}."
    yield Finding("disk", "fix" if free < LEAST_SPACE else "ok", words + (" Make room." if free < LEAST_SPACE else ""))


def limits() -> Iterator[Finding]:
    """The load limits are counted where they should be."""
    url = runtime().settings.redis_url
    if url is None:
        yield Finding("limits", "note", "Each web process counts alone. Set WAITLIST_REDIS_URL to share the count.")
        return
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as store:
            store.ping()
    except redis.RedisError as error:
        yield Finding("limits", "fix", f"Redis does not answer ({type(error).__name__}). See WAITLIST_REDIS_URL.")
    else:
        yield Finding("limits", "ok", "Redis answers.")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (database, keys, worker, address, relay, room, limits)
