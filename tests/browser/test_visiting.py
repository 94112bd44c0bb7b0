"""The eye itself sees: each fault it watches for is put before it once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser import visiting
from tests.parts.serving import served

PAGE = '<!doctype html><html lang="en"><title>t</title><main data-state="ok"><h1>Hi</h1>{}</main></html>'
LEFTISH = '<p style="position:absolute;left:-40px">wide</p>'
FAULTS = {
    "sideways": ('<p style="width:2000px;background:#fff">wide</p>', "sideways"),
    "contrast": ('<p style="color:#ddd;background:#fff">faint</p>', "color-contrast"),
    "foreign": ('<img alt="" src="http://127.0.0.2:9/x.png">', "foreign request"),
}


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    app = Flask(__name__)
    app.add_url_rule(
        "/<name>", "show", lambda name: PAGE.format(LEFTISH if name == "leftish" else FAULTS.get(name, ("",))[0])
    )
    app.add_url_rule("/strict", "strict", lambda: (PAGE.format('<p style="color:red">x</p>'), 200, {
        "Content-Security-Policy": "default-src 'self'"}))  # fmt: skip
    app.add_url_rule("/refused", "refused", lambda: (PAGE.format(""), 403))
    with served(app) as address:
        yield address


@pytest.mark.parametrize("options", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_seen(chromium: Browser, home: str, options: dict[str, object], name: str) -> None:
    with (
        visiting.person(chromium, home, options) as ada,
        pytest.raises(AssertionError, match=FAULTS[name][1]),
    ):
        ada.visit(f"/{name}", state="ok")


@pytest.mark.parametrize("options", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])
def test_what_only_fits_from_left_to_right_is_seen(chromium: Browser, home: str, options: dict[str, object]) -> None:
    with visiting.person(chromium, home, options) as ada:
        ada.visit("/leftish", state="ok")
        with pytest.raises(AssertionError, match="from right to left"):
            ada.turn_round()
        assert ord("א") <= ord(ada.page.locator("h1").inner_text()[0]) <= ord("ת")


@pytest.mark.parametrize("options", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])
def test_a_broken_policy_is_seen_and_a_refusal_is_none(
    chromium: Browser, home: str, options: dict[str, object]
) -> None:
    with visiting.person(chromium, home, options) as ada:
        ada.visit("/refused", state="ok")
        with pytest.raises(AssertionError, match="Content Security Policy"):
            ada.visit("/strict")
