"""Grace reads what members reported, answers, and takes it away as a file."""

from __future__ import annotations

from tests.services.test_reporting import a_wave, report
from tests.web.admin.conftest import Desk
from tests.world import ALICE, BOB, World
from waitlist.models.report import ref
from waitlist.models.wave import Wave
from waitlist.pictures import Encoded
from waitlist.services.reporting import Said

PAGE = "/admin/w/campus/reports"


def test_grace_answers_a_report(grace: Desk, world: World) -> None:
    campus = a_wave(world)
    made = report(world, campus, ALICE, picture=Encoded("image/webp", 1, 1, b"webp"))
    other = report(world, campus, BOB, Said("idea", "small", "More colours"))
    (wave,) = world.rows(Wave)
    assert "1 blocked" in grace.client.get(f"/admin/w/campus/waves/{wave.public_id}", follow_redirects=True).text
    listed = grace.get(f"{PAGE}?wave={wave.public_id}&state=new&kind=bug")
    assert ref(made.id) in listed
    assert ref(other.id) not in listed
    at = f"{PAGE}/{made.public_id}"
    assert "It does not start." in grace.get(at)
    assert grace.client.get(f"{at}/picture").data == b"webp"
    saved = grace.press(at, at, state="fixed", note="Fixed in 2.2", follow=True).text
    assert "told by mail" in saved
    assert "Fixed in 2.2" in saved
    assert "like FB-1042" in grace.press(at, at, status=422, state="seen", twin="FB-1").text
    assert "Select a state" in grace.press(at, at, status=422, state="odd").text
    csv = grace.press(PAGE, "/export", status=200).text
    assert f"{ref(made.id)},bug,blocks,fixed,{ALICE}" in csv
    assert ref(other.id) in csv


def test_a_page_of_another_launch_shows_no_report_of_this_one(grace: Desk, world: World) -> None:
    made = report(world, a_wave(world), ALICE)
    world.launch("other")
    for path in (made.public_id, f"{made.public_id}/picture"):
        assert grace.client.get(f"/admin/w/other/reports/{path}").status_code == 404
    assert "Nothing reported yet" in grace.get("/admin/w/other/reports")
