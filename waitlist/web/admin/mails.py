"""The words of each mail: the service's own, or the team's; written, looked at, tried out and saved as versions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import catalogues, clock, plain
from waitlist.db import Tx, reading
from waitlist.first_words import first_words
from waitlist.letters import LETTERS
from waitlist.models.access import Role
from waitlist.models.mail_words import MailWords
from waitlist.queries import admins
from waitlist.queries import mail_words as queries
from waitlist.queries.mail_words import Reader
from waitlist.rendering import Written, values_of, write
from waitlist.runtime import runtime
from waitlist.services import rewording
from waitlist.services.posting import To
from waitlist.services.rewording import TESTS, Overtaken, TooManyTests
from waitlist.variables import variables_of
from waitlist.web.admin.fields import DIGITS
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say
from waitlist.words import HEAVY, LONG_SUBJECT, LONGEST_SUBJECT, Fault, Words, faults

blueprint = Blueprint("admin_mails", __name__, url_prefix="/admin/w/<slug>/mails")
LOOKS = ("computer", "phone", "dark", "text")
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True)
class At:
    """The mail in the address: its kind and language, and the version in force."""

    kind: str
    language: str
    row: MailWords | None

    @property
    def version(self) -> int:
        return self.row.version if self.row is not None else 0

    @property
    def words(self) -> Words:
        return queries.shown(self.row, self.kind, self.language)

    @property
    def is_own(self) -> bool:
        return self.row is not None and not self.row.built_in


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def mails(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every mail whose words the team may write, in every language."""
    with reading() as rx:
        found = queries.listed(rx, this_launch().id)
    return admin_page("admin/mails.html", mails=found, languages=catalogues.locales(), letters=LETTERS)


