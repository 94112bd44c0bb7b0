"""A list from elsewhere comes into line: in its order, with its friends, once, and every row accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.bringing import again, begin, bring, reasons, staged, step
from tests.world import CAROL, TEAM, World
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry, State
from waitlist.models.event import Event
from waitlist.models.hold import Denied
from waitlist.models.message import Message
from waitlist.models.rank import standing_of
from waitlist.models.referral import Credit
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.queries import imports
from waitlist.services import entering, importing, leaving, ranking

pytestmark = both


def counts(run: ImportRun) -> tuple[int, ...]:
    return run.added, run.updated, run.same, run.duplicate, run.problems


def line(world: World) -> list[str]:
    """The names in line, first in line first; the rank's own count agrees with it."""
    launch = world.launch_of()
    with world.writing() as tx:
        assert ranking.recount(tx, main_line(tx, launch.id)) == 0
        rows = tx.execute(
            sa.select(Entry.email, Entry.id)
            .where(Entry.state == State.WAITING, Entry.held_by.is_(None))
            .order_by(Entry.rank_key)
        ).all()
        places = [standing_of(tx, row.id) for row in rows]
    assert [standing.place for standing in places if standing] == list(range(1, len(rows) + 1))
    return [row.email.partition("@")[0] for row in rows]


def people(*names: str) -> str:
    return "email\n" + "".join(f"{name}@college.edu\n" for name in names)


