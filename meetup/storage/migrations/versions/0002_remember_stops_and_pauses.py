"""Remember stops of addresses that are not there, and pauses of sending"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remembered_stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_remembered_stops_channel")),
        sa.CheckConstraint(
            "source IN ('page', 'text', 'mail', 'paper', 'organizer', 'carrier', 'bounce')",
            name=op.f("ck_remembered_stops_source"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_stops")),
        sa.UniqueConstraint("address_index", name=op.f("uq_remembered_stops_address_index")),
    )
    op.add_column("organization", sa.Column("paused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table("organization") as batch:
        batch.add_column(
            sa.Column("paused_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
        )
    # In a batch of its own: SQLite copies the rows at the end of one, and there the default must still hold.
    with op.batch_alter_table("organization") as batch:
        batch.alter_column("paused_reason", server_default=None)
