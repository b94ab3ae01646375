"""Word one delivery: a text or a mail, from what is true now."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from meetup.schedule.series import Occurrence
from meetup.storage.tables import Organization
from meetup.values import Channel, Door, Kind, Preference, clean
from meetup.wording.discreet import LONGEST_SENDER, leaks
from meetup.wording.languages import clock, language, locale, place_time, when, zone_words
from notifications.rules.segments import plain
from notifications.words import render

WITHOUT_DATE = frozenset({Kind.OPT_IN, Kind.ANNOUNCEMENT, Kind.KEY, Kind.STILL_FINE, Kind.STILL_SAFE})
JOINERS = "\u200c\u200d"
PREVIEW = 90  # what a lock screen shows of a mail
WORDING_VERSION = {Channel.SMS: 1, Channel.EMAIL: 1}  # raise it with every change of the words somebody agrees to


@dataclass(frozen=True, slots=True)
class Recipient:
    """How one member is written to. `label` is her own cover label; `plain_words` says that she wants no lint."""

    language: str
    zone: str = ""
    label: str = ""
    phone_shared: bool = False
    preference: Preference = Preference.EITHER
    country: str = ""
    plain_words: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks. `sender_name` is what texts name: as registered with the carriers."""

    sender_name: str
    organization: str = ""
    contact_mail: str = ""
    country: str = ""
    label: str = ""

    @classmethod
    def of(cls, own: Organization) -> "Voice":
        """Return the voice of an organization."""
        return cls(own.sender_name, own.name, own.contact_mail, own.country, own.cover_label)

    @property
    def sender(self) -> str:
        """Return the sender name as a text can carry it."""
        return plain(" ".join(self.sender_name.split()))[:LONGEST_SENDER].strip()


@dataclass(frozen=True, slots=True)
class Links:
    """Where a mail leads; empty ones are left out."""

    join_url: str = ""
    stop_url: str = ""
    pause_url: str = ""
    page_url: str = ""
    confirm_url: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Return those that lead somewhere."""
        links = (self.join_url, self.stop_url, self.pause_url, self.page_url, self.confirm_url)
        return tuple(link for link in links if link)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides the words of one delivery. `secrets`: the group's real name, topics and the like."""

    kind: Kind
    channel: Channel
    occurrence: Occurrence | None
    following: Occurrence | None
    recipient: Recipient
    voice: Voice
    links: Links = field(default_factory=Links)
    secrets: tuple[str, ...] = ()
    news: str = ""  # of an announcement
    code: str = field(default="", repr=False)  # that a member's page asks for

    def __post_init__(self) -> None:
        if self.occurrence is None and self.kind not in WITHOUT_DATE:
            raise ValueError("a reminder or notice is about a date")

    @property
    def true_kind(self) -> Kind:
        """Return the kind that is true by now: a notice may have been overtaken since it was planned."""
        occurrence = self.occurrence
        if occurrence is None:
            return self.kind
        if not occurrence.happening:
            return Kind.CANCELLED
        if self.kind is Kind.CANCELLED:
            return Kind.REOPENED
        overtaken = (self.kind is Kind.MOVED and not occurrence.moved) or (
            self.kind is Kind.HALF_CANCELLED and not occurrence.half_cancelled
        )
        return Kind.CHANGED if overtaken else self.kind

    @property
    def place(self) -> str:
        """Return the locale in which to write."""
        return locale(self.recipient.language, self.recipient.country or self.voice.country)


@dataclass(frozen=True, slots=True)
class Text:
    """What is said."""

    body: str
    subject: str = ""
    html: str = ""


def compose(facts: Facts) -> Text:
    """Word a delivery for its channel."""
    if facts.kind is Kind.ANNOUNCEMENT:
        return _announcement(facts)
    if facts.kind is Kind.KEY:
        return _key_mail(facts)
    if facts.channel is Channel.SMS:
        return Text(_sms(facts))
    if facts.occurrence is None:
        return _question_mail(facts)
    return _mail(facts, facts.occurrence)


def opt_in_wording(channel: Channel, wanted: str, voice: Voice) -> tuple[str, str]:
    """Return the words that somebody agrees to, and their version for the consent ledger."""
    code = language(wanted)
    version = f"{channel}/{code}/{WORDING_VERSION[channel]}"
    if channel is Channel.SMS:
        return render.sms("sms/opt_in", code, {"sender": voice.sender}), version
    return render.fill("mail/consent", code, {"who": _who(voice, (), code)}), version


