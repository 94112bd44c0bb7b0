"""The admin area: its frame, who is signed in, and one file for each noun."""

from flask import Flask

from waitlist.web.admin.security import init_security

BLUEPRINTS = ()


def init_admin(app: Flask) -> None:
    """Give the app its admins."""
    init_security(app)
