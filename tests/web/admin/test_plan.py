"""The team plans how a waitlist opens: by presets that show what they change, stage by stage, in hours, and halted."""

from __future__ import annotations

from typing import Any

from tests.parts.worker import tick
from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import TEAM, World
from waitlist.models.access import Role
from waitlist.models.hold import Hold
from waitlist.models.stage import Blackout, Stage
from waitlist.models.wave import Wave
from waitlist.services import staging

PLAN = "/admin/w/campus/plan"
HOLDS = "/admin/w/campus/holds"


def plan(world: World, key: str, tree: dict[str, Any] | None = None, **more: Any) -> None:
    with world.writing() as tx:
        staging.add(tx, world.launch_of(), staging.Draft(key, tree, **more), actor=TEAM, now=world.now)


def stage_of(world: World, key: str) -> Stage:
    found: Stage = world.rows(Stage, Stage.key == key)[0]
    return found


def count_and_save(desk: Desk, page: str, action: str, **typed: Any) -> str:
    """Press once to see whom it moves, and once more to save it; returns what was seen."""
    counted = desk.press(page, action, status=200, **typed).text
    form = form_of(counted, action)
    saved = desk.client.post(form["action"], data=dict(form["fields"]))
    assert saved.status_code == 303, saved.text
    return counted + desk.get(saved.location)


def test_a_stage_is_counted_before_it_is_saved_and_then_changed(grace: Desk, world: World) -> None:
    launch = world.launch(domain=None)
    world.crowd(launch, 3)
    world.waiting(launch, "dave@elsewhere.edu")
    typed = {"key": "dorms", "name": "The dorms", "domains": "college.edu", "mode": "release", "quota": "2"}
    typed |= {"starts": "at", "starts_at": "2090-01-01T09:00", "every": "2", "every_unit": "h", "exit_admitted": "2"}
    told = count_and_save(grace, f"{PLAN}/new?who=domain", "/new", **typed, exit_clear="yes", days="3", pace="10")
    assert "This invites 2 people once it starts." in told
    assert "The stage is planned." in told
    made = stage_of(world, "dorms")
    assert (made.every_minutes, made.exits, made.quota) == (120, {"admitted": 2, "clear": True}, 2)
    assert (made.offer, made.timing) == ({"days": 3}, {"pace": 10})
    shown = grace.get(f"{PLAN}/stages/dorms/change")
    assert 'value="college.edu"' in shown
    told = count_and_save(grace, f"{PLAN}/stages/dorms/change?who=", "/change", quota="", share="50")
    assert "This invites 2 people" in told
    assert (stage_of(world, "dorms").tree, stage_of(world, "dorms").share_ppm) == (None, 500_000)
    shown = grace.get(PLAN)
    assert "The dorms" in shown
    assert 'class="running open"' in shown, "the launch's own stage goes on until somebody ends it"


def test_what_is_wrong_with_a_stage_is_told_beside_it(grace: Desk, world: World) -> None:
    world.launch(seats=5)
    new = f"{PLAN}/new"
    told = grace.press(new, "/new", status=422, key="", mode="", starts="").text
    assert "Enter a key, like campus" in told
    refusals = {
        "Lower one or raise the other": {"mode": "release", "quota": "6"},
        "There is a stage with this key": {"key": "first"},
        "Use small letters, digits and hyphens": {"key": "The Campus"},
        "Enter a number from 0 to 100": {"mode": "release", "share": "101"},
    }
    for words, typed in refusals.items():
        page = grace.press(new, "/new", status=200 if "share" not in typed else 422, **({"key": "x"} | typed)).text
        if "share" not in typed:
            form = form_of(page, "/new")
            answer = grace.client.post(form["action"], data=dict(form["fields"]))
            assert answer.status_code == 422
            page = answer.text
        assert words in page
    told = grace.press(f"{new}?who=json", "/new", status=422, key="x", tree='{"kind": "luck"}').text
    assert "There is no rule of this kind" in told
    counted = grace.press(f"{new}?who=json", "/new", status=200, key="x", tree='{"kind": "everyone"}').text
    assert "This lets 0 people in" in counted
    assert len(world.rows(Stage)) == 1
    grace.get(f"{PLAN}/stages/nothing", status=404)


