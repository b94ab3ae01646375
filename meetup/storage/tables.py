"""The whole database on one page: columns, keys and checks, no behaviour.

Moments are aware and in UTC; wall times (`NaiveDatetime`) live beside a zone. Columns that hold what belongs to a
person say so in `info["personal"]`; those whose name ends in `_sealed` are encrypted for `table.column:public_id`.
"""

from datetime import date, datetime
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from meetup.storage import ledger
from meetup.values import Action, Channel, Kind, Preference, Source, State

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


# Numbers that stand in signed links: SQLite would give the highest one again once its row is deleted, and a link of
# somebody who was erased would then belong to a stranger.
ONCE = {"sqlite_autoincrement": True}


def _one_of(column: str, values: type[Channel | Kind | State | Action | Source | Preference] | tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({quoted})"


def _key() -> Any:  # noqa: ANN401 -- SQLModel's Field returns Any
    return Field(default=None, primary_key=True)


def _sealed(*, optional: bool = False, personal: str = "") -> Any:  # noqa: ANN401 -- SQLModel's Field returns Any
    info = {"personal": personal} if personal else {}
    kwargs = {"info": info}
    if optional:
        return Field(default=None, sa_type=LargeBinary, sa_column_kwargs=kwargs)
    return Field(sa_type=LargeBinary, sa_column_kwargs=kwargs)


class Organization(SQLModel, table=True):
    __tablename__ = "organization"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    public_id: str
    name: str
    sender_name: str  # as registered with the carriers; the only name an SMS ever says
    cover_label: str  # the harmless wording where a group has none
    zone: str
    language: str
    country: str
    contact_mail: str = ""  # a mailbox that somebody reads
    words: str = ""  # comma-separated: what the lint keeps out besides its own list, whichever group it is about
    revision: int = 0  # grows with every change of a schedule: feeds are cached by it
    created_at: datetime
    paused_at: datetime | None = None  # while it is set, nothing is sent
    paused_reason: str = ""
    monthly_segments: int | None = None  # how many text segments all groups may use; None: as many as are needed


class Group(SQLModel, table=True):
    __tablename__ = "groups"
    __table_args__ = (CheckConstraint("audience IN ('open', 'closed')", name="audience"), ONCE)

    id: int | None = _key()
    public_id: str = Field(unique=True)
    slug: str = Field(unique=True)
    name: str
    description: str = ""
    cover_label: str
    topics: str = ""  # comma-separated; the lint keeps them out of texts
    audience: str = "open"
    language: str
    zone: str
    monthly_segments: int | None = None  # how many text segments it may use
    feed_tag: str | None = None  # a hash of the public calendar when it was last given away
    feed_changed_at: datetime | None = None  # since when it is that one
    created_at: datetime


class Venue(SQLModel, table=True):
    __tablename__ = "venues"

    id: int | None = _key()
    public_id: str = Field(unique=True)
    slug: str = Field(unique=True)
    name: str
    address: str  # as one line, the way people write it there
    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    directions: str = ""
    capacity: int | None = None
    step_free: bool | None = None
    accessible_toilet: bool | None = None
    hearing_loop: bool | None = None
    id_required: bool | None = None
    cameras: bool | None = None
    parking: str = ""
    transit: str = ""
    door_code_sealed: bytes | None = _sealed(optional=True)
    created_at: datetime


class OnlineRoom(SQLModel, table=True):
    __tablename__ = "online_rooms"
    __table_args__ = (CheckConstraint("visibility IN ('public', 'members')", name="visibility"),)

    id: int | None = _key()
    public_id: str = Field(unique=True)
    slug: str = Field(unique=True)
    name: str
    provider: str = ""
    url_sealed: bytes = _sealed()
    passcode_sealed: bytes | None = _sealed(optional=True)
    meeting_code_sealed: bytes | None = _sealed(optional=True)
    dial_in_sealed: bytes | None = _sealed(optional=True)  # one number a line
    visibility: str = "members"
    capacity: int | None = None
    expires_on: date | None = None
    rotated_at: datetime | None = None
    created_at: datetime


class ClosureRow(SQLModel, table=True):
    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("start_local <= end_local AND end_local <= planned_end_local", name="order"),
        CheckConstraint("(venue_id IS NULL) <> (room_id IS NULL)", name="one_door"),
        CheckConstraint("to_venue_id IS NULL OR to_room_id IS NULL", name="one_way_out"),
        CheckConstraint("to_venue_id <> venue_id", name="another_venue"),
        CheckConstraint("to_room_id <> room_id", name="another_room"),
    )

    id: int | None = _key()
    venue_id: int | None = Field(default=None, foreign_key="venues.id", index=True)
    room_id: int | None = Field(default=None, foreign_key="online_rooms.id", index=True)
    to_venue_id: int | None = Field(default=None, foreign_key="venues.id", index=True)  # where people go meanwhile
    to_room_id: int | None = Field(default=None, foreign_key="online_rooms.id", index=True)
    start_local: NaiveDatetime
    end_local: NaiveDatetime  # half-open; reopening early moves it
    planned_end_local: NaiveDatetime  # what was said at first: dates in between were told, and are told again
    reason: str = ""
    revision: int
    created_at: datetime
    changed_at: datetime


