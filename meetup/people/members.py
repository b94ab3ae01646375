"""Members: people known by an alias. Legal names are never asked."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlmodel import col, select

from meetup import groups, naming, organization
from meetup.errors import AlreadyExists, Forbidden, NotFound, NotUnderstood
from meetup.people import contacts
from meetup.schedule import zones
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, Group, Member, SubscriptionRow
from meetup.storage.vault import new_id
from meetup.values import Channel, clean
from meetup.wording import discreet, languages
from meetup.wording.masks import mask

LONGEST_LABEL = 60  # what a lock screen and a subject have room for


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """What somebody says about a new member; language comes from the organization, zone from each meeting."""

    alias: str
    phone: str = ""
    email: str = ""
    language: str = ""
    zone: str = ""
    cover_label: str = ""
    phone_shared: bool = False
    hours_start: str = "09:00"
    hours_end: str = "20:00"
    plain_words: bool = False  # they chose to read what it is really called
    ask_yearly: bool = False  # whether it is still fine to write to them
    quiet_until: datetime | None = None  # nothing is sent before
    hours_chosen: bool = False  # these hours are their own wish, be they the usual ones

    def __post_init__(self) -> None:
        if not clean(self.alias):
            raise NotUnderstood("A member needs an alias", "Any name will do; it need not be the real one")
        if _number(self.alias) is not None:
            raise NotUnderstood("An alias is more than a number", "Numbers name members already")
        if self.zone:
            zones.place(self.zone)
        if self.language:
            languages.chosen(self.language)
        check_hours(self.hours_start, self.hours_end)


@dataclass(frozen=True, slots=True)
class MemberCard:
    """A member as a list shows them: enough to recognize, too little to reach."""

    number: int
    alias: str
    phone: str = ""
    phone_state: str = ""
    email: str = ""
    email_state: str = ""
    language: str = ""
    groups: tuple[str, ...] = ()


def add(session: Session, draft: MemberDraft, now: datetime) -> Member:
    """Add a member with their addresses. That is no consent: nothing is sent before they agreed."""
    home = organization.the(session)
    _refuse_taken(session, draft.alias)
    public_id = new_id()
    row = Member(
        public_id=public_id,
        alias_sealed=session.vault.seal(_place(public_id), _shown(draft.alias)),
        alias_index=session.vault.index("alias", _folded(draft.alias)),
        language=languages.chosen(draft.language) if draft.language else languages.language(home.language),
        zone=draft.zone,
        cover_label=_label(draft, ()),
        phone_shared=draft.phone_shared,
        shared_since=now if draft.phone_shared else None,
        ask_yearly=draft.ask_yearly,
        plain_words=draft.plain_words,
        quiet_until=draft.quiet_until,
        hours_start=draft.hours_start,
        hours_end=draft.hours_end,
        hours_chosen=draft.hours_chosen,
        created_at=now,
    )
    session.add(row)
    session.flush()
    for channel, text in ((Channel.SMS, draft.phone), (Channel.EMAIL, draft.email)):
        if clean(text):
            contacts.add(session, row, channel, text, now)
    revisions.touch_member(session, naming.key(row))
    return row


def find(session: Session, alias_or_number: str) -> Member:
    """Return the member of that alias, whatever the case, or of that number (`12`, `#12`)."""
    number = _number(alias_or_number)
    row = _by_alias(session, alias_or_number) if number is None else session.get(Member, number)
    if row is None:
        raise NotFound(f"There is no member “{clean(alias_or_number)}”", "`meetup member list` shows them all")
    return row


def listing(session: Session) -> list[MemberCard]:
    """Return a card for every member, by number."""
    rows = session.exec(select(Member).order_by(col(Member.id))).all()
    points: dict[int, dict[str, ContactPoint]] = defaultdict(dict)
    for point in session.exec(select(ContactPoint).where(ContactPoint.state != "replaced")).all():
        points[point.member_id][point.channel] = point
    theirs = _groups(session)
    return [_card(session, row, points[row.id or 0], theirs.get(row.id or 0, ())) for row in rows]


def alias(session: Session, member: Member) -> str:
    """Return a member's alias in the clear."""
    return session.vault.open(_place(member.public_id), member.alias_sealed)


def rename(session: Session, member: Member, wanted: str) -> None:
    """Give a member another alias."""
    MemberDraft(wanted)
    if _folded(wanted) != _folded(alias(session, member)):
        _refuse_taken(session, wanted)
    member.alias_sealed = session.vault.seal(_place(member.public_id), _shown(wanted))
    member.alias_index = session.vault.index("alias", _folded(wanted))
    session.add(member)
    revisions.touch_member(session, naming.key(member))


