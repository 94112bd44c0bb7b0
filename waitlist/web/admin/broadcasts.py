"""Writing to many people: chosen in the people table, counted, looked at, tried out, and sent once; or taken back."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import catalogues, clock, plain
from waitlist.db import Tx, one, reading, some
from waitlist.models.access import Role
from waitlist.models.broadcast import REASONS, Broadcast, BroadcastState, by_public_id, words_in
from waitlist.models.launch import consent_texts
from waitlist.queries import admins, mail_words
from waitlist.queries import broadcasts as queries
from waitlist.rendering import Written, values_of, write
from waitlist.runtime import runtime
from waitlist.services import broadcasting, rewording
from waitlist.services.broadcasting import WrongState
from waitlist.services.posting import To
from waitlist.services.rewording import TESTS, TooManyTests
from waitlist.variables import variables_of
from waitlist.web.admin.fields import DIGITS, Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.mails import LOOKS, chosen_look, example_reader, fault_words, framed, look_of
from waitlist.web.admin.schedule import fastest
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.words import HEAVY, LONGEST_SUBJECT, Words, faults

blueprint = Blueprint("admin_broadcasts", __name__, url_prefix="/admin/w/<slug>/broadcasts")
MANY = 1_000  # people, from which on their number is typed


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def broadcasts(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """All of them, the newest first."""
    with reading() as rx:
        found, names = queries.listed(rx, this_launch().id), admins.names(rx)
    return admin_page("admin/broadcasts.html", broadcasts=found, names=names)


@blueprint.get("/<broadcast_id>")
@guard(Owner.ADMIN, role=Role.ANALYST)
def broadcast(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Before: who would get it, and what it says. After: how far it came, and the way to end it."""
    return _page(_found(broadcast_id))


