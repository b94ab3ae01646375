"""What somebody texts is understood: leaving always works, despair never means leaving."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.keywords import Intent, IntentKind, read

CRISIS_ONLY = """
nobody would miss me if I was gone
ya no quiero vivir más
quiero desaparecer para siempre
I can't keep doing this, I have pills here
no aguanto más, no veo salida
by Thursday I won't be alive
I want it to end
I just want it to end.
I want it all to stop
I want this to end, thank you for the texts
Make it stop
I can't go on
I cant take it anymore
I cannot do this any more
I want to die
I wanna die
i want to kill myself
Thinking about killing myself tonight
I feel suicidal
I'm not suicidal, just tired
suicide
I wish I was dead
They'd be better off without me
I'm going to end my life
I want to end it all
I don't want to live anymore
I don't want to be here anymore
I do not want to wake up
There is no reason to live
I have nothing to live for
I see no way out
My life isn't worth it
I took all my pills
I overdosed
I cut myself again
I want to hurt myself, I can't stop
I can't stop thinking about suicide
Your messages are the only thing that stops me from killing myself
If the texts stop I will kill myself
Please don't stop texting me, I want to die
don't ever stop these messages, I can't go on
he hits me
My husband won't stop texting me, I'm in danger
please help me
Goodbye everyone
I'm done with life
kms
The pain won't end and I can't cope
Quit my job, lost my home, I want to disappear
I want to stop. I want to die.
Cancel everything, I want to die
quiero morir
Me quiero morir
no quiero vivir
Ya no quiero seguir viviendo
no puedo más
Ya no aguanto más
Quiero que todo termine
quiero que esto se acabe
quiero que esto pare
Voy a matarme
Me quiero matar
Estoy pensando en suicidarme
quiero acabar con todo
Quiero quitarme la vida
Estarían mejor sin mí
No vale la pena vivir
Me corto otra vez
Tomé todas las pastillas
Estoy cansada de vivir
No dejen de escribirme, quiero morir
Mi ex no deja de mandarme mensajes, no aguanto más
Él me pega
necesito ayuda
"""

REVOKES = """
stop texting me
Please stop texting me.
STOP TEXTING ME!!!
stop messaging me
stop sending me messages
Stop sending these texts
Can you stop the reminders?
please stop all of these messages
I want you to stop the texts
quit texting me
Quit sending me this spam
Please end these texts
end all messages
cancel my reminders
cancel my subscription
please cancel these text messages
no more messages
No more texts please
no more reminders, thanks
I don't want any more texts
I don't want these messages
I do not want to get any more reminders
I no longer want to receive messages
don't text me
Don’t text me anymore
do not contact me again
never text me again
don't send me any more messages
do not send texts to this number
take me off your list
Please remove me from this list
remove my number
delete my number please
unsubscribe me
please unsubscribe
How do I unsubscribe?
I want to opt out
opt me out
stop contacting me
stop calling and stop texting me
Hi, could you please stop sending me the group reminders? Thanks
I asked you to stop texting me
deja de escribirme
Por favor deja de escribirme
Dejen de mandarme mensajes
dejen ya de enviarme mensajes
para de escribirme
Paren de mandar mensajes
no me escriban más
no me manden más mensajes
Ya no me envíen mensajes
no me vuelvan a escribir
No me contacten
no más mensajes
ya no quiero mensajes
No quiero recibir más mensajes
no quiero más recordatorios
No quiero que me escriban
quiero cancelar los recordatorios
Cancelen mi suscripción
denme de baja
dame de baja por favor
Quiero darme de baja
quítame de la lista
Borren mi número de la lista
basta de mensajes
Why can't you stop texting me
You keep texting. Stop sending me things, stop all messages
It's too much, no more notifications
"""

BOTH = """
no me escriban más, me quiero morir
unsubscribe me please, I'm going to kill myself
deja de mandarme mensajes, voy a matarme
take me off the list, I won't be alive anyway
stop texting me, I want to die
No more messages. I want it to end
Don't text me anymore, I'm going to kill myself
unsubscribe me, I can't go on
I can't take it anymore, stop sending me reminders
deja de escribirme, quiero morir
No me manden más mensajes, ya no puedo más
denme de baja, quiero quitarme la vida
"""

NEITHER = """
is there parking on Thursday
¿hay café el jueves?
running 10 min late
llego tarde, disculpen
my phone was stolen, this is my new number
¿puedo llevar a mi hermana?
thanks for the message
Got your text, thank you
See you Thursday
I'll be 20 min late
10
3
12
1 or 2
1 2
1?
+1
-1
0 or 1
yes please
Yes, I'm coming
no
ok
can I stop by at 6?
What bus stop is it?
The bus does not stop here
When does it end?
We had to cancel, message from Ada
Is Thursday cancelled?
Please don't stop texting me
don't stop these messages
My ex won't stop texting me
I told him to stop texting me
They are happy that she stopped, no message from me
We are at the end of the messages
I don't want to stop the reminders
gracias por el mensaje
gracias para los mensajes
¿Dónde es?
llego 10 minutos tarde
no voy
No dejen de escribirme
para el jueves
Mi ex no deja de mandarme mensajes
next week?
start at 7?
help with parking
JOIN
JOIN abcd
JOIN 12
ALTO nivel
🙂
...
"""

KEYWORDS = {
    IntentKind.STOP: """
        STOP|stop| Stop. |S T O P|“STOP”|STOPALL|stop all|Unsubscribe|CANCEL|End|quit!|REVOKE|OPTOUT|opt out|Opt-Out
        please stop|Stop please|ALTO|Parar|BAJA|cancelar""",
    IntentKind.HELP: "HELP|help!|info|Ayuda|¡AYUDA!",
    IntentKind.START: "START|unstop",
    IntentKind.YES: "YES|Yes.|yes!|SÍ|si|Sí.|SI\u0301",
    IntentKind.NEXT: "NEXT|next?|Próximo",
}


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def test_two_hundred_different_sentences_are_read() -> None:
    told = [*lines(CRISIS_ONLY), *lines(REVOKES), *lines(BOTH), *lines(NEITHER)]

    assert len(told) == len(set(told)) >= 200
    assert sum(bool(re.search(r"[áéíóúñ¿]| no | me | que | quiero", text)) for text in told) >= 40


@pytest.mark.parametrize("text", lines(CRISIS_ONLY))
def test_despair_alone_never_takes_consent_away(text: str) -> None:
    assert read(text) == Intent(IntentKind.CRISIS)


@pytest.mark.parametrize("text", lines(REVOKES))
def test_a_clear_wish_to_leave_is_obeyed(text: str) -> None:
    assert read(text) == Intent(IntentKind.REVOCATION)


@pytest.mark.parametrize("text", lines(BOTH))
def test_despair_and_a_wish_to_leave_are_answered_together(text: str) -> None:
    assert read(text) == Intent(IntentKind.STOP_AND_CRISIS)


@pytest.mark.parametrize("text", lines(NEITHER))
def test_anything_else_is_left_to_a_person(text: str) -> None:
    assert read(text) == Intent(IntentKind.OTHER)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(kind, text) for kind, texts in KEYWORDS.items() for text in texts.strip().replace("\n", "|").split("|")],
)
def test_a_keyword_is_the_whole_message(kind: IntentKind, text: str) -> None:
    assert read(text) == Intent(kind)


@pytest.mark.parametrize("text", ["1", " 1 ", "1.", "(1)", "1!", "1️⃣", "１", "\n1\n"])
def test_a_digit_stands_alone(text: str) -> None:
    assert read(text) == Intent(IntentKind.DIGIT, "1")


def test_each_door_has_its_digit() -> None:
    assert [read(text).value for text in ("0", "1", "2")] == ["0", "1", "2"]


@pytest.mark.parametrize("text", ["JOIN 4821", "join 4821.", " Join: 4821", "JOIN #4821"])
def test_a_code_joins(text: str) -> None:
    assert read(text) == Intent(IntentKind.JOIN, "4821")


def test_a_long_text_is_read_quickly_and_to_its_end() -> None:
    assert read("no more the " * 200 + "I want to die") == Intent(IntentKind.CRISIS)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(read(text), Intent)
