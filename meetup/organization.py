"""The organization that runs this installation: founded once, asked for everywhere."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlmodel import select

from meetup.errors import AlreadyExists, Forbidden, NotFound, NotUnderstood
from meetup.schedule import zones
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, Organization
from meetup.storage.vault import new_id
from meetup.values import clean
from meetup.wording import discreet, languages


@dataclass(frozen=True, slots=True)
class Founding:
    """What has to be known before the first group."""

    name: str
    sender_name: str
    cover_label: str
    zone: str
    language: str = "en"
    country: str = "US"
    contact_mail: str = ""
    words: str = ""  # of its own, which the lint keeps out of everything; commas part them


def found(session: Session, draft: Founding, now: datetime) -> Organization:
    """Write the organization into an empty database."""
    if session.get(Organization, 1) is not None:
        raise AlreadyExists("This database belongs to an organization already", "One database is one organization")
    row = Organization(
        public_id=new_id(),
        name=_name(draft.name),
        sender_name=_sender_name(draft.sender_name),
        cover_label=_cover_label(draft),
        zone=zones.place(draft.zone),
        language=languages.chosen(draft.language),
        country=_country(draft.country),
        contact_mail=_mail(draft.contact_mail),
        words=_words(draft.words),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def the(session: Session) -> Organization:
    """Return the organization, or refuse when nothing was set up yet."""
    row = session.get(Organization, 1)
    if row is None:
        raise NotFound("Nothing has been set up yet", "Run `meetup init`")
    return row


def edit(session: Session, changes: Mapping[str, str], now: datetime) -> Organization:
    """Change what was said at the founding; what is not named stays, and every check holds as it did then."""
    row = the(session)
    kept = {field.name: str(getattr(row, field.name)) for field in fields(Founding)}
    draft = Founding(**{**kept, **changes})
    row.name, row.sender_name = _name(draft.name), _sender_name(draft.sender_name)
    row.cover_label, row.contact_mail = _cover_label(draft), _mail(draft.contact_mail)
    row.zone, row.country = zones.place(draft.zone), _country(draft.country)
    row.language, row.words = languages.chosen(draft.language), _words(draft.words)
    refuse_telling(row, discreet.secrets_of("", "", row.words))
    for name, topics in session.exec(select(Group.name, Group.topics)).all():
        refuse_telling(row, discreet.secrets_of(name, topics))
    session.add(row)
    if "words" in changes:
        # Entries of calendars may have to leave something out that they have said so far.
        revisions.touch(session, [number for number in session.exec(select(Meeting.id)).all() if number], now)
    else:
        revisions.next_revision(session)
    session.refresh(row)
    return row


def refuse_telling(row: Organization, secrets: Sequence[str]) -> None:
    """Refuse when the words that stand on everybody's phone are those of a group."""
    for what, said, option in (
        ("Texts begin with", row.sender_name, "--sender-name"),
        ("Calendars and mail subjects say", row.cover_label, "--cover-label"),
    ):
        told = discreet.leaks_to_all(said, secrets)
        if told:
            raise Forbidden(
                f"{what} “{said}”, which would give away “{told[0]}”",
                f"Let the two have nothing in common: see `meetup organization edit {option}`",
            )


def pause(session: Session, reason: str, now: datetime) -> None:
    """Let nothing be sent any more, until somebody resumes."""
    row = the(session)
    row.paused_at, row.paused_reason = row.paused_at or now, clean(reason)
    session.add(row)


def resume(session: Session) -> bool:
    """Let messages be sent again; return whether that was paused."""
    row = the(session)
    was_paused = row.paused_at is not None
    row.paused_at, row.paused_reason = None, ""
    session.add(row)
    return was_paused


def _name(text: str) -> str:
    if not clean(text):
        raise NotUnderstood("The organization needs a name")
    return clean(text)


def _sender_name(text: str) -> str:
    problems = discreet.allowed_sender_name(clean(text))
    if problems:
        raise Forbidden(problems[0], "It is all that a text says about who sent it: initials are fine")
    return clean(text)


def _cover_label(draft: Founding) -> str:
    label = clean(draft.cover_label)
    told = discreet.leaks_to_all(label, [draft.name])
    if told:
        raise Forbidden(f"The cover label gives away “{told[0]}”", "Choose words that fit on any lock screen")
    return label or _sender_name(draft.sender_name)


def _words(text: str) -> str:
    return ", ".join(word.strip() for word in clean(text).split(",") if word.strip())


def _country(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise NotUnderstood(f"“{text}” is not a country code", "Use two letters, such as US or DE")
    return code


def _mail(text: str) -> str:
    address = text.strip()
    if address and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        raise NotUnderstood("The contact address is not an e-mail address", "It looks like name@example.org")
    return address
