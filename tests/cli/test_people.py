"""An operator looks at people, brings them in from a file and writes them out again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import CAROL, World
from waitlist.models.event import Event
from waitlist.models.upkeep import ImportRun
from waitlist.services import entering, seating

FILE = "Email;Full name;Referred by\nada@college.edu;Ada;bob@college.edu\nbob@college.edu;=Bob;\nbad;;\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    return path


@both
def test_the_list_is_one_object_a_line_first_in_line_first(world: World, hand: Hand) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    world.waiting(campus, "zoe@college.edu")
    world.waiting(campus, "erin@college.edu", by=world.entry("zoe@college.edu"))
    world.join(campus, "asked@college.edu")
    rows = hand.gets("people", "list", "campus")
    assert [(row["email"], row["position"], row["score"], row["state"]) for row in rows] == [
        ("zoe@college.edu", 1, 1, "waiting"),
        (CAROL, 2, 0, "waiting"),
        ("erin@college.edu", 3, 0, "waiting"),
        ("asked@college.edu", None, 0, "unconfirmed"),
    ]
    assert rows[1]["id"] == carol.public_id
    assert rows[1]["joined_at"].endswith("Z")
    assert (rows[2]["referrer"], rows[2]["referrer_email"]) == (rows[0]["id"], "zoe@college.edu")
    assert [row["email"] for row in hand.gets("people", "list", "campus", "--state", "unconfirmed")] == [
        "asked@college.edu"
    ]
    assert len(hand.gets("people", "list", "campus", "--limit", "2")) == 2
    assert len(hand.gets("people", "list", "campus", "--limit", "3", "--state", "unconfirmed")) == 1
    assert hand.types("people", "list", "campus").stdout.splitlines()[1].split()[:2] == ["1", "zoe@college.edu"]


def test_one_person_by_address_or_id_with_what_explains_their_place(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    zoe = world.waiting(campus, "zoe@college.edu", by=world.entry(CAROL))
    shown = hand.gets_one("people", "show", "campus", " Zoe@College.edu ")
    assert shown == hand.gets_one("people", "show", "campus", zoe.public_id)
    assert (shown["position"], shown["of"], shown["referrer_email"]) == (2, 2, CAROL)
    assert shown["by_order_of_confirmation"] + shown["moved_by_points"] == shown["position"]
    world.join(campus, "asked@college.edu")
    assert hand.gets_one("people", "show", "campus", "asked@college.edu")["position"] is None
    assert "people list" in hand.is_refused("people", "show", "campus", "nobody@college.edu")
    assert "format" in hand.is_refused("people", "show", "campus", "no@body@college.edu")


def test_an_empty_list_says_so(world: World, hand: Hand) -> None:
    world.launch()
    assert "No one has joined yet" in hand.types("people", "list", "campus").stderr


def test_a_file_comes_in_and_every_row_is_accounted_for(world: World, hand: Hand, file: Path) -> None:
    world.launch()
    report = hand.gets_one("people", "import", "campus", str(file), "--source", "paper list")
    assert (report["total"], report["added"], report["problems"], report["state"]) == (3, 2, 1, "done")
    assert report["rows"] == [
        {
            "row": 4,
            "outcome": "problem",
            "reason": "email_format",
            "says": "Enter an e-mail address in the correct format, like name@example.com",
        }
    ]
    assert [row["email"] for row in hand.gets("people", "list", "campus")] == ["bob@college.edu", "ada@college.edu"]
    again = hand.types("people", "import", "campus", str(file))
    assert "imported before" in again.stderr
    assert "--source" in again.stderr
    assert "why" in again.stdout
    assert [run["added"] for run in hand.gets("people", "imports", "campus")] == [0, 2]


def test_a_dry_run_of_an_import_leaves_nothing_behind(world: World, hand: Hand, file: Path) -> None:
    world.launch()
    forecast = hand.gets_one("people", "import", "campus", str(file), "--dry-run")
    assert {name: forecast[name] for name in ("total", "new", "known", "problems")} == {
        "total": 3,
        "new": 2,
        "known": 0,
        "problems": 1,
    }
    assert hand.gets("people", "list", "campus") == []
    with world.reading() as rx:
        assert rx.scalar(sa.select(sa.func.count()).select_from(ImportRun)) == 0


def test_columns_may_be_named_by_hand(world: World, hand: Hand, tmp_path: Path) -> None:
    world.launch()
    path = tmp_path / "odd.csv"
    path.write_text("who,alias,when\nb@college.edu,Bee,2\na@college.edu,Ay,1\n")
    words = ["people", "import", "campus", str(path), "--map", "email=who", "--map", "name=alias", "--order-by", "when"]
    assert hand.gets_one(*words, "--first")["added"] == 2
    assert [row["name"] for row in hand.gets("people", "list", "campus")] == ["Ay", "Bee"]
    assert "FIELD=COLUMN" in hand.is_refused(*words[:5], "email", code=2)
    assert "no column nickname" in hand.is_refused(*words[:5], "email=nickname")


@pytest.mark.parametrize("words", [[], ["--resume", "imp_1", "--undo", "imp_1"]])
def test_an_import_wants_one_thing_at_a_time(world: World, hand: Hand, words: list[str]) -> None:
    world.launch()
    assert "--resume" in hand.is_refused("people", "import", "campus", *words, code=2)


def test_what_is_no_table_is_refused(world: World, hand: Hand, tmp_path: Path) -> None:
    world.launch()
    (tmp_path / "people.png").write_bytes(b"\x89PNG\0\0\0\0\0\0\0\0\0")
    assert "must be a CSV" in hand.is_refused("people", "import", "campus", str(tmp_path / "people.png"))


def test_an_import_is_interrupted_resumed_and_undone(
    world: World, hand: Hand, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.launch()
    monkeypatch.setattr(entering, "CHUNK", 1)
    enter, calls = entering.enter_chunk, []

    def interrupted(*args: object, **named: object) -> bool:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return enter(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(entering, "enter_chunk", interrupted)
    stopped = hand.is_refused("people", "import", "campus", str(file), "--source", "paper")
    assert "--resume" in stopped
    (run,) = hand.gets("people", "imports", "campus")
    assert (run["state"], run["added"]) == ("stopped", 1)
    assert hand.gets_one("people", "import", "campus", "--resume", run["import"])["added"] == 2
    assert "not possible" in hand.is_refused("people", "import", "campus", "--resume", run["import"])
    assert "people imports" in hand.is_refused("people", "import", "campus", "--undo", "imp_other")
    assert hand.gets_one("people", "import", "campus", "--undo", run["import"], "--dry-run")["removed"] == 2
    assert len(hand.gets("people", "list", "campus")) == 2
    undone = hand.gets_one("people", "import", "campus", "--undo", run["import"])
    assert (undone["removed"], undone["kept"]) == (2, 0)
    assert hand.gets("people", "list", "campus") == []


def test_a_file_whose_import_was_interrupted_goes_on_when_it_is_typed_again(
    world: World, hand: Hand, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.launch()
    words = ["people", "import", "campus", str(file)]
    with monkeypatch.context() as patch:
        patch.setattr(entering, "enter_chunk", lambda *args, **named: (_ for _ in ()).throw(KeyboardInterrupt))
        assert "--resume" in hand.is_refused(*words, "--source", "paper")
    words += ["--source", "paper"]
    assert hand.gets_one(*words, "--dry-run")["new"] == 2
    again = hand.types(*words, "--first")
    assert "interrupted" not in again.stderr  # other options are another import
    again = hand.types(*words)
    assert "goes on where it was" in again.stderr
    assert [run["state"] for run in hand.gets("people", "imports", "campus")] == ["done", "done"]


def test_an_export_is_safe_in_a_sheet_and_comes_back_as_it_was(
    world: World, hand: Hand, file: Path, tmp_path: Path
) -> None:
    campus = world.launch()
    hand.types("people", "import", "campus", str(file))
    out = tmp_path / "out.csv"
    assert "2 people" in hand.types("people", "export", "campus", str(out), "--bom").stderr
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["'=Bob", "Ada"]
    assert [(row["position"], row["referrer"]) for row in rows] == [("1", ""), ("2", "bob@college.edu")]
    raw = hand.types("people", "export", "campus", "--raw").stdout
    assert ",=Bob," in raw
    world.launch("second")
    back = hand.gets_one("people", "import", "second", str(out))
    assert (back["added"], back["problems"]) == (2, 0)
    assert [row["name"] for row in hand.gets("people", "list", "second")] == ["=Bob", "Ada"]
    with world.reading() as rx:
        exported = sa.select(Event.data).where(Event.verb == "exporting.exported", Event.launch_id == campus.id)
        assert [data["rows"] for data in rx.scalars(exported)] == [2, 2]


def test_an_export_may_be_lines_of_json_of_some_people(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    world.join(campus, "asked@college.edu")
    lines = hand.types("people", "export", "campus", "-", "--format", "jsonl", "--state", "waiting").stdout.splitlines()
    assert [json.loads(line)["email"] for line in lines] == [CAROL]


def test_recount_finds_nothing_wrong_and_repairs_what_is(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    assert hand.gets_one("recount", "campus")["differences"] == 0
    with world.writing() as tx:
        tx.execute(sa.text("UPDATE rank_cell SET n = n + 3"))
    assert hand.gets_one("recount", "campus", "--dry-run")["differences"] > 0
    assert hand.gets_one("recount", "campus")["differences"] > 0
    assert hand.gets_one("recount", "campus")["differences"] == 0


def test_recount_says_how_far_the_seat_counter_is_from_those_who_hold_seats(world: World, hand: Hand) -> None:
    campus = world.cast(world.launch(seats=10))
    assert hand.gets_one("recount", "campus")["seats"] == 0  # Alice is a member, Bob has an offer
    with world.writing() as tx:
        seating.take(tx, campus.id, 2)
    assert hand.gets_one("recount", "campus")["seats"] == 2
