"""What free words of a text may mean: despair, or the wish to get no more messages.

Both work on folded words: lower case, no accents, no apostrophes, `|` where a sentence or clause ends.
The lists only ever raise attention; a text without any of these words says nothing about how somebody is.
"""

import re
import unicodedata

CRISIS = (
    # English
    r"suicid\w*",
    r"unalive\w*",
    r"kms",
    r"overdos\w*",
    r"self ?harm\w*",
    r"kill(?:ing)? (?:my ?self|me)",
    r"(?:hurt|harm|cut|burn)(?:ing)? my ?self",
    r"hang(?:ing)? my ?self",
    r"(?:want|wanna|going|gonna|ready|wish i could|rather|could|might|about) (?:to )?(?:just )?die",
    r"let me die",
    r"wish i (?:was|were|wasnt|werent|had never been) (?:dead|here|alive|born)",
    r"better off (?:dead|without me)",
    r"(?:end|ending|take|taking) my (?:own )?life",
    r"(?:end it|ending it all|finish it all)",
    r"end everything",
    r"want (?:it|this|things|everything|the pain|my life)(?: all)?(?: just)? to (?:end|stop|be over)",
    r"make (?:it|this) (?:all )?stop",
    r"(?:cant|cannot|can not) (?:go on|keep going|keep doing this|take it|take this|take any ?more|cope)",
    r"(?:cant|cannot|can not) (?:do|bear|stand) (?:this|it) any ?more",
    r"(?:dont|do not) want to (?:live|be here|be alive|exist|wake up|go on)",
    r"tired of (?:living|life|being alive)",
    r"(?:wont|will not|wouldnt|would not) be alive",
    r"(?:no|any|a) (?:reason|point)(?: left)? (?:to|in) (?:live|living|go on|going on)",
    r"nothing (?:left )?to live for",
    r"no way out",
    r"life is(?:nt| not) worth",
    r"not worth living",
    r"want to (?:disappear|sleep forever|be dead)",
    r"took (?:all )?(?:my|the|too many) pills",
    r"(?:have|bought|got) (?:a gun|the pills)",
    r"goodbye (?:everyone|everybody|forever)",
    r"im done with (?:life|everything|living)",
    r"i give up on (?:life|everything)",
    r"nobody would miss me",
    r"(?:not|dont feel) safe",
    r"(?:im|i am) in danger",
    r"(?:he|she|they) (?:hits?|beats?|hurts?|chokes?|is hurting|will kill) me",
    r"help me",
    r"need help",
    r"please help",
    # Spanish
    r"(?:quiero|voy a|pienso|pensando en|ganas de) (?:morir(?:me)?|matarme|desaparecer|suicidarme)",
    r"me quiero (?:morir|matar)",
    r"me voy a matar",
    r"matarme",
    r"quitarme la vida",
    r"(?:acabar|terminar) con (?:mi vida|todo)",
    r"me lastimo",
    r"me corto",
    r"hacerme dano",
    r"(?:lastimar|cortar|herir)me",
    r"(?:no|ya no) quiero (?:vivir|seguir|estar aqui|despertar|existir)",
    r"quiero que (?:todo |esto )*(?:se )?(?:acabe|termine|pare)",
    r"(?:no|ya no) (?:puedo|aguanto|doy|soporto) mas",
    r"ya no (?:puedo|aguanto)",
    r"no puedo seguir",
    r"mejor muert[oa]",
    r"mejor sin mi",
    r"no vale la pena (?:vivir|seguir)",
    r"sin (?:salida|ganas de vivir)",
    r"(?:tome|tomado) (?:todas )?(?:las|mis) pastillas",
    r"sobredosis",
    r"no tengo (?:razon|motivo)s? para vivir",
    r"cansad[oa] de vivir",
    r"estoy en peligro",
    r"(?:el|ella) me (?:pega|golpea|va a matar)",
    r"me (?:pega|golpea|va a matar)",
    r"ayudame",
    r"ayuda por favor",
    r"necesito ayuda",
)

