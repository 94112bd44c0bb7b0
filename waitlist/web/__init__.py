"""The pages: parse, call one verb, commit, answer."""

from flask import Flask


def register(app: Flask) -> None:
    """Give the app its pages, sessions and error pages."""
