"""Her calendar: a link of her own, shown once, after the question who else can see that calendar."""

from dataclasses import dataclass

from starlette.responses import Response

from commands.web import posters
from commands.web.own.desk import Caller, Desk, done
from meetup.feeds import links, subscribing
from meetup.people import members

PAGE = "calendar"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The page of her calendar."""

    desk: Desk

    def show(self, caller: Caller) -> Response:
        """Ask who else can see it."""
        label = caller.member.cover_label or caller.home.cover_label
        alive = links.count(caller.session, caller.member)
        return caller.page("calendar", label=label, alive=alive, bare=caller.member.phone_shared)

    def make(self, caller: Caller) -> Response:
        """Make a link, and show it this once."""
        session, member = caller.session, caller.member
        if caller.one("seen") == "bare" and not member.phone_shared:
            members.edit(session, member, {"phone_shared": True}, self.desk.clock.now())
        token = links.make(session, member, self.desk.clock.now())
        feed = self.desk.addresses.feed(token)
        programs = [
            (caller.words.subscribe_here, subscribing.webcal(feed)),
            ("Google Calendar", subscribing.google(feed)),
            ("Outlook.com", subscribing.outlook(feed, caller.words.appointment)),
        ]
        return caller.page("subscribe", feed=feed, programs=programs, code=posters.code(feed))

    def revoke(self, caller: Caller) -> Response:
        """Empty every calendar that uses a link of hers."""
        links.revoke(caller.session, caller.member, self.desk.clock.now())
        return done("revoked", PAGE)
