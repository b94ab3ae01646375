"""Numbers for whoever watches, without a name in them."""

from datetime import timedelta

from commands.metrics import Metrics
from commands.service import Service, Tick, beat, deliver_all
from meetup.values import Channel
from notifications.deliver import Post
from tests.notifications.walk import Walk, moment

EVERY_SECOND = timedelta(seconds=1)


def numbers(metrics: Metrics) -> dict[str, float]:
    lines = [line for line in metrics.text().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_was_sent_is_counted_with_how_late_it_left(near: Walk) -> None:
    metrics = Metrics(near.database, near.clock)
    near.clock.turn_to(moment(26, 17, 1))
    near.plan()
    senders = {Channel.SMS: near.phone, Channel.EMAIL: near.mail}
    service = Service(Post(near.database, dict(senders), near.clock, near.post.addresses, watcher=metrics))

    before = numbers(metrics)
    deliver_all(service)
    after = numbers(metrics)

    assert before['meetup_due{channel="sms"}'] == 1
    assert before["meetup_oldest_due_seconds"] == 60
    assert after['meetup_due{channel="sms"}'] == 0
    assert after['meetup_deliveries_total{channel="sms",state="SENT"}'] == 1
    assert after['meetup_late_seconds_sum{channel="sms"}'] == 60


def test_who_joined_after_a_reminder_was_due_does_not_make_it_late(near: Walk) -> None:
    metrics = Metrics(near.database, near.clock)
    near.clock.turn_to(moment(26, 17, 0))
    near.tick()
    near.clock.turn_to(moment(26, 17, 30))
    near.add("Bea", phone="+12025550199")
    near.clock.turn_to(moment(26, 17, 30) + timedelta(seconds=4))
    near.plan()
    senders = {Channel.SMS: near.phone, Channel.EMAIL: near.mail}

    deliver_all(Service(Post(near.database, dict(senders), near.clock, near.post.addresses, watcher=metrics)))

    assert numbers(metrics)['meetup_late_seconds_sum{channel="sms"}'] == 4


def test_numbers_name_nobody(near: Walk) -> None:
    text = Metrics(near.database, near.clock).text().decode()

    assert [secret for secret in ("Ada", "2025550123", "example.org", "circle") if secret in text] == []


def test_ticks_are_counted_with_those_that_went_wrong(near: Walk) -> None:
    metrics = Metrics(near.database, near.clock)
    service = Service(near.post, ears=(metrics.ticked,))

    beat(service, Tick("plan", EVERY_SECOND, lambda: None))
    beat(service, Tick("plan", EVERY_SECOND, lambda: 1 / 0))

    found = numbers(metrics)
    assert (found['meetup_tick_seconds_count{tick="plan"}'], found['meetup_ticks_failed_total{tick="plan"}']) == (2, 1)
