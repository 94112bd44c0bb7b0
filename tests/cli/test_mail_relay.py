"""With a relay that works, and with one that does not."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Hand
from tests.parts.smtp import Catcher
from tests.world import World


@pytest.fixture
def settings(smtp: Catcher) -> dict[str, str]:
    return {"WAITLIST_BASE_URL": "http://join.test", "WAITLIST_SMTP_URL": smtp.url}


def test_a_test_mail_arrives(world: World, hand: Hand, smtp: Catcher) -> None:
    sent = hand.gets_one("mail", "test", "ada@college.edu")
    assert sent["state"] == "sent"
    assert [mail.recipients for mail in smtp.caught] == [("ada@college.edu",)]
    shown = hand.types("mail", "show", sent["id"])
    assert "not left yet" not in shown.stderr


def test_a_relay_that_refuses_is_told_with_its_words(world: World, hand: Hand, smtp: Catcher) -> None:
    smtp.at_rcpt = "550 5.1.1 No such user"
    result = hand.types("mail", "test", "ada@college.edu")
    assert result.exit_code == 1
    assert "No such user" in result.stdout
    assert "doctor" in result.stderr