def join_wording(channel: Channel, wanted: str, voice: Voice) -> tuple[str, str]:
    """Return the words by which somebody joins on a page, and their version for the consent ledger."""
    if channel is Channel.EMAIL:
        return opt_in_wording(channel, wanted, voice)  # the mail asks once more
    code = language(wanted)
    text = render.fill("page/join_by_text", code, {"sender": voice.sender})
    return text, f"page/{code}/{WORDING_VERSION[channel]}"


def page_wording(channel: Channel, wanted: str, voice: Voice) -> tuple[str, str]:
    """Return the words beside a box on a member's own page, and their version for the consent ledger."""
    if channel is Channel.SMS:
        return join_wording(channel, wanted, voice)
    code = language(wanted)
    return render.fill("page/by_mail", code, {}), f"page-mail/{code}/{WORDING_VERSION[channel]}"


def sms_when(occurrence: Occurrence, recipient: Recipient, voice: Voice) -> str:
    """Write a date's time for a text; the zone is named only to those who live in another one."""
    place = locale(recipient.language, recipient.country or voice.country)
    if _elsewhere(occurrence.start, occurrence.zone, recipient.zone):
        return place_time(occurrence.start_local, occurrence.zone, place, short=True)
    return when(occurrence.start_local, place, short=True)


def doors(open_doors: frozenset[Door]) -> str:
    """Name a set of doors as the templates do."""
    return next(iter(open_doors)).value if len(open_doors) == 1 else "both"


def _sms(facts: Facts) -> str:
    occurrence, sender = facts.occurrence, facts.voice.sender
    if occurrence is None:
        return render.sms(f"sms/{facts.kind.value}", facts.recipient.language, {"sender": sender})
    told = "" if facts.recipient.phone_shared else _full_sms(facts, occurrence)
    # The last gate: whatever became of names and topics since somebody typed them, a text tells none of them.
    return told if told and not tells(told, facts) else _bare_sms(facts, occurrence)


def _full_sms(facts: Facts, occurrence: Occurrence) -> str:
    return render.sms(f"sms/{facts.true_kind.value}", facts.recipient.language, _sms_values(facts, occurrence))


def _bare_sms(facts: Facts, occurrence: Occurrence) -> str:
    """Say who, when, and whether it is cancelled or changed."""
    # The new time of a moved date would be read as the time at which something changed.
    told = when(occurrence.slot if facts.true_kind is Kind.MOVED else occurrence.start_local, facts.place, short=True)
    values: dict[str, object] = {"sender": facts.voice.sender, "when": told, "kind": facts.true_kind.value}
    return render.sms("sms/shared", facts.recipient.language, values)


def _sms_values(facts: Facts, occurrence: Occurrence) -> dict[str, object]:
    following = facts.following
    return {
        "sender": facts.voice.sender,
        "when": sms_when(occurrence, facts.recipient, facts.voice),
        "old": when(occurrence.slot, facts.place, short=True),
        "doors": doors(occurrence.open_doors),
        "usual": doors(occurrence.usual_doors),
        "following": when(following.start_local, facts.place, short=True) if following else "",
        "page": bool(facts.links.page_url),
    }


def _mail(facts: Facts, occurrence: Occurrence) -> Text:
    """Word a mail; when its preview gives something away, the bare one with label and time."""
    values = _mail_values(facts, occurrence)
    text = _written(values, facts.recipient.language, "mail/body")
    if _discreet(text, facts):
        return text
    return _written({**values, "bare": True}, facts.recipient.language, "mail/body")


def _written(values: dict[str, object], wanted: str, template: str) -> Text:
    # No mail is refused for a sign that somebody's words brought along.
    subject = _seen(" ".join(clean(render.fill("mail/subject", wanted, values)).split()))
    blocks = render.paragraphs(clean(render.fill(template, wanted, values)))
    return Text(render.text_mail(blocks), subject, render.html_mail(blocks, subject, wanted))


def _seen(subject: str) -> str:
    """Drop signs that turn the direction of writing or hide; those that join letters of some scripts stay."""
    return "".join(c for c in subject if c in JOINERS or unicodedata.category(c) != "Cf")


def _discreet(text: Text, facts: Facts) -> bool:
    """Tell whether the subject and the preview of a mail may stand on a lock screen."""
    if facts.recipient.plain_words:
        return True
    flat = " ".join(text.body.split())
    preview = flat[:PREVIEW] + flat[PREVIEW:].partition(" ")[0]
    return not (tells(text.subject, facts) or tells(preview, facts))


def tells(text: str, facts: Facts) -> list[str]:
    """Return what a text gives away about what a delivery is about."""
    title = (facts.occurrence.series.title,) if facts.occurrence else ()
    return leaks(text, (*title, *facts.secrets), facts.recipient.language)


