"""Online rooms: the link, how to dial in, and who may see it."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlsplit

from meetup import naming
from meetup.errors import Forbidden, NotUnderstood
from meetup.schedule.series import Room
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import OnlineRoom
from meetup.storage.vault import new_id
from meetup.values import clean

PROVIDERS = {
    "zoom.us": "Zoom",
    "zoom.com": "Zoom",
    "zoomgov.com": "Zoom",
    "meet.google.com": "Google Meet",
    "teams.microsoft.com": "Microsoft Teams",
    "teams.live.com": "Microsoft Teams",
    "webex.com": "Webex",
    "meet.jit.si": "Jitsi",
    "8x8.vc": "Jitsi",
    "jitsi.org": "Jitsi",
    "gotomeeting.com": "GoTo Meeting",
    "gotomeet.me": "GoTo Meeting",
    "meet.goto.com": "GoTo Meeting",
    "bluejeans.com": "BlueJeans",
    "freeconferencecall.com": "FreeConferenceCall",
    "join.freeconferencecall.com": "FreeConferenceCall",
    "discord.gg": "Discord",
    "discord.com": "Discord",
    "whereby.com": "Whereby",
    "doxy.me": "Doxy.me",
    "join.skype.com": "Skype",
    "signal.link": "Signal",
}
# Installations of one's own say what they are in a label of their host.
_LABELS = {"bbb": "BigBlueButton", "bigbluebutton": "BigBlueButton", "jitsi": "Jitsi", "greenlight": "BigBlueButton"}
_OPENERS = frozenset({"pwd", "passcode", "password", "pass", "pw", "p", "pin", "tk", "token", "jwt", "roomkey", "hs"})


@dataclass(frozen=True, slots=True)
class RoomDraft:
    """What somebody says about a room."""

    name: str
    url: str
    slug: str = ""
    passcode: str = ""
    meeting_code: str = ""
    dial_in: tuple[str, ...] = ()
    public: bool = False
    capacity: int | None = None
    expires_on: date | None = None

    def __post_init__(self) -> None:
        if not clean(self.name):
            raise NotUnderstood("A room needs a name")
        if self.capacity is not None and self.capacity < 1:
            raise NotUnderstood("A room has space for one person at least")
        _check_link(self.url.strip())
        if self.public:
            _refuse_openers(self.url, self.passcode)


def add(session: Session, draft: RoomDraft, now: datetime) -> OnlineRoom:
    """Add a room. Its link and codes are encrypted before they are kept."""
    public_id = new_id()
    row = OnlineRoom(
        public_id=public_id,
        slug=naming.free_slug(session, OnlineRoom, draft.slug or draft.name),
        name="",
        provider=provider(draft.url),
        url_sealed=session.vault.seal(_place("url", public_id), draft.url.strip()),
        visibility="",
        created_at=now,
    )
    _write(session, row, draft)
    session.add(row)
    session.flush()
    return row


def find(session: Session, text: str) -> OnlineRoom:
    """Return the room of that name or slug, or refuse and name the nearest ones."""
    return naming.find(session, OnlineRoom, text)


def listing(session: Session) -> list[OnlineRoom]:
    """Return all rooms by name."""
    return naming.listing(session, OnlineRoom)


def draft_of(session: Session, row: OnlineRoom) -> RoomDraft:
    """Return what was said about a room."""
    room = value(session, row)
    return RoomDraft(
        row.name,
        room.url,
        slug=row.slug,
        passcode=room.passcode,
        meeting_code=room.meeting_code,
        dial_in=room.dial_in,
        public=room.public,
        capacity=row.capacity,
        expires_on=row.expires_on,
    )


def edit(session: Session, room: OnlineRoom, draft: RoomDraft, now: datetime) -> OnlineRoom:
    """Write a room anew, but for its link, which is rotated; every meeting in it is raised."""
    _write(session, room, draft)
    session.add(room)
    revisions.touch_room(session, naming.key(room), now)
    return room


def rotate(session: Session, room: OnlineRoom, url: str, passcode: str, now: datetime) -> OnlineRoom:
    """Give a room another link and passcode; the old link is forgotten and every meeting in it is raised."""
    _check_link(url.strip())
    if room.visibility == "public":
        _refuse_openers(url, passcode)
    room.provider = provider(url)
    room.url_sealed = session.vault.seal(_place("url", room.public_id), url.strip())
    room.passcode_sealed = _seal(session, _place("passcode", room.public_id), passcode)
    room.rotated_at = now
    session.add(room)
    revisions.touch_room(session, naming.key(room), now)
    return room


def value(session: Session, row: OnlineRoom) -> Room:
    """Return a room as pure code sees it, its link and codes in the clear."""
    return Room(
        key=row.public_id,
        name=row.name,
        url=_open(session, row, "url", row.url_sealed),
        public=row.visibility == "public",
        passcode=_open(session, row, "passcode", row.passcode_sealed),
        meeting_code=_open(session, row, "meeting_code", row.meeting_code_sealed),
        dial_in=tuple(_open(session, row, "dial_in", row.dial_in_sealed).splitlines()),
    )


def provider(url: str) -> str:
    """Return who runs the room behind a link, or nothing when the host is not known."""
    labels = (urlsplit(url.strip()).hostname or "").split(".")
    endings = (".".join(labels[start:]) for start in range(len(labels)))
    known = next((PROVIDERS[ending] for ending in endings if ending in PROVIDERS), "")
    return known or next((_LABELS[label] for label in labels if label in _LABELS), "")


def opens_by_itself(url: str) -> bool:
    """Tell whether a link carries what opens the room: a passcode or a key."""
    parts = urlsplit(url.strip())
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *parse_qsl(parts.fragment, keep_blank_values=True)]
    return any(name.lower() in _OPENERS for name, _ in pairs)


def _write(session: Session, row: OnlineRoom, draft: RoomDraft) -> None:
    row.name = clean(draft.name)
    row.passcode_sealed = _seal(session, _place("passcode", row.public_id), draft.passcode)
    row.meeting_code_sealed = _seal(session, _place("meeting_code", row.public_id), draft.meeting_code)
    row.dial_in_sealed = _seal(session, _place("dial_in", row.public_id), "\n".join(_numbers(draft.dial_in)))
    row.visibility = "public" if draft.public else "members"
    row.capacity, row.expires_on = draft.capacity, draft.expires_on


def _check_link(url: str) -> None:
    # No refusal repeats the link: it may be shown where others look.
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        private = parts.username is not None or parts.port == 0
    except ValueError as error:
        raise NotUnderstood("That is not a link", _HINT) from error
    if parts.scheme != "https":
        raise NotUnderstood("A room is reached by a link that begins with https://", _HINT)
    if private or "." not in host or clean(url) != url or any(c.isspace() for c in url):
        raise NotUnderstood("That is not a link to a room", _HINT)


def _refuse_openers(url: str, passcode: str) -> None:
    if clean(passcode) or opens_by_itself(url):
        raise Forbidden(
            "A public room has no passcode, and its link carries none",
            "Everybody can read a public link: keep the room for members, or give a link without a passcode",
        )


_HINT = "Copy the whole invitation link, as in https://zoom.us/j/123456789"


def _numbers(dial_in: tuple[str, ...]) -> list[str]:
    return [clean(number).replace("\n", " ") for number in dial_in if clean(number)]


def _place(column: str, public_id: str) -> str:
    return f"online_rooms.{column}:{public_id}"


def _seal(session: Session, place: str, text: str) -> bytes | None:
    return session.vault.seal(place, clean(text)) if clean(text) else None


def _open(session: Session, row: OnlineRoom, column: str, sealed: bytes | None) -> str:
    return session.vault.open(_place(column, row.public_id), sealed) if sealed else ""
