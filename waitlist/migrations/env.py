"""How Alembic reaches the app's database: one metadata, batch mode for SQLite, the writer's engine."""

from alembic import context

from waitlist import models  # noqa: F401 - makes every table known to the metadata
from waitlist.db import db


def run() -> None:
    """Run the wanted migrations on the writer's connection."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="waitlist.db.",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
