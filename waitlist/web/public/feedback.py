"""Feedback (P-18): a member reports a problem, and reads what became of the reports before."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, pictures
from waitlist.actors import person
from waitlist.db import Tx, reading, writing
from waitlist.models.entry import State
from waitlist.models.report import KINDS, SEVERITIES, ref
from waitlist.pictures import BadPicture, Encoded
from waitlist.queries import reports
from waitlist.services import reporting
from waitlist.services.reporting import NotInside, Said, TooMany
from waitlist.web import devices, forms
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors, page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import status_path
from waitlist.web.public.status import Mine, required
from waitlist.web.wording import say

SCREEN = (1600, 1600)  # pixels that a screenshot is kept in
MOST = pictures.LARGEST + 256 * 1024  # bytes of a whole form


@blueprint.get("/s/<token>/feedback")
@guard(Owner.PUBLIC)
def feedback(token: str) -> ResponseReturnValue:
    """The form, and my reports."""
    mine = required(token, clock.now())
    return _form(mine) if mine.shown.state == State.JOINED else _away(mine)


@blueprint.post("/s/<token>/feedback")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/hour")
def feedback_press(token: str) -> ResponseReturnValue:
    """Keeps the report; a second press shows the first one's result."""
    now = clock.now()
    mine = required(token, now)
    if _is_too_large():
        return _form(mine, [("picture", say("picture_too_large", {}))])
    press = forms.pressed("feedback", mine.launch.public_id, now=now)
    errors, said, picture = _read()
    if press.stale:
        errors = [("happened", gettext("Your session timed out. Check your answers and send again."))]
    if errors:
        return _form(mine, errors)

    def act(tx: Tx) -> Outcome:
        me = mine.shown
        made = reporting.report(tx, mine.launch, me.entry_id, said, picture, actor=person(me.entry), now=now)
        return {"ref": "" if isinstance(made, TooMany) else ref(made.id)}

    try:
        with writing() as tx:
            outcome = forms.once(tx, press, mine.launch.id, now, lambda: act(tx))
    except NotInside:
        return _away(mine)
    if not outcome["ref"]:
        return _form(mine, [("happened", gettext("You sent twenty reports today. Send the next one tomorrow."))], 429)
    return redirect(url_for("public.feedback", token=token, sent=outcome["ref"]), 303)


@blueprint.get("/s/<token>/feedback/<report_id>/picture")
@guard(Owner.PUBLIC)
def feedback_picture(token: str, report_id: str) -> ResponseReturnValue:
    """The picture of one of my reports, as it was kept."""
    mine = required(token, clock.now())
    with reading() as rx:
        shown = reports.called(rx, mine.launch, report_id)
        is_mine = shown is not None and shown.report.entry_id == mine.shown.entry_id
        found = reports.picture_of(rx, shown.report.id) if shown is not None and is_mine else None
    return picture_response(found.data, found.mime) if found is not None else _away(mine)


def picture_response(data: bytes, mime: str) -> Response:
    """A picture that was encoded here; nothing of what came in is left in it."""
    response = Response(data, mimetype=mime)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _read() -> tuple[list[tuple[str, str]], Said, Encoded | None]:
    typed, errors = request.form, []
    words = {name: typed.get(name, "").replace("\r\n", "\n").strip() for name in ("happened", "expected")}
    if not words["happened"]:
        errors.append(("happened", gettext("Say what happened")))
    errors += [(name, gettext("Use 5,000 characters or fewer")) for name, text in words.items() if len(text) > 5_000]
    kind, severity = typed.get("kind", ""), typed.get("severity", "")
    if kind not in KINDS:
        errors.append(("kind", gettext("Select what it is")))
    if severity not in SEVERITIES:
        errors.append(("severity", gettext("Select how much it is in your way")))
    attached = typed.get("attach") == "yes"
    said = Said(
        kind=kind,
        severity=severity,
        **words,
        version=typed.get("version", "").strip()[:80] if attached else "",
        browser=devices.words()[:80] if attached else "",
        wants_mail=typed.get("wants_mail") == "yes",
    )
    return errors, said, _picture(errors)


def _picture(errors: list[tuple[str, str]]) -> Encoded | None:
    sent = request.files.get("picture")
    if sent is None:
        return None
    data = sent.stream.read(pictures.LARGEST + 1)
    sent.close()  # a large one was laid down in a file
    if not data:
        return None
    try:
        return pictures.read(data, within=SCREEN)
    except BadPicture as bad:
        errors.append(("picture", say(bad.code, {})))
        return None


def _is_too_large() -> bool:
    return (request.content_length or 0) > MOST


def _form(mine: Mine, errors: Errors = (), status: int = 422) -> Response:
    typed = {} if _is_too_large() else request.form  # which is not even read then
    with reading() as rx:
        found = reports.mine(rx, mine.shown.entry_id)
    return page(
        "public/feedback.html",
        status=status if errors else 200,
        errors=errors,
        state="feedback",
        launch=mine.launch,
        private=True,
        me=mine.shown,
        token=mine.token,
        reports=found,
        typed=typed,
        version=typed.get("version") or request.args.get("version", "")[:80],
        browser=devices.words(),
        sent=request.args.get("sent", ""),
    )


def _away(mine: Mine) -> ResponseReturnValue:
    """Whoever is not inside has their own page."""
    me = mine.shown
    return redirect(status_path(mine.launch, me.entry, me.link_version), 303)
