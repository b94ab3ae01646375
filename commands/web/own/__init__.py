"""A member's own page: opened by a key, closed by a button, and nothing on it tells a passer-by what it is about."""

from starlette.routing import BaseRoute, Route

from commands.web.limits import Limits, Rate
from commands.web.own.calendar import Calendar
from commands.web.own.data import Data
from commands.web.own.desk import Act, Desk, Show
from commands.web.own.entry import Entry
from commands.web.own.home import Home
from commands.web.own.reminders import Reminders
from commands.web.own.ways import Ways

A_VISITOR, EVERYBODY = Rate(5, 600), Rate(200, 3600)  # how often somebody may ask for a way in, and all together

# A new address is asked by a mail, and the answer shows whether it belongs to somebody: nobody may try one by one.
NEW_MAILS, ALL_NEW_MAILS = Rate(3, 86400), Rate(200, 86400)


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the addresses of members' pages."""
    entry = Entry(desk, Limits(A_VISITOR, EVERYBODY, desk.clock.monotonic))
    home, reminders, ways = Home(desk.clock), Reminders(desk.clock), Ways(desk.clock)
    calendar, data = Calendar(desk), Data(desk, Limits(NEW_MAILS, ALL_NEW_MAILS, desk.clock.monotonic))
    shown: dict[str, Show] = {
        "reminders": reminders.show,
        "ways": ways.show,
        "calendar": calendar.show,
        "data": data.show,
    }
    done: dict[str, Act] = {
        "answer": home.answer,
        "quiet": home.quiet,
        "reminders": reminders.save,
        "resume": reminders.resume,
        "leave-group": reminders.leave,
        "ways": ways.save,
        "calendar": calendar.make,
        "revoke": calendar.revoke,
        "ask": data.ask,
        "prove": data.prove,
        "download": data.download,
        "mail": data.mail,
        "phone": data.phone,
        "stop": data.stop,
        "forget": data.forget,
    }
    return [
        Route("/m", entry.home),
        Route("/m/find", entry.again),
        Route("/m/find", entry.find, methods=["POST"]),
        Route("/m/leave", entry.leave, methods=["POST"]),
        *(Route(f"/m/{name}", desk.looking(show)) for name, show in shown.items()),
        *(Route(f"/m/{name}", desk.acting(act), methods=["POST"]) for name, act in done.items()),
        Route("/m/{signed}", entry.link),
        Route("/m/{signed}", entry.open, methods=["POST"]),
    ]