@blueprint.post("/<broadcast_id>/words")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def save_words(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Saves what it says and whose agreement it asks for."""
    found, words = _found(broadcast_id), _typed()
    errors, agreed = _errors(words), _agreed()
    if agreed is None and request.form.get("agreed"):
        errors.append(("agreed", gettext("People are no longer asked for this agreement. Choose another one.")))
    if errors:
        return _page(found, errors, words)

    def act(tx: Tx) -> None:
        broadcasting.write(tx, _seen(found), words, agreed, actor=desk().actor, now=clock.now())

    try:
        pressed("words", act)
    except WrongState:
        said = gettext("Somebody changed it meanwhile. Yours is below, not saved; save again to put it in its place.")
        return _page(_found(broadcast_id), [(f"body_{this_launch().language}", said)], words, status=409)
    return back("admin_broadcasts.broadcast", "saved", broadcast_id=broadcast_id)


@blueprint.post("/<broadcast_id>/preview")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def preview(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """What stands in the form as a mail, for a frame in which nothing runs; or why it cannot be saved."""
    _found(broadcast_id)
    language, words = _language(), _typed()
    said = words.get(language)
    wrong = faults(said, variables_of("broadcast")) if said else []
    if said is None or wrong:
        sentences = [fault_words(fault) for fault in wrong] or [gettext("Nothing is written in this language")]
        return framed(render_template("admin/mail_faults.html", sentences=sentences), "text/html")
    return look_of(_written(said, language), request.form.get("look", ""))


@blueprint.post("/<broadcast_id>/test")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def send_test(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """What stands in the form to the admin's own address, in each language that is written."""
    found, words, me, reader = _found(broadcast_id), _typed(), desk().user, example_reader()
    errors = _errors(words)
    if errors:
        return _page(found, errors, words)

    def act(tx: Tx) -> None:
        for language, said in words.items():
            to = To(me.email, me.email, language)
            rewording.send_test(
                tx, this_launch(), "broadcast", said, to, name=reader.name, note="", actor=desk().actor, now=clock.now()
            )

    try:
        pressed("words", act)
    except TooManyTests:
        many = gettext("You sent %(most)s tests within an hour. Wait a while, or look at the preview.", most=TESTS)
        return _page(found, [(f"body_{this_launch().language}", many)], words, status=429)
    return _page(found, (), words, tested=True)


@blueprint.post("/<broadcast_id>/confirm")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def confirm(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Sends it as it was looked at, after the minutes in which it can be undone."""
    found, fields = _found(broadcast_id), Fields()
    with reading() as rx:
        gets, people = queries.counted(rx, found).gets, queries.waiting_people(rx, this_launch())
    if found.state == BroadcastState.DRAFT:
        if not found.words or not gets:
            fields.wrong("typed_number", gettext("There is nobody to write to, or nothing is written yet"))
        elif _must_type(gets, people) and fields.number("typed_number", 1, 10_000_000) != gets:
            fields.wrong("typed_number", gettext("Type the number %(number)s to write to this many", number=gets))
    if fields.errors:
        return _page(found, fields.errors)
    hold = timedelta(seconds=runtime().settings.hold_seconds)

    def act(tx: Tx) -> None:
        broadcasting.confirm(tx, _seen(found), hold=hold, actor=desk().actor, now=clock.now())

    return _done("confirm_broadcast", found, act, "confirmed")


@blueprint.post("/<broadcast_id>/undo")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def undo(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Back to a draft while nothing was sent."""
    return _step("undo_broadcast", broadcast_id, broadcasting.undo, "undone")


@blueprint.post("/<broadcast_id>/pause")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def pause(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Nobody else gets it until it is resumed."""
    return _step("pause_broadcast", broadcast_id, broadcasting.pause, "paused")


@blueprint.post("/<broadcast_id>/resume")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def resume(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Goes on."""
    return _step("resume_broadcast", broadcast_id, broadcasting.resume, "resumed")


@blueprint.post("/<broadcast_id>/stop")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def stop(slug: str, broadcast_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Whose mail has not left gets none."""
    return _step("stop_broadcast", broadcast_id, broadcasting.stop, "stopped")


def _found(public_id: str) -> Broadcast:
    with reading() as rx:
        found = one(rx, by_public_id(this_launch().id, public_id))
    if found is None:
        abort(404)
    return found


def _step(purpose: str, public_id: str, verb: Callable[..., object], done: str) -> ResponseReturnValue:
    found = _found(public_id)

    def act(tx: Tx) -> None:
        verb(tx, found, actor=desk().actor, now=clock.now())

    return _done(purpose, found, act, done)


def _done(purpose: str, found: Broadcast, act: Callable[[Tx], None], done: str) -> ResponseReturnValue:
    try:
        pressed(purpose, act)
    except WrongState:
        done = "moved_on"
    return back("admin_broadcasts.broadcast", done, broadcast_id=found.public_id)


def _seen(found: Broadcast) -> Broadcast:
    """The row in the revision that the form was made from; raises WrongState where it was changed since."""
    typed = request.form.get("revision", "")
    if not typed.isdecimal() or len(typed) > DIGITS or int(typed) != found.revision:
        raise WrongState("seen")
    return found


def _typed() -> dict[str, Words]:
    """What was written, by language; a language without any words is left out."""
    found = {}
    for language in catalogues.locales():
        body = request.form.get(f"body_{language}", "").replace("\r\n", "\n").strip()
        subject, preheader = (
            plain.clean(request.form.get(f"{part}_{language}", ""), LONGEST_SUBJECT + 1)
            for part in ("subject", "preheader")
        )
        if body or subject or preheader:
            found[language] = Words(body, subject, preheader)
    return found


def _errors(words: dict[str, Words]) -> list[tuple[str, str]]:
    home = this_launch().language
    found = [(f"body_{home}", gettext("Write it in the language of the waitlist first"))] if home not in words else []
    for language, said in words.items():
        wrong = [(f"{fault.part}_{language}", fault_words(fault)) for fault in faults(said, variables_of("broadcast"))]
        if not said.subject:
            wrong.insert(0, (f"subject_{language}", gettext("Enter a subject")))
        if not wrong and len(_written(said, language).html.encode()) > HEAVY:
            wrong = [(f"body_{language}", gettext("Shorten it: mail programs would cut it"))]
        found += wrong
    return found


def _agreed() -> str | None:
    with reading() as rx:
        keys = [text.key for text in some(rx, consent_texts(this_launch().id))]
    chosen = request.form.get("agreed", "")
    return chosen if chosen in keys else None


def _language() -> str:
    asked = request.form.get("language", "")
    return asked if asked in catalogues.locales() else this_launch().language


def _written(words: Words, language: str) -> Written:
    with reading() as rx:
        launch, paper, now = this_launch(), runtime().stationery, clock.now()
        return write(mail_words.example(rx, launch, "broadcast", language, words, example_reader(), paper, now))


def _must_type(gets: int, people: int) -> bool:
    return gets >= MANY or gets * 4 > people > 20


def _page(
    found: Broadcast,
    errors: Errors = (),
    typed: dict[str, Words] | None = None,
    *,
    status: int = 0,
    tested: bool = False,
) -> Response:
    launch, now = this_launch(), clock.now()
    languages = sorted(catalogues.locales(), key=lambda language: language != launch.language)
    with reading() as rx:
        count, progress = queries.counted(rx, found), queries.progress(rx, found)
        people, agreements = queries.waiting_people(rx, launch), some(rx, consent_texts(launch.id))
        paper, reader = runtime().stationery, example_reader()
        example = mail_words.example(rx, launch, "broadcast", launch.language, None, reader, paper, now)
    samples = values_of(example)
    shown = {language: words_in(found, language) or Words("") for language in languages} | (typed or {})
    known = variables_of("broadcast").values()
    return admin_page(
        "admin/broadcast.html", status=status or (422 if errors else 200), errors=errors, broadcast=found, count=count,
        progress=progress, reasons=REASONS, languages=languages, words=shown, agreements=agreements, looks=LOOKS,
        look=chosen_look(request.form.get("look", "")), language=_language(), tested=tested, is_typed=typed is not None,
        names=[{"id": v.name, "variable": v, "sample": samples[v.name]} for v in known], pace=fastest(launch),
        must_type=_must_type(count.gets, people), longest_subject=LONGEST_SUBJECT, typed=request.form,
    )  # fmt: skip
