"""Somebody on the public pages: what they hold in their hands are the links of real mails."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.parts.forms import Page
from tests.world import World
from waitlist.models.entry import Attempt, Entry
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import posting
from waitlist.tokens import Purpose

Visit = Callable[..., Page]


class Hand:
    """Opens pages in one browser without JavaScript, and finds the links that mails have."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app = app
        self.world = world
        self.client: FlaskClient = app.test_client()

    def open(self, path: str, **options: object) -> Page:
        """Visit a page at the world's time."""
        with self.world.clock():
            return forms.visit(self.client, path, **options)

    def send(self, page: Page, which: str = "", **given: object) -> Page:
        """Send a form at the world's time."""
        with self.world.clock():
            return page.submit(which, **given)

    def press(self, path: str, **data: object) -> Page:
        """Send a form that stands on no page, as a static page or a mail program does."""
        with self.world.clock():
            return forms.read(self.client, self.client.post(path, data=data))

    def link(self, purpose: Purpose, launch: Launch, row: str, version: int = 1) -> str:
        """The path of a mailed link."""
        with self.app.app_context():
            return urlsplit(self.world.runtime.stationery.link(purpose, launch.public_id, row, version)).path

    def status(self, launch: Launch, entry: Entry) -> str:
        return self.link(Purpose.STATUS, launch, entry.public_id, entry.link_version)

    def confirm_link(self, launch: Launch, n: int = -1) -> str:
        """The link of the n-th mail that asks for a confirmation."""
        attempt = self.attempts()[n]
        return self.link(Purpose.CONFIRM, launch, attempt.public_id, attempt.version)

    def code(self, n: int = -1) -> str:
        """The six digits of the n-th attempt, as the mail prints them."""
        attempt = self.attempts()[n]
        return self.world.runtime.stationery.six_digits(attempt.public_id, attempt.version)

    def attempts(self) -> list[Attempt]:
        return list(self.world.rows(Attempt))

    def settings_link(self, launch: Launch, email: str) -> str:
        """The link to the e-mail settings of an address, as its first mail has it."""
        with self.world.writing() as tx:
            posting.choice_for(tx, launch.id, email, email, self.world.now)
        choice = self.world.rows(MailboxChoice, MailboxChoice.email_key == email)[0]
        return self.link(Purpose.CHOICES, launch, choice.public_id)


@pytest.fixture
def hand(app: Flask, world: World) -> Hand:
    return Hand(app, world)
