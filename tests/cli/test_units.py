"""Departments and facts come from files; what cannot be is refused with the way out, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Hand
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.gates.deciding import decide
from waitlist.models.entry import StoredFact
from waitlist.models.launch import Launch
from waitlist.queries import deciding
from waitlist.services import organising
from waitlist.services.organising import BadTree, Branch

TREE = "unit,parent,title\nfinance,,Finance\npayroll,finance,Payroll\nit,,IT\n"


def file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return str(path)


def verdict(world: World, launch: Launch, email: str) -> str:
    with world.reading() as rx:
        subject = deciding.subject(rx, launch, world.entry(email, launch), world.now)
        return decide(deciding.plan_of(rx, launch), subject, world.now).verdict.value


def test_a_rule_for_a_department_lets_in_whoever_the_file_puts_below_it(
    world: World, hand: Hand, tmp_path: Path
) -> None:
    world.launch("erp", mode="open", tree={"kind": "unit", "units": ["finance"]})
    campus = world.launch("campus", domain=None)
    for email in (ALICE, BOB, CAROL):
        world.waiting(campus, email)
    assert hand.gets_one("units", "import", "campus", file(tmp_path, TREE)) == {"units": 3, "moved": 0}
    assert [row["path"] for row in hand.gets("units", "list", "campus")] == ["finance", "finance/payroll", "it"]
    rows = f"email,unit,country,orders\n{ALICE},payroll,us,3\n{BOB},it,,\n{CAROL},sales,,\nno@college.edu,it,,\n"
    read = hand.gets_one("facts", "import", "campus", file(tmp_path, rows))
    assert (read["people"], read["news"]) == (2, 4)
    assert [(row["row"], row["says"].split(".")[0]) for row in read["problems"]] == [
        (4, "There is no department sales"), (5, "Nobody of this launch is called so"),
    ]  # fmt: skip
    assert hand.gets_one("facts", "import", "campus", file(tmp_path, rows))["news"] == 0
    with world.writing() as tx:
        stage = {"kind": "unit", "units": ["finance"]}
        from waitlist.services import staging

        staging.add(tx, campus, staging.Draft("finance", stage, world.now), actor=TEAM, now=world.now)
    assert [verdict(world, campus, email) for email in (ALICE, BOB, CAROL)] == ["admitted", "waiting", "waiting"]


def test_people_move_with_their_department(world: World, hand: Hand, tmp_path: Path) -> None:
    campus = world.launch()
    world.waiting(campus, ALICE)
    hand.gets_one("units", "import", "campus", file(tmp_path, TREE))
    hand.gets_one("facts", "import", "campus", file(tmp_path, f"email,unit\n{ALICE},payroll\n"))
    moved = file(tmp_path, "unit,parent\nit,\nfinance,it\npayroll,finance\n")
    assert hand.gets_one("units", "import", "campus", moved)["moved"] == 1
    assert [fact.value for fact in world.rows(StoredFact)] == ["it/finance/payroll"]


@pytest.mark.parametrize(
    ("branches", "code", "units"),
    [
        ([Branch("a", "b"), Branch("b", "c"), Branch("c", "a")], "unit_circle", "a → b → c → a"),
        ([Branch("a", "a")], "unit_circle", "a → a"),
        ([Branch("a", "b")], "unit_no_parent", "a → b"),
        ([Branch("a"), Branch("a")], "unit_twice", "a"),
        ([Branch("a/b")], "unit_bad_key", "a/b"),
    ],
)
def test_a_tree_that_cannot_be_is_refused_and_says_which(branches: list[Branch], code: str, units: str) -> None:
    with pytest.raises(BadTree) as refused:
        organising.paths(branches)
    assert (refused.value.code, refused.value.units) == (code, units)


def test_files_that_cannot_be_change_nothing(world: World, hand: Hand, tmp_path: Path) -> None:
    campus = world.launch()
    world.waiting(campus, ALICE)
    circle = file(tmp_path, "unit,parent\na,b\nb,a\n")
    assert "in a circle: a → b → a" in hand.is_refused("units", "import", "campus", circle)
    assert hand.gets("units", "list", "campus") == []
    assert "no column unit" in hand.is_refused("units", "import", "campus", file(tmp_path, "name\na\n"))
    odd = f"email,country,orders\n{ALICE},ZZ,\n{ALICE},,many\n"
    problems = hand.gets_one("facts", "import", "campus", file(tmp_path, odd))["problems"]
    assert [row["row"] for row in problems] == [2, 3]
    assert world.rows(StoredFact) == []