def test_a_stage_is_started_paused_resumed_moved_skipped_and_taken_out(grace: Desk, world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 2)
    plan(world, "one", mode="release", quota=1, every_minutes=60)
    page = f"{PLAN}/stages/one"
    assert "Enter a date and time" in grace.press(page, "/move", status=422, at="").text
    assert "in the future" in grace.press(page, "/move", status=422, at="2020-01-01T00:00").text
    assert "The start is moved." in grace.get(grace.press(page, "/move", at="2090-01-01T00:00").location)
    assert "The stage has started." in grace.get(grace.press(page, "/start").location)
    world.later(minutes=5)
    tick(world, launch)
    assert "one 1" in grace.get(page)
    assert "Enter a reason" in grace.press(page, "/pause", status=422).text
    assert "Nobody new comes in by this stage." in grace.get(grace.press(page, "/pause", reason="look").location)
    assert "Paused: look" in grace.get(page)
    assert "The stage goes on." in grace.get(grace.press(page, "/resume").location)
    old = form_of(grace.get(page), "/skip")
    assert "The stage is passed over." in grace.get(grace.press(page, "/skip").location)
    late = grace.client.post(old["action"], data=dict(old["fields"]) | {"form_id": ""})
    assert "It was past that already" in grace.get(late.location)
    plan(world, "two", starts="after", after_minutes=90)
    assert "90 minutes after the one before" in grace.get(f"{PLAN}/stages/two")
    assert "taken out of the plan" in grace.get(grace.press(f"{PLAN}/stages/two", "/withdraw").location)


def test_whoever_planned_a_stage_does_not_approve_it(grace: Desk, appoint: Appoint, world: World) -> None:
    world.launch(domain=None)
    told = count_and_save(grace, f"{PLAN}/new?who=", "/new", key="board", starts="approval", approvals="1")
    assert "once 1 other person approves" in told
    page = f"{PLAN}/stages/board"
    assert "somebody else approves it" in grace.press(page, "/approve", status=409).text
    linus = appoint("linus@team.example", Role.RELEASER)
    assert "You approved its start." in linus.get(linus.press(page, "/approve").location)
    assert stage_of(world, "board").started_at is not None
    plan(world, "later", starts="hand")
    plan(world, "last", starts="approval")
    assert "not as far as it should be" in linus.press(f"{PLAN}/stages/last", "/approve", status=409).text
    assert "the stage before has not started" in linus.get(PLAN)


def test_each_preset_shows_what_it_changes_before_it_is_saved(grace: Desk, world: World) -> None:
    launch = world.launch(domain=None, seats=50)
    world.crowd(launch, 3)
    presets = grace.get(f"{PLAN}/presets")
    typed: dict[str, dict[str, str]] = {
        "vip": {"reserved_seats": "5", "size": "10"},
        "campus": {"domains": "college.edu", "invite_only": "yes", "note": "Campus only"},
        "friends": {},
        "regions": {"groups": "Germany, FR\nMX"},
        "beta": {"size": "2"},
        "everyone": {"starts_at": "2090-01-01T00:00"},
        "slow": {"ramp": "yes"},
        "departments": {"groups": "finance\nhr, legal"},
    }
    for kind, fields in typed.items():
        assert f"{PLAN}/presets/{kind}" in presets
        seen = count_and_save(grace, f"{PLAN}/presets/{kind}", f"/{kind}", **fields)
        assert "What it changes" in seen
        assert "The plan is filled." in seen
    assert "Taken out of the plan: ramp-1" in seen
    assert [stage.key for stage in world.rows(Stage)] == ["first", "unit-1", "unit-2"]
    assert world.launch_of().headline == "Our regulars first, then everybody in line."  # the first one that was empty
    assert world.launch_of().revision == 3  # campus and friends change who may join
    assert "Campus only" in grace.get("/admin/w/campus/rules")


def test_a_preset_says_what_it_lacks_and_who_was_faster(grace: Desk, world: World) -> None:
    world.launch(domain=None)
    page = f"{PLAN}/presets"
    grace.get(f"{page}/luck", status=404)
    token = dict(form_of(grace.get(f"{page}/slow"), "/slow")["fields"])
    assert grace.client.post(f"{page}/luck", data=token).status_code == 404
    assert "how many people each wave" in grace.press(f"{page}/slow", "/slow", status=422, size="").text
    assert "at least one step" in grace.press(f"{page}/regions", "/regions", status=422, groups="").text
    assert (
        "There is no country “Narnia”" in grace.press(f"{page}/regions", "/regions", status=422, groups="Narnia").text
    )
    assert "in small letters" in grace.press(f"{page}/departments", "/departments", status=422, groups="fin ance").text
    assert (
        "in the future" in grace.press(f"{page}/everyone", "/everyone", status=422, starts_at="2020-01-01T00:00").text
    )
    shown = grace.press(f"{page}/friends", "/friends", status=200)
    form = form_of(shown.text, "/friends")
    stale = grace.client.post(form["action"], data=dict(form["fields"]) | {"seen": "0"})
    assert stale.status_code == 409
    assert "Look again." in stale.text


