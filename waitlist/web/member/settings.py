"""My settings (M-07): how others see me, which mails I get, my language. Each part is saved by itself."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import catalogues, clock
from waitlist.actors import person
from waitlist.db import one, reading, writing
from waitlist.models.entry import Entry, by_id
from waitlist.models.message import choice_of
from waitlist.services import choosing, introducing, posting
from waitlist.services.choosing import Wants
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.member.signed_in import here, member_page
from waitlist.web.pages import Errors
from waitlist.web.public.application import read_name
from waitlist.web.public.paths import status_token

blueprint = Blueprint("member_settings", __name__, url_prefix="/w/<slug>/me/settings")


@blueprint.get("")
@guard(Owner.MEMBER)
def index(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - who is signed in was found before
    """All of it, as it is."""
    return _show()


@blueprint.post("/name")
@guard(Owner.MEMBER, Proof.CSRF)
def name(slug: str) -> ResponseReturnValue:
    """The name, and where it is shown."""
    launch, member = here()
    typed, faults = read_name()
    if faults:
        return _show(faults, status=422)
    shown, on_board = request.form.get("shown") == "yes", request.form.get("on_board") == "yes"
    board = on_board if launch.leaderboard else None
    actor, now = person(member.public_id), clock.now()
    with writing() as tx:
        introducing.introduce(tx, launch, member.id, name=typed, shown=shown, on_board=board, actor=actor, now=now)
    return _back(slug)


@blueprint.post("/asks")
@guard(Owner.MEMBER, Proof.CSRF)
def asks(slug: str) -> ResponseReturnValue:
    """Whether who came too late for one of my links may ask me for another invite."""
    launch, member = here()
    welcome = request.form.get("asks_welcome") == "yes"
    with writing() as tx:
        introducing.let_ask(tx, launch, member.id, welcome=welcome, actor=person(member.public_id), now=clock.now())
    return _back(slug)


@blueprint.post("/mails")
@guard(Owner.MEMBER, Proof.CSRF)
def mails(slug: str) -> ResponseReturnValue:
    """The same choices as behind the link of every mail."""
    launch, member = here()
    given = request.form.get("wants", "")
    actor, now = person(member.public_id), clock.now()
    with writing() as tx:
        box = posting.choice_for(tx, launch.id, member.email, member.email_key, now)
        if given in list(Wants):
            choosing.choose(tx, launch, box, Wants(given), actor=actor, now=now)
    return _back(slug)


@blueprint.post("/language")
@guard(Owner.MEMBER, Proof.CSRF)
def language(slug: str) -> ResponseReturnValue:
    """The language of mails from now on; pages follow the link above them."""
    launch, member = here()
    chosen = request.form.get("language", "")
    if chosen in catalogues.locales():
        with writing() as tx:
            introducing.speak(tx, launch, member.id, chosen, actor=person(member.public_id), now=clock.now())
    return _back(slug)


def _back(slug: str) -> ResponseReturnValue:
    return redirect(url_for("member_settings.index", slug=slug, done="saved"), 303)


def _show(errors: Errors = (), *, status: int = 200) -> ResponseReturnValue:
    launch, member = here()
    with reading() as rx:
        now_is: Entry | None = one(rx, by_id(member.id))
        choice = one(rx, choice_of(launch.id, member.email_key))
    assert now_is is not None, "whoever is signed in is there"
    return member_page(
        "member/settings.html",
        "settings",
        status=status,
        errors=errors,
        now=clock.now(),
        me=now_is,
        typed=request.form.get("name", now_is.name),
        wants=choice.wants if choice is not None else Wants.ALL,
        languages=[("en", "English"), ("fr", "Français")],
        data=url_for("public.own_data", token=status_token(launch, member.public_id, member.link_version)),
        done=gettext("Saved.") if request.args.get("done") == "saved" else "",
    )
