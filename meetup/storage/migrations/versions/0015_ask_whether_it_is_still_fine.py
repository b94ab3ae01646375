"""Ask whether it is still fine to write there: once a year for who wants that, and where somebody else sees the phone"""

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from meetup.storage import ledger

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
KINDS = "'reminder', 'cancelled', 'moved', 'half_cancelled', 'changed', 'reopened', 'opt_in', 'announcement', 'key'"
STATES = "'unverified', 'pending', 'verified', {}'stopped', 'bounced', 'replaced'"
ONCE = {"sqlite_autoincrement": True}


def upgrade() -> None:
    _kinds(f"{KINDS}, 'still_fine', 'still_safe'")
    with ledger.set_aside(op.get_bind()):
        _states(STATES.format("'paused', "))
        with _numbers_kept("members"):
            with op.batch_alter_table("members", table_kwargs=ONCE) as batch:
                batch.add_column(sa.Column("ask_yearly", sa.Boolean(), nullable=False, server_default=sa.false()))
                batch.add_column(sa.Column("shared_since", MOMENT, nullable=True))
            # In a batch of its own: SQLite copies the rows at the end of one, and there the default must still hold.
            with op.batch_alter_table("members", table_kwargs=ONCE) as batch:
                batch.alter_column("ask_yearly", server_default=None)
    op.execute("UPDATE members SET shared_since = created_at WHERE phone_shared")


def downgrade() -> None:
    asked = "kind IN ('still_fine', 'still_safe')"
    op.execute(f"DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE {asked})")  # noqa: S608 -- our words
    op.execute(f"DELETE FROM deliveries WHERE {asked}")  # noqa: S608 -- our words
    _kinds(KINDS)
    # Who was asked and did not answer has to be asked again: nothing is sent there before.
    op.execute("UPDATE contact_points SET state = 'pending' WHERE state = 'paused'")
    with ledger.set_aside(op.get_bind()):
        _states(STATES.format(""))
        with _numbers_kept("members"), op.batch_alter_table("members", table_kwargs=ONCE) as batch:
            batch.drop_column("shared_since")
            batch.drop_column("ask_yearly")


def _kinds(kinds: str) -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_deliveries_kind"), f"kind IN ({kinds})")


def _states(states: str) -> None:
    with _numbers_kept("contact_points"), op.batch_alter_table("contact_points", table_kwargs=ONCE) as batch:
        batch.drop_constraint(op.f("ck_contact_points_state"), type_="check")
        batch.create_check_constraint(op.f("ck_contact_points_state"), f"state IN ({states})")


@contextlib.contextmanager
def _numbers_kept(table: str) -> Iterator[None]:
    """Remember, while SQLite builds a table anew, which number it has given last: that row may be gone since."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        yield
        return
    last = bind.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table}).scalar()
    yield
    if last is not None:
        bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
        bind.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:table, :last)"), {"table": table, "last": last})