def test_hours_and_blackouts_are_kept_and_taken_back(grace: Desk, world: World) -> None:
    world.launch()
    assert "Enter a time of day" in grace.press(PLAN, "/hours", status=422, opens="9").text
    assert "after the one they begin at" in grace.press(PLAN, "/hours", status=422, opens="10:00", closes="09:00").text
    kept = grace.press(PLAN, "/hours", days=["0", "1"], opens="09:00", closes="16:00")
    assert "The hours are kept." in grace.get(kept.location)
    assert world.launch_of().release_days == "01"
    told = grace.press(PLAN, "/blackouts", status=422, starts_at="", ends_at="soon", reason="").text
    assert told.count("Enter a date and time") >= 2
    past = {"starts_at": "2020-01-01T00:00", "ends_at": "2020-01-02T00:00", "reason": "close"}
    assert "Enter a moment that is ahead" in grace.press(PLAN, "/blackouts", status=422, **past).text
    made = grace.press(PLAN, "/blackouts", **past | {"ends_at": "2090-01-01T00:00"})
    assert "Nobody is invited now" in grace.get(made.location)
    form = form_of(grace.get(PLAN), "/end")
    assert "The blackout is taken back." in grace.get(grace.press(PLAN, "/end").location)
    late = grace.client.post(form["action"], data=dict(form["fields"]) | {"form_id": ""})
    assert "It was over before." in grace.get(late.location)
    assert world.rows(Blackout) == []


def test_everything_is_halted_by_two_steps(grace: Desk, world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 1)
    plan(world, "one", mode="release", starts_at=world.now)
    assert "Running now" in grace.get(f"{PLAN}/halt")
    assert "Enter a reason" in grace.press(f"{PLAN}/halt", "/halt", status=422).text
    halted = grace.press(f"{PLAN}/halt", "/halt", reason="look")
    assert "Everything is halted." in grace.get(halted.location)
    assert "Everything is halted:" in grace.get(PLAN)
    assert tick(world, launch) == 0
    assert world.rows(Wave) == []


def test_a_hold_on_a_stage_a_country_or_a_domain_says_what_it_stops_and_ends(grace: Desk, world: World) -> None:
    world.launch()
    assert "Nothing is held" in grace.get(HOLDS)
    told = grace.press(HOLDS, "/holds", status=422).text
    assert "Select whom it means" in told
    assert "Select what it stops" in told
    shared = {"level": "freeze", "reason": "flood", "public_reason": "We look into it."}
    wrong: list[tuple[str, dict[str, str]]] = [
        ("Enter a country", {"whom": "country"}),
        ("There is no country", {"whom": "country", "country": "Narnia"}),
        ("Enter a domain", {"whom": "domain"}),
        ("Correct the JSON", {"whom": "rule", "rule": "{"}),
        ("Select a stage", {"whom": "stage", "stage": "nothing"}),
    ]
    for words, typed in wrong:
        assert words in grace.press(HOLDS, "/holds", status=422, **shared | typed).text
    good = [
        {"whom": "country", "country": "Germany"},
        {"whom": "domain", "domain": "elsewhere.edu", "level": "kill"},
        {"whom": "rule", "rule": '{"kind": "referred"}'},
        {"whom": "stage", "stage": "first"},
    ]
    for typed in good:
        assert "Held." in grace.get(grace.press(HOLDS, "/holds", **shared | typed).location)
    assert [row.scope for row in world.rows(Hold)] == ["predicate", "predicate", "predicate", "stage"]
    page = grace.get(HOLDS)
    assert "Products also answer no" in page
    form = form_of(page, "/end")
    assert "The hold is over." in grace.get(grace.press(HOLDS, "/end").location)
    late = grace.client.post(form["action"], data=dict(form["fields"]) | {"form_id": ""})
    assert "It was over before." in grace.get(late.location)


def test_the_wizard_makes_a_wave_of_a_stage_by_hand(grace: Desk, world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 3)
    new = "/admin/w/campus/waves/new"
    assert "The next wave of a stage" not in grace.get(new)
    plan(world, "slow", mode="release", quota=2, starts="hand")
    assert "Select a stage of the plan" in grace.press(new, status=422, kind="stage", stage="").text
    slow = str(stage_of(world, "slow").id)
    assert "Leave this empty" in grace.press(new, status=422, kind="stage", stage=slow, sample="2").text
    drafted = grace.press(new, kind="stage", stage=slow)
    (wave,) = world.rows(Wave)
    assert wave.stage_id == stage_of(world, "slow").id
    assert wave.params["audience"]["n"] == 2
    assert drafted.status_code == 303
    assert "A stage of the plan, 2 people" in grace.get("/admin/w/campus/waves")
    audience = grace.get(f"/admin/w/campus/waves/{wave.public_id}/audience")
    assert f'value="{slow}" selected' in audience
