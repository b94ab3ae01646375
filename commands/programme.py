"""What became of a calendar that was taken in: meeting by meeting as JSON, in figures and reasons for people."""

from collections.abc import Mapping
from typing import NoReturn

from commands import loss, output
from meetup.errors import NotUnderstood
from meetup.places import rooms
from meetup.schedule.describe import describe
from meetup.transfer.ics import lines
from meetup.transfer.ics.programme import Course, Where
from meetup.transfer.ics.survey import NOWHERE, Fate, Plan, Seat
from meetup.wording import languages

MEETINGS_SHOWN = 40
TIMES_SHOWN = 3

_WORDS = {
    "entries": "entries in the calendar",
    "added": "meetings added",
    "extended": "given more times",
    "updated": "updated",
    "known": "there already",
    "differs": "different here",
    "left": "left out",
    "rejected": "not taken",
    "groups": "new groups",
    "venues": "new venues",
    "rooms": "new rooms",
}
_FATES = {Fate.ADDED: "added", Fate.EXTENDED: "given more times", Fate.UPDATED: "updated"}
_UPDATE = "To take the file's word for what is different: --update"


def show(done: Plan, *, json: bool, changed: bool) -> None:
    """Show what was done, or would be."""
    (_emit if json else _show)(done, changed=changed)


def refuse(done: Plan) -> NoReturn:
    """Refuse a calendar of which something could not be taken."""
    reasons = {one.reason for one in done.rejected}
    hint = "Mend them, or take the others with --keep-going"
    if reasons == {NOWHERE}:
        hint = "Say where they are held: --venue or --room with the name of one that is there; or add --keep-going"
    rows = len({one.row for one in done.rejected})
    if not done.seats:
        raise NotUnderstood(
            f"None of the {done.entries} entries can be taken", hint if NOWHERE in reasons else lines.HINT
        )
    raise NotUnderstood(f"{rows} of {done.entries} entries cannot be taken, so nothing was", hint)


def _counts(done: Plan) -> Mapping[str, int]:
    fates = done.fates
    return {
        "entries": done.entries,
        "added": fates[Fate.ADDED],
        "extended": fates[Fate.EXTENDED],
        "updated": fates[Fate.UPDATED],
        "known": fates[Fate.KNOWN],
        "differs": fates[Fate.DIFFERS],
        "left": len({one.row for one in done.left}),
        "rejected": len({one.row for one in done.rejected}),
        "groups": int(done.changes and done.present.group_id is None),
        "venues": len(done.venues),
        "rooms": len(done.rooms),
    }


def _emit(done: Plan, *, changed: bool) -> None:
    output.emit_json(
        {
            "changed": changed,
            "group": done.present.group,
            "counts": _counts(done),
            "meetings": [
                {
                    "row": seat.programme.row,
                    "title": seat.programme.title,
                    "fate": seat.fate.value,
                    "differs": list(seat.differing),
                    "uids": [course.uid for course in seat.programme.courses],
                }
                for seat in done.seats
            ],
            "left": loss.reasons(done.left),
            **loss.as_data(done.rejected, done.remarks),
        }
    )


def _show(done: Plan, *, changed: bool) -> None:
    loss.show_rejected(done.rejected)
    news = [seat for seat in done.seats if seat.fate is not Fate.KNOWN]
    if news:
        output.table(
            ["row", "meeting", "when", "where", "what happens"], [_row(seat) for seat in news[:MEETINGS_SHOWN]]
        )
        output.write(f"… and {len(news) - MEETINGS_SHOWN} more\n" if len(news) > MEETINGS_SHOWN else "")
    counts = {name: count for name, count in _counts(done).items() if count or name == "entries"}
    output.facts([("group", done.present.group), *((_WORDS[name], count) for name, count in counts.items())])
    told = [*((one.reason, one.row) for one in done.left), *((one.text, one.row) for one in done.remarks)]
    loss.show_grouped(told, "entries")
    if done.fates[Fate.DIFFERS]:
        output.say(_UPDATE)
    if not changed:
        output.say("Nothing was changed")
    elif done.present.group_id is None and done.present.audience == "open":
        output.say("It is an open group: everybody can read its page and its public calendar")
        output.say(f"If not: meetup group edit {_quoted(done.present.group)} --audience closed")


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _row(seat: Seat) -> list[object]:
    programme = seat.programme
    when = "; ".join(_when(course) for course in programme.courses[:TIMES_SHOWN])
    more = "; …" if len(programme.courses) > TIMES_SHOWN else ""
    differing = f"unchanged: {', '.join(seat.differing)} would differ"
    happens = differing if seat.fate is Fate.DIFFERS else _FATES[seat.fate]
    return [programme.row, programme.title, when + more, _where(programme.where), happens]


def _when(course: Course) -> str:
    said = describe(course.timing.schedule("shown"))
    return f"{said} ({languages.zone_words(course.timing.zone, 'en')})"


def _where(where: Where) -> str:
    room = (rooms.provider(where.room.url) or "online") if where.room else ""
    return " + ".join(part for part in (where.venue.name if where.venue else "", room) if part)
