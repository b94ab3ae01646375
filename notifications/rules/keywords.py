"""Read what somebody texts: a keyword, a digit, despair, a wish to leave, or anything else."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from notifications.rules.intents import crisis, fold, revocation


class IntentKind(StrEnum):
    """What a text asks for."""

    STOP = "stop"  # the keyword alone; the carrier's platform answers it too
    HELP = "help"
    START = "start"
    YES = "yes"
    NEXT = "next"
    LINK = "link"  # the way to her own page
    CODE = "code"  # that the page asks for
    JOIN = "join"
    DIGIT = "digit"
    STOP_AND_CRISIS = "stop_and_crisis"
    CRISIS = "crisis"
    REVOCATION = "revocation"  # in free words: ours alone to see
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a text asks for; `value` is the digit, or the code after JOIN."""

    kind: IntentKind
    value: str = ""


KEYWORDS = {
    IntentKind.STOP: (
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "pleasestop", "stopplease",
        "alto", "parar", "pare", "paren", "para", "baja", "cancelar", "detener", "anular", "revocar", "desuscribir",
    ),
    IntentKind.HELP: ("help", "info", "ayuda"),
    IntentKind.START: ("start", "unstop"),
    IntentKind.YES: ("yes", "si"),
    IntentKind.LINK: ("link", "page", "enlace", "pagina"),
    IntentKind.CODE: ("code", "codigo"),
    IntentKind.NEXT: ("next", "proximo", "proxima", "siguiente"),
}  # fmt: skip
BY_WORD = {word: kind for kind, words in KEYWORDS.items() for word in words}

JOIN = re.compile(r"join (\d{4,8})")
# A plus or a minus changes what a digit says; so does a question mark.
DIGIT = re.compile(r"[\s.,!()\"'“”]*([012])[\s.,!()\"'“”]*")
KEYCAPS = str.maketrans("", "", "\ufe0f\u20e3")


def read(text: str) -> Intent:
    """Read a text; the first that matches decides, except that opt-out and crisis together are one."""
    folded = fold(text)
    words = " ".join(folded.replace("|", " ").split())
    keyword = BY_WORD.get(words.replace(" ", ""))
    if keyword:
        return Intent(keyword)
    joined = JOIN.fullmatch(words)
    if joined:
        return Intent(IntentKind.JOIN, joined[1])
    return _free(text, folded)


def _free(text: str, folded: str) -> Intent:
    """Read a text that is no keyword."""
    despair, leaving = crisis(folded), revocation(folded)
    if despair and leaving:
        return Intent(IntentKind.STOP_AND_CRISIS)
    if despair:
        return Intent(IntentKind.CRISIS)
    if leaving:
        return Intent(IntentKind.REVOCATION)
    digit = DIGIT.fullmatch(unicodedata.normalize("NFKC", text).translate(KEYCAPS))
    return Intent(IntentKind.DIGIT, digit[1]) if digit else Intent(IntentKind.OTHER)
