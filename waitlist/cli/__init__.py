"""The commands: `flask --app app <command>`. Each has --help, --json where it prints data, and exits 0, 1 or 2.

`docs/commands.md` lists them. A command is a door: it reads the line, calls one verb, commits and prints.
"""

from flask import Flask

from waitlist.cli import (
    admins,
    arms,
    backup,
    braking,
    colleagues,
    deciding,
    demo,
    doctor,
    drawing,
    experiment,
    exporting,
    guard,
    importing,
    invite,
    key,
    launch,
    mail,
    people,
    placing,
    plan,
    secret,
    serving,
    setting_up,
    stage,
    steering,
    units,
    upkeep,
    wave,
    working,
)
from waitlist.cli.shape import top

__all__ = ["register", "top"]

# Importing a module of commands puts them on `top`.
MODULES = (
    *(setting_up, serving, working, admins, colleagues, upkeep, doctor, backup, secret, demo),
    *(
        launch,
        drawing,
        arms,
        guard,
        units,
        experiment,
        stage,
        plan,
        braking,
        deciding,
        people,
        placing,
        importing,
        exporting,
        wave,
        steering,
        invite,
        key,
        mail,
    ),
)


def register(app: Flask) -> None:
    """Give the app its commands."""
    for command in top.commands.values():
        app.cli.add_command(command)
