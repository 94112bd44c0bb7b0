"""Grace holds, releases, removes and restores people, each with a reason, and sees it on the page."""

from __future__ import annotations

from tests.parts import both
from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import ALICE, CAROL, World
from waitlist.models.access import Role

pytestmark = both
PEOPLE = "/admin/w/campus/people"


def at(world: World, email: str) -> str:
    return f"{PEOPLE}/{world.entry(email).public_id}"


def test_a_hold_takes_out_and_its_release_brings_back(grace: Desk, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    world.waiting(campus, "friend@college.edu", by=carol)
    here = at(world, CAROL)
    assert "Enter a reason" in grace.press(here, "/hold", status=422).text
    held = grace.get(grace.press(here, "/hold", hold_reason="odd", subtree="yes").location)
    assert "On hold: no place" in held
    assert "odd" in held
    assert world.place(CAROL) is None
    assert world.place("friend@college.edu") is None
    released = grace.press(here, "/release")
    assert "Released: back at the old place." in grace.get(released.location)
    assert world.place(CAROL) == 1


def test_a_second_press_finds_what_the_first_did(grace: Desk, appoint: Appoint, world: World) -> None:
    world.waiting(world.launch())
    linus = appoint("linus@team.example", Role.REVIEWER)
    here = at(world, CAROL)
    mine, his = (form_of(desk.get(here), "/hold") for desk in (grace, linus))
    grace.client.post(mine["action"], data=dict(mine["fields"]) | {"hold_reason": "odd"})
    told = linus.client.post(his["action"], data=dict(his["fields"]) | {"hold_reason": "odd too"})
    assert told.status_code == 409
    assert "This person is on hold already" in told.text
    mine, his = (form_of(desk.get(here), "/release") for desk in (grace, linus))
    assert grace.client.post(mine["action"], data=dict(mine["fields"])).status_code == 303
    assert linus.client.post(his["action"], data=dict(his["fields"])).status_code == 409


def test_who_is_removed_holds_nothing_and_can_be_restored(grace: Desk, world: World) -> None:
    campus = world.launch(seats=1)
    world.member(campus, ALICE)
    here = at(world, ALICE)
    assert "Enter a reason" in grace.press(here, "/remove", status=422).text
    removed = grace.get(grace.press(here, "/remove", remove_reason="abuse", abuse="yes").location)
    assert "Removed. Nothing of this person is open any more." in removed
    assert world.seats(campus) == 0
    world.invited(campus, "bob@college.edu")
    full = grace.press(here, "/restore", status=409, restore_reason="a mistake")
    assert "no seat is left" in full.text
    assert "Enter a reason" in grace.press(here, "/restore", status=422).text


def test_a_restored_person_is_back_in_line(grace: Desk, world: World) -> None:
    world.waiting(world.launch())
    here = at(world, CAROL)
    grace.press(here, "/remove", remove_reason="x")
    assert world.place(CAROL) is None
    assert "Restored: back where this person was." in grace.get(
        grace.press(here, "/restore", restore_reason="y").location
    )
    assert world.place(CAROL) == 1


def test_a_reviewer_holds_and_does_not_remove(appoint: Appoint, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    reviewer = appoint("linus@team.example", Role.REVIEWER, campus)
    page = reviewer.get(at(world, CAROL))
    assert "/hold" in page
    assert "/remove" not in page
    assert "Make VIP" not in page


def test_a_person_is_erased_after_a_page_that_says_what_stays(grace: Desk, world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    world.waiting(campus, "ben@college.edu", by=carol)
    here = at(world, CAROL)
    assert f"{here}/erase" in grace.get(here)
    assert "An entry without a name, so that 1 friend and the chain stay as they are" in grace.get(f"{here}/erase")
    done = grace.get(grace.press(f"{here}/erase", "/erase", never="yes").location)
    assert "Erased. What stays names nobody." in done
    assert "Nobody can bring this person back." in done
    assert "Restore this person" not in done
    assert CAROL not in done
    assert "<h1>Somebody erased " in done
    assert "Somebody erased</a>" in grace.get("/admin/w/campus/people")
    assert "Une personne effacée</a>" in grace.get("/admin/w/campus/people?lang=fr")
    assert grace.client.get(f"{here}/erase").status_code == 404
    assert world.events("forgetting.erased")[0].data == {"quiet": True}
