"""Let the database refuse to change or delete what somebody agreed to or took back"""

from alembic import op

from meetup.storage import ledger

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The triggers of today, not of then: on SQLite they are made anew after every rebuilding (`ledger.set_aside`).
    ledger.guard(op.get_bind())


def downgrade() -> None:
    ledger.unguard(op.get_bind())
