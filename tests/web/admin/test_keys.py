"""A key is shown once, and ends when Grace says so."""

from __future__ import annotations

import re

from tests.web.admin.conftest import Desk, form_of
from tests.world import World
from waitlist import keys
from waitlist.models.access import ApiKey

KEYS = "/admin/w/campus/keys"


def test_a_key_is_shown_once_and_never_again(grace: Desk, world: World) -> None:
    world.launch()
    assert "No key yet." in grace.get(KEYS)
    form = form_of(grace.get(KEYS), "/keys")
    data = dict(form["fields"]) | {"name": "Shop", "scopes": ["invites:write", "entries:read", "made:up"]}
    made = grace.client.post(KEYS, data=data)
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    text = re.search(r'value="(wl_sk_\w+)"', made.text)[1]
    assert keys.read(text) == text
    (row,) = world.rows(ApiKey)
    assert row.key_hash == keys.key_hash(world.runtime.secrets.pepper, text)
    assert row.scopes == ["entries:read", "invites:write"]
    again = grace.client.post(KEYS, data=data)
    assert again.status_code == 303
    page = grace.get(again.location)
    assert "What it reads was shown once" in page
    assert text not in page
    assert text[-4:] in page
    assert len(world.rows(ApiKey)) == 1


def test_a_key_without_a_name_or_a_scope_is_not_made(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.press(KEYS, "/keys", status=422).text
    assert "Enter what the key is for" in told
    assert "Select what the key may do" in told
    assert world.rows(ApiKey) == []


def test_a_revoked_key_is_over(grace: Desk, world: World) -> None:
    world.launch()
    grace.press(KEYS, "/keys", status=200, name="Shop", scopes="invites:write")
    form = form_of(grace.get(KEYS), "/revoke")
    assert "The key is revoked." in grace.get(grace.press(KEYS, "/revoke").location)
    late = grace.client.post(form["action"], data=dict(form["fields"]) | {"form_id": ""})
    assert "This key was revoked before." in grace.get(late.location)


def test_a_key_for_pages_names_its_sites(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.press(KEYS, "/keys", status=422, name="Page", kind="public", origins="shop.example").text
    assert "shop.example is not a site" in told
    made = grace.press(KEYS, "/keys", status=200, name="Page", kind="public", origins="https://Shop.example/").text
    assert re.search(r'value="wl_pk_\w+"', made)
    (row,) = world.rows(ApiKey)
    assert (row.kind, row.scopes, row.origins) == ("public", [], ["https://shop.example"])
