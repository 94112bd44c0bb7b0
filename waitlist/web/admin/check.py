"""The step "Check": a dry run that writes nothing, the mail as each person would get it, and what to mend first."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.i18n import page_locale
from waitlist.models.access import Role
from waitlist.models.condition import seats_left
from waitlist.models.rank import total_of
from waitlist.models.wave import Wave, WaveState
from waitlist.queries import wave_letter, waves
from waitlist.queries.wave_letter import Recipients
from waitlist.queries.waves import Progress
from waitlist.rendering import Written, write
from waitlist.runtime import runtime
from waitlist.services import releasing, trying
from waitlist.services.cutting import REASONS, Cut
from waitlist.services.posting import To
from waitlist.services.releasing import Preview, timing_of
from waitlist.web.admin.audience import audience_of, offer_of
from waitlist.web.admin.fields import DIGITS
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.outbox import hidden
from waitlist.web.admin.schedule import fastest
from waitlist.web.admin.waves import wave_or_404
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_check", __name__, url_prefix="/admin/w/<slug>/waves/<wave_id>")
LISTED = 200
LONG_SUBJECT = 60  # characters; phones show about so many
HEAVY = 60_000  # bytes; some mail programs cut what is larger
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True)
class Mail:
    """The mail of one recipient: their number and address, the subject, both parts, and its size in bytes."""

    n: int
    to: str
    written: Written
    size: int


@blueprint.get("/check")
@guard(Owner.ADMIN, role=Role.VIEWER)
def check(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Who would be invited now, and why everybody else would not."""
    found, launch = wave_or_404(wave_id), this_launch()
    if found.state != WaveState.DRAFT:
        return back("admin_wave.wave", wave_id=wave_id)
    with reading() as rx:
        preview = preview_of(rx, found)
        among = recipients_of(preview.cut)
        mail = _mail(rx, found, among) if desk().may(Role.ANALYST) and among else None
        nameless = wave_letter.nameless(rx, among)
        left, in_line = seats_left(rx, launch.id), total_of(rx, found.line_id)
        trouble = waves.troubled(rx, launch.id, found.seq)
    return admin_page(
        "admin/wave_check.html", wave=found, audience=audience_of(found.params), timing=timing_of(found.params),
        preview=preview, invited=len(among), reasons=_reasons(preview.cut), seats=launch.seats, seats_left=left,
        mail=mail, text=hidden(mail.written.text) if mail is not None else "",
        warnings=_warnings(found, len(among), in_line, nameless, trouble), trouble=trouble,
        nameless=nameless, ends=ends_at(found, len(among)), pace=fastest(launch), searched=request.args.get("q", ""),
        long_subject=LONG_SUBJECT, heavy=HEAVY, private=True,
    )  # fmt: skip


@blueprint.get("/check/mail")
@guard(Owner.ADMIN, role=Role.ANALYST)
def mail_page(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The HTML part of one mail, for a frame in which nothing runs and nothing is fetched."""
    found = wave_or_404(wave_id)
    with reading() as rx:
        among = recipients_of(preview_of(rx, found).cut)
        mail = _mail(rx, found, among) if among else None
    if mail is None:
        abort(404)
    headers = {"Content-Security-Policy": MAIL_POLICY, "Cache-Control": "no-store"}
    return Response(hidden(mail.written.html), mimetype="text/html", headers=headers)


@blueprint.post("/check/test")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def send_test(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The mail of this wave to the admin's own address, marked as a test."""
    found, me = wave_or_404(wave_id), desk().user
    to = To(me.email, me.email, str(page_locale()))

    def act(tx: Tx) -> None:
        trying.send_test(tx, this_launch(), found, to, me.name, actor=desk().actor, now=clock.now())

    pressed("wave_test", act)
    return back("admin_check.check", "tested", wave_id=wave_id)


@blueprint.get("/people")
@guard(Owner.ADMIN, role=Role.ANALYST)
def people(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The people behind one row of the dry run."""
    found, why = wave_or_404(wave_id), request.args.get("why", "")
    if found.state != WaveState.DRAFT:
        return back("admin_wave.wave", wave_id=wave_id)  # a cut made now would not be the people of this wave
    with reading() as rx:
        cut = preview_of(rx, found).cut
        ids = cut.skipped.get(why, []) if why else cut.chosen
        among = waves.people_among(rx, this_launch().id, ids[:LISTED])
    newcomers = cut.newcomers[: LISTED - len(among)] if not why else []
    total = len(ids) + (0 if why else len(cut.newcomers))
    return admin_page("admin/wave_people.html", wave=found, why=why, people=among, newcomers=newcomers, total=total)


def preview_of(rx: Tx, found: Wave) -> Preview:
    """The dry run of a draft as it is now."""
    params = found.params
    return releasing.preview(
        rx, this_launch(), audience_of(params), offer_of(params), timing_of(params), now=clock.now()
    )


def recipients_of(cut: Cut) -> Recipients:
    return Recipients(cut.chosen, cut.newcomers)


def ends_at(found: Wave, people: int) -> datetime | None:
    """When the last mail leaves, as far as the paces of the wave and of the host say; None for within minutes."""
    timing, launch = timing_of(found.params), this_launch()
    start = timing.at or clock.now()
    by_mail = start + people * (releasing.HOUR / fastest(launch))
    end = max(timing.ends(max(people, 1), start, launch.tz), by_mail)
    return end if end - start > releasing.HOUR / 12 else None


def _reasons(cut: Cut) -> list[tuple[str, int]]:
    return [(reason, len(cut.skipped.get(reason, ()))) for reason in REASONS]


def _warnings(found: Wave, invited: int, in_line: int, nameless: int, trouble: Progress | None) -> list[str]:
    """The words (of wave_words.html) for what an admin should know before they go on."""
    settings = runtime().settings
    asked = {
        "no_smtp": settings.smtp_url is None,
        "http": not settings.secure,
        "slow": ends_at(found, invited) is not None,
        "nameless": nameless > 0,
        "quarter": 0 < in_line < invited * 4,
        "trouble": trouble is not None,
    }
    return [word for word, holds in asked.items() if holds and invited]


def _mail(rx: Tx, found: Wave, among: Recipients) -> Mail | None:
    """The mail of the recipient in the address, or of whoever is searched for; None where nobody is found."""
    words, typed = request.args.get("q", "").strip(), request.args.get("n", "1")
    n = int(typed) if typed.isdecimal() and len(typed) <= DIGITS else 1
    hit = wave_letter.find(rx, this_launch().id, among, words) if words else max(1, min(n, len(among)))
    if hit is None:
        return None
    stationery, offer = runtime().stationery, found.params["offer"]
    letter = wave_letter.letter_to(rx, this_launch(), among, hit, offer, stationery, clock.now())
    written = write(letter)
    return Mail(hit, letter.to_address, written, len(written.text.encode()) + len(written.html.encode()))
