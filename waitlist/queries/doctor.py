"""The doctor's looks: everything a launch day needs, and what to do where something is missing. Changes nothing.

The command prints the findings in English; the admin page says them in its own language.
"""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from waitlist import secret_files
from waitlist.db import Tx
from waitlist.models.upkeep import BACKUP, Installation, JobBeat
from waitlist.queries import doctor_mail, health
from waitlist.queries.doctor_mail import LookUp
from waitlist.runtime import Runtime
from waitlist.sentences import N_

LEAST_SPACE = 500 * 1024 * 1024
LATE = timedelta(minutes=15)  # a job that waits longer is late
STALE = timedelta(days=7)  # of a backup
SKEW = 5.0  # seconds between our clock and the database's that nobody will notice
MIGRATIONS = Path(__file__).parents[1] / "migrations"


@dataclass(frozen=True)
class House:
    """What is looked at. `read` runs a query on a read-only transaction; `open_relay` says what is wrong with it."""

    runtime: Runtime
    read: Callable[[Callable[[Tx], Any]], Any]
    open_relay: Callable[[], str | None]
    now: datetime
    look_up: LookUp = lambda name: None  # noqa: ARG005 - nobody can be asked


@dataclass(frozen=True)
class Finding:
    """One look: `ok`, `note` (works, but know this) or `fix`, with what to do; `says` is filled in by `params`."""

    check: str
    state: str
    says: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The sentence in English."""
        return self.says % self.params if self.params else self.says


def findings(house: House, *, relay: bool = True) -> list[Finding]:
    """Every look, in order; without `relay` nobody waits for an SMTP or a name server."""
    looks = [look for look in LOOKS if relay or look not in (_relay, _records)]
    return [finding for look in looks for finding in look(house)]


def _database(house: House) -> Iterator[Finding]:
    """The database answers, has this version's tables, and agrees on the time."""
    try:
        now = house.read(lambda rx: rx.scalar(sa.text("SELECT CURRENT_TIMESTAMP")))
        current = house.read(lambda rx: MigrationContext.configure(rx).get_current_revision())
    except DBAPIError as error:
        says = N_("It does not answer (%(error)s). See WAITLIST_DATABASE_URL.")
        yield Finding("database", "fix", says, {"error": type(error.orig).__name__})
        return
    yield Finding("database", "ok", N_("%(engine)s answers."), {"engine": house.runtime.settings.engine})
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if current != head:
        says = N_("They are of version %(version)s. Run `flask --app app db upgrade`.")
        yield Finding("tables", "fix", says, {"version": current})
        return
    yield Finding("tables", "ok", N_("They are of this version (%(version)s)."), {"version": head})
    skew = abs((house.now - now).total_seconds()) if isinstance(now, datetime) else 0.0
    if skew > SKEW:
        says = N_("This machine and the database are %(seconds)s s apart. Set both by NTP.")
        yield Finding("clock", "fix", says, {"seconds": f"{skew:.0f}"})


def _keys(house: House) -> Iterator[Finding]:
    """The key files are there, for their owner alone, and are those of this database."""
    folder = house.runtime.settings.instance
    for name in secret_files.NAMES:
        if stat.S_IMODE((folder / name).stat().st_mode) & 0o077:
            says = N_("Others can read %(file)s. Run `chmod 600 %(file)s`.")
            yield Finding("keys", "fix", says, {"file": folder / name})
            return
    query = sa.select(Installation.value).where(Installation.name == "pepper")
    try:
        known = house.read(lambda rx: rx.scalar(query))
    except DBAPIError:
        known = None
    if known not in (None, house.runtime.secrets.fingerprint()):
        says = N_("The pepper is not this database's. Put its own back into %(folder)s.")
        yield Finding("keys", "fix", says, {"folder": folder})
    else:
        says = N_("In %(folder)s. Keep a copy of them apart from the backups.")
        yield Finding("keys", "ok", says, {"folder": folder})


def _worker(house: House) -> Iterator[Finding]:
    """A worker was seen a moment ago."""
    try:
        seen = house.read(lambda rx: health.worker(rx, house.now))
        count, since = house.read(health.queued)
    except DBAPIError:
        return
    if seen.alive:
        yield Finding("worker", "ok", N_("It runs."))
    elif seen.seen_at is None:
        says = N_("It is not running (never seen): no mail leaves. Run `flask --app app worker`.")
        yield Finding("worker", "fix", says)
    else:
        says = N_("It is not running (last seen %(seen)s): no mail leaves. Run `flask --app app worker`.")
        yield Finding("worker", "fix", says, {"seen": f"{seen.seen_at:%Y-%m-%d %H:%M} UTC"})
    if count:
        says = N_("%(count)s mails wait, the oldest since %(since)s.")
        yield Finding("outbox", "note", says, {"count": count, "since": f"{since:%Y-%m-%d %H:%M} UTC"})


