"""The doctor: is everything there that a launch day needs? The command `doctor` looks at the same."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, codes, records
from waitlist.db import Tx, reading
from waitlist.i18n import page_locale
from waitlist.mailer import Mailer
from waitlist.models.access import Role
from waitlist.queries.doctor import Finding, House, findings
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services import posting
from waitlist.web.admin.frame import admin_page, back, desk, pressed
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_doctor", __name__)


@blueprint.get("/admin/doctor")
@guard(Owner.ADMIN, role=Role.ADMIN)
def doctor() -> ResponseReturnValue:
    """Every look; the relay is only tried when asked for, because a silent one takes its time."""
    relay = "relay" in request.args or runtime().settings.smtp_url is None
    house = House(runtime(), _read, _open_relay, clock.now(), records.txt)
    found = [*findings(house, relay=relay), *_as_asked()]
    said = [(one.check, one.state, gettext(one.says, **one.params)) for one in found]
    return admin_page("admin/doctor.html", findings=said, relay_tried=relay)


@blueprint.post("/admin/doctor/test")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def send_test() -> ResponseReturnValue:
    """A mail to whoever presses, by the way that every mail goes."""
    now, to = clock.now(), posting.To(desk().user.email, desk().user.email.lower(), str(page_locale()))

    def act(tx: Tx) -> None:
        posting.enqueue(tx, "test", codes.random_id("tst") + ":1", to, now, about={"launch_id": None})

    pressed("test_mail", act)
    return back("admin_doctor.doctor", "tested")


def _as_asked() -> list[Finding]:
    """What only a visit can tell: whether people came by the address that links name, and whom they look like."""
    settings, seen = runtime().settings, request.remote_addr or ""
    found = []
    asked, named = request.host_url.rstrip("/"), settings.base_url
    if asked != named:
        says = N_("You came by %(asked)s, and links name %(named)s. Set WAITLIST_BASE_URL if people come your way.")
        found.append(Finding("address", "note", says, {"asked": asked, "named": named}))
    if "X-Forwarded-For" in request.headers:
        state, says = "ok", N_("You are seen as %(address)s.")
        if not settings.trusted_proxies:
            state = "fix"
            says = N_("Visitors would all look like %(address)s. Set WAITLIST_TRUSTED_PROXIES=%(address)s.")
        found.append(Finding("proxy", state, says, {"address": seen}))
    return found


def _read(query: Callable[[Tx], Any]) -> Any:
    with reading() as rx:
        return query(rx)


def _open_relay() -> str | None:
    app: Any = current_app
    mailer = Mailer(app._get_current_object(), runtime().settings, runtime().stationery)
    trouble = mailer.open()
    mailer.close()
    return None if trouble is None else trouble.words
