"""How reminder systems fail, each as a test named after the thread that taught it, with data that could fail."""

import dataclasses
import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import col, select

from commands.engines.local import Every
from commands.service import Service, late, plan_all
from meetup.errors import MeetupError
from meetup.storage.tables import ConsentRow, Group
from meetup.values import Channel, State
from notifications.deliver import WORKERS, Post, deliver_due
from notifications.messages import Message, NotSent, Outcome, Refused, Unknown
from notifications.plan import HORIZON
from tests.fakes import FakeSender
from tests.notifications.walk import ADA, BEN, Walk, add_rule, at, crowd, moment, wall

EVENING = (26, 17)  # two hours before the circle meets


def told(walk: Walk) -> list[str]:
    """Return whose phones were written to, in order."""
    return [message.to for message in walk.phone.sent]


def remind(walk: Walk, *rules: str) -> None:
    with walk.database.writing() as session:
        for rule in rules:
            add_rule(session, session.get_one(Group, walk.group_id), rule, walk.clock)


def reminders_by_text(walk: Walk) -> list[str]:
    return walk.states(channel="sms", kind="reminder")


def test_f1_cal_diy_7225_more_people_than_a_provider_lets_one_cancel(near: Walk) -> None:
    with near.database.writing() as session:
        crowd(session, 120)
    near.plan()
    near.cancel()

    at(near, *EVENING)

    assert Counter(reminders_by_text(near)) == {"SUPPRESSED": 121}
    assert {body.count("cancelled") for body in near.phone.bodies} == {1}


def test_f2_cal_diy_10166_one_seat_of_a_group_is_given_up(near: Walk) -> None:
    near.add("Ben", BEN)
    remind(near, "1h by sms")
    at(near, *EVENING)
    near.text("0")

    at(near, 26, 18)

    assert sorted(told(near)) == [ADA, BEN, BEN]


def test_f3_cal_diy_12407_the_old_time_after_a_move(near: Walk) -> None:
    near.move(wall(26, 21))
    near.until(minutes=11)
    assert "9:00" in near.phone.bodies[0]
    at(near, *EVENING)
    assert len(told(near)) == 1

    at(near, 26, 19)

    assert len(told(near)) == 2
    assert all("9:00" in body for body in near.phone.bodies[1:])


def test_f4_cal_diy_10749_a_late_joiner_gets_every_lead_at_once(near: Walk) -> None:
    remind(near, "6h by sms", "5h by sms", "4h by sms", "24h by sms")
    at(near, 26, 15, 30)
    before = len(told(near))
    near.add("Ben", BEN)

    near.until(minutes=1)

    assert told(near)[before:] == [BEN]


def test_f5_ocg_event_reminder_sent_at_a_late_joiner_gets_none(near: Walk) -> None:
    assert [mail.to for mail in near.mail.sent] == []
    assert "SENT" in near.states(channel="email")
    near.add("Ben", email="ben@example.org")

    near.until(minutes=1)

    assert [mail.to for mail in near.mail.sent] == ["ben@example.org"]


class Broken(FakeSender):
    """A channel that breaks at its third message."""

    def send(self, message: Message, deadline: float) -> Outcome:
        """Send two, then break."""
        if len(self.sent) == 2:
            raise RuntimeError
        return super().send(message, deadline)


def test_f6_civicrm_31600_a_job_that_fails_half_way_grows_with_each_run(near: Walk) -> None:
    with near.database.writing() as session:
        crowd(session, 5)
    near.clock.turn_to(moment(*EVENING))
    near.plan()
    before = len(near.rows())
    breaking = Broken()
    broken = dataclasses.replace(near.post, senders={Channel.SMS: breaking})

    for _ in range(5):
        deliver_due(broken)
        near.plan()

    assert len(near.rows()) == before
    assert max(Counter(message.to for message in breaking.sent).values()) == 1


def test_f7_civicrm_6606_one_date_reminded_at_every_cron_for_a_day(near: Walk) -> None:
    for _ in range(24):
        near.until(hours=1)

    assert told(near) == [ADA]


