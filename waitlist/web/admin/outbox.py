"""The outbox: every mail, what it says, and, while no relay is set, the way along its links.

A mail holds links and codes that let people in, so they are hidden from the team. Only while mail goes nowhere an
admin may see and follow them, and each time is written into the audit log.
"""

import re
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import addresses, clock
from waitlist.addresses import BadAddress
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.message import MessageState
from waitlist.queries import outbox as queries
from waitlist.queries.outbox import Opened, Wanted
from waitlist.runtime import runtime
from waitlist.services import recording, sending
from waitlist.services.sending import NotRetryable
from waitlist.tokens import BadToken, Purpose
from waitlist.web.admin.fields import seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_outbox", __name__, url_prefix="/admin/w/<slug>/outbox")
PAGE = 50
SEEN_SECONDS = 600
_TOKEN = re.compile(r"(https?://[^\s\"'<>]*?/)[\w.-]{20,}")
_CODES = re.compile(r"\b\d{3} \d{3}\b|\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{2}\b")
STATES = tuple(map(str, MessageState))


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def outbox(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every mail of this waitlist, the newest first."""
    state, typed = (request.args.get(name, "").strip() for name in ("state", "to"))
    states = (state,) if state in STATES else ()
    launch = this_launch()
    with reading() as rx:
        wanted = Wanted(launch.id, states=states, to=_key(typed), beyond=seen_before())
        found = queries.listed(rx, wanted, runtime().stationery, now=clock.now(), limit=PAGE)
        counted = queries.counted(rx, launch.id)
    older = found[-1].row if len(found) == PAGE else None
    kept = {"state": state, "to": typed}
    return admin_page("admin/outbox.html", items=found, counted=counted, older=older, kept=kept, states=STATES)


@blueprint.get("/<message_id>")
@guard(Owner.ADMIN, role=Role.ANALYST)
def message(slug: str, message_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """One mail as it left, or as it would leave now."""
    mail = _opened(message_id)
    seen = _may_see() and _was_asked(message_id)
    return admin_page(
        "admin/message.html",
        mail=mail,
        seen=seen,
        may_see=_may_see(),
        text=mail.text if seen else hidden(mail.text),
        html=mail.html if seen else hidden(mail.html),
        headers=mail.headers if seen else [(name, hidden(value)) for name, value in mail.headers],
        paths=[urlsplit(link).path for link in mail.item.links] if seen else [],
        private=True,
    )


@blueprint.post("/<message_id>/opening")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def open_message(slug: str, message_id: str) -> ResponseReturnValue:
    """See the links and codes of a mail that goes nowhere, for ten minutes; written into the audit log."""
    if not _may_see():
        abort(403)
    mail = _opened(message_id)
    pressed("open_mail", lambda tx: _note(tx, "outbox.opened", mail))
    asked = runtime().tokens.sign_data(Purpose.SEE, ["mail", message_id, desk().user.id, int(clock.now().timestamp())])
    return redirect(url_for("admin_outbox.message", slug=slug, message_id=message_id, seen=asked), 303)


@blueprint.post("/<message_id>/follow")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def follow(slug: str, message_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Go where a link of the mail goes, as its reader would; written into the audit log."""
    if not _may_see():
        abort(403)
    mail, path = _opened(message_id), request.form.get("path", "")
    ours = [link for link in mail.item.links if link.startswith(f"{runtime().settings.base_url}/")]
    link = next((link for link in ours if urlsplit(link).path == path), None)
    if link is None:
        abort(404)
    pressed("follow", lambda tx: _note(tx, "outbox.followed", mail))
    parts = urlsplit(link)
    return redirect(parts.path + (f"?{parts.query}" if parts.query else ""), 303)


@blueprint.post("/<message_id>/retry")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def retry(slug: str, message_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Send a failed, held or cancelled mail after all, with the bytes it had."""
    _opened(message_id)

    def act(tx: Tx) -> None:
        sending.retry(tx, message_id, actor=desk().actor, now=clock.now())

    try:
        pressed("retry", act)
    except NotRetryable:
        return back("admin_outbox.message", "moved_on", message_id=message_id)
    return back("admin_outbox.message", "retry", message_id=message_id)


def hidden(text: str) -> str:
    """The text without what lets its reader in: the tokens of links, six-digit codes, codes of invites."""
    return _CODES.sub("•••", _TOKEN.sub(r"\1•••", text))


def _opened(message_id: str) -> Opened:
    with reading() as rx:
        mail = queries.opened(rx, message_id, runtime().stationery, now=clock.now())
    if mail is None or mail.item.launch_id != this_launch().id:
        abort(404)
    return mail


def _note(tx: Tx, verb: str, mail: Opened) -> None:
    subject = ("message", mail.item.row)
    data = {"mail": mail.item.id, "kind": mail.item.template}
    recording.record(tx, verb, this_launch().id, subject, desk().actor, clock.now(), data)


def _may_see() -> bool:
    return runtime().settings.smtp_url is None and desk().may(Role.ADMIN)


def _was_asked(message_id: str) -> bool:
    """Whether this admin pressed for this mail within the last ten minutes."""
    try:
        data = runtime().tokens.read_data(Purpose.SEE, request.args.get("seen", ""))
    except BadToken:
        return False
    match data:
        case ["mail", str(mail), int(user), int(at)]:
            fresh = 0 <= clock.now().timestamp() - at + 1 <= SEEN_SECONDS
            return fresh and (mail, user) == (message_id, desk().user.id)
    return False


def _key(typed: str) -> str | None:
    if not typed:
        return None
    try:
        return addresses.canon(typed).key
    except BadAddress:
        return typed  # finds nobody, and says so
