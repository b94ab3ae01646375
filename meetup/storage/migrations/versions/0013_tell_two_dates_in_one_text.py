"""Tell two dates in one text"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TOLD = sa.text("also_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("also_id", sa.Integer(), nullable=True))
    op.create_index("ix_deliveries_also", "deliveries", ["also_id"], sqlite_where=TOLD, postgresql_where=TOLD)


def downgrade() -> None:
    op.drop_index("ix_deliveries_also", table_name="deliveries")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("also_id")
