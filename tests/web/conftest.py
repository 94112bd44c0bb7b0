"""A few made-up views that stand for all the pages: who may press them is what these tests are about."""

from __future__ import annotations

import pytest
from flask import Flask, session

from waitlist import clock, db
from waitlist.web import forms
from waitlist.web.guards import Owner, Proof, guard


@pytest.fixture
def doors(app: Flask) -> Flask:
    """The app with `/try/...` doors of each kind, and a signed-in area at `/w/campus/me/...`."""

    @app.post("/try/form")
    @guard(Owner.PUBLIC, Proof.FORM, limit="2/minute")
    def form() -> dict[str, object]:
        press = forms.pressed("try", now=clock.now())
        if press.stale:
            return {"stale": True}
        with db.writing() as tx:
            return forms.once(tx, press, None, clock.now(), lambda: {"pressed": press.key})

    @app.post("/try/token")
    @guard(Owner.PUBLIC, Proof.TOKEN)
    def token() -> str:
        return "done"

    @app.get("/try/writing")
    @guard(Owner.PUBLIC)
    def writes() -> str:
        with db.writing():
            return "written"

    @app.post("/w/campus/me/try-sign-in")
    @guard(Owner.PUBLIC, Proof.FORM)
    def sign_in() -> str:
        session["name"] = "Alice"
        session.rotate()  # type: ignore[attr-defined]
        return session["csrf_token"]

    @app.get("/w/campus/me/try-who")
    @guard(Owner.PUBLIC)
    def who() -> str:
        session["seen"] = True
        return session.get("name", "nobody")

    @app.post("/w/campus/me/try-rename")
    @guard(Owner.PUBLIC, Proof.CSRF)
    def rename() -> str:
        session["name"] = "Alicia"
        return "renamed"

    @app.post("/w/campus/me/try-out")
    @guard(Owner.PUBLIC, Proof.TOKEN)
    def out() -> str:
        session.end()  # type: ignore[attr-defined]
        return "out"

    return app
