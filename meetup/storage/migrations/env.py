"""Alembic's way into our tables. The connection is handed in; nothing here reads the environment."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import meetup.storage.tables  # noqa: F401 -- fills SQLModel.metadata


def run(connection: Connection) -> None:
    """Run the migrations on one connection, in its transaction."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="sqlmodel.sql.sqltypes.",
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
