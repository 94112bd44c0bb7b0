"""Flask-Security for admins, cut down to what we want of it: password hashes, the user, signing in and out.

Its own pages act on GET and mail by themselves, so none of them is registered. It stands on our `user` table, read by
Core statements; nothing here writes, because only `writing()` may, and the verbs of `appointing` do.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_security import RoleMixin, Security, UserDatastore, UserMixin

from waitlist.db import one, reading
from waitlist.models.access import User


class Admin(UserMixin):
    """A signed-in admin as Flask-Security and Flask-Login know one: a row of `user`."""

    fs_uniquifier = ""  # looked for on the class

    def __init__(self, row: User) -> None:
        self.row = row
        self.id = row.id
        self.email = row.email
        self.active = row.active
        self.fs_uniquifier = row.fs_uniquifier
        self.roles: list[RoleMixin] = []  # roles are granted per launch, in our own table


class Admins(UserDatastore):
    """Finds admins. Everything that changes one is a verb of ours."""

    def __init__(self) -> None:
        super().__init__(Admin, RoleMixin)

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Admin | None:  # noqa: ARG002
        """The admin with this one column value: `fs_uniquifier` from a session."""
        [(column, value)] = wanted.items()
        with reading() as rx:
            row = one(rx, sa.select(User).where(getattr(User, column) == value))
        return Admin(row) if row is not None else None


def init_security(app: Flask) -> None:
    """Give the app Flask-Security, after CSRF protection and before the first password is hashed."""
    secrets = app.extensions["waitlist"].secrets
    app.config |= {
        "SECURITY_PASSWORD_SALT": secrets.subkey("passwords").hex(),
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(hours=1),
        "SECURITY_CLI_USERS_NAME": "",  # our commands make admins
        "SECURITY_CLI_ROLES_NAME": "",
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SESSION_PROTECTION": None,  # the session's row says who it is; an address may change on a train
        "REMEMBER_COOKIE_NAME": "wl_never",
    } | {f"SECURITY_{part}": False for part in _OFF}
    security = Security(app, Admins(), register_blueprint=False)
    # Only a session signs somebody in: no token in a header, a query or a body, on no page.
    security.login_manager.request_loader(None)
    security.principal.identity_loaders.clear()  # public pages load no user


_OFF = (
    "CHANGE_EMAIL",
    "CHANGEABLE",
    "CONFIRMABLE",
    "PASSWORDLESS",
    "RECOVERABLE",
    "REGISTERABLE",
    "TRACKABLE",
    "UNIFIED_SIGNIN",
)
