"""The versions of a mail's words: what each changed, and the way back to any of them or to the service's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.mail_words import MailWords
from waitlist.queries import admins
from waitlist.queries import mail_words as queries
from waitlist.services import rewording
from waitlist.services.rewording import Overtaken
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.mails import At, at_or_404, mail_page, over_typed, overtaken
from waitlist.web.guards import Owner, Proof, guard
from waitlist.words import Words

blueprint = Blueprint("admin_mail_versions", __name__, url_prefix="/admin/w/<slug>/mails/<mail_kind>/<language>")
PARTS = ("subject", "preheader", "body", "text")


@dataclass(frozen=True)
class Line:
    """One line of a comparison: `mark` is "+", "-" or nothing."""

    mark: str
    text: str


@dataclass(frozen=True)
class Version:
    """One version, and what it changed in each part that it changed."""

    row: MailWords
    changes: Sequence[tuple[str, Sequence[Line]]]


@blueprint.get("/versions")
@guard(Owner.ADMIN, role=Role.ANALYST)
def versions(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Every version, the newest first, each beside the one before it."""
    at = at_or_404(mail_kind, language)
    with reading() as rx:
        rows, names = queries.every(rx, this_launch().id, mail_kind, language), admins.names(rx)
    words = [queries.shown(row, mail_kind, language) for row in (*rows, None)]
    found = [Version(row, _changes(words[n + 1], words[n])) for n, row in enumerate(rows)]
    return admin_page("admin/mail_versions.html", at=at, versions=found, names=names)


@blueprint.post("/versions/<int:version>/return")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put_back(slug: str, mail_kind: str, language: str, version: int) -> ResponseReturnValue:  # noqa: ARG001
    """An earlier version again, as a new one."""
    at = at_or_404(mail_kind, language)

    def act(tx: Tx) -> None:
        launch, actor = this_launch(), desk().actor
        rewording.put_back(tx, launch, mail_kind, language, version, over=over_typed(), actor=actor, now=clock.now())

    return _return(at, f"words-{version}", act)


@blueprint.post("/built-in")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def restore(slug: str, mail_kind: str, language: str) -> ResponseReturnValue:  # noqa: ARG001
    """The service's own words again, as a new version; the team's stay among the versions."""
    at = at_or_404(mail_kind, language)

    def act(tx: Tx) -> None:
        rewording.restore(
            tx, this_launch(), mail_kind, language, over=over_typed(), actor=desk().actor, now=clock.now()
        )

    return _return(at, "words-own", act)


def _return(at: At, purpose: str, act: Callable[[Tx], None]) -> ResponseReturnValue:
    try:
        pressed(purpose, act)
    except rewording.NoSuchVersion:
        abort(404)
    except Overtaken as first:
        return mail_page(at_or_404(at.kind, at.language), [("body", overtaken(first))], status=409)
    return back("admin_mails.mail", "returned", mail_kind=at.kind, language=at.language)


def _changes(before: Words, after: Words) -> list[tuple[str, list[Line]]]:
    pairs = ((part, getattr(before, part), getattr(after, part)) for part in PARTS)
    return [(part, _lines(old, new)) for part, old, new in pairs if old != new]


def _lines(before: str, after: str) -> list[Line]:
    old, new = before.split("\n"), after.split("\n")
    found = []
    for word, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if word == "equal":
            found += [Line("", text) for text in old[a:b]]
        else:
            found += [Line("-", text) for text in old[a:b]] + [Line("+", text) for text in new[c:d]]
    return found
