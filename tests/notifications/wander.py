"""Wandering through all that people, organizers, carriers and time may do, all by chance."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from sqlmodel import select

from meetup.errors import MeetupError, NotFound
from meetup.people import consent, contacts, joining, members, privacy, subscriptions
from meetup.people.consent import Wording
from meetup.people.joining import Wish
from meetup.people.members import MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, Group, Member
from meetup.values import Channel, Kind, Preference, Source
from notifications import reports
from notifications.inbound import Text, take_text
from notifications.tidy import tidy
from tests.notifications.judge import Judge, Sent
from tests.notifications.memory import Line, Memory
from tests.notifications.walk import Walk

PHONES = [f"+1202555{number:04d}" for number in range(140, 147)]
MAILS = [f"{name}@example.org" for name in ("ada", "ben", "cleo", "dora", "eli", "fay", "gus")]
GROUPS = (1, 2)
WORDS = Wording("reply YES", "sms/en/1", "en")


class Wander:
    """The walk: people, organizers, carriers and time, each as chance has it."""

    def __init__(self, walk: Walk, seed: int) -> None:
        self.dice = random.Random(seed)
        self.memory = Memory(GROUPS)
        self.wire = Judge(walk.database, walk.clock, self.memory)
        self.walk = replace(walk, phone=self.wire, mail=self.wire)
        self.numbers = count()
        self.dead: set[int] = set()  # letters whose member is gone: their links lead nowhere
        self.done: Counter[str] = Counter()

    @property
    def now(self) -> datetime:
        return self.walk.clock.now()

    def go(self, steps: int) -> None:
        """Do so many things of all that may happen, and tell everybody who has to be told in between."""
        deeds, weights = zip(*DEEDS.items(), strict=True)
        for deed in self.dice.choices(deeds, weights, k=steps):
            with suppress(MeetupError), self.walk.database.writing() as session:
                deed(self, session)
                self.done[deed.__name__] += 1
            self.walk.clock.pass_(minutes=self.dice.randint(1, 300))
            # Much is said between planning and sending.
            if self.dice.random() < 0.4:
                self.walk.plan()
            if self.dice.random() < 0.5:
                self.deliver()

    def deliver(self) -> None:
        """Deliver; then hear from the carriers who left there."""
        self.walk.deliver()
        for address in self.wire.gone:
            self.memory.stop(address, self.now)
        self.wire.gone.clear()

    # Who and where

    def line(self) -> Line:
        """Return somebody's phone or mailbox."""
        if not self.memory.living:
            raise NotFound("Nobody is here")
        return self.dice.choice(sorted(self.memory.living))

    def point(self, session: Session, line: Line) -> ContactPoint:
        return contacts.of_member(session, line[0])[line[1]]

    def group(self) -> int:
        return self.dice.choice(GROUPS)

    def letter(self, *, asking: bool) -> Sent | None:
        """Return a mail that somebody has, mostly a late one; its links work as long as anybody keeps it."""
        mails = [
            one for one in self.wire.letters if one.channel is Channel.EMAIL and (one.kind is Kind.OPT_IN) is asking
        ]
        return self.dice.choice(mails[-self.dice.choice([3, 3, 30]) :]) if mails else None

    def settle(self, session: Session, address: str) -> None:
        """Note who came to live at an address by joining."""
        point = session.exec(select(ContactPoint).where(ContactPoint.state != "replaced")).all()
        for one in point:
            if contacts.address(session, one) == address:
                self.memory.move((one.member_id, Channel(one.channel)), address)

    # What organizers do

    def come(self, session: Session) -> None:
        """Take a new member in."""
        phone, mail = self.dice.choice(PHONES), self.dice.choice(MAILS)
        member = members.add(session, MemberDraft(f"Member {next(self.numbers)}", phone, mail), self.now)
        for group in GROUPS:
            there = session.get_one(Group, group)
            subscriptions.subscribe(session, member, there, Preference.EITHER, list(Channel), self.now)
        self.memory.move((member.id or 0, Channel.SMS), phone)
        self.memory.move((member.id or 0, Channel.EMAIL), mail)

    def grant(self, session: Session) -> None:
        line, group = self.line(), self.group()
        self.memory.grant(self.memory.living[line], group, self.now)
        consent.grant(session, self.point(session, line), group, WORDS, self.now)

    def paper(self, session: Session) -> None:
        line, group = self.line(), self.group()
        signed = (self.now - timedelta(days=self.dice.choice([0, 1, 3, 20]))).date()
        self.memory.paper(line, group, signed, self.now)
        consent.on_paper(session, self.point(session, line), group, signed, self.now)

    def revoke(self, session: Session) -> None:
        line, group = self.line(), self.group()
        self.memory.leave(self.memory.living[line], group, self.now, own=False)
        consent.revoke(session, self.point(session, line), group, Source.ORGANIZER, self.now)

    def leave(self, session: Session) -> None:
        """Let a member leave a group, by her own page or by an organizer."""
        (member, _), group, own = self.line(), self.group(), self.dice.random() < 0.5
        source = Source.PAGE if own else Source.ORGANIZER
        there = session.get_one(Group, group)
        subscriptions.leave(session, session.get_one(Member, member), there, self.now, source)
        for address in self.of(member):
            self.memory.leave(address, group, self.now, own=own)

    def of(self, member: int) -> list[str]:
        return [address for (whose, _), address in self.memory.living.items() if whose == member]

    def replace(self, session: Session) -> None:
        """Give a member another number or mail address: a free one, an old one of hers, or somebody else's."""
        line = self.line()
        address = self.dice.choice(PHONES if line[1] is Channel.SMS else MAILS)
        contacts.add(session, session.get_one(Member, line[0]), line[1], address, self.now)
        self.memory.move(line, address)

    def erase(self, session: Session) -> None:
        member, _ = self.line()
        privacy.forget(session, session.get_one(Member, member), Source.ORGANIZER, self.now)
        self.memory.erase(member, self.now)
        self.bury({member})

    def bury(self, gone: set[int]) -> None:
        """Note whose letters lead nowhere any more, whoever gets that number next."""
        self.dead |= {id(one) for one in self.wire.letters if one.member in gone}

    # What people do

    def form(self, session: Session) -> None:
        """Fill in the form of a group's page."""
        mail, group = self.dice.choice(MAILS), self.group()
        joining.ask(session, Wish(Channel.EMAIL, mail, group, WORDS), self.now)
        self.settle(session, mail)
        self.memory.wish(mail, group, self.now)

    def join(self, session: Session) -> None:
        """Text the code of a group's page."""
        phone, group = self.dice.choice(PHONES), self.group()
        code = joining.offer(session, session.get_one(Group, group), WORDS, self.now)
        self.text(session, phone, f"JOIN {code}")
        self.settle(session, phone)
        if self.memory.at_home(phone):
            self.memory.wish(phone, group, self.now)
            self.memory.confirm(phone, self.now)

    def yes(self, session: Session) -> None:
        phone = self.dice.choice(PHONES)
        self.memory.confirm(phone, self.now)
        self.text(session, phone, self.dice.choice(["YES", "si"]))

    def stop(self, session: Session) -> None:
        phone = self.dice.choice(PHONES)
        self.memory.stop(phone, self.now)
        self.text(session, phone, self.dice.choice(["STOP", "baja", "please stop texting me"]))

    def start(self, session: Session) -> None:
        phone = self.dice.choice(PHONES)
        self.memory.start(phone, self.now)
        self.text(session, phone, "START")

    def text(self, session: Session, phone: str, body: str) -> None:
        take_text(session, Text(f"SM{next(self.numbers)}", phone, body), self.now)

    def stop_everything(self, session: Session) -> None:
        """Press the button on her own page."""
        member, _ = self.line()
        for point in contacts.of_member(session, member).values():
            consent.stop(session, point, Source.PAGE, self.now)
        for address in self.of(member):
            self.memory.stop(address, self.now)

    def agree(self, session: Session) -> None:
        """Press the button in a mail that asked, however old it is."""
        letter = self.letter(asking=True)
        if letter is None:
            return
        word = self.memory.asked(letter.to, letter.group, self.now)
        if word is not None and word.at == letter.relied[0] and id(letter) not in self.dead:
            self.memory.confirm(letter.to, self.now)
        reports.agree(session, letter.entry, self.now)

    def unsubscribe(self, session: Session) -> None:
        """Press the button in any other mail: it ends the group's mail at the address that is hers by now, too."""
        letter = self.letter(asking=False)
        if letter is None:
            return
        if id(letter) not in self.dead:
            living = self.memory.living.get((letter.member, Channel.EMAIL), letter.to)
            for address in {letter.to, living} if self.memory.known(letter.to) else {living}:
                self.memory.leave(address, letter.group, self.now, own=True)
        reports.unsubscribe(session, letter.contact, letter.group, self.now)

    # What time does

    def time(self, _session: Session) -> None:
        self.walk.clock.pass_(hours=self.dice.choice([3, 12, 30, 24 * 31]))

    def tidy(self, session: Session) -> None:
        """Let whoever never answered go."""
        before = set(self.memory.members())
        tidy(session, self.now)
        gone = before - set(session.exec(select(Member.id)).all())
        for member in gone:
            self.memory.vanish(member)
        self.bury(gone)


DEEDS: dict[Callable[[Wander, Session], None], int] = {
    Wander.come: 5, Wander.grant: 12, Wander.paper: 12, Wander.revoke: 3, Wander.leave: 2, Wander.replace: 5,
    Wander.erase: 2, Wander.form: 6, Wander.join: 6, Wander.yes: 12, Wander.stop: 6, Wander.start: 6,
    Wander.stop_everything: 1, Wander.agree: 10, Wander.unsubscribe: 5, Wander.time: 4, Wander.tidy: 2,
}  # fmt: skip
