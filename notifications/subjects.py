"""Whom and what one delivery is about: the rows and values of a batch that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from meetup import agenda
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import AnnouncementRow, ContactPoint, DeliveryRow, Group, Member, PageKey
from notifications import page_keys
from notifications.announcements import number_of
from notifications.batch import Batch
from notifications.notices import Said


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what one delivery is about."""

    row: DeliveryRow
    member: Member
    contact: ContactPoint
    group: Group | None
    series: Series | None
    occurrence: Occurrence | None
    said: Sequence[Said]
    announced: AnnouncementRow | None = None
    key: PageKey | None = None
    code: str = field(default="", repr=False)


def read(session: Session, row: DeliveryRow, common: Batch) -> Subject:
    """Put together what one delivery is about; raise LookupError when that is gone."""
    # A meeting that is named and not here could not be read: nobody knows whether its date happens.
    series = common.series[row.meeting_id] if row.meeting_id is not None else None
    contact = common.contacts.get((row.member_id, row.channel)) or session.get(ContactPoint, row.contact_id)
    if contact is None:
        raise LookupError("the contact point is gone")
    key = page_keys.of_delivery(session, row)
    return Subject(
        row=row,
        member=common.members[row.member_id],
        contact=contact,
        group=common.groups.get(row.group_id or 0),
        series=series,
        occurrence=_on_slot(series, row, common) if series else None,
        said=common.said.get((row.member_id, row.meeting_id or 0, row.slot, row.channel), ()),
        announced=common.announced.get(number_of(row.subject) or 0),
        key=key,
        code=page_keys.code(session, key),
    )


def _on_slot(series: Series, row: DeliveryRow, common: Batch) -> Occurrence | None:
    """Return the date of a slot, looked up once a batch."""
    key = series.meeting_id, row.slot
    if key not in common.dates:
        common.dates[key] = agenda.on_slot(series, row.slot)
    return common.dates[key]