class Meeting(SQLModel, table=True):
    __tablename__ = "meetings"
    __table_args__ = (CheckConstraint("state IN ('active', 'paused', 'ended')", name="state"), ONCE)

    id: int | None = _key()
    public_id: str = Field(unique=True)
    slug: str = Field(unique=True)
    group_id: int = Field(foreign_key="groups.id", index=True)
    title: str
    venue_id: int | None = Field(default=None, foreign_key="venues.id", index=True)
    room_id: int | None = Field(default=None, foreign_key="online_rooms.id", index=True)
    state: str = "active"
    version: int = 0  # raised by whatever changes what happens, its venue and room included
    created_at: datetime
    changed_at: datetime


class ScheduleRow(SQLModel, table=True):
    __tablename__ = "schedules"
    __table_args__ = (CheckConstraint("duration_minutes > 0", name="duration"),)

    id: int | None = _key()
    meeting_id: int = Field(foreign_key="meetings.id", index=True)
    uid: str = Field(unique=True)
    sequence: int = 0
    zone: str
    rule: str = ""
    start_local: NaiveDatetime
    duration_minutes: int
    until_on: date | None = None
    own_until_on: date | None = None  # its last day before a pause or an end cut it off
    follows_uid: str = ""
    created_at: datetime
    changed_at: datetime


class ChangeRow(SQLModel, table=True):
    __tablename__ = "changes"
    __table_args__ = (
        UniqueConstraint("schedule_id", "slot"),
        CheckConstraint("status IN ('skipped', 'cancelled', 'changed', 'noted', 'restored')", name="status"),
        CheckConstraint("closed_door IN ('', 'in_person', 'online')", name="closed_door"),
    )

    id: int | None = _key()
    meeting_id: int = Field(foreign_key="meetings.id", index=True)
    schedule_id: int = Field(foreign_key="schedules.id", index=True)
    slot: NaiveDatetime
    status: str
    new_start: NaiveDatetime | None = None
    new_duration_minutes: int | None = None
    venue_id: int | None = Field(default=None, foreign_key="venues.id", index=True)
    room_id: int | None = Field(default=None, foreign_key="online_rooms.id", index=True)
    closed_door: str = ""
    note: str = ""
    revision: int
    created_at: datetime
    changed_at: datetime


class HolidayRow(SQLModel, table=True):
    """Whose public holidays a venue or a meeting keeps, and until when they are written down."""

    __tablename__ = "holidays"
    __table_args__ = (CheckConstraint("(venue_id IS NULL) <> (meeting_id IS NULL)", name="one_noun"),)

    id: int | None = _key()
    venue_id: int | None = Field(default=None, foreign_key="venues.id", index=True)
    meeting_id: int | None = Field(default=None, foreign_key="meetings.id", index=True)
    region: str  # as US-MA
    known_until: date
    changed_at: datetime


