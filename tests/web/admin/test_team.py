"""Grace builds her team from its page; Linus joins by a link that asks before it acts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from tests.web.admin.conftest import GRACE, Appoint, Desk, form_of, make_admin
from tests.world import World
from waitlist.models.access import Grant, Role, User
from waitlist.models.team import Appointment
from waitlist.tokens import Purpose
from waitlist.web.admin import joining_team
from waitlist.web.admin.account import new_password
from waitlist.web.admin.fields import Fields

TEAM, HOUSE = "/admin/w/campus/team", "/admin/team"
LINUS = "linus@team.example"


def offered(world: World) -> str:
    offer = world.rows(Appointment)[-1]
    return "/admin/join/" + world.runtime.tokens.sign(Purpose.APPOINT, "", offer.public_id, offer.version)


def test_grace_invites_linus_and_he_joins_once(grace: Desk, app: Flask, world: World) -> None:
    world.launch()
    made = grace.press(TEAM, "/team", status=200, email=LINUS, role="reviewer")
    assert "hand this link over yourself" in made.text
    assert made.headers["Cache-Control"] == "no-store"
    link = offered(world)
    assert link in made.text
    page = grace.get(TEAM)
    assert link not in page
    assert LINUS in page
    (mail,) = world.messages("team_invite", LINUS)
    assert mail.launch_id == world.launch_of().id
    linus = app.test_client()
    for _ in range(2):
        shown = linus.get(link)
        assert "Grace offers you a role." in shown.text
        assert (world.rows(Appointment)[0].accepted_at, shown.headers["Cache-Control"]) == (None, "no-store")
    assert linus.post(link, data={"name": "", "password": "short"}).status_code == 422
    answer = linus.post(link, data={"name": "Linus", "password": "a long enough sentence"})
    assert (answer.status_code, answer.location) == (303, "/admin")
    assert linus.get("/admin/w/campus").status_code == 200
    assert linus.get(TEAM).status_code == 403
    assert "This link is over" in linus.post(link, data={"name": "L", "password": "a long enough sentence"}).text
    assert linus.get(link).status_code == 410


def test_a_second_press_invites_nobody_twice(grace: Desk, world: World) -> None:
    world.launch()
    form = form_of(grace.get(TEAM), "/team")
    data = dict(form["fields"]) | {"email": LINUS, "role": "viewer"}
    first, second = (grace.client.post(TEAM, data=data) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 303)
    assert len(world.rows(Appointment)) == len(world.messages("team_invite")) == 1
    told = grace.press(TEAM, "/team", status=422, email=LINUS, role="viewer").text
    assert "This person is invited." in told
    assert "This person is on the team." in grace.press(HOUSE, "/team", status=422, email=GRACE, role="viewer").text
    assert "Select a role" in grace.press(TEAM, "/team", status=422, email="x@y.example", role="king").text


def test_an_invitation_is_sent_again_and_taken_back(grace: Desk, app: Flask, world: World) -> None:
    world.launch()
    grace.press(TEAM, "/team", status=200, email=LINUS, role="viewer")
    first = offered(world)
    assert "hand this link over" in grace.press(TEAM, "/again", status=200).text
    assert app.test_client().get(first).status_code == 410
    form = form_of(grace.get(TEAM), "/revoke")
    assert "taken back" in grace.press(TEAM, "/revoke", follow=True).text
    late = grace.client.post(form["action"], data=dict(form["fields"]) | {"form_id": ""}, follow_redirects=True)
    assert "Somebody did that before you." in late.text
    assert app.test_client().get(offered(world)).status_code == 410


def test_a_late_invitation_is_shown_as_such(grace: Desk, world: World) -> None:
    world.launch()
    grace.press(TEAM, "/team", status=200, email=LINUS, role="viewer")
    assert 'data-state="expired"' not in grace.get(TEAM)
    with world.writing() as tx:
        tx.execute(Appointment.__table__.update().values(expires_at=world.now - timedelta(days=8)))
    assert 'data-state="expired"' in grace.get(TEAM)


def test_roles_change_and_end_on_the_page(grace: Desk, appoint: Appoint, world: World) -> None:
    campus = world.launch()
    linus = appoint(LINUS, Role.VIEWER, campus)
    page = grace.press(TEAM, f"/{linus.user.id}/role", follow=True, role="admin").text
    assert "The role is changed" in page
    linus.get(TEAM)
    assert "Select a role" in grace.press(TEAM, f"/{linus.user.id}/role", status=422, role="king").text
    assert "Removed from the team" in grace.press(TEAM, f"/{linus.user.id}/remove", follow=True).text
    linus.get("/admin/w/campus", status=302)
    assert [event.verb for event in world.events()][-2:] == ["regrading.regraded", "regrading.dismissed"]


def test_the_last_owner_is_told_why_she_stays(grace: Desk) -> None:
    assert "Two owners are better than one" in grace.get(HOUSE)
    assert "This is the last owner." in grace.press(HOUSE, "/1/role", follow=True, role="admin").text
    assert "This is the last owner." in grace.get(HOUSE + "?done=last")
    assert grace.press(HOUSE, "/1/remove").location == "/admin/team?done=last"


def test_an_admin_cannot_touch_owners_or_make_them(appoint: Appoint, world: World) -> None:
    campus = world.launch()
    appoint("olga@team.example", Role.OWNER, campus)
    mia = appoint("mia@team.example", Role.ADMIN, campus)
    page = mia.get(TEAM)
    assert not re.search(r'value="owner"', page)
    form = form_of(page, f"/{mia.user.id}/role")
    olga = world.rows(User, User.email == "olga@team.example")[0]
    forced = form["action"].replace(f"/{mia.user.id}/", f"/{olga.id}/")
    answer = mia.client.post(forced, data=dict(form["fields"]) | {"role": "viewer"}, follow_redirects=True)
    assert "Your own role does not reach that far." in answer.text
    mia.press(TEAM, f"/{mia.user.id}/role", status=422, role="owner")
    assert sorted(grant.role for grant in world.rows(Grant)) == ["admin", "owner"]


def test_whoever_leaves_is_led_to_what_is_left(appoint: Appoint, world: World) -> None:
    campus, shop = world.launch(), world.launch("shop")
    appoint("olga@team.example", Role.OWNER, campus)
    mia = appoint("mia@team.example", Role.ADMIN, campus)
    with world.writing() as tx:
        row = {"user_id": mia.user.id, "launch_id": shop.id, "role": "viewer", "granted_at": world.now}
        tx.execute(Grant.__table__.insert().values(granted_by="x", **row))
    assert mia.press(TEAM, f"/{mia.user.id}/remove").location == "/admin"
    mia.get("/admin/w/shop")
    mia.get(TEAM, status=403)


def test_roles_for_all_waitlists_are_changed_on_a_page_of_their_own(
    grace: Desk, appoint: Appoint, world: World
) -> None:
    campus = world.launch()
    mia = appoint("mia@team.example", Role.ADMIN, campus)
    assert "on all waitlists" in mia.get(TEAM)
    assert f"/{grace.user.id}/role" not in mia.get(TEAM)
    mia.get(HOUSE, status=403)
    assert '<a href="/admin/team">on all waitlists</a>' in grace.get(TEAM)
    assert f"/{grace.user.id}/role" in grace.get(HOUSE)
    assert "/admin/team" in grace.get("/admin")


def test_whoever_has_an_account_takes_the_role_with_it_and_signs_in_as_always(
    grace: Desk, appoint: Appoint, app: Flask, world: World
) -> None:
    world.launch()
    shop = world.launch("shop")
    linus = appoint(LINUS, Role.VIEWER, shop)
    grace.press(TEAM, "/team", status=200, email=LINUS, role="analyst")
    link = offered(world)
    stranger = app.test_client()
    assert "You have an account with this address." in stranger.get(link).text
    assert stranger.post(link).location == "/admin/sign-in"
    assert stranger.get("/admin").status_code == 302
    assert "Campus" in linus.get("/admin")


def test_whoever_gets_an_account_while_they_press_is_not_signed_in_past_its_second_step(
    grace: Desk, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.launch()
    grace.press(TEAM, "/team", status=200, email=LINUS, role="analyst")

    def slowly(fields: Fields) -> str:
        make_admin(world, LINUS, Role.VIEWER)  # by another link, while the password is hashed
        return new_password(fields)

    monkeypatch.setattr(joining_team, "new_password", slowly)
    linus = app.test_client()
    answer = linus.post(offered(world), data={"name": "Linus", "password": "a long enough sentence"})
    assert answer.location == "/admin/sign-in"
    assert linus.get("/admin").status_code == 302
    assert len(world.events("calling.accepted")) == 1


@pytest.mark.parametrize("token", ["x", "a.b.c"])
def test_an_altered_link_is_unknown(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/admin/join/{token}").status_code == 404
    assert app.test_client().post(f"/admin/join/{token}").status_code == 404


class TestWithARelay:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"WAITLIST_SMTP_URL": "smtp://127.0.0.1:9"}

    def test_the_link_is_mailed_and_shown_nowhere(self, grace: Desk, world: World) -> None:
        world.launch()
        page = grace.press(TEAM, "/team", follow=True, email=LINUS, role="viewer").text
        assert "The invitation is on its way." in page
        assert offered(world) not in page
        assert "on its way" in grace.press(TEAM, "/again", follow=True).text
        assert len(world.messages("team_invite")) == 2
