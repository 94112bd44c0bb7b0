"""The papers say what is so: every setting, every command with its options and every page stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from waitlist.cli import top
from waitlist.config import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EVERYWHERE = {"--json", "--dry-run", "--yes", "--help"}


def read(name: str) -> str:
    return (ROOT / name).read_text()


def commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words one types."""
    for name, command in group.commands.items():
        words = f"{prefix}{name}"
        if isinstance(command, click.Group):
            yield from commands(command, f"{words} ")
        else:
            yield words, command


COMMANDS = dict(commands(top))


def section(words: str) -> str:
    """What docs/commands.md says of one command."""
    found = re.search(
        rf"^### `{re.escape(words)}(?: [A-Z\[][^`]*)?`\n(.*?)(?=^### |\Z)", read("docs/commands.md"), re.M | re.S
    )
    assert found, f"docs/commands.md does not know `{words}`"
    return found[1]


def test_every_setting_is_documented_and_no_other() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", read("docs/settings.md"), re.M)
    assert listed == ["PORT" if name == "port" else PREFIX + name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_says_what_the_code_says(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description in read("docs/settings.md")


def test_every_command_is_documented_and_no_other() -> None:
    listed = re.findall(r"^### `([a-z -]+?)(?: [A-Z\[][^`]*)?`$", read("docs/commands.md"), re.M)
    assert listed == sorted(COMMANDS)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_every_option_of_a_command_is_documented_and_every_command_says_what_it_does(words: str) -> None:
    command = COMMANDS[words]
    told = section(words)
    options = {name for p in command.params if isinstance(p, click.Option) for name in p.opts}
    assert options - EVERYWHERE == set(re.findall(r"^\| `(--[a-z-]+)`", told, re.M)) - EVERYWHERE
    for name in options & {"--json", "--dry-run", "--yes"}:
        assert f"`{name}`" in told
    assert command.help
    assert command.help.split(".")[0] in told


def test_every_page_of_the_readme_is_there(app: Flask) -> None:
    table = read("README.md").partition("## Pages")[2].partition("\n## ")[0]
    listed = {
        url for row in re.findall(r"^\| [PMAEO]-\d+ \|.*$", table, re.M) for url in re.findall(r"`(/[^`]*)`", row)
    }
    assert len(listed) > 30
    assert listed - {rule.rule for rule in app.url_map.iter_rules()} == set()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_no_link_of_the_papers_leads_nowhere(paper: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", paper.read_text()):
        assert (paper.parent / target).exists(), f"{paper.name}: {target}"


def test_the_two_commands_stand_first_in_the_readme() -> None:
    first = read("README.md").partition("## ")[0]
    assert re.findall(r"^    make (\w+)", first, re.M) == ["run", "test"]
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    assert {"run", "test", "demo", "help"} <= targets


def test_every_decision_says_why_what_and_what_it_costs() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [f"{n:04}" for n in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text()
        assert text.startswith(f"# {path.name[:4]}. ")
        for part in ("## Context", "## Decision", "## What it costs"):
            assert part in text, f"{path.name} lacks {part}"
