"""A small app that shows the layouts and components with made-up people, for tests and for eyes.

Run `python -m tests.look.gallery` and open the address it prints.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import jinja2
import segno
from flask import Flask, render_template
from markupsafe import Markup

from waitlist import i18n
from waitlist.catalogues import templates_folder
from waitlist.tokens import Tokens
from waitlist.web.wording import whom

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).parent / "pages"
NOW = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
LINK = "https://wait.example/r/7K2PM9QX4"
ERRORS = [
    ("email", "Enter an e-mail address in the correct format, like name@example.com"),
    ("why", "Enter your reason"),
    ("kind", "Select what you would use it for"),
]


def gallery(launch_name: str = "Campus") -> Flask:
    """The app; every file of `pages/` answers at its name."""
    app = Flask(__name__, static_folder=str(ROOT / "static"))
    app.jinja_loader = jinja2.FileSystemLoader([templates_folder(), PAGES])  # type: ignore[assignment]
    i18n.init_i18n(app, Tokens([b"a key of the gallery"]))
    app.jinja_env.filters["whom"] = whom
    for path in sorted(PAGES.glob("*.html")):
        app.add_url_rule(f"/{path.stem}", path.stem, lambda name=path.name: show(name, launch_name))
    return app


def show(page: str, launch_name: str) -> str:
    """One sample page with everything any of them needs."""
    return render_template(
        page,
        launch=SimpleNamespace(slug="campus", name=launch_name, contact_email="hello@campus.example"),
        now=NOW,
        link=LINK,
        svg=Markup(segno.make(LINK, error="m").svg_inline(border=4, omitsize=True)),
        errors=ERRORS if page == "errors.html" else [],
        pages=SimpleNamespace(number=2, last=14, total=1318, href="?page={}".format) if page == "people.html" else None,
        state=page.removesuffix(".html"),
        nav=navigation(page),
        people=people(),
        account={"name": "Grace", "href": "/people"},
        notices=[{"kind": "warning", "text": "The worker is not running (last seen 14:03): no mail leaves."}],
    )


def navigation(page: str) -> list[dict[str, object]]:
    """The member's or the admin's links."""
    labels = ["My place", "My invites", "Who joined", "Settings"]
    if page == "people.html":
        labels = ["Overview", "People", "Invites & waves", "Rollout plan", "Rules", "Review queue", "Messages"]
        labels += ["Import & export", "Audit log", "Team", "Settings"]
    current = {"people.html": "People", "invites.html": "My invites"}.get(page)
    counts = {"Review queue": 9}
    return [{"label": label, "href": "#", "current": label == current, "count": counts.get(label)} for label in labels]


def people() -> list[dict[str, object]]:
    """Six people in line."""
    names = ["Ada Lovelace", "Ben Okri", "Chen Wei", "Dana Šmíd", "Émile Zola", "Fatima al-Fihri"]
    states = ["waiting", "invited", "joined", "on_hold", "lapsed", "unconfirmed"]
    return [
        {"id": f"ent_{n}", "place": n, "name": name, "state": state, "friends": 7 - n, "joined": NOW}
        | {"email": name.split()[0].lower().replace("é", "e") + "@college.edu"}
        for n, (name, state) in enumerate(zip(names, states, strict=True), start=1)
    ]


if __name__ == "__main__":
    gallery().run(port=5900)
