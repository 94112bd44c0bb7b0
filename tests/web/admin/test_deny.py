"""Who is on the deny list stays out, until somebody takes them off with a reason."""

from __future__ import annotations

from tests.web.admin.conftest import Desk, form_of
from tests.world import CAROL, World
from waitlist.models.hold import Denied

DENY = "/admin/w/campus/deny"


def test_lines_are_counted_before_they_are_saved(grace: Desk, world: World) -> None:
    world.waiting(world.launch())
    assert "No one is blocked" in grace.get(DENY)
    lines = "carol+x@college.edu\nspam.example, @spam.example\nCAROL+X@college.edu"
    counted = grace.press(DENY, "/deny", status=200, lines=lines, reason="spam", until="2090-01-01T00:00")
    assert "Block 2 lines?" in counted.text
    assert "A domain blocks everybody at it and below it: spam.example" in counted.text
    assert world.rows(Denied) == []
    form = form_of(counted.text, "/deny")
    changed = grace.client.post(form["action"], data=dict(form["fields"]) | {"lines": "other.example"})
    assert "Block 1 line?" in changed.text
    saved = grace.client.post(form["action"], data=dict(form["fields"]))
    assert "2 of 2 put on the list" in grace.get(saved.location)
    kinds = {row.kind: row for row in world.rows(Denied)}
    assert set(kinds) == {"address", "domain"}
    assert kinds["domain"].until is not None
    again = grace.press(DENY, "/deny", status=200, lines="spam.example", reason="again")
    form = form_of(again.text, "/deny")
    assert "0 of 1 put on the list" in grace.get(grace.client.post(form["action"], data=dict(form["fields"])).location)


def test_each_fault_is_told(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.press(DENY, "/deny", status=422, lines="", reason="").text
    assert "Enter an e-mail address or a domain" in told
    assert "Enter a reason" in told
    told = grace.press(DENY, "/deny", status=422, lines="edu\nada@@x", reason="x").text
    assert "edu: " in told
    assert "ada@@x: " in told


def test_who_is_blocked_by_an_alias_is_blocked_as_a_person(grace: Desk, world: World) -> None:
    world.waiting(world.launch(domain=None), "carol@gmail.com")
    counted = grace.press(DENY, "/deny", status=200, lines="ca.rol+9@gmail.com", reason="abuse")
    form = form_of(counted.text, "/deny")
    grace.client.post(form["action"], data=dict(form["fields"]))
    assert 'data-state="blocked"' in grace.get("/admin/w/campus/people")


def test_taking_off_needs_a_reason_and_happens_once(grace: Desk, world: World) -> None:
    world.launch()
    counted = grace.press(DENY, "/deny", status=200, lines=CAROL, reason="x")
    form = form_of(counted.text, "/deny")
    grace.client.post(form["action"], data=dict(form["fields"]))
    assert "Enter a reason" in grace.press(DENY, "/allow", status=422).text
    token = dict(form_of(grace.get(DENY), "/allow")["fields"])
    assert grace.client.post(f"{DENY}/{10**30}/allow", data=token).status_code == 404
    (row,) = world.rows(Denied)
    form = form_of(grace.get(DENY), "/allow")
    off = grace.press(DENY, "/allow", **{f"reason-{row.id}": "a mistake"})
    assert "Taken off." in grace.get(off.location)
    late = dict(form["fields"]) | {f"reason-{row.id}": "late", "form_id": ""}
    assert "It was taken off before." in grace.get(grace.client.post(form["action"], data=late).location)
    assert world.rows(Denied)[0].removed_reason == "a mistake"


def test_older_entries_are_on_the_next_page(grace: Desk, world: World, monkeypatch: object) -> None:
    campus = world.launch()
    with world.writing() as tx:
        for n in range(3):
            row = {"launch_id": campus.id, "kind": "domain", "value": f"d{n}.example", "shown": f"d{n}.example"}
            tx.execute(Denied.__table__.insert().values(reason="x", created_at=world.now, created_by="x", **row))
    monkeypatch.setattr("waitlist.web.admin.deny.PAGE", 2)  # type: ignore[attr-defined]
    page = grace.get(DENY)
    assert "d0.example" not in page
    before = page.partition("?before=")[2].partition('"')[0]
    assert "d0.example" in grace.get(f"{DENY}?before={before}")
