"""Remember when the bytes of each calendar last changed"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("groups", "members"):
        op.add_column(table, sa.Column("feed_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        op.add_column(table, sa.Column("feed_changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    for table in ("groups", "members"):
        op.drop_column(table, "feed_changed_at")
        op.drop_column(table, "feed_tag")
