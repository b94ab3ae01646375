"""What a command did: gathered while the session is open, said when the change is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from commands import occurrences, output
from meetup import agenda, naming
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import Meeting

SHOWN = 5
MANY = 3


@dataclass(slots=True)
class Report:
    """Sentences, warnings, and the next dates of a meeting; `plan` opens the sentences of a dry run.

    What is worth knowing only once it is done stands in `after`.
    """

    lines: list[str]
    plan: str = ""
    after: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    coming: list[Occurrence] | None = None

    def warn_of(self, surprises: Iterable[str]) -> None:
        """Add the first few surprises, and how many more there are."""
        found = list(surprises)
        self.warnings += found[:MANY]
        if len(found) > MANY:
            self.warnings.append(f"The same happens on {len(found) - MANY} more dates within two years")

    def look(self, session: Session, meeting: Meeting, since: datetime) -> None:
        """Look at the dates of a meeting from a moment on."""
        self.coming = occurrences.coming([agenda.one_series(session, naming.key(meeting))], since, SHOWN)

    def show(self, *, dry_run: bool) -> None:
        """Say all of it; the dates are data, the words are not."""
        lines = [self.plan, *self.lines[1:]] if dry_run and self.plan else self.lines
        if dry_run:
            output.say("Nothing is changed. Without --dry-run this would happen:")
        for line in lines:
            output.say(line)
        for warning in self.warnings:
            output.warn(warning)
        if self.coming is not None:
            occurrences.table(self.coming, empty="It has no dates to come")