class Member(SQLModel, table=True):
    __tablename__ = "members"
    __table_args__ = ONCE

    id: int | None = _key()
    public_id: str = Field(unique=True)
    alias_sealed: bytes = _sealed(personal="alias")
    alias_index: bytes = Field(sa_type=LargeBinary, unique=True, sa_column_kwargs={"info": {"personal": "index"}})
    notes_sealed: bytes | None = _sealed(optional=True, personal="notes")
    language: str
    zone: str = ""  # empty: the meeting's
    cover_label: str = ""  # empty: the group's
    hours_start: str = "09:00"  # texts only between these, in the member's own zone
    hours_end: str = "20:00"
    hours_chosen: bool = False  # they named these hours themselves, be they the usual ones: nothing stretches them
    phone_shared: bool = False  # "someone else may see my phone"
    shared_since: datetime | None = None  # when she said so: she is asked again every six months
    ask_yearly: bool = False  # whether it is still fine to write to her
    plain_words: bool = False  # they chose to read what their groups are really called
    quiet_until: datetime | None = None  # nothing is sent before: a quiet month ends by itself
    version: int = 0  # raised by whatever decides whether and how they may be told
    feed_tag: str | None = None  # a hash of their calendar when it was last given away
    feed_changed_at: datetime | None = None  # since when it is that one
    created_at: datetime


class ContactPoint(SQLModel, table=True):
    __tablename__ = "contact_points"
    __table_args__ = (
        CheckConstraint(_one_of("channel", Channel), name="channel"),
        CheckConstraint(
            _one_of("state", ("unverified", "pending", "verified", "paused", "stopped", "bounced", "replaced")),
            name="state",
        ),
        Index(
            "uq_contact_points_member_id_channel",
            "member_id",
            "channel",
            unique=True,
            sqlite_where=text("state <> 'replaced'"),
            postgresql_where=text("state <> 'replaced'"),
        ),
        ONCE,
    )

    id: int | None = _key()
    public_id: str = Field(unique=True)
    member_id: int = Field(foreign_key="members.id", index=True)
    channel: str
    address_sealed: bytes = _sealed(personal="address")
    address_index: bytes = Field(sa_type=LargeBinary, unique=True, sa_column_kwargs={"info": {"personal": "index"}})
    state: str = "unverified"
    created_at: datetime
    changed_at: datetime


class RememberedStop(SQLModel, table=True):
    """An address that is not in the database (any more), and whose owner said stop."""

    __tablename__ = "remembered_stops"
    __table_args__ = (
        CheckConstraint(_one_of("channel", Channel), name="channel"),
        CheckConstraint(_one_of("source", Source), name="source"),
    )

    id: int | None = _key()
    channel: str
    address_index: bytes = Field(sa_type=LargeBinary, unique=True, sa_column_kwargs={"info": {"personal": "index"}})
    source: str
    wording_version: str = ""  # what had been agreed to, of somebody who was erased
    agreed_at: datetime | None = None
    at: datetime


class ConsentRow(SQLModel, table=True):
    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint(_one_of("channel", Channel), name="channel"),
        CheckConstraint(_one_of("action", Action), name="action"),
        CheckConstraint(_one_of("source", Source), name="source"),
        # What a delivery points at: it cannot name an entry of another person, channel or kind.
        UniqueConstraint("id", "contact_id", "channel", "action"),
        Index("ix_consents_contact_id_id", "contact_id", "id"),
        ONCE,
    )

    id: int | None = _key()
    member_id: int = Field(foreign_key="members.id", index=True)
    contact_id: int = Field(foreign_key="contact_points.id")
    channel: str
    group_id: int | None = Field(default=None, foreign_key="groups.id", index=True)  # None: every group
    action: str
    wording: str
    wording_version: str
    language: str
    source: str
    note: str = ""
    at: datetime


class SubscriptionRow(SQLModel, table=True):
    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("member_id", "group_id"),
        CheckConstraint("state IN ('awaiting_host', 'active', 'left')", name="state"),
        CheckConstraint(_one_of("preference", Preference), name="preference"),
    )

    id: int | None = _key()
    member_id: int = Field(foreign_key="members.id")
    group_id: int = Field(foreign_key="groups.id", index=True)
    state: str = "active"
    preference: str = Preference.EITHER.value
    channels: str = "sms,email"  # by which of the group's channels
    unwanted: str = ""  # which of the group's reminders she does not want, as `24h,2h`
    since: datetime
    changed_at: datetime