def test_people_stand_in_the_order_of_their_file_behind_who_is_there(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    run = bring(world, campus, people("zoe", "ada", "bob"))
    assert counts(run) == (3, 0, 0, 0, 0)
    assert line(world) == ["carol", "zoe", "ada", "bob"]


def test_people_stand_before_everybody_when_asked_and_the_last_front_is_the_first(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    bring(world, campus, people("zoe", "ada"), first=True)
    bring(world, campus, people("max", "mia"), first=True)
    assert line(world) == ["max", "mia", "zoe", "ada", "carol"]


@pytest.mark.parametrize("first", [False, True])
def test_a_column_may_give_the_order(world: World, first: bool) -> None:
    campus = world.launch()
    file = "email,rank\nc@college.edu,30\na@college.edu,2.5\nb@college.edu,7\nnone@college.edu,soon\n"
    run = bring(world, campus, file, order="rank", first=first)
    assert line(world) == ["a", "b", "c"]
    assert reasons(world, run) == {5: ("problem", "row_order")}


def test_a_date_may_give_the_order_and_is_kept(world: World) -> None:
    campus = world.launch()
    file = (
        "email,joined_at\nb@college.edu,2026-03-02T10:00:00Z\na@college.edu,2026-03-01\n"
        "never@college.edu,yesterday\nlate@college.edu,2999-01-01\n"
    )
    run = bring(world, campus, file, order="joined_at")
    assert line(world) == ["a", "b", "late"]
    assert world.entry("a@college.edu").created_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert world.entry("late@college.edu").created_at == world.now
    assert reasons(world, run) == {4: ("problem", "row_date")}


def test_referrers_may_stand_later_in_the_file(world: World) -> None:
    campus = world.launch()
    file = (
        "email,referrer\n"
        "leaf@college.edu,Branch@College.edu\n"
        "branch@college.edu,root@college.edu\n"
        "other@college.edu,root@college.edu\n"
        "root@college.edu,\n"
    )
    run = bring(world, campus, file)
    assert counts(run) == (4, 0, 0, 0, 0)
    assert world.entry("leaf@college.edu").referrer_id == world.entry("branch@college.edu").id
    assert [world.entry(f"{name}@college.edu").score for name in ("root", "branch", "leaf")] == [2, 1, 0]
    assert line(world) == ["root", "branch", "leaf", "other"]


def test_a_referrer_may_be_in_line_already_by_address_by_code_or_by_link(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    slug = carol.slug
    bring(
        world,
        campus,
        f"email,referrer\na@college.edu,{CAROL}\nb@college.edu,{slug.lower()}\nc@college.edu,http://x.org/r/{slug}\n",
    )
    assert {world.entry(f"{name}@college.edu").referrer_id for name in "abc"} == {carol.id}
    assert world.entry(CAROL).friends == 3


def test_people_who_refer_to_each_other_in_a_circle_are_reported_by_row(world: World) -> None:
    campus = world.launch()
    file = (
        "email,referrer\na@college.edu,c@college.edu\nb@college.edu,a@college.edu\nc@college.edu,b@college.edu\n"
        "below@college.edu,a@college.edu\nfine@college.edu,\n"
    )
    run = bring(world, campus, file)
    assert counts(run) == (2, 0, 0, 0, 3)
    assert reasons(world, run) == {
        2: ("problem", "row_circle"),
        3: ("problem", "row_circle"),
        4: ("problem", "row_circle"),
        5: ("added", "row_unknown_referrer"),
    }
    assert line(world) == ["below", "fine"]


def test_nobody_is_their_own_referrer_not_even_by_another_address(world: World) -> None:
    campus = world.launch()
    file = "email,referrer\na@college.edu,a@college.edu\nb@college.edu,b+me@college.edu\nb+me@college.edu,\n"
    run = bring(world, campus, file)
    assert run.added == 3
    assert reasons(world, run) == {2: ("added", "row_own_referrer"), 3: ("added", "row_unknown_referrer")}
    with world.reading() as rx:
        assert rx.scalar(sa.select(sa.func.count()).select_from(Credit)) == 0


def test_credits_stop_at_the_cap_and_count_each_mailbox_once(world: World) -> None:
    campus = world.launch(points=5, points_cap=2)
    rows = "".join(f"f{n}@college.edu,hub@college.edu\n" for n in range(4))
    bring(world, campus, f"email,referrer\nhub@college.edu,\n{rows}f0+again@college.edu,hub@college.edu\n")
    hub = world.entry("hub@college.edu")
    assert (hub.score, hub.friends) == (10, 2)
    with world.reading() as rx:
        points = list(rx.scalars(sa.select(Credit.points).order_by(Credit.id)))
    assert points == [5, 5, 0, 0]
    world.waiting(campus, "late@college.edu", by=hub)
    assert world.entry("hub@college.edu").score == 10


@pytest.mark.parametrize(("columns", "folded"), [({"points": 0}, True), ({"points_cap": None}, False)])
def test_a_fixed_order_moves_nobody_and_a_line_without_a_cap_folds_later(
    world: World, columns: dict[str, int | None], folded: bool
) -> None:
    campus = world.launch(**columns)
    bring(world, campus, "email,referrer\nhub@college.edu,\na@college.edu,hub@college.edu\n")
    assert world.entry("hub@college.edu").score == 0
    with world.reading() as rx:
        assert list(rx.scalars(sa.select(Credit.folded))) == [folded]


def test_a_referrer_whom_the_team_moved_keeps_a_place_of_their_own(world: World) -> None:
    campus = world.launch()
    hub = world.waiting(campus, "hub@college.edu")
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.id == hub.id).values(rank_key=(hub.rank_key or 0) + 1))
    with world.writing() as tx:
        ranking.shifted(tx, hub.line_id, old=hub.rank_key or 0, new=(hub.rank_key or 0) + 1)
    bring(world, campus, "email,referrer\na@college.edu,hub@college.edu\n")
    assert line(world) == ["hub", "a"]


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    campus = world.launch()
    file = "email,name,referrer\na@college.edu,Ada,b@college.edu\nb@college.edu,Bob,\na@college.edu,Ada,\n"
    first = bring(world, campus, file)
    before = line(world)
    second = bring(world, campus, file)
    assert (counts(first), counts(second)) == ((2, 0, 0, 1, 0), (0, 0, 2, 1, 0))
    assert line(world) == before
    with world.reading() as rx:
        found = importing.imported_before(rx, campus.id, first.file_digest)
        assert found is not None
        assert found.id == second.id
        assert importing.imported_before(rx, campus.id, "other") is None


def test_a_file_may_correct_names_and_languages_or_only_add(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL, name="Carol")
    kept = bring(world, campus, f"email,name,lang\n{CAROL},Caroline,fr-FR\n", only_add=True)
    assert (counts(kept), world.entry(CAROL).name) == ((0, 0, 1, 0, 0), "Carol")
    changed = bring(world, campus, f"email,first name,last name,lang\n{CAROL},Car\to,Line,fr\n")
    assert counts(changed) == (0, 1, 0, 0, 0)
    assert (world.entry(CAROL).name, world.entry(CAROL).language) == ("Car o Line", "fr")


def test_who_never_confirmed_is_vouched_for_by_the_file(world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    assert counts(bring(world, campus, people("carol"), only_add=True)) == (0, 0, 1, 0, 0)
    assert counts(bring(world, campus, people("carol"))) == (0, 1, 0, 0, 0)
    assert line(world) == ["carol"]


def test_rules_and_deny_list_are_asked_of_every_row(world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    denied = {"kind": "address", "value": world.entry(CAROL).email_abuse_key, "shown": CAROL, "reason": "spam"}
    with world.writing() as tx:
        tx.execute(sa.insert(Denied).values(launch_id=campus.id, created_at=world.now, created_by=str(TEAM), **denied))
    run = bring(world, campus, f"email\n{CAROL}\nx@elsewhere.edu\nbad\n\nok@college.edu\n")
    assert reasons(world, run) == {
        2: ("problem", "row_denied"),
        3: ("problem", "domain_not_allowed"),
        4: ("problem", "email_format"),
    }
    assert counts(run) == (1, 0, 0, 0, 3)
    with world.reading() as rx:
        words = [(remark.row, remark.words) for remark in imports.remarks(rx, run.id)]
    assert words[1] == (3, "The rules of this launch do not admit this address")
    assert words[2] == (4, "Enter an e-mail address in the correct format, like name@example.com")


def test_an_invitation_only_launch_takes_nobody_without_an_invite_and_a_friends_launch_takes_friends(
    world: World,
) -> None:
    closed = world.launch("closed", tree={"kind": "invited"})
    assert reasons(world, bring(world, closed, people("a"))) == {2: ("problem", "invite_needed")}
    listed = world.launch("listed", tree={"kind": "listed", "list": "vip"})
    assert reasons(world, bring(world, listed, people("a"))) == {2: ("problem", "not_on_list")}
    friends = world.launch("friends", tree={"kind": "any_of", "gates": [{"kind": "referred"}, {"kind": "invited"}]})
    run = bring(world, friends, "email,referrer\na@college.edu,b@college.edu\n")
    assert run.problems == 1


def test_whoever_left_or_was_removed_is_not_brought_back(world: World) -> None:
    campus = world.launch()
    left, removed = world.waiting(campus, "left@college.edu"), world.waiting(campus, "gone@college.edu")
    with world.writing() as tx:
        leaving.leave(tx, campus, left.id, actor=TEAM, now=world.now)
        tx.execute(sa.update(Entry).where(Entry.id == removed.id).values(state=State.REMOVED))
    run = bring(world, campus, people("left", "gone"))
    assert reasons(world, run) == {2: ("problem", "row_left"), 3: ("problem", "row_removed")}


def test_a_line_takes_no_more_than_its_limit(world: World) -> None:
    campus = world.launch(line_limit=3)
    world.waiting(campus, CAROL)
    world.join(campus, "asked@college.edu")
    run = bring(world, campus, people("a", "b"))
    assert counts(run) == (1, 0, 0, 0, 1)
    assert reasons(world, run) == {3: ("problem", "row_line_full")}


def test_people_may_be_asked_by_mail_instead(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    file = f"email,name,referrer\na@college.edu,Ada,{CAROL}\nx@elsewhere.edu,X,\n{CAROL},Carol,\nb@college.edu,B,\n"
    run = bring(world, campus, file, ask=True)
    assert counts(run) == (2, 1, 0, 0, 1)
    assert world.entry("a@college.edu").state == State.UNCONFIRMED
    with world.reading() as rx:
        asked = sa.select(sa.func.count()).where(Message.kind == "confirm", Message.to_key == "a@college.edu")
        assert rx.scalar(asked) == 1
    assert counts(bring(world, campus, file, ask=True)) == (0, 0, 3, 0, 1)
    assert world.entry(CAROL).id == carol.id


@pytest.mark.parametrize(("columns", "code"), [({"line_limit": 1}, "row_line_full"), ({}, "row_not_open")])
def test_nobody_is_asked_where_they_could_not_join(world: World, columns: dict[str, int], code: str) -> None:
    campus = world.launch(**columns)
    if columns:
        world.waiting(campus, CAROL)
    else:
        campus = world.launch("later", opens_at=world.now + timedelta(days=1))
    run = bring(world, campus, people("a"), ask=True)
    assert reasons(world, run) == {2: ("problem", code)}


def test_an_import_stops_and_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "CHUNK", 2)
    campus = world.launch()
    run = staged(world, campus, people("a", "b", "c", "d", "e"))
    begin(world, campus, run)
    assert step(world, campus, run)
    with world.writing() as tx:
        importing.stop(tx, campus, run.id, actor=TEAM, now=world.now)
    assert not step(world, campus, run)
    assert line(world) == ["a", "b"]
    with world.reading() as rx:
        assert imports.left_to_do(rx, run.id) == 3
    with world.writing() as tx:
        importing.resume(tx, campus, run.id, actor=TEAM, now=world.now)
    while step(world, campus, run):
        pass
    assert line(world) == ["a", "b", "c", "d", "e"]
    assert again(world, run).state == "done"


def test_each_step_is_taken_once_and_in_its_order(world: World) -> None:
    campus = world.launch()
    run = staged(world, campus, people("a"))
    with world.writing() as tx, pytest.raises(importing.WrongImportState) as early:
        importing.stop(tx, campus, run.id, actor=TEAM, now=world.now)
    assert early.value.state == "staged"
    begin(world, campus, run)
    with pytest.raises(importing.WrongImportState):
        begin(world, campus, run)
    with world.writing() as tx, pytest.raises(importing.WrongImportState):
        importing.discard(tx, run.id)


def test_a_run_that_never_began_can_be_forgotten(world: World) -> None:
    campus = world.launch()
    run = staged(world, campus, people("a", "a"))
    with world.reading() as rx:
        assert imports.remarks(rx, run.id)[0].reason == "row_duplicate"
    with world.writing() as tx:
        importing.discard(tx, run.id)
        assert tx.scalar(sa.select(sa.func.count()).select_from(ImportRow)) == 0
    with world.writing() as tx, pytest.raises(importing.WrongImportState) as gone:
        importing.discard(tx, run.id)
    assert gone.value.state == "unknown"


def test_a_row_that_entered_forgets_what_the_file_said_and_a_problem_keeps_it(world: World) -> None:
    campus = world.launch()
    run = bring(world, campus, "email,name\na@college.edu,Ada\nx@elsewhere.edu,X\n")
    with world.reading() as rx:
        kept = {row.row_no: row.data for row in rx.execute(sa.select(ImportRow.row_no, ImportRow.data))}
        verbs = set(rx.scalars(sa.select(Event.verb).where(Event.subject_kind == "import", Event.subject_id == run.id)))
    assert kept[2] is None
    assert kept[3]["name"] == "X"
    assert verbs == {"importing.started", "importing.begun", "importing.entered", "importing.done"}


def test_somebody_who_joins_while_the_file_enters_is_found_by_the_next_chunk(world: World) -> None:
    campus = world.launch()
    run = staged(world, campus, people("carol", "a"))
    begin(world, campus, run)
    world.waiting(campus, CAROL)
    while step(world, campus, run):
        pass
    assert counts(again(world, run)) == (1, 0, 1, 0, 0)
    assert line(world) == ["a", "carol"] or line(world) == ["carol", "a"]


def test_an_empty_file_of_people_is_done_at_once(world: World) -> None:
    campus = world.launch()
    run = bring(world, campus, "email\nbad\n")
    assert counts(run) == (0, 0, 0, 0, 1)


def test_rows_that_cannot_be_read_are_reported_and_the_others_enter(world: World) -> None:
    campus = world.launch()
    file = 'email,referrer\na\0@college.edu,\n"b@college.edu" x,\nc@college.edu,not@an@address\nd@college.edu,\n'
    run = bring(world, campus, file)
    assert counts(run) == (2, 0, 0, 0, 2)
    assert reasons(world, run) == {
        2: ("problem", "row_nul"),
        3: ("problem", "row_quotes"),
        4: ("added", "row_unknown_referrer"),
    }
    assert line(world) == ["c", "d"]
