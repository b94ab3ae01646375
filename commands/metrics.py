"""Numbers for Prometheus: what was counted while this process ran, and how the outbox stands right now."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlmodel import col

from meetup.clock import Clock
from meetup.storage.database import Database, Session
from meetup.storage.tables import DeliveryRow, Heartbeat
from meetup.values import Channel, State
from notifications import queued

SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
TICKS = (0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120)
OPEN = (State.PLANNED, State.CLAIMED, State.SUBMITTING, State.UNCERTAIN, State.HELD)


class Metrics:
    """Counts what it is told, and looks at the database when it is asked."""

    def __init__(self, database: Database, clock: Clock) -> None:
        own = self._registry = CollectorRegistry()
        channel = ["channel"]
        self._outcomes = Counter("meetup_deliveries", "Messages by outcome", ["channel", "state"], registry=own)
        self._late = Histogram("meetup_late_seconds", "Due to handed over", channel, buckets=SECONDS, registry=own)
        self._took = Histogram("meetup_dwell_seconds", "Claimed to settled", channel, buckets=SECONDS, registry=own)
        self._ticks = Histogram("meetup_tick_seconds", "How long ticks took", ["tick"], buckets=TICKS, registry=own)
        self._failed = Counter("meetup_ticks_failed", "Ticks that went wrong", ["tick"], registry=own)
        own.register(Standing(database, clock))

    def settled(self, channel: Channel, state: State, late: float, took: float) -> None:
        """Note an outcome."""
        self._outcomes.labels(channel.value, state.value).inc()
        self._late.labels(channel.value).observe(max(late, 0.0))
        self._took.labels(channel.value).observe(max(took, 0.0))

    def ticked(self, name: str, seconds: float, well: bool) -> None:
        """Note a tick."""
        self._ticks.labels(name).observe(seconds)
        if not well:
            self._failed.labels(name).inc()

    def text(self) -> bytes:
        """Return everything in the form that Prometheus reads."""
        return bytes(generate_latest(self._registry))


class Standing(Collector):
    """How the outbox stands when somebody looks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> list[GaugeMetricFamily]:
        """Name nothing before it is asked: registering must not open the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges, read in one go."""
        now = self._clock.now()
        with self._database.reading() as session:
            counts = queued.counts(session, OPEN)
            waiting = {channel.value: queued.due(session, channel, now) for channel in Channel}
            oldest = _oldest(session)
            beats = session.execute(select(col(Heartbeat.name), col(Heartbeat.finished_at))).all()
        overdue = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
        ages = {name: (now - at).total_seconds() for name, at in beats if at is not None}
        yield _gauge("meetup_open", "Messages not settled", "state", {one.value: counts.get(one, 0) for one in OPEN})
        yield _gauge("meetup_due", "Messages that are due", "channel", waiting)
        yield GaugeMetricFamily("meetup_oldest_due_seconds", "How long the oldest has been due", value=overdue)
        yield _gauge("meetup_heartbeat_age_seconds", "Since the last tick that ended well", "tick", ages)


def _oldest(session: Session) -> datetime | None:
    planned = col(DeliveryRow.state) == State.PLANNED.value
    found: datetime | None = session.execute(select(func.min(col(DeliveryRow.due_at))).where(planned)).scalar()
    return found


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
