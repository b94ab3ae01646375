"""`meetup demo`: one week of a believable organization, through the real channels, in a few seconds."""

import contextlib
import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from commands import house, output, stage
from commands.context import Context
from commands.playbill import Playbill
from commands.rehearsal import town, week
from commands.rehearsal.mailbox import Mailbox
from commands.rehearsal.twilio import RehearsalTwilio
from commands.stage import Stage, StageClock
from commands.stopping import stopping
from meetup import agenda, groups, naming
from meetup.errors import AlreadyExists, MeetupError
from meetup.feeds import links
from meetup.people import contacts, members, visits
from meetup.people.visits import Purpose
from meetup.storage import schema, vault
from meetup.storage.database import Database
from meetup.values import Channel


def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Leave the service running on it")] = False,
    keep: Annotated[str, typer.Option(metavar="DIR", help="Keep the database, feeds and messages here")] = "",
) -> None:
    """Play one week with a dozen members, and show what each phone and mailbox received."""
    began = time.monotonic()
    clock = StageClock(week.BEGIN)
    with _directory(keep) as home, stage.servers(clock, home / "texts.jsonl") as (mailbox, twilio):
        here = Context(environment(home, mailbox, twilio), clock)
        with contextlib.closing(found(here)):
            scene = Stage(house.service(here), clock, mailbox, twilio)
            broken = play(here, scene, Playbill(scene, home, kept=bool(keep)), began)
            if serve and not broken:
                _go_on(here, clock, home)
    judge(broken)


def judge(broken: Sequence[str]) -> None:
    """Fail when anything went otherwise than promised."""
    if broken:
        raise MeetupError("The week went otherwise than promised:\n  " + "\n  ".join(broken))


def play(here: Context, scene: Stage, bill: Playbill, began: float) -> list[str]:
    """Play the week with the web running, and show what came of it; return the promises that were broken."""
    with contextlib.ExitStack() as stack:
        stack.callback(house.hang_up, scene.service)
        running = stack.enter_context(house.running(here, worker=False))
        scene.twilio.inbound_url = f"{running.url}/twilio/sms"
        bill.overture(running.url, scene.mailbox.url, scene.twilio.base_url)
        scene.play(week.EVENTS, week.END, bill.event)
        feeds = bill.write_feeds(running.url)
    bill.write_messages()
    broken = stage.broken_promises(scene) + bill.indiscretions() + feeds
    bill.finale(time.monotonic() - began, broken)
    return broken


def environment(home: Path, mailbox: Mailbox, twilio: RehearsalTwilio) -> dict[str, str]:
    """Return the settings of an installation of its own, as an organizer would set them."""
    port = stage.free_port()
    return {
        "MEETUP_HOME": str(home),
        "MEETUP_BIND": f"127.0.0.1:{port}",
        "MEETUP_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MEETUP_SMTP_URL": mailbox.url,
        "MEETUP_MAIL_FROM": town.MAIL_FROM,
        "MEETUP_TWILIO_ACCOUNT_SID": twilio.account_sid,
        "MEETUP_TWILIO_AUTH_TOKEN": twilio.auth_token,
        "MEETUP_TWILIO_FROM": twilio.number,
        "MEETUP_TWILIO_BASE_URL": twilio.base_url,
    }


def found(here: Context) -> Database:
    """Set up the town in an installation of its own."""
    keys = vault.create(here.settings.key_file)
    database = Database(here.settings.database_url, keys)
    schema.upgrade(database)
    with database.writing() as session:
        town.build(session, here.clock.now())
    database.close()
    return here.database


@contextlib.contextmanager
def _directory(keep: str) -> Iterator[Path]:
    """Yield a directory of its own: a new one that is kept, or one that is gone afterwards."""
    if not keep:
        with tempfile.TemporaryDirectory(prefix="meetup-demo-") as made:
            yield Path(made)
        return
    home = Path(keep).expanduser().absolute()
    if home.exists() and any(home.iterdir()):
        raise AlreadyExists(f"{home} is not empty", "Name a new directory for --keep")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    yield home


def _go_on(here: Context, clock: StageClock, home: Path) -> None:
    """Let the clock go by itself, and the service run on."""
    clock.let_go()
    stop = stopping()
    with house.running(here) as running:
        output.say(f"\nThe service goes on at {running.url}; its clock shows {clock.now():%A %d %B %Y, %H:%M} UTC")
        output.say("Other commands go by the real clock, and find none of its dates soon; look at these instead:")
        for what, address in _worth_a_look(here, running.url):
            output.say(f"  {what:<27} {address}")
        output.say(f"From another terminal: meetup --home {shlex.quote(str(home))} remind status --list 20")
        output.say("Ctrl-C stops")
        running.watch(stop)
    output.say("Stopped; nothing is half done")


def _worth_a_look(here: Context, url: str) -> list[tuple[str, str]]:
    """Return what a browser or a calendar program can open."""
    with here.writing() as session:
        circle, ada = groups.find(session, "thursday-circle"), members.find(session, "Ada")
        meeting = agenda.of_group(session, naming.key(circle))[0]
        token = links.make(session, ada, here.clock.now())
        point = contacts.of_member(session, naming.key(ada))[Channel.EMAIL]
        key = visits.ask(session, point, Purpose.LINK, here.clock.now())
    return [
        ("A group's page", here.addresses.group_page(circle.slug)),
        ("A group's public calendar", here.addresses.group_feed(circle.slug)),
        ("Ada's own calendar", here.addresses.feed(token)),
        ("Ada's own page, opens once", here.addresses.page_link(naming.key(key)) if key else here.addresses.page),
        ("Ada's way into the room", here.addresses.join(naming.key(ada), meeting.meeting_id)),
        ("Whether the service is well", f"{url}/healthz"),
    ]
