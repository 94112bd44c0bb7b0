"""A person at a real browser, and what every page owes each of them.

    with visiting.person(chromium, home, PHONE) as ada:      # home: the address from parts.serving.served(app)
        page = ada.visit("/w/campus", state="open")          # and everything below is checked
        page.get_by_label("E-mail address").fill("carol@college.edu")
        page.get_by_role("button", name="Join the waitlist").click()
        ada.check("check-inbox")                             # the same for the page one was led to

A check fails on: an axe-core violation, an error in the console (a broken policy for scripts and styles is one), a
request to anybody else, and a page that scrolls sideways. `state` is the word on <main data-state>.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

# The two people of the specification: a phone without JavaScript in French, a desk with it in English at night.
PHONE: dict[str, Any] = {
    "viewport": {"width": 320, "height": 640},
    "color_scheme": "light",
    "locale": "fr-FR",
    "java_script_enabled": False,
}
DESK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "color_scheme": "dark",
    "locale": "en-GB",
    "java_script_enabled": True,
}

# A pseudo-locale that is read from right to left: every letter becomes a Hebrew one, every word a third longer.
TURN_ROUND = """() => {
  document.documentElement.dir = "rtl";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("[dir=ltr], code, pre, script, style, template")) continue;
    const turned = (letter) => String.fromCharCode(0x5d0 + (letter.charCodeAt(0) % 27));
    text.data = text.data.replace(/\\p{L}{3}/gu, "$&w").replace(/\\p{L}/gu, turned);
  }
}"""


@dataclass
class Person:
    """One browser context with an eye on everything its pages do."""

    page: Page
    home: str
    twin: Page | None  # axe-core is a script: where the person has none, it looks at the same document here
    faults: list[str] = field(default_factory=list)

    def visit(self, path: str, *, state: str | None = None) -> Page:
        """Open a page of ours and check it."""
        self.page.goto(self.home + path)
        return self.check(state)

    def press(self, button: str, state: str | None = None) -> Page:
        """Press a button and check the page it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()
        return self.check(state)

    def check(self, state: str | None = None) -> Page:
        """Check the page that is open now, in this state if one is named."""
        page, where = self.page, urlsplit(self.page.url).path
        if state is not None:
            assert page.locator("main").get_attribute("data-state") == state, where
        assert self._wide() <= 0, f"{where} scrolls sideways by {self._wide()} px"
        found = _violations(page if self.twin is None else self._without_scripts(self.twin))
        assert not found, f"{where} ({state}): " + "; ".join(found)
        assert not self.faults, f"{where}: {self.faults}"
        return page

    def turn_round(self) -> None:
        """Read this page from right to left, in other and longer words: nothing scrolls aside, and all has turned."""
        page, where = self.page, urlsplit(self.page.url).path
        page.evaluate(TURN_ROUND)
        assert self._wide() <= 0, f"{where} scrolls sideways by {self._wide()} px from right to left"
        first = page.locator(".wordmark").first.bounding_box() if page.locator(".wordmark").count() else None
        assert first is None or first["x"] + first["width"] > page.evaluate("innerWidth / 2"), f"{where} did not turn"

    def _wide(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def _without_scripts(self, twin: Page) -> Page:
        twin.unroute_all()
        twin.route("**/*.js", lambda route: route.abort())
        twin.route(self.page.url, lambda route: route.fulfill(body=self.page.content(), content_type="text/html"))
        twin.goto(self.page.url)
        return twin


@contextmanager
def person(chromium: Browser, home: str, options: dict[str, Any] = DESK, **more: Any) -> Iterator[Person]:
    """Somebody with a browser of these settings (Playwright's `new_context`)."""
    settings = {**options, **more}
    seeing = settings | {"java_script_enabled": True}
    with chromium.new_context(**settings) as context, chromium.new_context(**seeing) as other:
        page = context.new_page()
        visitor = Person(page, home, None if settings.get("java_script_enabled", True) else other.new_page())
        page.on("console", lambda message: visitor.faults.extend(_fault(message, page)))
        page.on("pageerror", lambda error: visitor.faults.append(f"script: {error}"))
        page.on("request", lambda request: visitor.faults.extend(_foreign(request, home)))
        yield visitor


def _fault(message: ConsoleMessage, page: Page) -> list[str]:
    """Errors in the console; that the page itself answered 4xx is what the test asked for."""
    if message.type != "error":
        return []
    refused = message.text.startswith("Failed to load resource") and not _is_asset(message.location.get("url", ""))
    return [] if refused else [f"console: {message.text}"]


def _is_asset(url: str) -> bool:
    return urlsplit(url).path.startswith("/static/")


def _foreign(request: Request, home: str) -> list[str]:
    if request.url.startswith((home + "/", "data:", "blob:")):
        return []
    return [f"foreign request: {request.url}"]


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']]}" for one in found]
