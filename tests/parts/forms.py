"""A browser's way with forms, without a browser: read the page, keep its hidden fields, send what stands in it.

    page = forms.visit(client, "/w/campus")
    page = page.submit("join", email="carol@college.edu")     # follows the redirect, as a browser does
    assert page.status == 200 and "Check your inbox" in page.text

`submit` takes a form by its id, by its action's end, or by the words on its button. A value may be a list (several
ticks); None leaves a field out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient


@dataclass
class Form:
    """One form as it stands on the page: where it leads and what it would send untouched."""

    action: str
    method: str
    id: str
    values: list[tuple[str, str]] = field(default_factory=list)
    controls: set[str] = field(default_factory=set)  # names a person can fill in
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # words, name, value

    def sent(self, given: dict[str, Any], button: str | None) -> list[tuple[str, str]]:
        unknown = given.keys() - self.controls - {name for name, _ in self.values}
        assert not unknown, f"no field {unknown} in form {self.id or self.action}: {sorted(self.controls)}"
        pairs = [(name, value) for name, value in self.values if name not in given]
        for name, value in given.items():
            pairs += [(name, str(one)) for one in (value if isinstance(value, list) else [value]) if one is not None]
        for words, name, value in self.buttons:
            if name and (button is None or words == button):
                return [*pairs, (name, value)]
        return pairs


@dataclass
class Page:
    """An answer, with the forms and links on it."""

    client: FlaskClient
    url: str
    status: int
    text: str
    headers: Any
    forms: list[Form]
    links: list[tuple[str, str]]  # words, href
    state: str  # <main data-state>
    h1: str
    title: str

    def form(self, which: str = "") -> Form:
        """The form with this id, this end of its action or these words on a button; the only one without a name."""
        fits = [
            form
            for form in self.forms
            if not which
            or form.id == which
            or urlsplit(form.action).path.endswith(which)
            or which in [b[0] for b in form.buttons]
        ]
        assert len(fits) == 1, f"{len(fits)} forms for {which!r} on {self.url}: {self.forms}"
        return fits[0]

    def submit(self, which: str = "", *, button: str | None = None, follow: bool = True, **given: Any) -> Page:
        """Send a form with what a person typed, and go where it leads."""
        form = self.form(which)
        words = button if button is not None else (which if which in [b[0] for b in form.buttons] else None)
        pairs = form.sent(given, words)
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        url = urljoin(self.url, form.action)
        if form.method == "get":
            return visit(self.client, urlsplit(url).path, query=data)
        return read(self.client, self.client.post(_local(url), data=data), follow=follow)

    def follow(self, words: str) -> Page:
        """Press the link with these words."""
        hrefs = {href for text, href in self.links if text == words}
        assert len(hrefs) == 1, f"{hrefs} for {words!r} among {[text for text, _ in self.links]}"
        return visit(self.client, _local(urljoin(self.url, hrefs.pop())))


def visit(client: FlaskClient, url: str, *, query: Any = None, **options: Any) -> Page:
    """Open a page, following redirects."""
    return read(client, client.get(_local(url), query_string=query, **options))


def read(client: FlaskClient, response: Any, *, follow: bool = True) -> Page:
    """The page an answer is, or where it leads."""
    if follow and response.status_code in (302, 303, 307, 308):
        return visit(client, urljoin(response.request.url, response.headers["Location"]))
    seen = _Reader()
    seen.feed(response.text)
    return Page(
        client, response.request.url, response.status_code, response.text, response.headers,
        seen.forms, seen.links, seen.state, " ".join(seen.h1.split()), " ".join(seen.title.split()),
    )  # fmt: skip


def _local(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.state = self.h1 = self.title = ""
        self._open: Form | None = None
        self._into: str | None = None  # which text is being gathered: h1, title, a, button, textarea
        self._words = ""
        self._attrs: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.state = got.get("data-state", "")
        elif tag == "form":
            self._open = Form(got.get("action", ""), got.get("method", "get").lower(), got.get("id", ""))
            self.forms.append(self._open)
        elif tag in ("h1", "title", "a", "button", "textarea"):
            self._into, self._words, self._attrs = tag, "", got
        elif self._open is not None and tag == "input":
            self._input(self._open, got)
        elif self._open is not None and tag == "select":
            self._select = got.get("name", "")
            self._open.controls.add(self._select)
        elif self._open is not None and tag == "option" and "selected" in got:
            self._open.values.append((self._select, got.get("value", "")))

    def _input(self, form: Form, got: dict[str, str]) -> None:
        kind, name = got.get("type", "text"), got.get("name", "")
        if not name:
            return
        if kind != "hidden":
            form.controls.add(name)
        if kind not in ("checkbox", "radio") or "checked" in got:
            form.values.append((name, got.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self._into:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag != self._into:
            return
        words = " ".join(self._words.split())
        if tag in ("h1", "title"):
            setattr(self, tag, words)
        elif tag == "a":
            self.links.append((words, self._attrs.get("href", "")))
        elif tag == "button" and self._open is not None:
            self._open.buttons.append((words, self._attrs.get("name", ""), self._attrs.get("value", "")))
        elif tag == "textarea" and self._open is not None:
            self._open.controls.add(self._attrs.get("name", ""))
            self._open.values.append((self._attrs.get("name", ""), self._words.removeprefix("\n")))
        self._into = None
