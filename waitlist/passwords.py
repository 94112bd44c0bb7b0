"""Passwords of admins: hashed and compared by Flask-Security (argon2 over an HMAC with a key of this installation).

Needs the app that `create_app` made: the doors give it to Flask-Security when they register.
"""

import unicodedata
from functools import cache

from flask_security import hash_password, verify_password

SHORTEST = 12
LONGEST = 128


def fault_in(password: str) -> str | None:
    """`password_short`, `password_long`, or None for a password that may be set; what it is made of is free."""
    length = len(_normal(password))
    if length < SHORTEST:
        return "password_short"
    return "password_long" if length > LONGEST else None


def hashed(password: str) -> str:
    """What the database keeps; takes about 50 ms, so never inside a transaction."""
    return hash_password(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether this is the password behind a hash. Without a hash it takes as long, and is never right."""
    if len(password) > LONGEST:
        return False  # nobody may make us hash a megabyte
    right = verify_password(_normal(password), kept or _nobody())
    return right and kept is not None


def _normal(password: str) -> str:
    # The same word typed on two keyboards may be two texts.
    return unicodedata.normalize("NFKD", password)


@cache
def _nobody() -> str:
    return hashed("the password of nobody")
