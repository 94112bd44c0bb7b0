"""Your data (P-16): what is held, a copy of it, corrections. Each choice is a form of its own."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.actors import person
from waitlist.db import one, reading, writing
from waitlist.gates.answers import Refuses, Trust
from waitlist.gates.country import CODES
from waitlist.models.entry import by_id
from waitlist.queries import launch_page, own_page
from waitlist.services import changing, disclosing, stating
from waitlist.services.joining import NotEligible
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors, page
from waitlist.web.public.application import mailbox, read_address
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.refused import why
from waitlist.web.public.status import Mine, required, settings_path
from waitlist.web.wording import country


@blueprint.get("/s/<token>/data")
@guard(Owner.PUBLIC)
def own_data(token: str) -> Response:
    """Everything in one table, and what can be done with it."""
    return _show(required(token, clock.now()))


@blueprint.post("/s/<token>/data/copy")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def own_data_copy(token: str) -> ResponseReturnValue:
    """Have the file built; its link is mailed, so whoever holds this page alone does not get it."""
    now = clock.now()
    mine = required(token, now)
    with writing() as tx:
        asked = disclosing.ask(tx, mine.launch, mine.shown.entry_id, actor=person(mine.shown.entry), now=now)
    done = "enough" if isinstance(asked, disclosing.TooOften) else "copy"
    return redirect(url_for("public.own_data", token=token, done=done), 303)


@blueprint.post("/s/<token>/data/email")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def own_data_email(token: str) -> ResponseReturnValue:
    """A link goes to the new address, a notice to the old one; nothing changes before the new one proves itself."""
    now = clock.now()
    mine = required(token, now)
    address, faults = read_address(request.form.get("email", ""))
    if address is None:
        return _show(mine, faults, status=422)
    try:
        with writing() as tx:
            new, actor = mailbox(mine.launch, address), person(mine.shown.entry)
            changing.ask(tx, mine.launch, mine.shown.entry_id, new, actor=actor, now=now)
    except changing.SameAddress:
        return _show(mine, [("email", gettext("This is your address already"))], status=422)
    except NotEligible as refused:
        return _show(mine, [("email", _refusal(mine, refused, address.email))], status=422)
    except changing.CannotChange:
        return _show(mine, [("email", gettext("Confirm your e-mail first"))], status=409)
    return redirect(url_for("public.own_data", token=token, done="email"), 303)


@blueprint.post("/s/<token>/data/country")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def own_data_country(token: str) -> ResponseReturnValue:
    """Where the person says they are: a claim beside what is known, which opens nothing that asks for more."""
    now = clock.now()
    mine = required(token, now)
    code = request.form.get("country", "")
    if code and code not in CODES:
        return _show(mine, [("country", gettext("Select a country"))], status=422)
    actor, said = person(mine.shown.entry), {"source": "declared"}
    with writing() as tx:
        entry = one(tx, by_id(mine.shown.entry_id))
        assert entry is not None, "the page shows them"
        if code:
            stating.state(tx, entry, "country", code, **said, trust=Trust.ASSERTED, actor=actor, now=now)
        else:
            stating.forget(tx, entry, "country", **said, actor=actor, now=now)
    return redirect(url_for("public.own_data", token=token, done="country"), 303)


def _refusal(mine: Mine, refused: NotEligible, email: str) -> str:
    if isinstance(refused.answer, Refuses):
        return why(mine.launch, refused.answer, email).text
    return str(gettext("The rules do not let this address in."))


def _show(mine: Mine, errors: Errors = (), *, status: int = 200) -> Response:
    with reading() as rx:
        held = own_page.held(rx, mine.shown.entry_id)
        asked = launch_page.questions(rx, mine.launch)
    said = {
        "copy": gettext("We are making your file. We e-mail you the link, which works for 7 days."),
        "enough": gettext("You asked for 3 files today. Try again tomorrow."),
        "country": gettext("Your country is saved."),
        "email": gettext("We sent a link to the new address. Open it there; nothing changes before."),
    }
    return page(
        "public/own_data.html",
        status=status,
        state="own-data",
        launch=mine.launch,
        private=True,
        errors=errors,
        me=mine.shown,
        held=held,
        asked=asked,
        settings=settings_path(mine.launch, mine.shown),
        token=mine.token,
        done=said.get(request.args.get("done", ""), ""),
        typed=request.form.get("email", ""),
        countries=sorted(((code, country(code)) for code in CODES), key=lambda pair: pair[1]),
    )
