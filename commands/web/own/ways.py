"""How she is written to: language, zone, hours, the words in her calendar and mails, and who else may read them."""

from dataclasses import dataclass

from starlette.responses import Response

from commands.web.own.desk import Caller, Wrong, done
from meetup.clock import Clock
from meetup.errors import Forbidden, NotUnderstood
from meetup.people import members
from meetup.wording.languages import LANGUAGES

PAGE = "ways"
TEXTS = ("language", "zone", "hours_start", "hours_end", "cover_label")
SWITCHES = ("phone_shared", "plain_words", "ask_yearly")


@dataclass(frozen=True, slots=True)
class Ways:
    """The page of ways."""

    clock: Clock

    def show(self, caller: Caller) -> Response:
        """Show how she is written to."""
        return caller.page("ways", member=caller.member, languages=LANGUAGES, usual=caller.home.cover_label)

    def save(self, caller: Caller) -> Response:
        """Keep what she chose; what cannot be kept changes nothing."""
        member = caller.member
        wanted: dict[str, object] = {name: caller.one(name).strip() for name in TEXTS}
        wanted |= {name: caller.one(name) == "yes" for name in SWITCHES}
        if len(str(wanted["cover_label"])) > members.LONGEST_LABEL:
            raise Wrong("long_label", PAGE)
        changes = {name: value for name, value in wanted.items() if value != getattr(member, name)}
        try:
            members.edit(caller.session, member, changes, self.clock.now())
        except NotUnderstood:
            raise Wrong("no_way", PAGE) from None
        except Forbidden:
            raise Wrong("telling", PAGE) from None
        return done("saved", PAGE)
