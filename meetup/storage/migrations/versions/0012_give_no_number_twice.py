"""Give no number twice that stands in a signed link"""

import sqlalchemy as sa
from alembic import op

from meetup.storage import ledger

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LINKED = ("groups", "meetings", "members", "contact_points", "consents", "page_keys")
BEYOND = 100  # numbers that may have been given, and were deleted since


def upgrade() -> None:
    # A server's sequences never give a number twice.
    if op.get_bind().dialect.name != "sqlite":
        return
    # The triggers may have been made by the revision before this one, in the same breath.
    with ledger.set_aside(op.get_bind()):
        for table in LINKED:
            _rebuilt(table, once=True)
    if op.get_bind().execute(sa.text("SELECT id FROM remembered_stops LIMIT 1")).first() is not None:
        # Somebody was erased: her numbers may lie above all that are left, and her old links are still in a mailbox.
        op.execute(f"UPDATE sqlite_sequence SET seq = seq + {BEYOND} WHERE name IN {LINKED}")  # noqa: S608 -- our names


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with ledger.set_aside(op.get_bind()):
            for table in LINKED:
                _rebuilt(table, once=False)


def _rebuilt(table: str, *, once: bool) -> None:
    with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": once}):
        pass
