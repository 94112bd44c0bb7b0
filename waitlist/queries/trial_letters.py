"""What mails say that the team sends to itself before anybody else gets them. Their links and codes are nobody's."""

from datetime import timedelta
from typing import Any

from waitlist import plain, samples
from waitlist.db import Tx
from waitlist.queries.letter_facts import pages_of
from waitlist.queries.letter_subject import Subject
from waitlist.tokens import Purpose

NO_INVITE = "inv_test"  # no row has this id


def wave_test(_rx: Tx, subject: Subject) -> dict[str, Any]:
    """What the invites of a wave will say, for the admin who asked. Its link and code are those of no invite at all."""
    launch, stationery, asked = subject.home, subject.stationery, subject.message.params
    return pages_of(subject) | {
        "reason": "wave_test",
        "name": plain.first_name(str(asked["name"])),
        "in_line": True,
        "accept_url": stationery.link(Purpose.INVITE_MAILED, launch.public_id, NO_INVITE, 1),
        "redeem_url": stationery.page("/redeem"),
        "code": stationery.typed_code(launch.slug, NO_INVITE, 1),
        "email": subject.message.to_address,
        "until": subject.message.created_at + timedelta(days=asked["days"]),
        "gives": asked["allowance"],
        "policy": asked["lapse_policy"],
    }


def words_test(_rx: Tx, subject: Subject) -> dict[str, Any]:
    """An example of a mail in the words that were in the editor."""
    message, asked = subject.message, subject.message.params
    facts = samples.facts_of(
        asked["tests"],
        waitlist=plain.clean(subject.home.name, 60),
        base_url=subject.stationery.base_url,
        email=message.to_address,
        note=asked["note"],
        now=message.created_at,
    )
    named = {"name": plain.first_name(str(asked["name"])), "reason": "words_test"}
    return {name: fact for name, fact in facts.items() if name not in ("accent", "contact")} | named


def test(_rx: Tx, _subject: Subject) -> dict[str, Any]:
    """Nothing but that sending works."""
    return {"reason": "test", "name": "", "joined_at": _subject.message.created_at}


FACTS = {"wave_test": wave_test, "words_test": words_test, "test": test}