def _address(house: House) -> Iterator[Finding]:
    """People reach the service by https, at the address that its links name."""
    settings = house.runtime.settings
    host = urlsplit(settings.base_url).hostname or ""
    if settings.secure:
        yield Finding("address", "ok", N_("%(url)s, by https."), {"url": settings.base_url})
    else:
        local = host in ("127.0.0.1", "localhost", "::1")
        says = N_("%(url)s is plain http: cookies are not Secure. Set WAITLIST_BASE_URL to an https address.")
        yield Finding("address", "note" if local else "fix", says, {"url": settings.base_url})
    if settings.secure and not settings.trusted_proxies:
        says = N_(
            "All visitors look like one behind a proxy. Set WAITLIST_TRUSTED_PROXIES to its network if there is one."
        )
        yield Finding("proxy", "note", says)
    sender = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    if sender and not (host == sender or host.endswith(f".{sender}")):
        says = N_("Mails come from %(sender)s and link to %(host)s: some filters dislike that.")
        yield Finding("sender", "note", says, {"sender": sender, "host": host})


def _relay(house: House) -> Iterator[Finding]:
    """The relay lets us in."""
    if house.runtime.settings.smtp_url is None:
        says = N_("No relay is set: mails stay in the outbox. Set WAITLIST_SMTP_URL.")
        yield Finding("mail", "note", says)
        return
    trouble = house.open_relay()
    if trouble is not None:
        says = N_("The relay cannot be used: %(trouble)s See WAITLIST_SMTP_URL.")
        yield Finding("mail", "fix", says, {"trouble": trouble})
    else:
        yield Finding("mail", "ok", N_("The relay lets us in. `mail test ADDRESS` sends a mail."))


def _records(house: House) -> Iterator[Finding]:
    """The sender's domain says which servers send for it."""
    if house.runtime.settings.smtp_url is None:
        return
    sender = parseaddr(house.runtime.settings.mail_from)[1].rpartition("@")[2]
    for look in doctor_mail.looks(sender, house.look_up):
        yield Finding(look.check, look.state, look.says, look.params)


def _schedule(house: House) -> Iterator[Finding]:
    """The periodic work is done when it is due."""
    try:
        late = house.read(lambda rx: rx.execute(_LATE, {"before": house.now - LATE}).all())
        alive = house.read(lambda rx: health.worker(rx, house.now)).alive
    except DBAPIError:
        return
    if late:
        says = N_("Late: %(jobs)s. Run `flask --app app tick` and read what it says.")
        yield Finding("schedule", "fix", says, {"jobs": ", ".join(row.name for row in late)})
    elif alive:
        yield Finding("schedule", "ok", N_("Nothing is late."))


def _backups(house: House) -> Iterator[Finding]:
    """A backup was made lately by our own command; others nobody here knows of."""
    try:
        made = house.read(lambda rx: rx.scalar(_BACKED_UP))
    except DBAPIError:
        return
    if made is None:
        says = N_("None was made by `flask --app app backup FILE`. If something else makes them, all is well.")
        yield Finding("backup", "note", says)
        return
    at = datetime.fromisoformat(made)
    state, says = "ok", N_("The last one was made at %(at)s.")
    if house.now - at > STALE:
        state, says = "fix", N_("The last one is of %(at)s. Run `flask --app app backup FILE`.")
    yield Finding("backup", state, says, {"at": f"{at:%Y-%m-%d %H:%M} UTC"})


def _room(house: House) -> Iterator[Finding]:
    """There is space on the disk."""
    folder = house.runtime.settings.instance
    free = shutil.disk_usage(folder).free
    params = {"free": free // 1024**2, "folder": folder}
    if free < LEAST_SPACE:
        yield Finding("disk", "fix", N_("%(free)s MB are free in %(folder)s. Make room."), params)
    else:
        yield Finding("disk", "ok", N_("%(free)s MB are free in %(folder)s."), params)


def _limits(house: House) -> Iterator[Finding]:
    """The load limits are counted where they should be."""
    url = house.runtime.settings.redis_url
    if url is None:
        says = N_("Each web process counts for itself. Set WAITLIST_REDIS_URL to share the count.")
        yield Finding("limits", "note", says)
        return
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as store:
            store.ping()
    except redis.RedisError as error:
        says = N_("Redis does not answer (%(error)s). See WAITLIST_REDIS_URL.")
        yield Finding("limits", "fix", says, {"error": type(error).__name__})
    else:
        yield Finding("limits", "ok", N_("Redis answers."))


LOOKS = (_database, _keys, _worker, _schedule, _address, _relay, _records, _room, _backups, _limits)
_LATE = (
    sa.select(JobBeat.name).where(JobBeat.next_at < sa.bindparam("before", type_=JobBeat.next_at.type)).order_by("name")
)
_BACKED_UP = sa.select(Installation.value).where(Installation.name == BACKUP)
