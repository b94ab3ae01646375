"""Count what texts cost, let somebody say how many may be sent, and let people join by themselves"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
SUPPRESSED = sa.text("state = 'SUPPRESSED'")
CAPPED = ("organization", "groups")


def upgrade() -> None:
    for table in CAPPED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("monthly_segments", sa.Integer(), nullable=True))
    op.create_table(
        "spent",
        sa.Column("month", TEXT, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_spent_group_id"),
        sa.PrimaryKeyConstraint("month", "group_id", name="pk_spent"),
    )
    op.create_index(
        "ix_deliveries_suppressed",
        "deliveries",
        ["expires_at"],
        sqlite_where=SUPPRESSED,
        postgresql_where=SUPPRESSED,
    )
    op.create_table(
        "join_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("wording", TEXT, nullable=False),
        sa.Column("wording_version", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_join_codes_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_join_codes"),
        sa.UniqueConstraint("code", name="uq_join_codes_code"),
    )
    op.create_index("ix_join_codes_group_id", "join_codes", ["group_id"])


def downgrade() -> None:
    op.drop_table("join_codes")
    op.drop_index("ix_deliveries_suppressed", table_name="deliveries")
    op.drop_table("spent")
    for table in CAPPED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("monthly_segments")
