"""Put members in charge: their pages, their hours, what they are asked, and what texts may cost"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = (
    "'reminder', 'cancelled', 'moved', 'half_cancelled', 'changed', 'reopened', 'opt_in', 'announcement', "
    "'still_fine', 'on_call'"
)
TEXT = sqlmodel.sql.sqltypes.AutoString()
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
OLD_KINDS = KINDS.removesuffix(", 'still_fine', 'on_call'")
NEW: dict[str, list[sa.Column[Any]]] = {
    "organization": [sa.Column("monthly_segments", sa.Integer(), nullable=True)],
    "groups": [sa.Column("monthly_segments", sa.Integer(), nullable=True)],
    "members": [
        sa.Column("plain_words", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("still_fine", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("quiet_until", MOMENT, nullable=True),
        sa.Column("on_call_since", MOMENT, nullable=True),
    ],
    "contact_points": [
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
    ],
    "remembered_stops": [
        sa.Column("wording_version", TEXT, nullable=False, server_default=""),
        sa.Column("agreed_at", MOMENT, nullable=True),
    ],
    "subscriptions": [sa.Column("leads", TEXT, nullable=False, server_default="")],
}


def upgrade() -> None:
    for table, columns in NEW.items():
        _add(table, columns)
    _mend_deliveries()
    _make_pages()
    _make_spent()


def downgrade() -> None:
    for table in ("spent", "join_codes", "web_sessions", "magic_links"):
        op.drop_table(table)
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_index(op.f("ix_deliveries_told_with"))
        batch.drop_constraint(op.f("fk_deliveries_told_with"), type_="foreignkey")
        batch.drop_column("told_with")
        batch.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_deliveries_kind"), f"kind IN ({OLD_KINDS})")
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)


def _add(table: str, columns: list[sa.Column[Any]]) -> None:
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    # In a batch of its own: SQLite copies the rows at the end of one, and there the default must still hold.
    with op.batch_alter_table(table) as batch:
        for column in columns:
            if column.server_default is not None:
                batch.alter_column(column.name, server_default=None)


def _mend_deliveries() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_deliveries_kind"), f"kind IN ({KINDS})")
        batch.add_column(sa.Column("told_with", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_deliveries_told_with"), "deliveries", ["told_with"], ["id"])
        batch.create_index(op.f("ix_deliveries_told_with"), ["told_with"])


def _make_pages() -> None:
    op.create_table(
        "magic_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint("purpose IN ('open', 'renew')", name=op.f("ck_magic_links_purpose")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_magic_links_member_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact_points.id"], name=op.f("fk_magic_links_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_magic_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_magic_links_token_hash")),
    )
    op.create_index(op.f("ix_magic_links_member_id"), "magic_links", ["member_id"])
    op.create_index(op.f("ix_magic_links_contact_id"), "magic_links", ["contact_id"])
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("fresh_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_web_sessions_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_sessions_token_hash")),
    )
    op.create_index(op.f("ix_web_sessions_member_id"), "web_sessions", ["member_id"])
    op.create_table(
        "join_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", TEXT, nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("alias_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("preference", TEXT, nullable=False),
        sa.Column("phone_shared", sa.Boolean(), nullable=False),
        sa.Column("wording", TEXT, nullable=False),
        sa.Column("wording_version", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_join_codes_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_codes")),
        sa.UniqueConstraint("code_index", name=op.f("uq_join_codes_code_index")),
        sa.UniqueConstraint("public_id", name=op.f("uq_join_codes_public_id")),
    )
    op.create_index(op.f("ix_join_codes_group_id"), "join_codes", ["group_id"])


def _make_spent() -> None:
    op.create_table(
        "spent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent")),
        sa.UniqueConstraint("month", "group_id", name=op.f("uq_spent_month_group_id")),
    )
