"""Loaded once by the server that forks child processes: what the first app of a process has to load, loaded already."""

from __future__ import annotations

import tempfile

import psycopg
from sqlalchemy.dialects.postgresql import psycopg as dialect

from tests.parts.apps import dispose
from waitlist import create_app

assert psycopg
assert dialect

with tempfile.TemporaryDirectory() as folder:
    dispose(create_app({"WAITLIST_INSTANCE": folder, "WAITLIST_LIMITS": "false"}))
