"""The doctor: is everything there that a launch day needs? The command `doctor` looks at the same."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.mailer import Mailer
from waitlist.models.access import Role
from waitlist.queries.doctor import Finding, House, findings
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.web.admin.frame import admin_page
from waitlist.web.guards import Owner, guard

blueprint = Blueprint("admin_doctor", __name__)


@blueprint.get("/admin/doctor")
@guard(Owner.ADMIN, role=Role.ADMIN)
def doctor() -> ResponseReturnValue:
    """Every look; the relay is only tried when asked for, because a silent one takes its time."""
    relay = "relay" in request.args or runtime().settings.smtp_url is None
    house = House(runtime(), _read, _open_relay, clock.now())
    found = [*findings(house, relay=relay), *_as_asked()]
    said = [(one.check, one.state, gettext(one.says, **one.params)) for one in found]
    return admin_page("admin/doctor.html", findings=said, relay_tried=relay)


def _as_asked() -> list[Finding]:
    """What only a visit can tell: whether the address in the browser is the one that links name."""
    asked, named = request.host_url.rstrip("/"), runtime().settings.base_url
    if asked == named:
        return []
    says = N_("You came by %(asked)s, and links name %(named)s. Set WAITLIST_BASE_URL if people come your way.")
    return [Finding("address", "note", says, {"asked": asked, "named": named})]


def _read(query: Callable[[Tx], Any]) -> Any:
    with reading() as rx:
        return query(rx)


def _open_relay() -> str | None:
    app: Any = current_app
    mailer = Mailer(app._get_current_object(), runtime().settings, runtime().stationery)
    trouble = mailer.open()
    mailer.close()
    return None if trouble is None else trouble.words