class ReminderRule(SQLModel, table=True):
    __tablename__ = "reminder_rules"
    __table_args__ = (
        UniqueConstraint("group_id", "lead", "channel"),
        CheckConstraint(_one_of("channel", Channel), name="channel"),
    )

    id: int | None = _key()
    group_id: int = Field(foreign_key="groups.id")
    lead: str
    channel: str
    created_at: datetime


class AnnouncementRow(SQLModel, table=True):
    __tablename__ = "announcements"

    id: int | None = _key()
    public_id: str = Field(unique=True)
    group_id: int = Field(foreign_key="groups.id", index=True)
    text: str  # what the lint let through; it names nobody
    created_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None = None


class DeliveryRow(SQLModel, table=True):
    __tablename__ = "deliveries"
    __table_args__ = (
        # The promise "never twice by planning" is this line; no column in it may be NULL (two NULLs are never equal).
        UniqueConstraint(
            "member_id", "subject", "slot", "lead", "channel", "kind", "revision", name="uq_deliveries_once"
        ),
        # The promise "never without consent" is this one and the check below it.
        ForeignKeyConstraint(
            ["consent_id", "contact_id", "channel", "consent_action"],
            ["consents.id", "consents.contact_id", "consents.channel", "consents.action"],
            name="fk_deliveries_consent",
        ),
        CheckConstraint(
            "(kind = 'opt_in' AND consent_action IN ('requested', 'granted'))"
            " OR (kind <> 'opt_in' AND consent_action = 'confirmed')",
            name="consent",
        ),
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint(_one_of("kind", Kind), name="kind"),
        Index(
            "ix_deliveries_due",
            "channel",
            "due_at",
            sqlite_where=text("state = 'PLANNED'"),
            postgresql_where=text("state = 'PLANNED'"),
        ),
        Index(
            "ix_deliveries_lease",
            "lease_until",
            sqlite_where=text("state IN ('CLAIMED', 'SUBMITTING')"),
            postgresql_where=text("state IN ('CLAIMED', 'SUBMITTING')"),
        ),
        Index(
            "ix_deliveries_open",
            "state",
            sqlite_where=text("state IN ('UNCERTAIN', 'HELD')"),
            postgresql_where=text("state IN ('UNCERTAIN', 'HELD')"),
        ),
        Index(
            "ix_deliveries_suppressed",
            "expires_at",
            sqlite_where=text("state = 'SUPPRESSED'"),
            postgresql_where=text("state = 'SUPPRESSED'"),
        ),
        Index(
            "ix_deliveries_also",
            "also_id",
            sqlite_where=text("also_id IS NOT NULL"),
            postgresql_where=text("also_id IS NOT NULL"),
        ),
        Index("ix_deliveries_subject_slot", "subject", "slot"),
        Index("ix_deliveries_provider_id", "provider_id"),
        Index("ix_deliveries_consent_id", "consent_id"),
    )

    id: int | None = _key()
    code: str = Field(unique=True)
    member_id: int = Field(foreign_key="members.id", index=True)
    subject: str  # `meeting:12`, `consent:45`, `announcement:7`
    slot: NaiveDatetime
    lead: str
    channel: str
    kind: str
    revision: int
    group_id: int | None = Field(default=None, foreign_key="groups.id")
    meeting_id: int | None = Field(default=None, foreign_key="meetings.id", index=True)
    contact_id: int = Field(foreign_key="contact_points.id", index=True)
    consent_id: int
    consent_action: str
    due_at: datetime
    expires_at: datetime
    state: str
    reason: str = ""
    not_before: datetime | None = None  # after a failure: when to try again
    attempts: int = 0
    claim_token: str = ""
    lease_until: datetime | None = None
    provider_id: str = ""
    error_code: str = ""
    segments: int = 0
    looks: int = 0  # how often the provider was asked about an unknown outcome
    also_id: int | None = None  # another delivery, which the text of the last attempt tells as well
    created_at: datetime
    settled_at: datetime | None = None


