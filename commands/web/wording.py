"""The words of the public pages, in the languages that we write."""

from dataclasses import dataclass

from meetup.wording.languages import language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    in_person: str
    online: str
    both: str
    when_and_where: str
    join: str
    members_link: str
    map: str
    step_free: tuple[str, str]  # when it is so, and when it is not
    accessible_toilet: tuple[str, str]
    hearing_loop: tuple[str, str]
    id_required: tuple[str, str]
    cameras: tuple[str, str]
    transit: str
    parking: str
    since: str
    dates: str
    times_of: str
    no_dates: str
    cancelled: str
    stay_home: str
    online_only: str
    come_online: str
    in_person_only: str
    come_in_person: str
    moved: str
    elsewhere: str
    subscribe: str
    why_subscribe: str
    reminders: str
    why_reminders: str
    get_reminders: str
    subscribe_here: str
    calendar_file: str
    by_hand: str
    by_hand_steps: tuple[str, ...]
    how_soon: str
    shared: str
    code: str
    code_of: str
    groups: str
    all_groups: str
    next: str
    no_groups: str


ENGLISH = Words(
    in_person="In person",
    online="Online",
    both="In person and online",
    when_and_where="When and where",
    join="Join online",
    members_link="Members have the link",
    map="Show on a map",
    step_free=("The way in is step-free", "The way in has steps"),
    accessible_toilet=("There is an accessible toilet", "There is no accessible toilet"),
    hearing_loop=("There is a hearing loop", "There is no hearing loop"),
    id_required=("You are asked for an ID at the entrance", "Nobody asks for an ID"),
    cameras=("The building has cameras", "There are no cameras"),
    transit="Bus and train",
    parking="Parking",
    since="from {date}",
    dates="Next dates",
    times_of="Times are {zone}.",
    no_dates="There are no dates at the moment.",
    cancelled="Cancelled.",
    stay_home="Please don’t travel.",
    online_only="Online only.",
    come_online="The room on site is closed this time: please don’t travel, join online instead.",
    in_person_only="In person only.",
    come_in_person="There is no video call this time: please come in person instead.",
    moved="Moved from {when}.",
    elsewhere="At another place this time: {place}.",
    subscribe="Put it in your calendar",
    why_subscribe="Subscribe once: new dates, changes and cancellations then appear by themselves.",
    reminders="Reminders",
    why_reminders="By mail or text, and when something changes. No name is asked for; leave at any time.",
    get_reminders="Get reminders",
    subscribe_here="Apple, Outlook, Thunderbird",
    calendar_file="Calendar file",
    by_hand="If a button does not work",
    by_hand_steps=(
        "Copy this address.",
        "In Google Calendar, on a computer: “Other calendars”, +, “From URL”.",
        "In Outlook on the web: “Add calendar”, “Subscribe from web”.",
        "On an iPhone: Settings, Calendar accounts, “Add subscribed calendar”.",
    ),
    how_soon="Calendars look for changes when they like: Google once or twice a day, others every few hours. "
    "Before you leave, look at this page.",
    shared="It shows the name of this group. If somebody else can see your calendar, "
    "ask us for one of your own: it has a harmless title.",
    code="For your phone: the camera opens the calendar.",
    code_of="QR code with the address of the calendar",
    groups="Groups",
    all_groups="All groups",
    next="Next",
    no_groups="There are no groups here at the moment.",
)
SPANISH = Words(
    in_person="En persona",
    online="En línea",
    both="En persona y en línea",
    when_and_where="Cuándo y dónde",
    join="Entrar en línea",
    members_link="Los miembros tienen el enlace",
    map="Ver en un mapa",
    step_free=("La entrada no tiene escalones", "La entrada tiene escalones"),
    accessible_toilet=("Hay un baño accesible", "No hay baño accesible"),
    hearing_loop=("Hay bucle magnético", "No hay bucle magnético"),
    id_required=("En la entrada piden una identificación", "Nadie pide identificación"),
    cameras=("El edificio tiene cámaras", "No hay cámaras"),
    transit="Transporte público",
    parking="Estacionamiento",
    since="desde el {date}",
    dates="Próximas fechas",
    times_of="Según la {zone}.",
    no_dates="Por el momento no hay fechas.",
    cancelled="Cancelado.",
    stay_home="Por favor, no te desplaces.",
    online_only="Solo en línea.",
    come_online="Esta vez la sala está cerrada: por favor, no te desplaces y entra en línea.",
    in_person_only="Solo en persona.",
    come_in_person="Esta vez no hay videollamada: por favor, ven en persona.",
    moved="Cambia de fecha; era el {when}.",
    elsewhere="Esta vez en otro lugar: {place}.",
    subscribe="Ponlo en tu calendario",
    why_subscribe="Suscríbete una vez: las fechas nuevas, los cambios y las cancelaciones aparecen solos.",
    reminders="Recordatorios",
    why_reminders="Por correo o mensaje, y cuando algo cambia. No se pide ningún nombre; déjalo cuando quieras.",
    get_reminders="Recibir recordatorios",
    subscribe_here="Apple, Outlook, Thunderbird",
    calendar_file="Archivo de calendario",
    by_hand="Si un botón no funciona",
    by_hand_steps=(
        "Copia esta dirección.",
        "En Google Calendar, en una computadora: «Otros calendarios», +, «Desde URL».",
        "En Outlook en la web: «Agregar calendario», «Suscribirse desde la web».",
        "En un iPhone: Ajustes, cuentas de Calendario, «Añadir calendario suscrito».",
    ),
    how_soon="Los calendarios buscan cambios cuando quieren: Google una o dos veces al día, otros cada pocas horas. "
    "Antes de salir, mira esta página.",
    shared="Muestra el nombre de este grupo. Si otra persona puede ver tu calendario, "
    "pídenos uno propio: lleva un título inofensivo.",
    code="Para tu teléfono: la cámara abre el calendario.",
    code_of="Código QR con la dirección del calendario",
    groups="Grupos",
    all_groups="Todos los grupos",
    next="Próxima fecha",
    no_groups="Por el momento no hay grupos aquí.",
)
WORDS = {"en": ENGLISH, "es": SPANISH}


def of(wanted: str) -> Words:
    """Return the words of a language, English ones when we do not write it."""
    return WORDS[language(wanted)]