# Words that may stand between a stop-verb and the messages it is about. Any other word breaks the sentence's meaning.
FILLER = (
    r"(?:(?:all|all of|any|more|the|these|those|this|that|your|my|our|us|me|them|to|for|from|with|"
    r"by|being|be|so|many|damn|such|sending|getting|receiving|receive|get|want|further|please|annoying|automatic|automated|daily|weekly|"
    r"sms|text|phone|now|already|immediately|both|every|group|meeting|de|que|me|nos|mandar|mandarme|enviar|enviarme|recibir|mas|los|las|el|la|estos|"
    r"estas|esos|esas|sus|tus|mis|mi|su|tu|a|todos|todas|con|ya|tantos|otro|otra|ningun|por|favor) ){0,6}"
)
# What the sentence must be about: messages, or the act of sending them to somebody.
THINGS = (
    r"(?:texts?|texting|messages?|messaging|msgs?|sms|reminders?|reminding|notifications?|notices?|alerts?|"
    r"e ?mails?|e ?mailing|"
    r"contacting|contact|calls?|calling|writing|write|spam|spamming|sending|subscription|list|number|"
    r"mensajes?|mensajitos|textos?|recordatorios?|avisos?|notificaciones|notificacion|alertas?|correos?|llamadas|suscripcion|lista|"
    r"numero|(?:escrib|mand|envi|text|mensaj|contact|llam)(?:e?ar|ir|e?ando|iendo)(?:me|nos)|escribir|textear|contactar)"
)
VERBS = (
    r"(?:stop|quit|cease|end|cancel|discontinue|halt|delete|remove|"
    r"dej(?:a|en|e|ad)(?: ya)? de|par(?:a|en|e|ad)(?: ya)? de|dejar de recibir|cancel(?:a|en|ar|e|o)|"
    r"elimin(?:a|en|ar|e)|borr(?:a|en|ar|e)|"
    r"quit(?:a|en|ar|e)(?:me)?|saca(?:me|nme)|deten(?:gan|ga|er)?|suspend(?:a|an|er)|basta(?: ya)? de)"
)
REVOCATIONS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{VERBS} {FILLER}{THINGS}\b",
        rf"\b(?:no more|no longer want|(?:dont|do not|never) (?:want|wish|need)(?: to)?) {FILLER}{THINGS}\b",
        (
            r"\b(?:dont|do not|never) (?:you )?(?:ever )?(?:text|message|sms|contact|call|write|e ?mail|remind)"
            r" (?:to )?(?:me|us|this|my|here|again|any ?more)\b"
        ),
        rf"\b(?:dont|do not|never) (?:ever )?send {FILLER}{THINGS}\b",
        r"\b(?:take|get|remove|delete|drop) (?:me|us|my number|my phone|this number) (?:off|from|out of) \w*",
        r"\b(?:delete|remove|lose|forget) (?:my|this) (?:phone )?number\b",
        (
            r"\b(?:no|ya no|nunca|jamas) (?:me|nos) (?:vuelv\w+ a )?"
            r"(?:mand|envi|escrib|text|mensaj|contact|llam|remit|recuerd)\w*"
        ),
        rf"\b(?:no|ya no) (?:quiero|deseo|necesito) {FILLER}{THINGS}\b",
        r"\b(?:no|ya no) (?:quiero|deseo) que (?:me|nos) (?:mand|envi|escrib|text|contact|llam)\w*",
        rf"\b(?:no|ni un|sin) mas {FILLER}{THINGS}\b",
        r"\b(?:denme|deme|dame|dar(?:me)?|dame por|quiero) (?:de |la )?baja\b",
        r"\b(?:unsubscribe|unsubscribed|opt (?:me )?out|opting out|desuscrib\w+|desinscrib\w+)\b",
    )
)
# “He won't stop texting me” is about somebody else, and “please don't stop the messages” is the opposite.
OPPOSITE = frozenset({"dont", "didnt", "wont", "doesnt", "isnt", "never", "not", "no", "nunca", "jamas"})
OTHERS = frozenset(
    {"he", "she", "him", "her", "ex", "husband", "wife", "boyfriend", "girlfriend", "boss"}
    | {"ella", "marido", "novio", "novia", "esposo", "esposa", "jefe"}
)
STARTS_WITH_NO = ("no ", "ya no ", "never ", "dont ", "do not ", "nunca ", "jamas ", "ni ", "sin ")

_CRISIS = re.compile(r"\b(?:" + "|".join(CRISIS) + r")\b")
_BREAKS = re.compile(r"[.!?;:,…\n()\[\]\"“”¿¡]+|\s[-–—]+\s")
_APOSTROPHES = re.compile("['’‘`´]")


def fold(text: str) -> str:
    """Write a text in bare words, with `|` where a clause ends."""
    whole = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    bare = "".join(c for c in whole if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w|]+", " ", _BREAKS.sub(" | ", bare)).split())


def crisis(folded: str) -> bool:
    """Tell whether words suggest a crisis; commas in between change nothing about that."""
    return bool(_CRISIS.search(" ".join(folded.replace("|", " ").split())))


def revocation(folded: str) -> bool:
    """Tell whether somebody asks, in free words, for no more messages: a stop-verb and what is to stop."""
    found = (match for pattern in REVOCATIONS for match in pattern.finditer(folded))
    return any(_meant(match, folded) for match in found)


def _meant(match: re.Match[str], folded: str) -> bool:
    """Tell whether the words before it turn a stop-verb into its opposite, or into somebody else's doing."""
    before = folded[: match.start()].rpartition("|")[2].split()[-4:]
    if OTHERS & set(before) or "el" in before[-1:]:
        return False
    return match[0].startswith(STARTS_WITH_NO) or not OPPOSITE & set(before[-3:])
