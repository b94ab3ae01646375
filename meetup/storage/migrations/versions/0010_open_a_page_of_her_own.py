"""Open a page of her own to each member, let her choose among reminders, and have her texts deleted elsewhere"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
KINDS = "'reminder', 'cancelled', 'moved', 'half_cancelled', 'changed', 'reopened', 'opt_in', 'announcement'"


def upgrade() -> None:
    _allow(f"{KINDS}, 'key'")
    with op.batch_alter_table("subscriptions") as batch:
        batch.add_column(sa.Column("unwanted", TEXT, nullable=False, server_default=""))
    # In a batch of its own: SQLite copies the rows at the end of one, and there the default must still hold.
    with op.batch_alter_table("subscriptions") as batch:
        batch.alter_column("unwanted", server_default=None)
    with op.batch_alter_table("join_codes") as batch:
        batch.alter_column("group_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("member_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_join_codes_member_id", "members", ["member_id"], ["id"])
    op.create_index("ix_join_codes_member_id", "join_codes", ["member_id"])
    _page_keys()
    _visits()
    op.create_table(
        "texts_elsewhere",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", TEXT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_texts_elsewhere"),
        sa.UniqueConstraint("provider_id", name="uq_texts_elsewhere_provider_id"),
    )


def downgrade() -> None:
    op.drop_table("texts_elsewhere")
    op.drop_table("visits")
    op.drop_table("page_keys")
    op.execute("DELETE FROM join_codes WHERE group_id IS NULL")
    op.drop_index("ix_join_codes_member_id", table_name="join_codes")
    with op.batch_alter_table("join_codes") as batch:
        batch.drop_constraint("fk_join_codes_member_id", type_="foreignkey")
        batch.drop_column("member_id")
        batch.alter_column("group_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("subscriptions") as batch:
        batch.drop_column("unwanted")
    op.execute("DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE kind = 'key')")
    op.execute("DELETE FROM deliveries WHERE kind = 'key'")
    _allow(KINDS)


def _allow(kinds: str) -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_deliveries_kind"), f"kind IN ({kinds})")


def _page_keys() -> None:
    op.create_table(
        "page_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint("purpose IN ('link', 'code')", name=op.f("ck_page_keys_purpose")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_page_keys_member_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact_points.id"], name="fk_page_keys_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_page_keys"),
    )
    op.create_index("ix_page_keys_member_id", "page_keys", ["member_id"])
    op.create_index("ix_page_keys_contact_id", "page_keys", ["contact_id"])


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("proven_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_visits_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.UniqueConstraint("token_hash", name="uq_visits_token_hash"),
    )
    op.create_index("ix_visits_member_id", "visits", ["member_id"])
