"""The frame of every admin page: who is signed in, on which launch, in which role, and what they should know first."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import current_user

from waitlist import actors, clock, noticing
from waitlist.actors import Actor
from waitlist.db import Tx, one, reading, some, writing
from waitlist.models.access import Grant, Preference, Role, User, grants_of
from waitlist.models.launch import Launch, by_slug
from waitlist.queries import health, launches
from waitlist.queries.health import Worker
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services import signing_out
from waitlist.web import forms, guards
from waitlist.web.admin.again import again_page, sign_path, signed_out_page
from waitlist.web.admin.notices import notices
from waitlist.web.forms import Outcome, Press
from waitlist.web.guards import SAFE, Guard, Owner
from waitlist.web.pages import page

# The menu: words, where it leads, and the least role that sees it.
MENU: tuple[tuple[str, str, Role], ...] = (
    (N_("Overview"), "admin_overview.overview", Role.VIEWER),
    (N_("People"), "admin_people.people", Role.ANALYST),
    (N_("Invites & waves"), "admin_waves.waves", Role.VIEWER),
    (N_("Rollout plan"), "admin_plan.plan", Role.VIEWER),
    (N_("Rules"), "admin_rules.rules", Role.VIEWER),
    (N_("Deny list"), "admin_deny.deny_list", Role.REVIEWER),
    (N_("Holds"), "admin_holds.holds", Role.REVIEWER),
    (N_("Referrals"), "admin_referrals.referrals", Role.ANALYST),
    (N_("Experiments"), "admin_experiments.experiments", Role.ANALYST),
    (N_("Feedback"), "admin_reports.reports", Role.ANALYST),
    (N_("Messages"), "admin_outbox.outbox", Role.ANALYST),
    (N_("API keys"), "admin_keys.keys", Role.ADMIN),
    (N_("Import & export"), "admin_imports.files", Role.ANALYST),
    (N_("Audit log"), "admin_audit.audit", Role.ANALYST),
    (N_("Team"), "admin_team.colleagues", Role.ADMIN),
    (N_("Settings"), "admin_settings.settings", Role.VIEWER),
)

# Pages that a key after `g` opens.
SHORTCUTS = {
    "admin_overview.overview": "o",
    "admin_people.people": "p",
    "admin_waves.waves": "w",
    "admin_rules.rules": "r",
}

# Pages below another one of the menu, by blueprint.
BELOW = {
    "admin_plan_stage": "admin_plan",
    "admin_plan_form": "admin_plan",
    "admin_plan_presets": "admin_plan",
    "admin_wave": "admin_waves",
    "admin_draft": "admin_waves",
    "admin_check": "admin_waves",
    "admin_watch": "admin_waves",
    "admin_steps": "admin_waves",
    "admin_guards": "admin_waves",
    "admin_invites": "admin_waves",
    "admin_codes": "admin_waves",
    "admin_asks": "admin_waves",
    "admin_person": "admin_people",
    "admin_person_steps": "admin_people",
    "admin_person_holds": "admin_people",
    "admin_person_facts": "admin_people",
    "admin_sweeps": "admin_people",
    "admin_looking_as": "admin_people",
    "admin_mails": "admin_outbox",
    "admin_broadcasts": "admin_outbox",
    "admin_mail_versions": "admin_outbox",
    "admin_questions": "admin_settings",
    "admin_rule_drafts": "admin_rules",
    "admin_import": "admin_imports",
    "admin_referral_tree": "admin_referrals",
}


SEEN = "waitlist.sessions_seen"

# Pages of one's own account: the way to a second step, and the way out.
SECURING = frozenset({"admin_account", "admin_preferences", "admin_two_steps", "admin_passkeys", "admin_sign_ins"})


@dataclass(frozen=True)
class Desk:
    """One admin at work: `launch` is the one in the address, `launches` are those this admin may see."""

    user: User
    grants: Sequence[Grant]
    launches: Sequence[Launch]
    launch: Launch | None
    worker: Worker
    chosen: frozenset[str] = frozenset()  # keys of this admin's preferences

    @property
    def tz(self) -> str:
        return self.launch.tz if self.launch else "UTC"

    @property
    def actor(self) -> Actor:
        return actors.admin(self.user.id)

    def role_on(self, launch_id: int | None) -> Role | None:
        """The highest role here: granted for this launch, or for all of them. None asks for the installation itself."""
        held = [Role(grant.role) for grant in self.grants if grant.launch_id in (None, launch_id)]
        return min(held, key=list(Role).index) if held else None

    def may(self, least: Role, launch: Launch | None = None) -> bool:
        """Whether this admin holds at least this role, on the launch in the address unless another is named."""
        here = launch or self.launch
        role = self.role_on(here.id if here is not None else None)
        return role is not None and role.covers(least)


def init_frame(app: Flask) -> None:
    """Ask for a signed-in admin with the guard's role before every admin page."""
    guards.authority(app, Owner.ADMIN, _check)
    noticing.init_last_seen(app, SEEN, keep_seen)


def keep_seen(seen: dict[int, datetime]) -> None:
    """Write when sessions were last seen."""
    with writing() as tx:
        signing_out.note_seen(tx, seen)


def desk() -> Desk:
    """Who is at work in this request."""
    return cast(Desk, g.desk)


