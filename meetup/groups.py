"""Groups: the people who meet. A cover label is checked before anybody can read it on a lock screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from meetup import naming, organization
from meetup.errors import Forbidden, NotUnderstood
from meetup.schedule import zones
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, Organization
from meetup.storage.vault import new_id
from meetup.values import clean
from meetup.wording import discreet, languages

AUDIENCES = ("open", "closed")


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """What somebody says about a new group; what is left empty comes from the organization."""

    name: str
    slug: str = ""
    cover_label: str = ""
    description: str = ""
    topics: tuple[str, ...] = ()
    audience: str = "open"
    language: str = ""
    zone: str = ""

    def __post_init__(self) -> None:
        if not clean(self.name):
            raise NotUnderstood("A group needs a name")
        _check_audience(self.audience)


def add(session: Session, draft: GroupDraft, now: datetime) -> Group:
    """Add a group."""
    home = organization.the(session)
    row = Group(
        public_id=new_id(),
        slug=naming.free_slug(session, Group, draft.slug or draft.name),
        name=clean(draft.name),
        description=clean(draft.description),
        cover_label=clean(draft.cover_label) or home.cover_label,
        topics=_topics(draft.topics),
        audience=draft.audience,
        language=languages.chosen(draft.language) if draft.language else languages.language(home.language),
        zone=zones.place(draft.zone or home.zone),
        created_at=now,
    )
    _refuse_leaks(session, row)
    session.add(row)
    revisions.next_revision(session)
    session.flush()
    return row


def find(session: Session, text: str) -> Group:
    """Return the group of that name or slug, or refuse and name the nearest ones."""
    return naming.find(session, Group, text)


def listing(session: Session) -> list[Group]:
    """Return all groups by name."""
    return naming.listing(session, Group)


def edit(session: Session, group: Group, changes: Mapping[str, object], now: datetime) -> Group:
    """Change what a group says of itself: name, cover_label, description, topics, audience, language, zone."""
    checked = {field: _checked(field, value) for field, value in changes.items()}
    wanted = Group.model_construct(None, **(group.model_dump() | checked))
    _refuse_leaks(session, wanted)
    for field, value in checked.items():
        setattr(group, field, value)
    session.add(group)
    # The entries of its meetings say its label, its description and its language.
    revisions.touch(session, _meetings(session, group), now)
    return group


def _meetings(session: Session, group: Group) -> list[int]:
    found = session.exec(select(Meeting.id).where(Meeting.group_id == group.id)).all()
    return [meeting_id for meeting_id in found if meeting_id is not None]


def secrets(group: Group, own: Organization) -> list[str]:
    """Return what the lint keeps out of texts about a group: its name, its topics, and the organization's own words."""
    return list(discreet.secrets_of(group.name, group.topics, own.words))


def _checked(field: str, value: object) -> str:
    if field == "topics":
        return _topics(value if isinstance(value, tuple | list) else str(value).split(","))
    text = clean(str(value))
    if field == "zone":
        return zones.place(text)
    if field == "language":
        return languages.chosen(text)
    if field == "audience":
        _check_audience(text)
    elif field not in {"name", "cover_label", "description"}:
        raise NotUnderstood(f"A group has no “{field}” that could be changed")
    if field in {"name", "cover_label"} and not text:
        raise NotUnderstood("A group needs a name and a cover label")
    return text


def _check_audience(text: str) -> None:
    if text not in AUDIENCES:
        raise NotUnderstood(f"A group is open or closed, not “{text}”")


def _topics(topics: tuple[object, ...] | list[object] | list[str]) -> str:
    return ",".join(dict.fromkeys(clean(str(topic)) for topic in topics if clean(str(topic))))


def _refuse_leaks(session: Session, group: Group) -> None:
    own = organization.the(session)
    organization.refuse_telling(own, secrets(group, own))
    told = discreet.leaks_to_all(group.cover_label, secrets(group, own))
    if told:
        raise Forbidden(
            f"The cover label gives away “{told[0]}”",
            "It stands in calendars and mail subjects: choose words that fit on any lock screen",
        )
