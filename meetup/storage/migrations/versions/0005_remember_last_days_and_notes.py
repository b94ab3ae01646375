"""Remember the last day of a series that was cut off, and dates that only have a note"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedules", sa.Column("own_until_on", sa.Date(), nullable=True))
    with op.batch_alter_table("changes") as batch:
        batch.drop_constraint(op.f("ck_changes_status"), type_="check")
        batch.create_check_constraint(
            op.f("ck_changes_status"), "status IN ('skipped', 'cancelled', 'changed', 'noted', 'restored')"
        )


def downgrade() -> None:
    op.execute("UPDATE changes SET status = 'restored', note = '' WHERE status = 'noted'")
    with op.batch_alter_table("changes") as batch:
        batch.drop_constraint(op.f("ck_changes_status"), type_="check")
        batch.create_check_constraint(
            op.f("ck_changes_status"), "status IN ('skipped', 'cancelled', 'changed', 'restored')"
        )
    with op.batch_alter_table("schedules") as batch:
        batch.drop_column("own_until_on")
