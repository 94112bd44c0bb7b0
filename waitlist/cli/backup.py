"""`backup` and `restore`: a whole installation in one file, taken while it runs."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import flask_migrate
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from waitlist import archives, clock, secret_files
from waitlist.archives import Contents
from waitlist.cli.printing import note, print_one
from waitlist.cli.setting_up import upgrade_tables
from waitlist.cli.shape import AS_JSON, DRY_RUN, YES, change, read, top
from waitlist.db import Tx, db, writing
from waitlist.runtime import runtime
from waitlist.services import dumping, installing

DATABASE = "database.sqlite"
FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@top.command()
@FILE
@click.option("--with-keys", is_flag=True, help="Put the key files in, too. Whoever has them can make any link.")
@AS_JSON
def backup(file: Path, with_keys: bool, as_json: bool) -> None:
    """Write everything into one file, as of one moment, while the service runs."""
    settings, secrets = runtime().settings, runtime().secrets
    with TemporaryDirectory(prefix="waitlist-backup-", dir=file.resolve().parent) as name:
        folder = Path(name)
        kept = _dump_sqlite(folder) if settings.engine == "sqlite" else _dump_postgres(folder)
        if with_keys:
            for key in secret_files.NAMES:
                shutil.copy2(settings.instance / key, folder / key)
        contents = Contents(
            engine=settings.engine,
            revision=read(_revision) or "",
            made_at=clock.now().isoformat(),
            fingerprint=secrets.fingerprint(),
            keys=with_keys,
            kept=kept,
        )
        archives.pack(file, contents, folder)
    change(lambda tx: installing.backed_up(tx, now=clock.now()))
    print_one({"file": str(file), "bytes": file.stat().st_size, "keys": with_keys}, as_json)
    if not with_keys:
        names = ", ".join(secret_files.NAMES)
        note(f"The key files stay out ({names} in {settings.instance}). Keep a copy of them at another place.")


@top.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@YES
@DRY_RUN
@AS_JSON
def restore(file: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Bring a backup back. What stands in the database is replaced, so live data wants --yes."""
    with TemporaryDirectory(prefix="waitlist-restore-", dir=runtime().settings.instance) as name:
        folder = Path(name)
        contents = archives.unpack(file, folder)
        _check(contents, yes=yes or dry_run)
        if not dry_run:
            _put_keys_back(contents, folder)
            if contents.engine == "sqlite":
                _load_sqlite(folder / DATABASE)
            else:
                _load_postgres(contents, folder)
            upgrade_tables()
    print_one({"file": str(file), "made_at": contents.made_at, "restored": not dry_run}, as_json)
    if not dry_run:
        note("Restart what runs: `serve` and the workers hold the old keys and sessions." if contents.keys else "Done.")


def _dump_sqlite(folder: Path) -> dict[str, object]:
    # SQLite's own copy: one moment, page by page, while others read and write.
    live = sqlite3.connect(db.engine.url.database or "")
    with closing(live), closing(sqlite3.connect(folder / DATABASE)) as copy:
        live.backup(copy)
    return {}


def _dump_postgres(folder: Path) -> dict[str, object]:
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as rx, rx.begin():
        return dumping.dump(rx, folder)


def _load_sqlite(copy: Path) -> None:
    # In the writer's turn, so that no transaction of ours is under way meanwhile.
    with writing() as tx:
        tx.rollback()
        with closing(sqlite3.connect(copy)) as kept, closing(sqlite3.connect(db.engine.url.database or "")) as live:
            kept.backup(live)
    db.engine.dispose()
    db.engines["reading"].dispose()


def _load_postgres(contents: Contents, folder: Path) -> None:
    flask_migrate.upgrade(revision=contents.revision)
    change(lambda tx: dumping.load(tx, folder, contents.kept))


def _revision(tx: Tx) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()


def _check(contents: Contents, *, yes: bool) -> None:
    """Refuse what would break or lose something, with the way out."""
    settings = runtime().settings
    if contents.engine != settings.engine:
        raise click.ClickException(
            f"This backup is of a {contents.engine} database and WAITLIST_DATABASE_URL names a {settings.engine} one. "
            "Set it to the same kind."
        )
    if contents.revision not in _known_revisions():
        raise click.ClickException("This backup is of a later version. Install that version first.")
    if not contents.keys and contents.fingerprint != runtime().secrets.fingerprint():
        raise click.ClickException(
            f"This backup was made with other key files. Put {', '.join(secret_files.NAMES)} back into "
            f"{settings.instance} first."
        )
    if not yes and not _is_empty():
        if not sys.stdin.isatty():
            raise click.ClickException("There are data in this database, which a restore replaces. Add --yes.")
        click.confirm("There are data in this database. Replace them?", abort=True)


def _is_empty() -> bool:
    if not sa.inspect(db.engine).has_table("launch"):
        return True
    return read(dumping.is_empty)


def _known_revisions() -> set[str]:
    folder = Path(__file__).parents[1] / "migrations"
    return {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}


def _put_keys_back(contents: Contents, folder: Path) -> None:
    if contents.keys:
        for name in secret_files.NAMES:
            secret_files.replace(runtime().settings.instance / name, (folder / name).read_text())
