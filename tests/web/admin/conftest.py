"""Grace, the owner, at her desk; and whoever else is on the team."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.world import World
from waitlist import passwords
from waitlist.actors import COMMAND
from waitlist.models.access import Role, User
from waitlist.models.launch import Launch
from waitlist.services import appointing

GRACE = "grace@team.example"
PASSWORD = "a sentence to remember"
_HASHES: dict[str, str] = {}


class Desk:
    """A signed-in browser without JavaScript: it opens pages and sends the forms it finds there."""

    def __init__(self, client: FlaskClient, user: User) -> None:
        self.client = client
        self.user = user

    def get(self, path: str, status: int = 200) -> str:
        response = self.client.get(path)
        assert response.status_code == status, response.text
        return response.text

    def press(
        self, page: str, action: str | None = None, *, status: int = 303, follow: bool = False, **typed: Any
    ) -> TestResponse:
        """Open a page, fill one of its forms (the one that is sent to `action`), and send it."""
        form = form_of(self.get(page), action)
        fields = form["fields"] + [
            (name, one) for name, value in typed.items() for one in (value if isinstance(value, list) else [value])
        ]
        given = set(typed)
        data: dict[str, list[str]] = {}
        for name, value in fields[: len(form["fields"])]:
            if name not in given:
                data.setdefault(name, []).append(value)
        for name, value in fields[len(form["fields"]) :]:
            data.setdefault(name, []).append(value)
        response = self.client.post(form["action"] or page, data=data, follow_redirects=follow)
        assert response.status_code == (200 if follow else status), response.text
        return response


def form_of(text: str, action: str | None = None) -> dict[str, Any]:
    """The form that is sent to an address ending so: its address, and its fields as a browser would send them."""
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", text, re.S):
        found = re.search(r'action="([^"]*)"', attributes)
        target = (found[1] if found else "").replace("&amp;", "&")
        if 'method="post"' in attributes and (action is None or target.partition("?")[0].endswith(action)):
            return {"action": target, "fields": list(fields_of(inside))}
    raise AssertionError(f"no form to {action} in {text}")


def fields_of(inside: str) -> list[tuple[str, str]]:
    fields = []
    for tag in re.findall(r"<input[^>]*>", inside):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        if kind in ("checkbox", "radio") and not re.search(r"\schecked", tag):
            continue
        if "name" in attributes and kind != "file":
            fields.append((attributes["name"], unescape(attributes.get("value", ""))))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', inside, re.S):
        fields.append((name, unescape(text)))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields.append((name, unescape(chosen[1] if chosen else "")))
    return fields


def unescape(text: str) -> str:
    for entity, letter in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text


def make_admin(world: World, email: str = GRACE, role: Role | None = Role.OWNER, launch: Launch | None = None) -> User:
    with world.app.app_context():
        salt = world.app.config["SECURITY_PASSWORD_SALT"]
        _HASHES[salt] = _HASHES.get(salt) or passwords.hashed(PASSWORD)
    with world.writing() as tx:
        user = appointing.create(
            tx,
            email=email,
            name=email.partition("@")[0].title(),
            password_hash=_HASHES[salt],
            actor=COMMAND,
            now=world.now,
        )
        if role is not None:
            launch_id = launch.id if launch else None
            appointing.grant(tx, user.id, role, launch_id=launch_id, actor=COMMAND, now=world.now)
    return user


def sign_in(client: FlaskClient, email: str = GRACE, password: str = PASSWORD, to: str = "") -> TestResponse:
    return client.post("/admin/sign-in", data={"email": email, "password": password, "to": to})


Appoint = Callable[..., Desk]


@pytest.fixture
def appoint(app: Flask, world: World) -> Appoint:
    """Make somebody an admin and sign them in: `appoint("linus@team.example", Role.VIEWER, launch)`."""

    def make(email: str = GRACE, role: Role | None = Role.OWNER, launch: Launch | None = None) -> Desk:
        user = make_admin(world, email, role, launch)
        client = app.test_client()
        assert sign_in(client, email).status_code == 303
        return Desk(client, user)

    return make


@pytest.fixture
def grace(appoint: Appoint) -> Desk:
    """The owner of everything, signed in."""
    return appoint()
