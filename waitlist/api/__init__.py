"""The API: JSON for products, errors as RFC 9457 problem documents."""

from flask import Flask


def register(app: Flask) -> None:
    """Give the app its API."""
