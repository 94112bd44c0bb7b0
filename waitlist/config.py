"""Settings: every one starts with `WAITLIST_` (only `PORT` is bare), is checked at start, and fails by name.

`WAITLIST_X_FILE=/run/secrets/x` reads the value of `WAITLIST_X` from a file.
"""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

PREFIX = "WAITLIST_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RELAYS = frozenset({"smtp", "smtp+starttls", "smtps"})
SECRET_SETTINGS = frozenset({"smtp_url", "database_url", "redis_url", "admin_password", "metrics_token"})

MASK = "•••"


class BadSetting(ValueError):
    """A setting that cannot be used; the text is one sentence that names it and the way out."""


class Settings(BaseModel):
    """The settings of one process. `docs/settings.md` lists them; a test compares both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance: Annotated[Path, Field(description="folder of the database, the secrets and the branding snapshot")]
    database_url: Annotated[str, Field(description="sqlite:///file or postgresql+psycopg://...")]
    base_url: Annotated[str, Field(description="address of this service as people see it, without a final slash")]
    trusted_hosts: Annotated[
        tuple[str, ...], Field(description="further host names to answer for, comma separated")
    ] = ()
    trusted_proxies: Annotated[tuple[str, ...], Field(description="peer networks whose forwarded headers count")] = ()
    smtp_url: Annotated[
        str | None, Field(description="smtp://, smtp+starttls:// or smtps:// relay; unset keeps mail in the outbox")
    ] = None
    smtp_timeout: Annotated[float, Field(gt=0, description="seconds before a silent relay is given up")] = 20.0
    mail_from: Annotated[str, Field(description="sender of every mail: Name <address>")] = (
        "Waitlist <waitlist@localhost>"
    )
    news_from: Annotated[
        str | None, Field(description="sender of digests and news, Name <address>; unset: the one of every mail")
    ] = None
    mails_per_hour: Annotated[int, Field(gt=0, description="most mails an hour that leave this host")] = 36_000
    lease_seconds: Annotated[
        float,
        Field(
            gt=0, validate_default=True, description="how long a worker keeps a message to itself; over smtp_timeout"
        ),
    ] = 60.0
    retry_seconds: Annotated[
        float, Field(gt=0, description="wait before a deferred mail is tried again; it grows with each try")
    ] = 60.0
    hold_seconds: Annotated[
        int, Field(ge=0, le=3_600, description="holding window of a wave when nothing else is said")
    ] = 300
    redis_url: Annotated[str | None, Field(description="shares the load limits between nodes")] = None
    limits: Annotated[bool, Field(description="shed load by network (off in tests and benchmarks)")] = True
    processes: Annotated[int, Field(gt=0, description="web processes")] = 2
    threads: Annotated[int, Field(gt=0, description="threads in each web process")] = 16
    log_json: Annotated[bool, Field(description="log lines as JSON")] = False
    metrics_token: Annotated[str | None, Field(description="bearer token of /metrics; unset turns it off")] = None
    admin_email: Annotated[str | None, Field(description="first owner, made by init")] = None
    admin_password: Annotated[str | None, Field(description="password of the first owner, 12 characters at least")] = (
        None
    )
    admin_two_steps: Annotated[bool, Field(description="every admin signs in by two steps")] = False
    failpoint: Annotated[str | None, Field(description="crash suite only: where to kill the process")] = None
    port: Annotated[int, Field(ge=0, le=65_535, description="web port, from PORT")] = 8_000

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("needs an absolute address such as https://join.example.org")
        return value.rstrip("/")

    @field_validator("trusted_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @field_validator("lease_seconds")
    @classmethod
    def _outlives_a_try(cls, value: float, info: ValidationInfo) -> float:
        if value <= info.data.get("smtp_timeout", 0):
            raise ValueError("needs more than WAITLIST_SMTP_TIMEOUT, or a mail could be sent by two workers")
        return value

    @field_validator("mail_from", "news_from")
    @classmethod
    def _has_an_address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+", value):
            raise ValueError("needs Name <address@example.org>")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_relay(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in RELAYS or not urlsplit(value).hostname):
            raise ValueError("needs smtp://HOST, smtp+starttls://HOST or smtps://HOST")
        return value or None

    @field_validator("database_url")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value.startswith("sqlite:///") and ":memory:" not in value and value != "sqlite:///":
            return value
        if value.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
            return "postgresql+psycopg://" + value.split("://", 1)[1]
        raise ValueError("needs sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")

    @property
    def secure(self) -> bool:
        """Whether people reach this service by https, so that cookies may be Secure and `__Host-`."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The names this service answers to; on this machine alone, all of its names for itself."""
        own = urlsplit(self.base_url).hostname or ""
        return [*({own} | (LOOPBACK if own in LOOPBACK else set())), *self.trusted_hosts]

    @property
    def engine(self) -> str:
        return "sqlite" if self.database_url.startswith("sqlite") else "postgresql"


def read_settings(environ: Mapping[str, str], root: Path) -> Settings:
    """The settings of this process from its environment; `root` is where a default `instance/` stands.

    Raises BadSetting with one sentence that names the setting.
    """
    given = _given(environ)
    instance = Path(given.get("instance", str(root / "instance"))).resolve()
    values: dict[str, object] = {
        "instance": instance,
        "database_url": f"sqlite:///{instance / 'waitlist.db'}",
        "base_url": f"http://127.0.0.1:{environ.get('PORT', '8000')}",
        **given,
    }
    values["instance"] = instance
    if "PORT" in environ:
        values["port"] = environ["PORT"]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = "PORT" if field == "port" else PREFIX + field.upper()
        raise BadSetting(f"{name}: {first['msg'].removeprefix('Value error, ')}.") from error


def sources(environ: Mapping[str, str]) -> dict[str, str]:
    """Where the value of each setting comes from: a variable, a file that a variable names, or `default`."""
    found = {}
    for field in Settings.model_fields:
        name = "PORT" if field == "port" else PREFIX + field.upper()
        if f"{name}_FILE" in environ and field != "port":
            found[field] = f"{name}_FILE ({environ[f'{name}_FILE']})"
        else:
            found[field] = name if environ.get(name, "") != "" else "default"
    return found


def shown(settings: Settings, field: str) -> str:
    """A setting as it may be printed: passwords inside an address and whole secrets are masked."""
    value = getattr(settings, field)
    if value is None:
        return ""
    if field in SECRET_SETTINGS:
        return _without_password(str(value)) if field.endswith("_url") else MASK
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """One sentence for each `WAITLIST_` variable that means nothing here, with the nearest name that does."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    sentences = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in known:
            near = difflib.get_close_matches(name, known, n=1)
            sentences.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
    return sentences


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:{MASK}@{host}").geturl()


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for field in Settings.model_fields:
        name = PREFIX + field.upper()
        if f"{name}_FILE" in environ:
            given[field] = _from_file(name, environ[f"{name}_FILE"])
        elif environ.get(name, "") != "":
            given[field] = environ[name]
    return given


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE: cannot read {path} ({error.strerror}).") from error
