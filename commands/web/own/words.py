"""The words of a member's own page, in the languages that we write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meetup.values import Channel, Door, Lead, Preference
from meetup.wording.languages import language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    said: Mapping[str, str]  # what has been done, or why it could not be
    states: Mapping[str, str]  # of an address
    doors: Mapping[Door, str]
    preferences: Mapping[Preference, str]
    channels: Mapping[Channel, str]
    why_not: Mapping[str, str]  # why a channel cannot be chosen
    languages: Mapping[str, str]
    units: tuple[tuple[str, str], tuple[str, str]]  # hours and minutes, one and many
    before: str
    evening: str
    leave: str
    your_page: str
    dates: str
    reminders: str
    ways: str
    calendar: str
    data: str
    parts: str
    appointment: str
    no_dates: str
    to: str
    where_you_are: str
    way_in: str
    join: str
    coming: str
    not_coming: str
    chosen: str
    take_back: str
    about_answers: str
    quiet: str
    quiet_until: str
    month_of_quiet: str
    end_quiet: str
    about_quiet: str
    waiting: str
    by: str
    lead: str
    no_leads: str
    door: str
    save: str
    leave_group: str
    really_leave: str
    no: str
    about_leaving: str
    no_groups: str
    language: str
    zone: str
    about_zone: str
    hours: str
    hours_end: str
    about_hours: str
    label: str
    about_label: str
    phone_shared: str
    about_phone_shared: str
    plain_words: str
    about_plain_words: str
    ask_yearly: str
    about_ask_yearly: str
    paused: str
    about_paused: str
    resume: str
    about_calendar: str
    can_others: str
    only_me: str
    others: str
    others_bare: str
    already_bare: str
    links_alive: str
    revoke: str
    about_revoke: str
    your_link: str
    shown_once: str
    subscribe_here: str
    code: str
    code_of: str
    known: str
    name: str
    mail: str
    phone: str
    none: str
    prove: str
    code_first: str
    send_code: str
    or_text: str
    type_code: str
    go_on: str
    cannot_prove: str
    new_mail: str
    ask_there: str
    new_phone: str
    show_me: str
    text_this: str
    download: str
    about_download: str
    forget: str
    about_forgetting: str
    remains: tuple[str, ...]
    stop_all: str
    about_stopping: str

    def state(self, state: str) -> str:
        """Name the state of an address."""
        return self.states.get(state, state)

    def by_all(self, channels: Iterable[Channel]) -> str:
        """Name some channels in the middle of a sentence."""
        return ", ".join(self.channels[channel].lower() for channel in channels)

    def lead_time(self, lead: Lead) -> str:
        """Say how long before a meeting a reminder comes."""
        if lead.evening is not None:
            return self.evening.format(time=f"{lead.evening:%H:%M}")
        minutes = int(lead.before.total_seconds()) // 60
        number, names = (minutes, self.units[1]) if minutes % 60 else (minutes // 60, self.units[0])
        return self.before.format(length=f"{number} {names[0 if number == 1 else 1]}")


ENGLISH = Words(
    said={
        "closed": "Your page was closed. Open it again from here.",
        "answered": "Noted.",
        "taken_back": "Your answer is taken back.",
        "no_date": "That date has changed in the meantime. Nothing was noted: please look again.",
        "quiet": "We keep quiet for 30 days. It ends by itself.",
        "heard": "You will hear from us again.",
        "saved": "Saved.",
        "texts_go_on": "You get texts again.",
        "left": "You have left. Nothing more comes from there.",
        "not_done": "That did not work. Nothing has changed.",
        "no_channel": "Choose text or mail – or leave the group, if you want neither. Nothing has changed.",
        "no_way": "Hours are written as 09:00, a time zone as America/New_York. Nothing has changed.",
        "telling": "Those words give away what it is about. Choose some that fit on any lock screen.",
        "long_label": "A label has at most 60 letters. Nothing has changed.",
        "revoked": "The old links are empty now.",
        "code_sent": "A mail with a code is on its way.",
        "no_code": "No code could be sent there just now. Try again in an hour, or ask for it by text.",
        "code_first": "That needs a fresh code. Nothing has changed.",
        "proven": "Thank you. For ten minutes you can change your addresses, take your data, or have it deleted.",
        "wrong_code": "That code is not right, or too old. Ask for another one.",
        "no_address": "That is not a mail address. It looks like name@example.org.",
        "not_that_address": "That address cannot be used, or you are in no group to ask about. Nothing has changed.",
        "too_often": "A mail address can be changed three times a day. Nothing has changed.",
        "mail_asked": "We ask at the new address; it counts from the yes there on. The old one gets nothing more.",
        "no_texts": "There are no texts from here.",
        "all_stopped": "Done. Nothing more comes, by text or by mail.",
        "in_a_minute": "A message to you is just leaving. Nothing was deleted: please try again in a minute.",
    },
    states={
        "unverified": "not confirmed",
        "pending": "asked, no answer yet",
        "verified": "confirmed",
        "paused": "texts pause: we asked whether they are still safe, and nobody answered",
        "stopped": "you said stop",
        "bounced": "cannot be reached",
    },
    doors={Door.IN_PERSON: "In person", Door.ONLINE: "Online"},
    preferences={
        Preference.EITHER: "Either, as it comes",
        Preference.IN_PERSON: "Rather in person",
        Preference.ONLINE: "Rather online",
        Preference.ONLY_IN_PERSON: "In person only: nothing about dates that are online",
    },
    channels={Channel.SMS: "By text", Channel.EMAIL: "By mail"},
    why_not={
        "none": "we have no address of yours for that",
        "unverified": "not confirmed yet",
        "pending": "not confirmed yet",
        "paused": "texts pause",
        "stopped": "you said stop; to return, text START",
        "bounced": "it cannot be reached",
    },
    languages={"en": "English", "es": "Español"},
    units=(("hour", "hours"), ("minute", "minutes")),
    before="{length} before",
    evening="the evening before, at {time}",
    leave="Leave this page",
    your_page="Your page",
    dates="Next dates",
    reminders="Reminders",
    ways="How we write to you",
    calendar="Your calendar",
    data="Your data",
    parts="Parts of your page",
    appointment="Appointment",
    no_dates="There are no dates at the moment.",
    to="to",
    where_you_are="Where you are: {when}",
    way_in="The way in, and your answer",
    join="Join online",
    coming="Are you coming?",
    not_coming="Not coming",
    chosen="You said: {answer}.",
    take_back="Take it back",
    about_answers="Nobody sees who answered what: organizers see numbers. Answers are deleted a day after the date. "
    "“Not coming” ends reminders for that date; changes are still told.",
    quiet="A month of quiet",
    quiet_until="Nothing is sent until {day}. It ends by itself.",
    month_of_quiet="Send me nothing for 30 days",
    end_quiet="Send me reminders again",
    about_quiet="Your place stays, your calendar goes on, and it ends by itself.",
    waiting="A host has to let you in first.",
    by="How do you want to hear?",
    lead="When?",
    no_leads="No reminders are set for this group. Changes are told all the same.",
    door="Which door?",
    save="Save",
    leave_group="Leave this group",
    really_leave="Yes, leave",
    no="No, go back",
    about_leaving="You get no more reminders and no changes of this group, and its dates leave your calendar.",
    no_groups="You are in no group.",
    language="Language",
    zone="Your time zone",
    about_zone="As in America/New_York. Empty: the times of the place where it is.",
    hours="Texts not before",
    hours_end="Texts not after",
    about_hours="In your own time zone. Mail comes at any time.",
    label="What your calendar and mails call it",
    about_label="Words that fit on any lock screen. Empty: “{usual}”, or what the group says.",
    phone_shared="Somebody else may see my phone",
    about_phone_shared="Then texts say who, when, and “cancelled” or “changed”, no more; the calendar shows only when. "
    "Every six months we ask by text whether that is still safe; without an answer texts pause.",
    plain_words="Call it by its real name in mails and calendar",
    about_plain_words="Only if nobody else reads them. Texts never do.",
    ask_yearly="Ask me once a year whether this is still fine",
    about_ask_yearly="When you do not answer, everything stays as it is.",
    paused="Texts pause",
    about_paused="We asked whether texts are still safe, and nobody answered from your phone. "
    "Nothing else has changed, and what you chose is kept.",
    resume="Send me texts again",
    about_calendar="A calendar of your own has your dates with the address and the way in, calls them “{label}”, "
    "and follows every change by itself.",
    can_others="Can anyone else see this calendar?",
    only_me="No, only I can",
    others="Yes, and they may see where it is",
    others_bare="Yes: show only when it is",
    already_bare="It shows only when it is, since somebody else may see your phone.",
    links_alive="Links that work at the moment: {number}.",
    revoke="Empty all my calendars",
    about_revoke="For when a link got into wrong hands. Calendars that use one become empty.",
    your_link="The link of your calendar",
    shown_once="It is shown this once, and is a secret: whoever has it sees your dates.",
    subscribe_here="Apple, Outlook, Thunderbird",
    code="For your phone: the camera opens the calendar.",
    code_of="QR code with the address of your calendar",
    known="What we know of you",
    name="Name",
    mail="Mail",
    phone="Phone",
    none="none",
    prove="Change, take or delete",
    code_first="To change an address, to take your data or to delete it, show once more that it is you.",
    send_code="Send me a code by mail",
    or_text="By text: send CODE to {number}.",
    type_code="Code of six digits",
    go_on="Go on",
    cannot_prove="There is no address to which we may send a code. Write to {contact}.",
    new_mail="Another mail address",
    ask_there="Ask me there",
    new_phone="Another phone",
    show_me="Show me how",
    text_this="From your new phone, within half an hour, text",
    download="Take my data with me",
    about_download="One file with everything that we know of you.",
    forget="Delete everything about me",
    about_forgetting="Everything that we know of you is deleted, at once and for good. We keep a keyed hash of each "
    "address, so that your wish to be left alone lasts. We cannot delete what lies elsewhere:",
    remains=(
        "texts and mails on your phone and in your mailbox",
        "what the phone companies and mail services keep of them",
        "calendars that somebody copied",
        "backups, until they are deleted",
    ),
    stop_all="Stop everything",
    about_stopping="No more texts and mails, of no group. After that only you can start them again: by texting START, "
    "or on paper.",
)
SPANISH = Words(
    said={
        "closed": "Tu página se cerró. Ábrela de nuevo desde aquí.",
        "answered": "Anotado.",
        "taken_back": "Tu respuesta se ha borrado.",
        "no_date": "Esa fecha ha cambiado mientras tanto. No se anotó nada: por favor, vuelve a mirar.",
        "quiet": "Guardamos silencio 30 días. Termina solo.",
        "heard": "Volverás a recibir avisos.",
        "saved": "Guardado.",
        "texts_go_on": "Vuelves a recibir mensajes.",
        "left": "Has salido. De allí ya no llega nada.",
        "not_done": "No ha funcionado. Nada ha cambiado.",
        "no_channel": "Elige mensaje o correo, o sal del grupo si no quieres ninguno. Nada ha cambiado.",
        "no_way": "Las horas se escriben 09:00, y una zona horaria America/New_York. Nada ha cambiado.",
        "telling": "Esas palabras delatan de qué se trata. Elige otras que puedan verse en cualquier pantalla.",
        "long_label": "Ese nombre tiene más de 60 letras. Nada ha cambiado.",
        "revoked": "Los enlaces anteriores están vacíos.",
        "code_sent": "Un correo con un código está en camino.",
        "no_code": "Ahora no se pudo enviar un código allí. Prueba dentro de una hora, o pídelo por mensaje.",
        "code_first": "Para eso hace falta un código nuevo. Nada ha cambiado.",
        "proven": "Gracias. Durante diez minutos puedes llevarte tus datos, cambiar tus direcciones o borrarlo todo.",
        "wrong_code": "Ese código no es correcto o ha caducado. Pide otro.",
        "no_address": "Eso no es una dirección de correo. Tiene la forma nombre@example.org.",
        "not_that_address": "Esa dirección no se puede usar, o no estás en ningún grupo. Nada ha cambiado.",
        "too_often": "Puedes cambiar la dirección de correo tres veces al día. Nada ha cambiado.",
        "mail_asked": "Preguntamos en la nueva dirección; vale desde el sí de allí. A la anterior ya no llega nada.",
        "no_texts": "Desde aquí no se envían mensajes.",
        "all_stopped": "Hecho. Ya no llega nada, ni por mensaje ni por correo.",
        "in_a_minute": "Un mensaje para ti está saliendo ahora. No se borró nada: prueba de nuevo en un minuto.",
    },
    states={
        "unverified": "sin confirmar",
        "pending": "preguntado, sin respuesta",
        "verified": "confirmado",
        "paused": "en pausa: preguntamos si los mensajes siguen siendo seguros y nadie respondió",
        "stopped": "pediste no recibir nada",
        "bounced": "no se puede alcanzar",
    },
    doors={Door.IN_PERSON: "En persona", Door.ONLINE: "En línea"},
    preferences={
        Preference.EITHER: "Cualquiera, según venga",
        Preference.IN_PERSON: "Mejor en persona",
        Preference.ONLINE: "Mejor en línea",
        Preference.ONLY_IN_PERSON: "Solo en persona: nada sobre fechas en línea",
    },
    channels={Channel.SMS: "Por mensaje", Channel.EMAIL: "Por correo"},
    why_not={
        "none": "no tenemos ninguna dirección tuya para eso",
        "unverified": "aún sin confirmar",
        "pending": "aún sin confirmar",
        "paused": "los mensajes están en pausa",
        "stopped": "pediste no recibir nada; para volver, envía START",
        "bounced": "no se puede alcanzar",
    },
    languages={"en": "English", "es": "Español"},
    units=(("hora", "horas"), ("minuto", "minutos")),
    before="{length} antes",
    evening="la tarde anterior, a las {time}",
    leave="Salir de esta página",
    your_page="Tu página",
    dates="Próximas fechas",
    reminders="Avisos",
    ways="Cómo te escribimos",
    calendar="Tu calendario",
    data="Tus datos",
    parts="Partes de tu página",
    appointment="Cita",
    no_dates="Por el momento no hay fechas.",
    to="a",
    where_you_are="Donde estás: {when}",
    way_in="El acceso y tu respuesta",
    join="Entrar en línea",
    coming="¿Vienes?",
    not_coming="No voy",
    chosen="Dijiste: {answer}.",
    take_back="Borrar mi respuesta",
    about_answers="Nadie ve quién respondió qué: la organización ve números. Las respuestas se borran un día después. "
    "«No voy» termina los avisos de esa fecha; los cambios se avisan igual.",
    quiet="Un mes de silencio",
    quiet_until="No se envía nada hasta el {day}. Termina solo.",
    month_of_quiet="No me envíen nada durante 30 días",
    end_quiet="Quiero recibir avisos de nuevo",
    about_quiet="Tu lugar se queda, tu calendario sigue, y termina solo.",
    waiting="Primero te tiene que admitir una persona del grupo.",
    by="¿Cómo quieres recibirlos?",
    lead="¿Cuándo?",
    no_leads="Este grupo no tiene avisos. Los cambios se avisan igual.",
    door="¿Por qué puerta?",
    save="Guardar",
    leave_group="Salir de este grupo",
    really_leave="Sí, salir",
    no="No, volver",
    about_leaving="Ya no recibes avisos ni cambios de este grupo, y sus fechas salen de tu calendario.",
    no_groups="No estás en ningún grupo.",
    language="Idioma",
    zone="Tu zona horaria",
    about_zone="Por ejemplo America/New_York. Vacío: la hora del lugar donde es.",
    hours="Mensajes no antes de",
    hours_end="Mensajes no después de",
    about_hours="En tu zona horaria. El correo llega a cualquier hora.",
    label="Cómo lo llaman tu calendario y tus correos",
    about_label="Palabras que puedan verse en cualquier pantalla. Vacío: «{usual}», o lo que diga el grupo.",
    phone_shared="Otra persona puede ver mi teléfono",
    about_phone_shared="Entonces los mensajes dicen quién, cuándo y «cancelado» o «cambio», nada más; "
    "el calendario muestra solo cuándo. Cada seis meses preguntamos por mensaje si sigue siendo seguro; "
    "sin respuesta, los mensajes se ponen en pausa.",
    plain_words="Llamarlo por su nombre en correos y calendario",
    about_plain_words="Solo si nadie más los lee. Los mensajes nunca lo hacen.",
    ask_yearly="Preguntarme una vez al año si todo sigue bien",
    about_ask_yearly="Si no respondes, todo sigue igual.",
    paused="Los mensajes están en pausa",
    about_paused="Preguntamos si los mensajes siguen siendo seguros y nadie respondió desde tu teléfono. "
    "Nada más ha cambiado, y lo que elegiste se conserva.",
    resume="Volver a recibir mensajes",
    about_calendar="Un calendario propio tiene tus fechas con la dirección y el acceso, las llama «{label}», "
    "y sigue cada cambio por sí solo.",
    can_others="¿Puede otra persona ver este calendario?",
    only_me="No, solo yo",
    others="Sí, y puede ver dónde es",
    others_bare="Sí: mostrar solo cuándo es",
    already_bare="Muestra solo cuándo es, porque otra persona puede ver tu teléfono.",
    links_alive="Enlaces que funcionan ahora: {number}.",
    revoke="Vaciar todos mis calendarios",
    about_revoke="Para cuando un enlace llegó a otras manos. Los calendarios que lo usan quedan vacíos.",
    your_link="El enlace de tu calendario",
    shown_once="Se muestra solo esta vez, y es un secreto: quien lo tiene ve tus fechas.",
    subscribe_here="Apple, Outlook, Thunderbird",
    code="Para tu teléfono: la cámara abre el calendario.",
    code_of="Código QR con la dirección de tu calendario",
    known="Lo que sabemos de ti",
    name="Nombre",
    mail="Correo",
    phone="Teléfono",
    none="ninguno",
    prove="Cambiar, llevar o borrar",
    code_first="Para cambiar una dirección, llevarte tus datos o borrarlos, muestra una vez más que eres tú.",
    send_code="Envíame un código por correo",
    or_text="Por mensaje: envía CODIGO al {number}.",
    type_code="Código de seis cifras",
    go_on="Seguir",
    cannot_prove="No hay ninguna dirección a la que podamos enviar un código. Escribe a {contact}.",
    new_mail="Otra dirección de correo",
    ask_there="Pregúntame allí",
    new_phone="Otro teléfono",
    show_me="Muéstrame cómo",
    text_this="Desde tu nuevo teléfono, dentro de media hora, envía",
    download="Llevarme mis datos",
    about_download="Un archivo con todo lo que sabemos de ti.",
    forget="Borrar todo sobre mí",
    about_forgetting="Todo lo que sabemos de ti se borra, ahora y para siempre. Guardamos un resumen cifrado de cada "
    "dirección, para que tu deseo de no recibir nada perdure. No podemos borrar lo que está en otra parte:",
    remains=(
        "mensajes y correos en tu teléfono y en tu buzón",
        "lo que guardan de ellos las compañías telefónicas y de correo",
        "calendarios que alguien copió",
        "copias de seguridad, hasta que se borren",
    ),
    stop_all="Dejar de recibir todo",
    about_stopping="Ni un mensaje ni un correo más, de ningún grupo. Después solo tú puedes empezar de nuevo: "
    "enviando START, o en papel.",
)
WORDS = {"en": ENGLISH, "es": SPANISH}


def of(wanted: str) -> Words:
    """Return the words of a language, English ones when we do not write it."""
    return WORDS[language(wanted)]