def edit(session: Session, member: Member, changes: Mapping[str, object], now: datetime) -> None:
    """Change how a member is told: any of the fields of a draft, but for the alias and the addresses."""
    told: dict[str, object] = {name: getattr(member, name) for name in _WAYS}
    draft = replace(MemberDraft(alias(session, member)), **{**told, **changes})  # type: ignore[arg-type]  # named alike
    member.language = languages.chosen(draft.language)
    member.zone = zones.place(draft.zone) if draft.zone else ""
    member.cover_label = _label(draft, _secrets(session, member))
    if draft.phone_shared and not member.phone_shared:
        member.shared_since = now
    member.phone_shared, member.plain_words = draft.phone_shared, draft.plain_words
    member.ask_yearly = draft.ask_yearly
    member.quiet_until = draft.quiet_until
    member.hours_start, member.hours_end = draft.hours_start, draft.hours_end
    member.hours_chosen = member.hours_chosen or bool({"hours_start", "hours_end"} & set(changes))
    session.add(member)
    revisions.touch_member(session, naming.key(member))


_WAYS = (
    *("language", "zone", "cover_label", "phone_shared"),
    *("plain_words", "ask_yearly", "quiet_until", "hours_start", "hours_end"),
)


def check_hours(start: str, end: str) -> None:
    """Refuse hours that are no times of day, or that do not end after they start."""
    try:
        times = time.fromisoformat(start), time.fromisoformat(end)
    except ValueError as error:
        raise NotUnderstood(f"“{start}” to “{end}” are no hours", _HOURS_HINT) from error
    if (f"{times[0]:%H:%M}", f"{times[1]:%H:%M}") != (start, end) or times[0] >= times[1]:
        raise NotUnderstood(f"“{start}” to “{end}” are no hours of one day", _HOURS_HINT)


_HOURS_HINT = "Write them as 09:00 and 20:00"


def _refuse_taken(session: Session, wanted: str) -> None:
    if _by_alias(session, wanted) is not None:
        raise AlreadyExists(f"There is a member “{_shown(wanted)}” already", "Add an initial or a number to the alias")


def _by_alias(session: Session, wanted: str) -> Member | None:
    indexes = session.vault.indexes("alias", _folded(wanted))
    return session.exec(select(Member).where(col(Member.alias_index).in_(indexes))).first()


def _groups(session: Session) -> dict[int, tuple[str, ...]]:
    query = (
        select(SubscriptionRow.member_id, Group.name)
        .join(Group, col(Group.id) == col(SubscriptionRow.group_id))
        .where(SubscriptionRow.state != "left")
        .order_by(col(Group.name))
    )
    found: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for member_id, name in session.exec(query).all():
        found[member_id] += (name,)
    return found


def _card(session: Session, row: Member, points: dict[str, ContactPoint], theirs: Iterable[str]) -> MemberCard:
    phone, email = points.get(Channel.SMS), points.get(Channel.EMAIL)
    return MemberCard(
        number=naming.key(row),
        alias=alias(session, row),
        phone=mask(contacts.address(session, phone)) if phone else "",
        phone_state=phone.state if phone else "",
        email=mask(contacts.address(session, email)) if email else "",
        email_state=email.state if email else "",
        language=row.language,
        groups=tuple(theirs),
    )


def _secrets(session: Session, member: Member) -> list[str]:
    """Return what must not be read about the groups of a member."""
    query = select(Group).join(SubscriptionRow, col(SubscriptionRow.group_id) == col(Group.id))
    found = session.exec(query.where(SubscriptionRow.member_id == member.id, SubscriptionRow.state != "left")).all()
    own = organization.the(session)
    return [secret for group in found for secret in groups.secrets(group, own)]


def _label(draft: MemberDraft, secrets: Iterable[str]) -> str:
    label = " ".join(clean(draft.cover_label).split())
    if len(label) > LONGEST_LABEL:
        raise NotUnderstood(f"A cover label has at most {LONGEST_LABEL} letters, this one has {len(label)}")
    told = discreet.leaks(label, secrets, draft.language or languages.DEFAULT)
    if told:
        raise Forbidden(f"The cover label gives away “{told[0]}”", "Choose words that fit on any lock screen")
    return label


def _number(text: str) -> int | None:
    digits = text.strip().removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _shown(text: str) -> str:
    return " ".join(clean(text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", _shown(text)).casefold()


def _place(public_id: str) -> str:
    return f"members.alias:{public_id}"
