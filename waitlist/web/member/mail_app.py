"""Inviting from one's own mail program: a link for as many people as were typed, and a mail that waits to be sent."""

from datetime import datetime
from urllib.parse import quote

from flask import Response
from flask_babel import force_locale, gettext

from waitlist.actors import person
from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch
from waitlist.queries.invites import Given
from waitlist.runtime import runtime
from waitlist.services import inviting
from waitlist.services.inviting import Keys, Order
from waitlist.services.reviewing import Candidate
from waitlist.tokens import Purpose
from waitlist.web.forms import Outcome
from waitlist.web.member.pasted import Draft
from waitlist.web.member.signed_in import here, member_page


def make_link(tx: Tx, launch: Launch, member: Entry, draft: Draft, people: list[Candidate], now: datetime) -> Outcome:
    """One link that each of them can use once; nothing is sent. Raises NoInvitesLeft."""
    order = Order(InviteSource.MEMBER, uses=len(people), inviter_id=member.id, note=draft.note, language=draft.language)
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    invite = inviting.issue(tx, launch, order, keys=keys, actor=person(member.public_id), now=now)
    to = [candidate.email for candidate in people]
    return {"by": member.id, "link": invite.public_id, "to": to, "note": draft.note, "language": draft.language}


def show(given: Given, outcome: Outcome, now: datetime) -> Response:
    """The mail as the member's own program will open it: to, subject and text in one link."""
    launch, member = here()
    link = runtime().stationery.link(Purpose.INVITE_SHOWN, launch.public_id, given.id, given.version)
    with force_locale(outcome["language"]):
        subject = gettext("Your invite to %(waitlist)s", waitlist=launch.name)
        text = gettext(
            "I can let you in to %(waitlist)s. This link works until it was used %(uses)s times:",
            waitlist=launch.name,
            uses=given.max_uses,
        )
    body = "\n\n".join(part for part in (outcome["note"], text, link, member.name) if part)
    to = ",".join(quote(email, safe="@") for email in outcome["to"])
    # Blind copies: whoever is invited need not learn who else is.
    address = f"mailto:?bcc={to}&subject={quote(subject)}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}"
    return member_page(
        "member/mail_app.html", "invites", now=now, given=given, address=address, to=outcome["to"], body=body
    )
