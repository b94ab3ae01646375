"""The few pages that members see: neutral ones, with a button where something happens."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from commands.web import render
from commands.web.security import POLICY
from commands.web.wall import Wall
from meetup import organization
from meetup.clock import Clock
from meetup.feeds import entrance
from meetup.feeds.addresses import Addresses
from meetup.feeds.entrance import Entrance
from meetup.feeds.known import Known
from meetup.people import consent
from meetup.schedule import zones
from meetup.storage.database import Database, Session
from meetup.storage.tables import ContactPoint, Member
from meetup.wording import languages
from notifications import reports

# A browser follows a form to another host only when the page allows that; which one is nobody's business.
LEADS_OUT = POLICY.replace("form-action 'self'", "form-action 'self' https:")


@dataclass(frozen=True, slots=True)
class Pages:
    """What links in messages and calendars lead to. Looking changes nothing; only a button does."""

    database: Database
    clock: Clock
    addresses: Addresses
    wall: Wall
    known: Known

    def group(self, request: Request) -> Response:
        """Show what everybody may know of an open group; closed ones are as unknown as others."""
        text = self.wall.page(request.path_params["slug"])
        if text is None:
            raise HTTPException(404)
        return HTMLResponse(text, headers={"cache-control": "public, max-age=300"})

    def stop(self, request: Request) -> Response:
        """Offer to end one group's mail."""
        numbers = self._numbers(request, "u")
        with self.database.reading() as session:
            if numbers is None:
                return _broken(session)
            return page("stop", _language(session, _person(session, numbers)))

    def stopped(self, request: Request) -> Response:
        """End one group's mail: by the button, or by a mail program's own one (RFC 8058)."""
        numbers = self._numbers(request, "u")
        with self.database.writing() as session:
            if numbers is None:
                return _broken(session)
            reports.unsubscribe(session, numbers[0], numbers[1], self.clock.now())
            return page("stopped", _language(session, _person(session, numbers)))

    def agree(self, request: Request) -> Response:
        """Offer to agree to what was asked."""
        numbers = self._numbers(request, "c")
        with self.database.reading() as session:
            return page("agree", _language(session, _asked(session, numbers)))

    def agreed(self, request: Request) -> Response:
        """Agree to what was asked; doing it again changes nothing."""
        numbers = self._numbers(request, "c")
        with self.database.writing() as session:
            if numbers:
                reports.agree(session, numbers[0], self.clock.now())
            standing = _stands(session, numbers)
            return page("agreed" if standing else "closed", _language(session, _asked(session, numbers)))

    def door(self, request: Request) -> Response:
        """Show when a member's own way into a room opens, and a button once it has."""
        with self.database.reading() as session:
            member, found = self._entrance(session, request)
            return self._at_the_door(session, member, found)

    def enter(self, request: Request) -> Response:
        """Lead into the room, or show the code that it asks for."""
        with self.database.reading() as session:
            member, found = self._entrance(session, request)
            if found is None or not found.is_open(self.clock.now()):
                return self._at_the_door(session, member, found)
            if "code" in request.query_params and found.room.passcode:
                return _leading_out(page("code", _language(session, member), code=found.room.passcode))
            return RedirectResponse(found.room.url, 303)

    def _at_the_door(self, session: Session, member: Member | None, found: Entrance | None) -> Response:
        language = _language(session, member)
        if found is None:
            return page("closed", language)
        if not found.is_open(self.clock.now()):
            return page("later", language, when=_when(session, language, found))
        return _leading_out(page("enter", language, has_code=bool(found.room.passcode)))

    def _entrance(self, session: Session, request: Request) -> tuple[Member | None, Entrance | None]:
        numbers = self._numbers(request, "j")
        if numbers is None:
            return None, None
        member_id, meeting_id = numbers
        return session.get(Member, member_id), entrance.find(
            session, self.known, member_id, meeting_id, self.clock.now()
        )

    def _numbers(self, request: Request, kind: str) -> tuple[int, ...] | None:
        return self.addresses.read(kind, request.path_params["signed"])


def page(name: str, language: str, status: int = 200, **facts: object) -> Response:
    """Fill in a page in a language that we write."""
    return HTMLResponse(render.render(f"{language}/{name}.html", language=language, **facts), status)


def blank(_request: Request) -> Response:
    """Say nothing: whoever shortens a link to its host learns nothing."""
    return HTMLResponse(render.BLANK)


def style(_request: Request) -> Response:
    """Return the one stylesheet."""
    return Response(render.STYLE, media_type="text/css", headers={"cache-control": "public, max-age=3600"})


def refusal(status: int, accepted: str = "") -> Response:
    """Return a plain page that says no; its language is the browser's, since we may not know who asks."""
    return page("refusal", languages.language(accepted.partition(",")[0]), status, number=status)


def _broken(session: Session) -> Response:
    # Whether a signature is ours tells nothing about anybody; “Done” would leave somebody believing that they had left.
    home = organization.the(session)
    return page("broken", languages.language(home.language), 404, contact=home.contact_mail)


def _leading_out(response: Response) -> Response:
    response.headers["content-security-policy"] = LEADS_OUT
    return response


def _person(session: Session, numbers: tuple[int, ...] | None) -> Member | None:
    contact = session.get(ContactPoint, numbers[0]) if numbers else None
    return session.get(Member, contact.member_id) if contact else None


def _asked(session: Session, numbers: tuple[int, ...] | None) -> Member | None:
    entry = consent.entry(session, numbers[0]) if numbers else None
    return session.get(Member, entry.member_id) if entry else None


def _stands(session: Session, numbers: tuple[int, ...] | None) -> bool:
    entry = consent.entry(session, numbers[0]) if numbers else None
    return entry is not None and consent.allows(session, entry.contact_id, entry.group_id) is not None


def _language(session: Session, member: Member | None) -> str:
    """Return the reader's language; the organization's for somebody whom we do not know (any more)."""
    return languages.language(member.language if member else organization.the(session).language)


def _when(session: Session, language: str, found: Entrance) -> str:
    zone = found.occurrence.zone
    place = languages.locale(language, organization.the(session).country)
    return languages.place_time(zones.wall(found.opens, zone), zone, place)
