"""Two dates of one day in one text: when each is and by which doors, without digits, since nobody could tell which."""

from meetup.schedule.series import Occurrence
from meetup.wording.languages import clock
from notifications.words import render
from notifications.words.compose import Facts, Text, doors, sms_when, tells


def compose(first: Facts, second: Facts) -> Text | None:
    """Word two reminders as one text; None when that cannot be done in one segment, discreetly, and in usual words."""
    one, other = first.occurrence, second.occurrence
    if one is None or other is None or not (_usual(one) and _usual(other)) or one.zone != other.zone:
        return None
    shared = first.recipient.phone_shared
    values = {
        "sender": first.voice.sender,
        "when": sms_when(one, first.recipient, first.voice),
        "later": clock(other.start_local, second.place),
        "doors": "" if shared else doors(one.open_doors),
        "later_doors": "" if shared else doors(other.open_doors),
        "page": bool(first.links.page_url) and not shared,
    }
    body = render.sms("sms/together", first.recipient.language, values)
    return Text(body) if render.fits(body) and not (tells(body, first) or tells(body, second)) else None


def _usual(date: Occurrence) -> bool:
    return date.happening and date.open_doors == date.usual_doors
