"""What each page weighs and how often it asks the database, of the made-up launch: `python -m bench.weights`.

A page's weight is its HTML and everything it loads, each compressed as a proxy does it (gzip 6; pictures as they are).
Public pages have a budget: 60 KB in all, of which 12 KB of scripts. Ends with 1 when a page is over it.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.parts.apps import dispose
from waitlist import create_app, db
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.runtime import runtime
from waitlist.tokens import Purpose

OWNER = {"WAITLIST_ADMIN_EMAIL": "grace@college.example", "WAITLIST_ADMIN_PASSWORD": "a long and quiet sentence"}
MOST, MOST_SCRIPT = 60_000, 12_000  # bytes of a public page
LOADED = re.compile(r"<(?:link rel=\"(?:stylesheet|icon)\"[^>]*?href|script[^>]*?src|img[^>]*?src)=\"(/[^\"]+)\"")
PUBLIC = ("", "/join", "/find", "/how-it-works", "/privacy", "/me/sign-in")
CONSOLE = (
    *("", "/people", "/waves", "/invites", "/rules", "/referrals", "/referrals/tree"),
    *("/outbox", "/audit", "/team", "/settings"),
)


@dataclass
class Weighed:
    """One page; sizes in compressed bytes."""

    path: str
    html: int
    style: int = 0
    script: int = 0
    other: int = 0
    queries: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.html + self.style + self.script + self.other

    @property
    def too_heavy(self) -> bool:
        return not self.path.startswith("/admin") and (self.total > MOST or self.script > MOST_SCRIPT)


def main() -> int:
    with house() as app:
        client = app.test_client()
        found = [weigh(client, path) for path in public_paths(app)]
        page = forms.visit(client, "/admin/sign-in")
        page.submit("Sign in", email=OWNER["WAITLIST_ADMIN_EMAIL"], password=OWNER["WAITLIST_ADMIN_PASSWORD"])
        found += [weigh(client, path) for path in console_paths(app)]
    print(f"{'page':<56}{'html':>8}{'style':>8}{'script':>8}{'other':>8}{'total':>8}{'queries':>9}")
    for one in found:
        sizes = "".join(f"{size:>8,}" for size in (one.html, one.style, one.script, one.other, one.total))
        print(f"{shown(one.path):<56}{sizes}{len(one.queries):>9}{'  over its budget' if one.too_heavy else ''}")
    return int(any(one.too_heavy for one in found))


@contextmanager
def house() -> Iterator[Flask]:
    """An installation of its own with the launch of `make demo` in it."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"WAITLIST_INSTANCE": folder, "WAITLIST_LIMITS": "false", **OWNER})
        for command in ("init", "seed-demo"):
            done = app.test_cli_runner().invoke(args=[command])
            assert done.exit_code == 0, done.output
        yield app
        dispose(app)


def public_paths(app: Flask) -> list[str]:
    with app.app_context(), db.reading() as rx:
        launch = rx.execute(sa.select(Launch.slug, Launch.public_id)).one()
        paths = [f"/w/{launch.slug}{page}" for page in PUBLIC]
        for state in (State.WAITING, State.INVITED, State.JOINED, State.LAPSED):
            person = rx.execute(
                sa.select(Entry.public_id, Entry.link_version, Entry.slug)
                .where(Entry.state == state, Entry.held_by.is_(None))
                .order_by(Entry.friends.desc(), Entry.id)
            ).first()
            assert person is not None, state
            row = (launch.public_id, person.public_id, person.link_version)
            paths.append(f"/s/{runtime().tokens.sign(Purpose.STATUS, *row)}")
        return [*paths, f"{paths[-4]}/data", f"/r/{person.slug}", "/redeem", "/w/nowhere"]


def console_paths(app: Flask) -> list[str]:
    with app.app_context(), db.reading() as rx:
        base = f"/admin/w/{rx.scalars(sa.select(Launch.slug)).one()}"
        person = rx.scalars(sa.select(Entry.public_id).order_by(Entry.friends.desc())).first()
        wave = rx.scalars(sa.select(Wave.public_id).where(Wave.state == "draft")).first()
        return ["/admin", *(base + page for page in CONSOLE), f"{base}/people/{person}", f"{base}/waves/{wave}/check"]


def weigh(client: FlaskClient, path: str) -> Weighed:
    """The page as a second visitor gets it: what the first one fills is full."""
    client.get(path)
    with counted() as queries:
        body = client.get(path).data
    one = Weighed(path, packed(body), queries=queries)
    for asset in sorted(set(LOADED.findall(body.decode()))):
        kind = {"css": "style", "js": "script"}.get(asset.rpartition(".")[2], "other")
        setattr(one, kind, getattr(one, kind) + packed(client.get(asset).data))
    return one


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def packed(data: bytes) -> int:
    """Bytes on the line; what is packed already is not packed again."""
    return min(len(data), len(gzip.compress(data, 6)))


def shown(path: str) -> str:
    """A path without the token that nobody can compare."""
    parts = [part if len(part) < 40 else "..." for part in urlsplit(path).path.split("/")]
    return "/".join(parts)


if __name__ == "__main__":
    sys.exit(main())
