"""The deny list: addresses and domains that may not come in. It beats every rule and every invite."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import addresses, clock
from waitlist.addresses import BadAddress
from waitlist.db import Tx, reading, some
from waitlist.domains import BadDomain, rule_domain
from waitlist.models.access import Role
from waitlist.models.hold import Denied
from waitlist.queries import admins
from waitlist.runtime import runtime
from waitlist.services import denying
from waitlist.services.denying import NotDenied
from waitlist.web.admin.fields import DIGITS, Fields, seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say

blueprint = Blueprint("admin_deny", __name__, url_prefix="/admin/w/<slug>/deny")
PAGE = 100


@dataclass(frozen=True)
class Line:
    """One line of what was typed: an address (its abuse key) or a domain."""

    kind: str
    value: str
    shown: str


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.REVIEWER)
def deny_list(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Who is on it, by whom, why, and how often each has tried."""
    return _page([])


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def count_lines(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Counts what was typed; saves it when it was counted and nothing changed since."""
    fields = Fields()
    lines, reason = _read_lines(fields), fields.reason()
    until = fields.moment("until", this_launch().tz)
    if fields.errors:
        return _page(fields.errors, status=422)
    if request.form.get("counted") != _fingerprint(lines):
        return _page([], counted=lines)

    def act(tx: Tx) -> Outcome:
        launch, now, actor = this_launch(), clock.now(), desk().actor
        added = [
            denying.deny(tx, launch, **vars(line), reason=reason, until=until, actor=actor, now=now) for line in lines
        ]
        return {"added": sum(one is not None for one in added)}

    added = pressed("deny", act)["added"]
    return back("admin_deny.deny_list", "denied", n=added, of=len(lines))


@blueprint.post("/<int:denied_id>/allow")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def allow(slug: str, denied_id: int) -> ResponseReturnValue:  # noqa: ARG001
    """Takes one off, with a reason."""
    if denied_id >= 10**DIGITS:
        abort(404)
    fields = Fields()
    reason = fields.reason(f"reason-{denied_id}")
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        denying.allow(tx, this_launch(), denied_id, reason=reason, actor=desk().actor, now=clock.now())

    try:
        pressed("allow", act)
    except NotDenied:
        return back("admin_deny.deny_list", "gone")
    return back("admin_deny.deny_list", "allowed")


def _read_lines(fields: Fields) -> list[Line]:
    """One address or domain on each line, without repeats."""
    lines: dict[tuple[str, str], Line] = {}
    typed = [part for part in re.split(r"[\n,;]+", request.form.get("lines", "")) if part.strip()]
    if not typed:
        fields.wrong("lines", gettext("Enter an e-mail address or a domain"))
    for part in typed:
        try:
            line = _read_line(part.strip())
        except (BadAddress, BadDomain) as fault:
            fields.wrong("lines", f"{part.strip()[:60]}: {say(fault.code, fault.params)}")
            continue
        lines.setdefault((line.kind, line.value), line)
    return list(lines.values())


def _read_line(typed: str) -> Line:
    if "@" in typed.removeprefix("@"):
        address = addresses.canon(typed)
        return Line("address", runtime().abuse_key(address), address.email)
    domain = rule_domain(typed)
    return Line("domain", domain.domain, domain.shown)


def _fingerprint(lines: list[Line]) -> str:
    """What was counted: other lines are counted again before they are saved."""
    return hashlib.sha256(repr(sorted(line.value for line in lines)).encode()).hexdigest()[:16]


def _page(errors: Errors, *, status: int = 200, counted: list[Line] | None = None) -> ResponseReturnValue:
    before = seen_before()
    query = sa.select(Denied).where(Denied.launch_id == this_launch().id, Denied.removed_at.is_(None))
    if before is not None:
        query = query.where(Denied.id < before)
    with reading() as rx:
        found = some(rx, query.order_by(Denied.id.desc()).limit(PAGE))
        doers = admins.names(rx)
    typed: Any = request.form
    return admin_page(
        "admin/deny.html",
        status=status,
        errors=errors,
        denied=found,
        older=found[-1].id if len(found) == PAGE else None,
        names=doers,
        typed=typed,
        counted=counted,
        fingerprint=_fingerprint(counted or []),
        domains=[line.shown for line in counted or () if line.kind == "domain"],
    )
