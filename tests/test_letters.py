"""Who is spared which mail."""

from __future__ import annotations

import pytest

from waitlist.letters import LETTERS, Choices, Class, held_because

EVERYTHING = Choices(wants="nothing", no_invites=True, bounced=True)


@pytest.mark.parametrize(
    ("klass", "choices", "held"),
    [
        (Class.ASKED, EVERYTHING, ""),
        (Class.OWN, Choices(), ""),
        (Class.OWN, Choices(bounced=True), "The address bounced."),
        (Class.OWN, Choices(wants="nothing"), "Unsubscribed from everything."),
        (Class.OWN, Choices(wants="place"), ""),
        (Class.OWN, Choices(no_invites=True), ""),
        (Class.SUBSCRIBED, Choices(wants="place"), "Wants mail about the own place only."),
        (Class.SUBSCRIBED, Choices(), ""),
        (Class.PERSONAL, Choices(no_invites=True), "Asked not to be invited."),
        (Class.PERSONAL, Choices(wants="place"), ""),
    ],
)
def test_a_class_of_mail_is_held_by_what_its_reader_said(klass: Class, choices: Choices, held: str) -> None:
    assert held_because(klass, choices) == held


def test_what_somebody_waits_for_is_urgent_and_cannot_be_unsubscribed_from() -> None:
    for kind in LETTERS.values():
        assert (kind.priority == 0) == (kind.klass is Class.ASKED) == (not kind.unsubscribes)
