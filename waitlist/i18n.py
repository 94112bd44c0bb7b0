"""Languages."""

from flask import Flask


def init_i18n(app: Flask) -> None:
    """Set up the languages."""
