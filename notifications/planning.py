"""Everything that turns facts into deliveries, in order; each step is a transaction of its own."""

from collections.abc import Callable
from datetime import datetime

from meetup.storage.database import Session
from notifications.announcements import plan_announcements
from notifications.instead import plan_instead
from notifications.notices import plan_notices, plan_requests
from notifications.page_keys import plan_keys
from notifications.plan import plan
from notifications.still_fine import plan_questions

Step = Callable[[Session, datetime], int]
STEPS: tuple[Step, ...] = (
    *(plan_keys, plan_requests, plan_questions),
    *(plan, plan_notices, plan_announcements, plan_instead),
)