def test_f8_civicrm_8025_a_date_that_is_moved_again_and_again(near: Walk) -> None:
    for hour in (20, 21, 20, 21):
        near.move(wall(26, hour))
        near.until(minutes=2)
    near.until(minutes=10)

    at(near, 26, 19)
    at(near, 26, 19, 30)

    assert reminders_by_text(near)[0] == "SENT"
    assert near.states(kind="moved", channel="sms").count("SENT") == 1
    assert len(told(near)) == 2


def test_f9_nextcloud_notifications_1386_a_skipped_date_is_pushed_at_every_run(walk: Walk) -> None:
    walk.skip()
    for _ in range(80):
        walk.until(hours=1)

    assert (told(walk), walk.mail.sent) == ([], [])


def test_f10_nextcloud_server_21370_everybody_is_told_once_for_each_attendee(near: Walk) -> None:
    people = [f"+1202555012{number}" for number in range(4, 8)]
    for phone in people:
        near.add(f"Member {phone}", phone)

    at(near, *EVENING)

    assert sorted(told(near)) == sorted([ADA, *people])


def test_f11_nextcloud_server_53184_always_late(near: Walk) -> None:
    near.plan()
    near.clock.turn_to(moment(*EVENING) - timedelta(seconds=1))
    assert near.deliver() == {}

    near.clock.pass_(seconds=1)

    assert near.deliver() == {State.SENT: 1}


def test_f12_nextcloud_calendar_4778_the_evening_before_by_the_clock_of_the_server(walk: Walk) -> None:
    remind(walk, "18:00 the evening before by email")
    at(walk, 25, 17, 59)
    before = len(walk.mail.sent)

    at(walk, 25, 18)

    assert (before, len(walk.mail.sent)) == (0, 1)


def test_f13_indico_4893_a_date_moved_into_the_past(near: Walk) -> None:
    with pytest.raises(MeetupError):
        near.move(wall(25, 10))
    near.clock.turn_to(moment(26, 19))
    near.tick()

    assert told(near) == []
    assert reminders_by_text(near)[0] == "MISSED"


def test_f14_indico_5285_cancelled_is_only_a_label(near: Walk) -> None:
    near.cancel()
    near.until(minutes=11)
    at(near, *EVENING)

    assert [body.count("is cancelled") for body in near.phone.bodies] == [1]
    assert near.row(channel="sms", lead="2h", state="SUPPRESSED").reason


def test_f15_healthchecks_212_marked_as_done_and_then_the_process_died(near: Walk) -> None:
    near.clock.turn_to(moment(*EVENING))
    near.plan()
    near.phone.outcomes = [Unknown("the process died")]
    near.deliver()

    assert reminders_by_text(near)[0] == "UNCERTAIN"
    for _ in range(4):
        near.reconcile(minutes=3)
    assert reminders_by_text(near)[0] == "HELD"


def test_f16_healthchecks_156_nobody_knows_that_nothing_runs(near: Walk) -> None:
    assert set(late(Service(near.post))) == {"plan", "deliver", "tidy"}


def test_f17_listmonk_3022_finished_although_people_were_skipped(near: Walk) -> None:
    near.add("Ben", BEN)
    near.add("Cleo", "+12025550125")
    near.phone.outcomes = [
        Refused("21211", "no mobile phone has this number", bad_address=True),
        NotSent("429", "busy"),
    ]
    at(near, *EVENING)
    near.until(minutes=2)

    ends = Counter(row.state for row in near.rows(channel="sms", lead="2h") if row.slot.day == 26)
    assert ends == {"SENT": 2, "FAILED": 1}
    assert near.row(state="FAILED").reason == "no mobile phone has this number"


def test_f18_listmonk_2313_three_copies_after_it_went_on(near: Walk) -> None:
    with near.database.writing() as session:
        crowd(session, 30)
    near.plan()
    near.clock.turn_to(moment(*EVENING))
    paused = Pausing(near.post.stop)
    deliver_due(dataclasses.replace(near.post, senders={Channel.SMS: paused}))
    near.post.stop.clear()
    assert 0 < len(paused.sent) <= WORKERS[Channel.SMS]

    near.deliver()

    assert set(Counter([*(one.to for one in paused.sent), *told(near)]).values()) == {1}
    assert len(paused.sent) + len(told(near)) == 31