def _mail_values(facts: Facts, occurrence: Occurrence) -> dict[str, object]:
    place, zone, venue = facts.place, occurrence.zone, occurrence.place
    end_local = occurrence.end.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return {
        **_shared_values(facts),
        "label": _label(facts, occurrence),
        "when": when(occurrence.start_local, place),
        "starts": clock(occurrence.start_local, place),
        "ends": clock(end_local, place),
        "zone": zone_words(zone, place),
        "reader": _reader_time(facts, occurrence),
        "old": when(occurrence.slot, place),
        "following": when(facts.following.start_local, place) if facts.following else "",
        "doors": doors(occurrence.open_doors),
        "usual": doors(occurrence.usual_doors),
        "in_person_first": facts.recipient.preference in {Preference.IN_PERSON, Preference.ONLY_IN_PERSON},
        "place": venue,
        "address": _address(facts, occurrence),
        "room": occurrence.room,
        "reason": _harmless(occurrence.reason, facts),
        "note": _harmless(occurrence.note, facts),
        "bare": False,
    }


def _shared_values(facts: Facts) -> dict[str, object]:
    voice, wanted = facts.voice, facts.recipient.language
    return {
        "kind": facts.true_kind.value,
        "sender": voice.sender,
        "who": _who(voice, facts.secrets, wanted),
        "contact": voice.contact_mail,
        "crisis": render.crisis_line(voice.country, wanted),
        "links": facts.links,
    }


def _announcement(facts: Facts) -> Text:
    """Pass on what an organizer wrote; words that give something away by now are left to a mail's inside."""
    wanted, sender = facts.recipient.language, facts.voice.sender
    # Whatever she chose for mail and calendar: a text lies on a lock screen.
    plain = facts.recipient.plain_words and facts.channel is not Channel.SMS
    telling = not plain and bool(tells(facts.news, facts))
    if facts.channel is Channel.SMS:
        return Text(render.sms("sms/announcement", wanted, {"sender": sender, "news": facts.news, "bare": telling}))
    values = {**_shared_values(facts), "label": _plain_label(facts), "news": facts.news, "bare": telling}
    return _written(values, wanted, "mail/announcement")


def _question_mail(facts: Facts) -> Text:
    return _written(_shared_values(facts), facts.recipient.language, f"mail/{facts.kind.value}")


def _key_mail(facts: Facts) -> Text:
    return _written({**_shared_values(facts), "code": facts.code}, facts.recipient.language, "mail/key")


def _label(facts: Facts, occurrence: Occurrence) -> str:
    """Return the first label that gives nothing away: her own, the group's, the organization's, the sender's name.

    Whoever chose plain words reads what the meeting is called, unless she has a word of her own for it.
    """
    if facts.recipient.plain_words:
        return facts.recipient.label or occurrence.series.title
    return _first_harmless((facts.recipient.label, occurrence.series.label, facts.voice.label), facts)


def _plain_label(facts: Facts) -> str:
    return _first_harmless((facts.recipient.label, facts.voice.label), facts)


def _first_harmless(labels: Sequence[str], facts: Facts) -> str:
    if facts.recipient.plain_words and facts.recipient.label:
        return facts.recipient.label
    return next((label for label in labels if label and not tells(label, facts)), facts.voice.sender)


def _who(voice: Voice, secrets: tuple[str, ...], wanted: str) -> str:
    telling = not voice.organization or leaks(voice.organization, secrets, wanted)
    return voice.sender if telling else voice.organization


def _reader_time(facts: Facts, occurrence: Occurrence) -> str:
    """Write the start in the reader's own zone where that differs; empty where it does not."""
    theirs = facts.recipient.zone
    if not _elsewhere(occurrence.start, occurrence.zone, theirs):
        return ""
    return place_time(occurrence.start.astimezone(ZoneInfo(theirs)).replace(tzinfo=None), theirs, facts.place)


def _elsewhere(moment: datetime, zone: str, theirs: str) -> bool:
    """Tell whether clocks in the reader's zone show another time at that moment."""
    return (
        bool(theirs)
        and moment.astimezone(ZoneInfo(theirs)).utcoffset() != moment.astimezone(ZoneInfo(zone)).utcoffset()
    )


def _address(facts: Facts, occurrence: Occurrence) -> str:
    """Return the venue's name and address; the address alone when the name gives something away."""
    venue = occurrence.place
    if venue is None:
        return ""
    address = " ".join(venue.address.split()).rstrip(".")
    name = _harmless(venue.name, facts)
    return address if not name or address.startswith(name) else f"{name}, {address}".strip(" ,")


def _harmless(text: str, facts: Facts) -> str:
    """Return free words on one line; nothing when they give something away."""
    flat = " ".join(text.split())
    return flat if facts.recipient.plain_words or not tells(flat, facts) else ""
