"""What the public pages owe to a keyboard, to paper, to every reader there is, and to a slow line."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import visiting
from tests.browser.town import Town
from tests.web.invites import links
from tests.world import CAROL
from waitlist.models.entry import State

STYLE = Path(__file__).resolve().parents[2] / "static" / "css" / "waitlist.css"
SIDED = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border|scroll-\w+)-(?:left|right)|left|right|inset)\s*:|text-align:\s*(?:left|right)|float:\s*(?:left|right)"
)
MATRIX = [
    {
        "viewport": {"width": width, "height": 800},
        "color_scheme": scheme,
        "java_script_enabled": scripts,
        "locale": locale,
    }
    for width, scheme, scripts, locale in itertools.product(
        (320, 1280), ("light", "dark"), (True, False), ("en-GB", "fr-FR")
    )
]
FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return {
    name: at === document.body ? "nothing" : at.id || at.textContent.trim() || at.tagName,
    lost: at === document.body,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""
LISTEN = """() => {
  const live = document.getElementById("live"), at = () => document.activeElement.textContent;
  const hear = () => { if (live.textContent) sessionStorage.heard = `${live.textContent}, with the focus on ${at()}`; };
  new MutationObserver(hear).observe(live, { childList: true });
}"""


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until the focus is on what has this id or these words; at each stop it can be seen."""
    page.wait_for_load_state()  # before its style is there, a ring is the browser's own
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        assert (at["seen"], at["ring"], at["lost"]) == (True, True, False), at
        if at["name"] == name:
            return
    raise AssertionError(f"no way by Tab to {name}")


def test_the_keyboard_alone_is_enough_to_join(chromium: Browser, town: Town) -> None:
    with visiting.person(chromium, town.home, visiting.DESK) as ada:
        page = ada.visit("/w/campus", state="open")
        tab_to(page, "Skip to the main content", most=1)
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        tab_to(page, "email")
        page.keyboard.type("keys@")
        tab_to(page, "Join the waitlist")
        page.keyboard.press("Enter")
        expect(page.locator("#error-summary")).to_be_focused()
        ada.check("open")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#email")).to_be_focused()
        page.keyboard.press("Control+A")
        page.keyboard.type("keys@college.edu")
        tab_to(page, "q_use")
        page.keyboard.press("Space")
        page.route("**/join", slowly)
        page.evaluate(LISTEN)
        tab_to(page, "Join the waitlist")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_have_attribute("data-state", "check-inbox")
        assert page.evaluate("sessionStorage.heard") == "Joining…, with the focus on Joining…"
        tab_to(page, "code")
        page.keyboard.type(town.hand.code())
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_have_attribute("data-state", "waiting")
        expect(page.locator("[data-testid=done]")).to_be_focused()


def slowly(route: Route) -> None:
    """A line so slow that a press is on its way for a while."""
    time.sleep(0.5)
    route.continue_()


def test_the_keyboard_alone_is_enough_to_accept_and_to_invite(chromium: Browser, town: Town) -> None:
    world, campus = town.world, town.world.launch_of("campus")
    with visiting.person(chromium, town.home, visiting.DESK) as erin:
        page = erin.visit(links.shown(world, campus, world.issue(campus, allowance=3)), state="open")
        tab_to(page, "email")
        page.keyboard.type("erin.keys@college.edu")
        page.keyboard.press("Enter")
        page.wait_for_url("**/code?**")
        tab_to(page, "code")
        page.keyboard.type(town.hand.code())
        page.keyboard.press("Enter")
        page.wait_for_url("**/welcome/**")
        assert world.entry("erin.keys@college.edu", campus).state == State.JOINED
        tab_to(page, "Invite friends")
        page.keyboard.press("Enter")
        page.wait_for_url("**/code?**")
        tab_to(page, "code")
        page.keyboard.type(town.hand.code())
        page.keyboard.press("Enter")
        page.wait_for_url("**/me/invites")
        tab_to(page, "Invite by e-mail")
        page.keyboard.press("Enter")
        page.wait_for_url("**/invites/new")
        tab_to(page, "emails")
        page.keyboard.type("friend.keys@college.edu")
        tab_to(page, "Continue")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Send 1 invite").wait_for()
        tab_to(page, "Send 1 invite")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("sent-row")).to_contain_text("friend.keys@college.edu")
        expect(page.locator(".banner[tabindex]")).to_be_focused()


def test_the_status_page_prints_its_place_link_and_code_on_one_page(chromium: Browser, town: Town) -> None:
    with visiting.person(chromium, town.home, visiting.DESK) as ada:
        page = ada.visit(town.paths["waiting"][0], state="waiting")
        page.emulate_media(media="print", color_scheme="light")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".place-number")).to_be_visible()
        expect(page.locator("#share-link")).to_be_visible()
        expect(page.get_by_role("img", name="QR code for your link")).to_be_visible()
        expect(page.get_by_role("link", name="Leave the line")).to_be_hidden()
        assert sheets(page) == 1


def test_of_a_card_only_the_card_is_printed(chromium: Browser, town: Town) -> None:
    with visiting.person(chromium, town.home, visiting.DESK) as ada:
        page = ada.visit(f"/r/{town.world.entry(CAROL).slug}/card", state="card")
        page.emulate_media(media="print")
        expect(page.locator(".print-card")).to_be_visible()
        for other in (".header", ".footer", "main > :not(.print-card)"):
            expect(page.locator(other).first).to_be_hidden()
        assert sheets(page) == 1


def sheets(page: Page) -> int:
    """On how many sheets of A4 the page is printed."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_the_look_knows_no_left_and_no_right() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", STYLE.read_text("utf-8"), flags=re.DOTALL)
    assert not SIDED.findall(sheet)


@pytest.mark.slow
@pytest.mark.parametrize("who", MATRIX, ids=lambda who: "-".join(str(value) for value in flat(who)))
def test_every_page_is_well_for_every_reader(chromium: Browser, town: Town, who: dict[str, Any]) -> None:
    with visiting.person(chromium, town.home, who) as reader:
        for path, state in town.paths.values():
            reader.visit(path, state=state)


def flat(who: dict[str, Any]) -> list[object]:
    scripts = "scripts" if who["java_script_enabled"] else "plain"
    return [who["viewport"]["width"], who["color_scheme"], scripts, who["locale"][:2]]
