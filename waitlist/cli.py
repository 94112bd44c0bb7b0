"""The commands: `flask --app app <command>`. Each has --help, --json where it prints data, and exits 0, 1 or 2."""

from flask import Flask


def register(app: Flask) -> None:
    """Give the app its commands."""
