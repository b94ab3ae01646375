"""What people said, as an attentive listener remembers it: the measure of the walk of consent.

Written from what was promised to people (docs/guide/consent.md), address by address; it knows nothing of the ledger.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from meetup.values import Channel

LAPSES = timedelta(days=30)
Line = tuple[int, Channel]  # a member's phone or mailbox


class Said(StrEnum):
    """What was said about a group."""

    ASKED = "asked"
    AGREED = "agreed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Word:
    """Something that was said at an address about a group, or about all of them."""

    at: datetime
    said: Said
    group: int | None
    own: bool = True  # said by the person herself

    def concerns(self, group: int) -> bool:
        """Tell whether it is about a group."""
        return self.group in {None, group}


@dataclass
class Memory:
    """Who lives where, and what was said there."""

    groups: tuple[int, ...]
    words: dict[str, list[Word]] = field(default_factory=lambda: defaultdict(list))
    living: dict[Line, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    erased: dict[str, datetime] = field(default_factory=dict)
    former: dict[str, int] = field(default_factory=dict)  # whose an address was that had been stopped

    # What holds

    def last(self, address: str, group: int) -> Word | None:
        """Return the last word about a group."""
        return next((word for word in reversed(self.words[address]) if word.concerns(group)), None)

    def agreed(self, address: str, group: int) -> Word | None:
        """Return the yes that stands, if one does."""
        word = self.last(address, group)
        return word if word is not None and word.said is Said.AGREED else None

    def asked(self, address: str, group: int, now: datetime) -> Word | None:
        """Return the question that is open, if one is."""
        word = self.last(address, group)
        return word if word is not None and word.said is Said.ASKED and now < word.at + LAPSES else None

    def at_home(self, address: str, *, stopped: bool = False) -> bool:
        """Tell whether somebody lives there who did not stop everything, or who did."""
        return address in self.living.values() and (address in self.stopped) is stopped

    def known(self, address: str) -> bool:
        """Tell whether it is, or was, the address of somebody here."""
        return address in self.living.values() or address in self.former

    # Who lives where

    def move(self, line: Line, address: str) -> None:
        """Note that a member is reached somewhere else from now on."""
        if self.living.get(line) == address:
            return
        self._leave(line)
        self.living[line] = address
        self.former.pop(address, None)
        if address in self.erased and not self.words[address]:
            self.stopped.add(address)
            self.words[address] = [Word(self.erased[address], Said.LEFT, None)]

    def erase(self, member: int, now: datetime) -> None:
        """Note that all that is known of a member is gone, but for the wish to be left alone."""
        hers = [address for (whose, _), address in self.living.items() if whose == member]
        hers += [address for address, whose in self.former.items() if whose == member]
        self.vanish(member)
        for address in hers:
            self.erased[address] = now
            self.stopped.add(address)

    def vanish(self, member: int) -> None:
        """Note that a member is gone as if she had never been there."""
        for line in [line for line in self.living if line[0] == member]:
            self._forget(self.living.pop(line))
        for address in [address for address, whose in self.former.items() if whose == member]:
            del self.former[address]
            self._forget(address)

    def members(self) -> list[int]:
        """Return who is here."""
        return sorted({member for member, _ in self.living})

    def _leave(self, line: Line) -> None:
        old = self.living.pop(line, "")
        if old in self.stopped:
            self.former[old] = line[0]
        else:
            self._forget(old)

    def _forget(self, address: str) -> None:
        self.words.pop(address, None)
        self.stopped.discard(address)

    # What is said

    def grant(self, address: str, group: int, now: datetime) -> None:
        """Hear an organizer say that somebody agreed: that is worth one question, and none after her own no."""
        last = self.last(address, group)
        if address not in self.stopped and (last is None or (last.said is Said.LEFT and not last.own)):
            self._say(address, Said.ASKED, group, now)

    def wish(self, address: str, group: int, now: datetime) -> None:
        """Hear somebody ask to be asked."""
        if address in self.stopped or self.agreed(address, group) or self.asked(address, group, now):
            return
        self._say(address, Said.ASKED, group, now)

    def paper(self, line: Line, group: int, signed: date, now: datetime) -> None:
        """See a paper: it counts unless she took it back since; a phone that was stopped waits for START."""
        address = self.living[line]
        noes = [word.at for word in self.words[address] if word.said is Said.LEFT and word.own and word.concerns(group)]
        noes += [self.erased[address]] if address in self.erased else []
        said_no = any(at.date() >= signed for at in noes)
        waits = address in self.stopped and line[1] is Channel.SMS
        if waits or said_no or self.agreed(address, group):
            return
        self._say(address, Said.AGREED, group, now)
        self.stopped.discard(address)

    def confirm(self, address: str, now: datetime) -> None:
        """Hear a yes: it answers every question that is open at this address, and no other."""
        for group in self.groups:
            if self.asked(address, group, now):
                self._say(address, Said.AGREED, group, now)

    def leave(self, address: str, group: int, now: datetime, *, own: bool) -> None:
        """Hear a no to one group."""
        last = self.last(address, group)
        if last is not None and last.said is not Said.LEFT:
            self._say(address, Said.LEFT, group, now, own=own)

    def stop(self, address: str, now: datetime, *, own: bool = True) -> None:
        """Hear a no to everything."""
        if not self.known(address):
            return
        if address not in self.stopped or address in self.former:
            self._say(address, Said.LEFT, None, now, own=own)
        self.stopped.add(address)

    def start(self, address: str, now: datetime) -> None:
        """Hear START: what the stop ended is asked again, and nothing else."""
        if not self.at_home(address, stopped=True):
            return
        self.stopped.discard(address)
        # Nothing is left of what an erased person said, but that nobody writes before she says so: now she does.
        erased = self.erased.get(address)
        self.words[address] = [word for word in self.words[address] if word.at != erased]
        for group in self._ended(self.words[address]):
            self._say(address, Said.ASKED, group, now)

    def _ended(self, words: list[Word]) -> Iterable[int]:
        stop = max((place for place, word in enumerate(words) if word.group is None), default=0)
        before = Memory(self.groups, words=defaultdict(list, {"": words[:stop]}))
        lasts = ((group, before.last("", group)) for group in self.groups)
        return [group for group, word in lasts if word is not None and word.said is not Said.LEFT]

    def _say(self, address: str, said: Said, group: int | None, now: datetime, *, own: bool = True) -> None:
        self.words[address].append(Word(now, said, group, own))
