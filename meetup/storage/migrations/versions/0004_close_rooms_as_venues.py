"""Close rooms as venues are closed, say where people go meanwhile, and remember whose holidays are kept"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("to_venue_id", sa.Integer(), nullable=True),
        sa.Column("to_room_id", sa.Integer(), nullable=True),
        sa.Column("start_local", sa.DateTime(), nullable=False),
        sa.Column("end_local", sa.DateTime(), nullable=False),
        sa.Column("planned_end_local", sa.DateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "start_local <= end_local AND end_local <= planned_end_local", name=op.f("ck_closures_order")
        ),
        sa.CheckConstraint("(venue_id IS NULL) <> (room_id IS NULL)", name=op.f("ck_closures_one_door")),
        sa.CheckConstraint("to_venue_id IS NULL OR to_room_id IS NULL", name=op.f("ck_closures_one_way_out")),
        sa.CheckConstraint("to_venue_id <> venue_id", name=op.f("ck_closures_another_venue")),
        sa.CheckConstraint("to_room_id <> room_id", name=op.f("ck_closures_another_room")),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_closures_venue_id")),
        sa.ForeignKeyConstraint(["room_id"], ["online_rooms.id"], name=op.f("fk_closures_room_id")),
        sa.ForeignKeyConstraint(["to_venue_id"], ["venues.id"], name=op.f("fk_closures_to_venue_id")),
        sa.ForeignKeyConstraint(["to_room_id"], ["online_rooms.id"], name=op.f("fk_closures_to_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    for column in ("venue_id", "room_id", "to_venue_id", "to_room_id"):
        op.create_index(op.f(f"ix_closures_{column}"), "closures", [column], unique=False)
    op.execute(
        "INSERT INTO closures (venue_id, planned_end_local, start_local, end_local, reason, revision, created_at, changed_at)"
        " SELECT venue_id, end_local, start_local, end_local, reason, revision, created_at, changed_at"
        " FROM venue_closures ORDER BY id"
    )
    op.drop_table("venue_closures")
    op.create_table(
        "holidays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(venue_id IS NULL) <> (meeting_id IS NULL)", name=op.f("ck_holidays_one_noun")),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_holidays_venue_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_holidays_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holidays")),
    )
    for column in ("venue_id", "meeting_id"):
        op.create_index(op.f(f"ix_holidays_{column}"), "holidays", [column], unique=False)


def downgrade() -> None:
    op.drop_table("holidays")
    op.create_table(
        "venue_closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("start_local", sa.DateTime(), nullable=False),
        sa.Column("end_local", sa.DateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("start_local <= end_local", name=op.f("ck_venue_closures_order")),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_venue_closures_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_closures")),
    )
    op.create_index(op.f("ix_venue_closures_venue_id"), "venue_closures", ["venue_id"], unique=False)
    op.execute(
        "INSERT INTO venue_closures (venue_id, start_local, end_local, reason, revision, created_at, changed_at)"
        " SELECT venue_id, start_local, end_local, reason, revision, created_at, changed_at"
        " FROM closures WHERE venue_id IS NOT NULL ORDER BY id"
    )
    op.drop_table("closures")
