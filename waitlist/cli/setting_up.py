"""`init`, `config`, `db upgrade`: from an empty folder to a service that can start."""

from dataclasses import asdict, dataclass
from pathlib import Path

import flask_migrate

from waitlist import config
from waitlist.cli.admins import first_owner
from waitlist.cli.printing import note, print_one, print_rows
from waitlist.cli.shape import AS_JSON, change, group, top
from waitlist.db import db
from waitlist.runtime import runtime
from waitlist.services import installing
from waitlist.tokens import Purpose

database = group("db", "The database's tables.")


@dataclass(frozen=True)
class Ready:
    """What `init` found or made."""

    instance: str
    database: str
    set_up_link: str | None


@top.command()
@AS_JSON
def init(as_json: bool) -> None:
    """Make what is missing: the instance folder, its secrets, the tables, the set-up link. May run any time."""
    upgrade_tables()
    link = set_up_link()
    if link is not None and first_owner():
        link = None
    settings = runtime().settings
    ready = Ready(
        instance=str(settings.instance),
        database=config.shown(settings, "database_url"),
        set_up_link=link,
    )
    print_one(asdict(ready), as_json)
    if ready.set_up_link:
        note("Next: `flask --app app serve`, then open the set-up link and make your first launch.")


@top.command("config")
@AS_JSON
def config_(as_json: bool) -> None:
    """Print every setting with its value and where that comes from. Secrets are masked."""
    settings, sources = runtime().settings, runtime().sources
    print_rows(
        [
            {
                "setting": "PORT" if field == "port" else config.PREFIX + field.upper(),
                "value": config.shown(settings, field),
                "from": sources[field],
            }
            for field in config.Settings.model_fields
        ],
        as_json,
    )


# On the command line Flask-Migrate's own `db` stands before this one and does the same.
@database.command("upgrade")
def upgrade() -> None:
    """Bring the tables up to this version. May run any time."""
    upgrade_tables()


def upgrade_tables() -> None:
    """Run the migrations that this database has not had yet; a new SQLite file is for its owner's eyes only."""
    if runtime().settings.engine == "sqlite":
        path = Path(db.engine.url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    flask_migrate.upgrade()


def set_up_link() -> str | None:
    """The one-time link to the set-up page, or None once there is an owner."""
    version = change(lambda tx: installing.prepare(tx, fingerprint=runtime().secrets.fingerprint()))
    if version is None:
        return None
    token = runtime().tokens.sign(Purpose.SETUP, "", "setup", version)
    return f"{runtime().settings.base_url}/setup?token={token}"
