"""The floors of the house: who may import whom, who commits, who reads the clock, how long things may get.

Every rule has a sibling that feeds it a bad example, so that no rule can stop working unnoticed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import Module

ROOT = Path(__file__).resolve().parents[1]
MODULES = architecture.read_tree(ROOT)
ONE_FILE_RULES = (
    architecture.hidden_imports,
    architecture.commits_below_doors,
    architecture.clocks_below_doors,
    architecture.flask_below_doors,
    architecture.too_long,
)


def house(**texts: str) -> dict[str, Module]:
    """A small made-up package: `services__joining="import waitlist.db"`; `waitlist` itself is the key `top`."""
    texts = {"top": "", **texts}
    names = {key: "waitlist" if key == "top" else "waitlist." + key.replace("__", ".") for key in texts}
    return {names[key]: Module(names[key], text, is_package=key == "top") for key, text in texts.items()}


def one(room: str, text: str) -> Module:
    return Module(f"waitlist.{room}", text)


def test_every_package_has_a_floor() -> None:
    assert architecture.unknown_rooms(MODULES) == []


def test_imports_only_go_down() -> None:
    assert architecture.wrong_floors(MODULES) == []


def test_nobody_imports_in_a_circle() -> None:
    assert architecture.circles(MODULES) == []


@pytest.mark.parametrize("rule", ONE_FILE_RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule) -> None:
    assert [complaint for module in MODULES.values() for complaint in rule(module)] == []


def test_a_package_without_a_floor_is_refused() -> None:
    assert architecture.unknown_rooms(house(helpers__misc="")) == [
        "waitlist/helpers/ has no floor: add it to FLOORS",
    ]


@pytest.mark.parametrize(
    ("room", "text"),
    [
        ("db", "from waitlist.models import entry"),
        ("gates__domain", "from waitlist.models.entry import Entry"),
        ("models__entry", "from waitlist.services import joining"),
        ("models__entry", "from ..services import joining"),
        ("services__joining", "import waitlist.queries.standing"),
        ("queries__standing", "from waitlist.services.joining import join"),
        ("services__joining", "from waitlist.web import public"),
        ("web__public", "from waitlist.api import ofrep"),
        ("jobs", "from waitlist import cli"),
        ("web__public", "from waitlist import create_app"),
        ("cli", "from . import create_app"),
    ],
)
def test_an_import_that_goes_up_or_across_is_refused(room: str, text: str) -> None:
    rooms = {"models__entry": "", "services__joining": "", "queries__standing": "", "web__public": "", "api__ofrep": ""}
    rooms |= {"cli": "", "jobs": "", "db": ""}
    assert len(architecture.wrong_floors(house(**{**rooms, room: text}))) == 1


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (
            "services__joining",
            "from waitlist.models.entry import Entry\nfrom waitlist import db\nfrom . import ranking",
        ),
        ("cli", "from waitlist import jobs"),
        ("top", "from waitlist.web import public\nfrom .jobs import run"),
        ("gates__domain", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from waitlist.models import entry"),
    ],
)
def test_an_import_that_goes_down_is_welcome(room: str, text: str) -> None:
    rooms = {"models__entry": "", "services__ranking": "", "web__public": "", "jobs": "", "db": ""}
    assert architecture.wrong_floors(house(**{**rooms, room: text})) == []


def test_two_files_that_import_each_other_are_refused() -> None:
    both = house(models__entry="from waitlist.models import wave", models__wave="from . import entry")
    assert architecture.circles(both)[0].startswith("circle: waitlist.models.")


@pytest.mark.parametrize(
    ("rule", "room", "text"),
    [
        (architecture.hidden_imports, "web.public", "def page():\n    import json"),
        (architecture.hidden_imports, "web.public", "class A:\n    async def b(self):\n        from json import loads"),
        (architecture.commits_below_doors, "services.joining", "def join(tx):\n    tx.commit()"),
        (architecture.commits_below_doors, "services.joining", "def join():\n    with writing() as tx: pass"),
        (architecture.commits_below_doors, "queries.standing", "def place(db):\n    with db.reading() as tx: pass"),
        (architecture.clocks_below_doors, "services.joining", "from waitlist import clock\nx = clock.now()"),
        (architecture.clocks_below_doors, "services.joining", "from waitlist.clock import now as n\nx = n()"),
        (architecture.clocks_below_doors, "models.entry", "import datetime\nx = datetime.datetime.now(datetime.UTC)"),
        (architecture.clocks_below_doors, "gates.age", "from datetime import date\nx = date.today()"),
        (architecture.flask_below_doors, "services.joining", "from flask import request"),
        (architecture.flask_below_doors, "services.joining", "import flask_babel"),
        (architecture.flask_below_doors, "gates.domain", "from flask.globals import g"),
        (architecture.too_long, "services.joining", "x = 1\n" * 301),
        (architecture.too_long, "services.joining", "def join():\n" + "    x = 1\n" * 40),
    ],
)
def test_a_file_that_breaks_the_rule_is_refused(rule, room: str, text: str) -> None:
    assert len(rule(one(room, text))) == 1


@pytest.mark.parametrize(
    ("rule", "room", "text"),
    [
        (architecture.hidden_imports, "web.public", "import json\ndef page(): pass"),
        (architecture.commits_below_doors, "web.public", "with writing() as tx: pass"),
        (architecture.commits_below_doors, "db", "def writing(s): s.commit()"),
        (architecture.clocks_below_doors, "jobs", "from waitlist import clock\nx = clock.now()"),
        (architecture.clocks_below_doors, "clock", "import datetime\nx = datetime.datetime.now(datetime.UTC)"),
        (architecture.flask_below_doors, "web.public", "from flask import request"),
        (architecture.commits_below_doors, "migrations.env", "connection.commit()"),
        (architecture.too_long, "migrations.versions.0001_first_tables", "x = 1\n" * 301),
        (architecture.too_long, "services.joining", "x = 1\n" * 300),
        (architecture.too_long, "services.joining", "def join():\n" + "    x = 1\n" * 39),
    ],
)
def test_a_file_that_keeps_the_rule_is_welcome(rule, room: str, text: str) -> None:
    assert rule(one(room, text)) == []
