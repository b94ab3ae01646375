"""What is wrong when a database does not answer, in a sentence, and what to do about it."""

import re
from dataclasses import dataclass

_HINT = "Look at it with `meetup doctor`; MEETUP_DATABASE_URL says where it is"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A sentence and a hint."""

    sentence: str
    hint: str = _HINT


_KNOWN = (
    (
        r'database "(?P<name>[^"]*)" does not exist',
        "The server has no database “{name}”",
        "Make it there: createdb --encoding=UTF8 {name}",
    ),
    (
        r'role "(?P<name>[^"]*)" does not exist',
        "The server knows no user “{name}”",
        "Make it there: createuser --pwprompt {name}",
    ),
    (
        r'password authentication failed for user "(?P<name>[^"]*)"',
        "The server does not accept the password of “{name}”",
        "Put the right one into MEETUP_DATABASE_URL, or into a file that MEETUP_DATABASE_URL_FILE names",
    ),
    (
        r"no password supplied",
        "The server asks for a password",
        "Put it into MEETUP_DATABASE_URL, or the whole address into a file that MEETUP_DATABASE_URL_FILE names",
    ),
    (
        r"permission denied for (?P<name>.+)",
        "We may not do what we have to: permission denied for {name}",
        "Let the user of MEETUP_DATABASE_URL own the database",
    ),
    (
        r"too many clients already|remaining connection slots",
        "The server has no connection left for us",
        "Raise its max_connections, or stop what else uses it",
    ),
    (
        r"connection refused|no such file or|timeout expired|not translate|failed to resolve|unreachable|no route",
        "No database server answers there",
        "Is PostgreSQL running, and is MEETUP_DATABASE_URL right?",
    ),
    (
        r"is (starting up|shutting down)|in recovery mode|administrator command|closed the connection|is lost",
        "The database server is stopping or starting",
        "Try again in a moment; `meetup serve` goes on by itself",
    ),
    (
        r"lock timeout|deadlock",
        "Somebody else kept the database busy for too long",
        "Try again; `meetup serve` does so by itself",
    ),
)


def understood(reason: str) -> Trouble:
    """Put what a driver says into words that help, or pass on its first line."""
    for pattern, sentence, hint in _KNOWN:
        if found := re.search(pattern, reason, re.IGNORECASE):
            told = {name: value.strip() for name, value in found.groupdict().items()}
            return Trouble(sentence.format(**told), hint.format(**told))
    lines = reason.strip().splitlines()
    return Trouble(f"The database does not answer: {lines[0] if lines else 'no reason given'}")