def this_launch() -> Launch:
    """The launch in the address, archived or not."""
    launch = desk().launch
    assert launch is not None, "only pages below /admin/w/<slug> ask for it"
    return launch


def admin_page(template: str, **context: Any) -> Response:
    """A page in the admin frame; see `pages.page` for what it takes."""
    at = desk()
    return page(
        template,
        launch=at.launch,
        desk=at,
        may=at.may,
        Role=Role,
        blueprints=current_app.blueprints,
        nav=_menu(at),
        switcher=_switcher(at),
        notices=notices(at.worker, at.tz, clock.now(), at.chosen),
        here=sign_path(request.full_path.rstrip("?")),
        shortcuts="no_shortcuts" not in at.chosen,
        account={"name": at.user.name or at.user.email, "href": url_for("admin_account.account")},
        done=request.args.get("done", ""),
        tz=at.tz,
        now=clock.now(),
        **context,
    )


def pressed(purpose: str, act: Callable[[Tx], Outcome | None]) -> Outcome:
    """Do what a form asks, once, in one transaction; a second press is told what the first one did.

    Whoever goes back and asks for something else has pressed anew. A form that is too old is not done: the page then
    asks to send it again.
    """
    press, launch = _fresh(purpose).about(_said()), desk().launch
    with writing() as tx:
        return forms.once(tx, press, launch.id if launch else None, clock.now(), lambda: act(tx) or {})


def pressed_each_time(purpose: str, act: Callable[[Tx], None]) -> None:
    """The same, but again at each press: whatever leaves the house is written down as often as it leaves."""
    _fresh(purpose)
    with writing() as tx:
        act(tx)


def _fresh(purpose: str) -> Press:
    launch = desk().launch
    named = launch.public_id if launch else ""
    press = forms.pressed(purpose, named, now=clock.now())
    if press.stale:
        abort(again_page(forms.new_form_id(purpose, named)))
    return press


def _said() -> str:
    """All that the form says to this address. Its signed id is in it, so what is kept tells nobody what was typed."""
    given = sorted(field for field in request.form.items(multi=True) if field[0] != "csrf_token")
    return json.dumps([request.full_path, given])


def back(endpoint: str, done: str = "", **values: Any) -> ResponseReturnValue:
    """See other: where the result of a press is shown, with the word for its banner."""
    launch = desk().launch
    if launch is not None:
        values.setdefault("slug", launch.slug)
    if done:
        values["done"] = done
    return redirect(url_for(endpoint, **values), 303)


def _check(found: Guard) -> ResponseReturnValue | None:
    signed_in = session.user_id is not None and current_user.is_authenticated  # type: ignore[attr-defined]
    if not signed_in:
        return _to_sign_in()
    with reading() as rx:
        g.desk = _desk(rx, current_user.row, (request.view_args or {}).get("slug"))
    noticing.note(SEEN, session.row_id, clock.now())  # type: ignore[attr-defined]
    if found.role is not None and not g.desk.may(Role(found.role)):
        abort(403)
    if wants_two_steps() and request.blueprint not in SECURING:
        return redirect(url_for("admin_two_steps.two_steps"), 303)
    return None


def wants_two_steps() -> bool:
    """Whether this admin must set up a second step before anything else is shown. A passkey is two steps in one."""
    at, by = desk(), session.get("by")
    asked = runtime().settings.admin_two_steps or (at.launch is not None and at.launch.two_steps)
    return asked and at.user.tf_totp_secret is None and by != "passkey"


def _to_sign_in() -> ResponseReturnValue:
    if request.method not in SAFE:
        return signed_out_page()
    return redirect(url_for("admin_account.sign_in", to=sign_path(request.full_path.rstrip("?"))))


def _desk(rx: Tx, user: User, slug: str | None) -> Desk:
    grants = some(rx, grants_of(user.id))
    launch = one(rx, by_slug(slug)) if slug else None
    if slug and launch is None:
        abort(404)
    everywhere = any(grant.launch_id is None for grant in grants)
    granted = {grant.launch_id for grant in grants}
    seen = [found for found in launches.all_launches(rx) if everywhere or found.id in granted]
    chosen = frozenset(rx.scalars(sa.select(Preference.key).where(Preference.user_id == user.id)))
    return Desk(user, grants, seen, launch, health.worker(rx, clock.now()), chosen)


def _menu(at: Desk) -> list[dict[str, object]]:
    if at.launch is None:
        return []
    here = BELOW.get(request.blueprint or "", request.blueprint)
    return [
        {
            "label": gettext(label),
            "href": url_for(endpoint, slug=at.launch.slug),
            "current": here == endpoint.partition(".")[0],
            "key": SHORTCUTS.get(endpoint, ""),
        }
        for label, endpoint, least in MENU
        if endpoint in current_app.view_functions and at.may(least)
    ]


def _switcher(at: Desk) -> list[dict[str, object]]:
    links: list[dict[str, object]] = [
        {
            "label": launch.name,
            "href": url_for("admin_overview.overview", slug=launch.slug),
            "current": at.launch is not None and launch.id == at.launch.id,
        }
        for launch in at.launches
    ]
    every = url_for("admin_launches.launches")
    return [*links, {"label": gettext("All waitlists"), "href": every, "current": request.path == every}]
