"""Remember of the erased what they had agreed to; let members choose plain words and quiet weeks"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
NEW: dict[str, list[sa.Column[Any]]] = {
    "members": [
        sa.Column("plain_words", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("hours_chosen", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("quiet_until", MOMENT, nullable=True),
    ],
    "remembered_stops": [
        sa.Column("wording_version", TEXT, nullable=False, server_default=""),
        sa.Column("agreed_at", MOMENT, nullable=True),
    ],
}


def upgrade() -> None:
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)
        # In a batch of its own: SQLite copies the rows at the end of one, and there the default must still hold.
        with op.batch_alter_table(table) as batch:
            for column in columns:
                if column.server_default is not None:
                    batch.alter_column(column.name, server_default=None)


def downgrade() -> None:
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
