"""Series in memory by their version: whoever shows what has not changed reads nothing but that it has not."""

import threading
from collections.abc import Mapping

from meetup import agenda
from meetup.feeds.pile import Pile
from meetup.schedule.series import Series
from meetup.storage.database import Session

MOST_SERIES = 5_000


class Known:
    """Keeps series, for any thread."""

    def __init__(self, most: int = MOST_SERIES) -> None:
        self._kept: Pile[int, Series] = Pile(most)
        self._lock = threading.Lock()

    def series(self, session: Session, versions: Mapping[int, int]) -> dict[int, Series]:
        """Return meetings by their numbers, given the versions that they have now; those that changed are read."""
        kept = ((number, self._kept.get(number)) for number in versions)
        found = {number: one for number, one in kept if one is not None and one.version == versions[number]}
        missing = [number for number in versions if number not in found]
        for one in agenda.all_series(session, missing) if missing else ():
            found[one.meeting_id] = one
            with self._lock:
                self._kept.put(one.meeting_id, one)
        return found
