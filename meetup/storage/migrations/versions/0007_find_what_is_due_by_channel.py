"""Find what is due by channel"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PLANNED = sa.text("state = 'PLANNED'")


def upgrade() -> None:
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["channel", "due_at"],
        sqlite_where=PLANNED,
        postgresql_where=PLANNED,
    )
    if op.get_bind().dialect.name == "postgresql":
        # There is one organization, and its number is 1: a sequence was never wanted.
        op.execute("ALTER TABLE organization ALTER COLUMN id DROP DEFAULT")
        op.execute("DROP SEQUENCE IF EXISTS organization_id_seq")


def downgrade() -> None:
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"], sqlite_where=PLANNED, postgresql_where=PLANNED)
