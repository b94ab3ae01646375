"""Let the lint learn words of an organization's own"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    with op.batch_alter_table("organization") as batch:
        batch.add_column(sa.Column("words", TEXT, nullable=False, server_default=""))
    # In a batch of its own: SQLite copies the rows at the end of one, and there the default must still hold.
    with op.batch_alter_table("organization") as batch:
        batch.alter_column("words", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("organization") as batch:
        batch.drop_column("words")