class AttemptRow(SQLModel, table=True):
    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: int | None = _key()
    delivery_id: int = Field(foreign_key="deliveries.id")
    number: int
    body_hash: str  # keyed; the body itself is never kept
    submitted_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""
    provider_id: str = ""
    error_code: str = ""


class SpentRow(SQLModel, table=True):
    """What one group's texts of one month came to: it stays when the deliveries are gone."""

    __tablename__ = "spent"

    month: str = Field(primary_key=True)  # `2026-11`, in UTC
    group_id: int = Field(foreign_key="groups.id", primary_key=True)
    texts: int = 0
    segments: int = 0


class AnswerRow(SQLModel, table=True):
    __tablename__ = "answers"
    __table_args__ = (
        UniqueConstraint("member_id", "meeting_id", "slot"),
        CheckConstraint("answer IN ('in_person', 'online', 'not_coming')", name="answer"),
    )

    id: int | None = _key()
    member_id: int = Field(foreign_key="members.id", sa_column_kwargs={"info": {"personal": "answer"}})
    meeting_id: int = Field(foreign_key="meetings.id", index=True)
    slot: NaiveDatetime
    answer: str
    ends_at: datetime  # deleted 24 hours after
    at: datetime


class InboundText(SQLModel, table=True):
    __tablename__ = "inbound_texts"

    id: int | None = _key()
    provider_id: str = Field(unique=True)  # a redelivery is answered alike and acts once
    public_id: str
    sender_index: bytes = Field(sa_type=LargeBinary, index=True, sa_column_kwargs={"info": {"personal": "index"}})
    sender_sealed: bytes = _sealed(personal="address")
    body_sealed: bytes = _sealed(personal="text")
    member_id: int | None = Field(default=None, foreign_key="members.id", index=True)
    intent: str
    reply: str = ""  # our own standing words, never personal
    received_at: datetime
    read_at: datetime | None = None


class JoinCode(SQLModel, table=True):
    """A code that a page shows, to be texted: by whoever wants a group's texts, or from a member's new phone."""

    __tablename__ = "join_codes"

    id: int | None = _key()
    code: str = Field(unique=True)
    group_id: int | None = Field(default=None, foreign_key="groups.id", index=True)  # None: those that she is in
    member_id: int | None = Field(default=None, foreign_key="members.id", index=True)  # None: it belongs to nobody yet
    wording: str  # what the page said: the ledger keeps it
    wording_version: str
    language: str
    expires_at: datetime


class TextElsewhere(SQLModel, table=True):
    """A text of somebody who was erased, which the provider is still to delete; nothing here says whose it was."""

    __tablename__ = "texts_elsewhere"

    id: int | None = _key()
    provider_id: str = Field(unique=True)
    asked_at: datetime
    not_before: datetime | None = None


class PageKey(SQLModel, table=True):
    """A link or a code by which a member shows who she is. It is signed, so that nothing here opens anything."""

    __tablename__ = "page_keys"
    __table_args__ = (CheckConstraint("purpose IN ('link', 'code')", name="purpose"), ONCE)

    id: int | None = _key()
    member_id: int = Field(foreign_key="members.id", index=True)
    contact_id: int = Field(foreign_key="contact_points.id", index=True)
    purpose: str
    tries: int = 0  # how often somebody typed a wrong code
    asked_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Visit(SQLModel, table=True):
    """A browser that opened a member's own page."""

    __tablename__ = "visits"

    id: int | None = _key()
    member_id: int = Field(foreign_key="members.id", index=True)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    began_at: datetime
    ends_at: datetime
    proven_until: datetime | None = None  # a fresh code was typed: until then she may take what she has, or go


class FeedLink(SQLModel, table=True):
    __tablename__ = "feed_links"

    id: int | None = _key()
    public_id: str = Field(unique=True)
    member_id: int = Field(foreign_key="members.id", index=True)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    created_at: datetime
    revoked_at: datetime | None = None


class Heartbeat(SQLModel, table=True):
    __tablename__ = "heartbeats"

    name: str = Field(primary_key=True)  # plan, deliver, tidy
    started_at: datetime
    finished_at: datetime | None = None
    note: str = ""


ledger.guard_when_made(SQLModel.metadata.tables["consents"])