@blueprint.get("/<mail_kind>/<language>")
@guard(Owner.ADMIN, role=Role.ANALYST)
def mail(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001
    """The words in force, with all that they may hold, and how they look."""
    return mail_page(at_or_404(mail_kind, language))


@blueprint.post("/<mail_kind>/<language>")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def save(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001
    """Saves them as a new version; whoever saves second is told, and loses nothing of what was typed."""
    at, words = at_or_404(mail_kind, language), _typed()
    wrong = _errors(at, words)
    if wrong:
        return mail_page(at, wrong, words)
    if words == replace(at.words, version=0):
        return back("admin_mails.mail", "same", mail_kind=mail_kind, language=language)

    def act(tx: Tx) -> None:
        rewording.save(
            tx, this_launch(), mail_kind, language, words, over=over_typed(), actor=desk().actor, now=clock.now()
        )

    try:
        pressed("words", act)
    except Overtaken as first:
        return mail_page(at_or_404(mail_kind, language), [("body", overtaken(first))], words, status=409)
    return back("admin_mails.mail", "saved", mail_kind=mail_kind, language=language)


@blueprint.get("/<mail_kind>/<language>/preview")
@guard(Owner.ADMIN, role=Role.ANALYST)
def preview(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001
    """The words in force as a mail, for a frame in which nothing runs and nothing is fetched."""
    at = at_or_404(mail_kind, language)
    return look_of(_written(at, at.words if at.is_own else None), request.args.get("look", ""))


@blueprint.post("/<mail_kind>/<language>/preview")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def preview_typed(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001
    """The same for what stands in the form, saved or not; or why it could not be saved."""
    at, words = at_or_404(mail_kind, language), _typed()
    wrong = faults(words, variables_of(mail_kind))
    if wrong:
        page = render_template("admin/mail_faults.html", sentences=[fault_words(fault) for fault in wrong])
        return framed(page, "text/html")
    return look_of(_written(at, words), request.form.get("look", ""))


@blueprint.post("/<mail_kind>/<language>/test")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def send_test(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001
    """What stands in the form, as a mail to the admin's own address, marked as a test."""
    at, words, me = at_or_404(mail_kind, language), _typed(), desk().user
    wrong = _errors(at, words)
    if wrong:
        return mail_page(at, wrong, words)
    to, reader = To(me.email, me.email, language), example_reader()
    given = None if words == first_words(mail_kind, language) else words

    def act(tx: Tx) -> None:
        rewording.send_test(
            tx,
            this_launch(),
            mail_kind,
            given,
            to,
            name=reader.name,
            note=reader.note,
            actor=desk().actor,
            now=clock.now(),
        )

    try:
        pressed("words", act)
    except TooManyTests:
        said = gettext("You sent %(most)s tests within an hour. Wait a while, or look at the preview.", most=TESTS)
        return mail_page(at, [("body", said)], words, status=429)
    return mail_page(at, words=words, tested=True)


def at_or_404(kind: str, language: str) -> At:
    """The mail in the address, with the version in force."""
    if not queries.is_mail(kind, language):
        abort(404)
    with reading() as rx:
        return At(kind, language, queries.in_force(rx, this_launch().id, kind, language))


def overtaken(first: Overtaken) -> str:
    """Who saved meanwhile, and the way on."""
    with reading() as rx:
        names = admins.names(rx)
    who = names.get(first.newest.created_by.partition(":")[2], "") if first.newest is not None else ""
    said = gettext("%(who)s saved other words meanwhile.", who=who or gettext("Somebody"))
    return " ".join((said, gettext("Yours are below, not saved. Save again to put them in their place.")))


def mail_page(
    at: At, errors: Errors = (), words: Words | None = None, *, status: int = 0, tested: bool = False
) -> Response:
    """The editor, with what was typed if there is something."""
    with reading() as rx:
        letter = queries.example(
            rx, this_launch(), at.kind, at.language, None, example_reader(), runtime().stationery, clock.now()
        )
    own, shown = write(letter), words or at.words
    return admin_page(
        "admin/mail.html", status=status or (422 if errors else 200), errors=errors, at=at, words=shown,
        kind=LETTERS[at.kind], names=_names(at.kind, values_of(letter)), own_subject=own.subject,
        languages=catalogues.locales(), looks=LOOKS, look=chosen_look(request.form.get("look", "")), tested=tested,
        typed=words is not None, long_subject=LONG_SUBJECT, longest_subject=LONGEST_SUBJECT,
    )  # fmt: skip


def _names(kind: str, samples: Mapping[str, str]) -> list[dict[str, object]]:
    known = variables_of(kind)
    return [{"id": name, "variable": variable, "sample": samples[name]} for name, variable in known.items()]


def _typed() -> Words:
    sent = request.form
    body, text = (sent.get(name, "").replace("\r\n", "\n").strip() for name in ("body", "text"))
    subject, preheader = (plain.clean(sent.get(name, ""), LONGEST_SUBJECT + 1) for name in ("subject", "preheader"))
    return Words(body, subject, preheader, text)


def _errors(at: At, words: Words) -> list[tuple[str, str]]:
    found = [(fault.part, fault_words(fault)) for fault in faults(words, variables_of(at.kind))]
    if not found:
        written = _written(at, words)
        size = len(written.text.encode()) + len(written.html.encode())
        found = [("body", say("words_too_heavy", {"most": HEAVY // 1_000}))] if size > HEAVY else []
    return found


def fault_words(fault: Fault) -> str:
    """What is wrong, and the way out."""
    return say(fault.code, fault.params)


def over_typed() -> int:
    """The version that the form was written over."""
    typed = request.form.get("over", "")
    return int(typed) if typed.isdecimal() and len(typed) <= DIGITS else 0


def _written(at: At, words: Words | None) -> Written:
    with reading() as rx:
        launch, now = this_launch(), clock.now()
        return write(
            queries.example(rx, launch, at.kind, at.language, words, example_reader(), runtime().stationery, now)
        )


def example_reader() -> Reader:
    """Whoever writes is the reader of the example."""
    me = desk().user
    return Reader(me.email, me.name or me.email.partition("@")[0], gettext("A few words of somebody’s own."))


def chosen_look(look: str) -> str:
    """One of LOOKS."""
    return look if look in LOOKS else LOOKS[0]


def look_of(written: Written, look: str) -> Response:
    """The mail as a computer, a phone or a program in the dark shows it, or as plain text."""
    if look == "text":
        return framed(written.text, "text/plain")
    dark = look == "dark"
    html = written.html.replace("(prefers-color-scheme: dark)", "all" if dark else "not all")
    html = html.replace('content="light dark"', f'content="{"dark" if dark else "light"}"')
    if look == "phone":
        html = html.replace("(max-width: 480px)", "all").replace('<body style="', '<body style="max-width: 375px; ')
    return framed(html, "text/html")


def framed(content: str, mimetype: str) -> Response:
    """A document for a frame in which nothing runs and nothing is fetched."""
    headers = {"Content-Security-Policy": MAIL_POLICY, "Cache-Control": "no-store"}
    return Response(content, mimetype=mimetype, headers=headers)