class Pausing(FakeSender):
    """A channel during whose first message somebody pauses the service."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop

    def send(self, message: Message, deadline: float) -> Outcome:
        """Send, and pause."""
        self.stop.set()
        return super().send(message, deadline)


def test_f19_citygram_246_a_text_in_the_middle_of_the_night(near: Walk) -> None:
    near.add("Ben", BEN, zone="Europe/Berlin")
    near.plan()
    at(near, 26, 13, 59)  # a minute before eight in Berlin
    early = told(near)

    at(near, *EVENING)  # 23:00 in Berlin

    assert (early, told(near)) == ([BEN], [BEN, ADA])


def test_f20_episphere_connect_1104_only_the_carrier_knows_who_left(near: Walk) -> None:
    near.phone.outcomes = [Refused("21610", "opted out", opted_out=True)]
    at(near, *EVENING)
    for day in (28, 30):
        at(near, day, 12)
    near.clock.turn_to(moment(30, 17) + timedelta(days=3))
    near.tick()

    with near.database.reading() as session:
        revoked = session.exec(select(ConsentRow).where(col(ConsentRow.action) == "revoked")).all()
    assert [entry.source for entry in revoked] == ["carrier"]
    assert told(near) == [ADA]


@pytest.mark.parametrize("word", ["STOP", "Revoke", " optout ", "OPT OUT", "stopall", "END", "Baja"])
def test_f21_rock_6399_a_word_for_leaving_that_is_not_on_the_list(near: Walk, word: str) -> None:
    near.text(word)

    at(near, *EVENING)

    assert told(near) == []


def test_f22_redplanethq_core_626_sent_without_an_account(near: Walk) -> None:
    near.clock.turn_to(moment(*EVENING))
    near.plan()

    assert deliver_due(dataclasses.replace(near.post, senders={})) == {}
    assert reminders_by_text(near)[0] == "PLANNED"


def test_f23_twilio_ruby_519_a_time_out_is_sent_again_and_billed_twice(near: Walk) -> None:
    near.phone.outcomes = [Unknown("timed out")]
    at(near, *EVENING)
    for _ in range(20):
        near.until(minutes=5)
        near.reconcile()

    assert told(near) == [ADA]


def test_f24_scoutplan_392_a_reminder_for_whoever_declined(near: Walk) -> None:
    remind(near, "1h by email", "90m by sms")
    at(near, *EVENING)
    near.text("0")
    mails = len(near.mail.sent)

    at(near, 26, 17, 30)
    at(near, 26, 18)

    assert (told(near), len(near.mail.sent)) == ([ADA], mails)


def test_f25_lokole_1_four_web_workers_are_four_schedulers(near: Walk) -> None:
    with near.database.writing() as session:
        crowd(session, 40)
    near.clock.turn_to(moment(*EVENING))
    workers = [dataclasses.replace(near.post, gates={}) for _ in range(4)]

    def work(post: Post) -> None:
        plan_all(Service(post))
        deliver_due(post)

    threads = [threading.Thread(target=work, args=(post,)) for post in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(Counter(told(near)).values()) == {1}
    assert len(told(near)) == 41


def test_f26_apscheduler_481_a_late_job_is_dropped_and_the_backlog_is_a_storm(near: Walk) -> None:
    near.plan()
    near.clock.turn_to(moment(26, 18))

    assert near.deliver() == {State.SENT: 1}
    tick = Every(timedelta(seconds=5))
    assert tick.get_next_fire_time(moment(20, 17), moment(26, 17)) == moment(26, 17) + timedelta(seconds=5)


def test_f34_discourse_calendar_632_an_answer_is_kept_for_the_next_date(near: Walk) -> None:
    remind(near, "1h by sms")
    at(near, *EVENING)
    near.text("0")
    at(near, 26, 18)
    assert told(near) == [ADA]

    near.clock.turn_to(moment(26, 17) + timedelta(days=7) - HORIZON / 2)
    near.tick()
    near.clock.turn_to(moment(26, 17) + timedelta(days=7))
    near.tick()

    assert told(near) == [ADA, ADA]
