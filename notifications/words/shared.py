"""Words that many get, made once: only the addresses in them are each person's own."""

import secrets
from collections.abc import Hashable
from dataclasses import fields, replace

from markupsafe import escape

from notifications.words.compose import Facts, Links, Text, compose

# Nobody can guess it, so no words of an organizer's can be mistaken for it.
_MARK = f".{secrets.token_hex(8)}"
_NAMES = tuple(field.name for field in fields(Links))


class Shared:
    """Composes as `compose` does, but the words of one batch once for everybody who gets the same.

    Dates are told apart by identity: a batch reads each of them once, and it must outlive this.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Text] = {}

    def compose(self, facts: Facts) -> Text:
        """Word a delivery for its channel."""
        stand_ins = _stand_ins(facts)
        key = _key(facts, stand_ins)
        text = self._known.get(key)
        if text is None:
            text = self._known[key] = compose(replace(facts, links=stand_ins))
        return _filled(text, stand_ins, facts.links)


def _key(facts: Facts, links: Links) -> Hashable:
    dates = id(facts.occurrence), id(facts.following)
    return facts.kind, facts.channel, dates, facts.recipient, facts.voice, links, facts.secrets, facts.news, facts.code


def _stand_ins(facts: Facts) -> Links:
    """Return addresses that look like the real ones to the lint: on the same host, and without what is signed."""
    room = facts.occurrence.room.url if facts.occurrence and facts.occurrence.room else ""
    return Links(**{name: _stand_in(name, getattr(facts.links, name), room) for name in _NAMES})


def _stand_in(name: str, link: str, room: str) -> str:
    return f"{link.rpartition('/')[0]}/{name}{_MARK}" if link not in {"", room} else link


def _filled(text: Text, stand_ins: Links, links: Links) -> Text:
    body, html = text.body, text.html
    for name in _NAMES:
        stand_in, link = getattr(stand_ins, name), getattr(links, name)
        if stand_in != link:
            body, html = body.replace(stand_in, link), html.replace(str(escape(stand_in)), str(escape(link)))
    return Text(body, text.subject, html)
