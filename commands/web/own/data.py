"""What we know of her: her addresses, all of it to take away, and all of it to be gone. These need a fresh code."""

import json
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.responses import Response

from commands.web import pages
from commands.web.limits import Limits
from commands.web.own import terms
from commands.web.own.desk import Caller, Desk, Wrong, done
from meetup.errors import AlreadyExists, NoConsent, NotUnderstood, Unavailable
from meetup.people import consent, contacts, joining, members, privacy, visits
from meetup.people.joining import Move
from meetup.people.visits import Purpose
from meetup.values import Channel, Source
from meetup.wording.masks import mask

PAGE = "data"


@dataclass(frozen=True, slots=True)
class Data:
    """The page of her data."""

    desk: Desk
    limits: Limits

    def show(self, caller: Caller) -> Response:
        """Show what we know, masked; the forms that change it appear once she has typed a fresh code."""
        points = {
            channel.value: (mask(contacts.address(caller.session, point)), caller.words.state(point.state))
            for channel, point in caller.here.points.items()
        }
        return caller.page(
            "data",
            alias=members.alias(caller.session, caller.member),
            points=points,
            proven=caller.here.proven(self.desk.clock.now()),
            by_mail=self._may_ask(caller, Channel.EMAIL),
            number=caller.number if self._may_ask(caller, Channel.SMS) else "",
            contact=caller.home.contact_mail,
        )

    def ask(self, caller: Caller) -> Response:
        """Send a code to her mail address."""
        point = caller.here.points.get(Channel.EMAIL)
        key = visits.ask(caller.session, point, Purpose.CODE, self.desk.clock.now()) if point else None
        if key is None:
            raise Wrong("no_code", PAGE)
        return done("code_sent", PAGE)

    def prove(self, caller: Caller) -> Response:
        """Take the code that she types."""
        proven = visits.prove(caller.session, caller.here.visit, caller.one("code"), self.desk.clock.now())
        return done("proven" if proven else "wrong_code", PAGE)

    def download(self, caller: Caller) -> Response:
        """Hand out all that is known of her."""
        self._proven(caller)
        told = json.dumps(privacy.export(caller.session, caller.member), ensure_ascii=False, indent=2)
        headers = {"content-disposition": 'attachment; filename="my-data.json"'}
        return Response(told, media_type="application/json", headers=headers)

    def mail(self, caller: Caller) -> Response:
        """Take another mail address, which is asked before anything else is sent there."""
        self._proven(caller)
        now, session = self.desk.clock.now(), caller.session
        try:
            address = contacts.normalize(Channel.EMAIL, caller.one("address"))
        except NotUnderstood:
            raise Wrong("no_address", PAGE) from None
        if self.limits.wait(f"member {caller.member.id}"):
            raise Wrong("too_often", PAGE)
        wording = terms.asked(caller.home, Channel.EMAIL, caller.language)
        try:
            joining.move(session, caller.member, Move(Channel.EMAIL, address, wording), now)
        except (AlreadyExists, NoConsent):
            raise Wrong("not_that_address", PAGE) from None
        visits.leave_elsewhere(session, caller.here.visit)
        return done("mail_asked", PAGE)

    def phone(self, caller: Caller) -> Response:
        """Show a code that gives her the number from which she texts it: no number is typed, so none can be wrong."""
        self._proven(caller)
        if not caller.number:
            raise Wrong("no_texts", PAGE)
        wording = terms.beside_the_box(caller.home, Channel.SMS, caller.language)
        code = joining.offer(caller.session, caller.member, wording, self.desk.clock.now())
        return caller.page("phone", code=code, number=caller.number, terms=wording.text)

    def stop(self, caller: Caller) -> Response:
        """Send nothing more, by no way and for no group."""
        if caller.one("sure") != "yes":
            return caller.page("stopping")
        for point in caller.here.points.values():
            consent.stop(caller.session, point, Source.PAGE, self.desk.clock.now())
        return done("all_stopped", PAGE)

    def forget(self, caller: Caller) -> Response:
        """Delete all that is known of her, and say what remains elsewhere."""
        self._proven(caller)
        if caller.one("sure") != "yes":
            return caller.page("forgetting")
        language = caller.language
        try:
            privacy.forget(caller.session, caller.member, Source.PAGE, self.desk.clock.now())
        except Unavailable:
            raise Wrong("in_a_minute", PAGE) from None
        answer = self.desk.let_out(pages.page("gone", language))
        answer.background = BackgroundTask(self.desk.database.scrub)  # once it is written down that she is gone
        return answer

    def _proven(self, caller: Caller) -> None:
        if not caller.here.proven(self.desk.clock.now()):
            raise Wrong("code_first", PAGE)

    def _may_ask(self, caller: Caller, channel: Channel) -> bool:
        point = caller.here.points.get(channel)
        if point is None or point.state != "verified" or (channel is Channel.SMS and caller.member.phone_shared):
            return False
        return consent.standing_of(caller.session, point.id or 0) is not None
