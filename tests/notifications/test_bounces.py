"""Mail that comes back ends its delivery, and closes an address only when that is sure; nobody else can do that."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetup.errors import NoConsent
from meetup.people import consent, contacts, members
from meetup.people.consent import Wording
from meetup.storage.tables import DeliveryRow
from meetup.values import Channel, State
from notifications import outbox
from notifications.bounces import Heard, take_back
from notifications.channels.returned import News, read
from notifications.messages import Message, Outcome, Unknown
from notifications.moves import Settlement
from notifications.rules import arrows, envelopes
from notifications.tidy import tidy
from tests import databases
from tests.fakes import FakeSender
from tests.notifications import postmen
from tests.notifications.walk import Walk, moment

SECRET = databases.VAULT.mail_secret
FORGED = f"bounce+0f1e2d3c4b5a69788796-{'a' * 26}@example.org"
QUESTION = Wording("May we write to you?", "mail/en/1", "en")


def mail(walk: Walk) -> DeliveryRow:
    """Return the newest mail of the reminder."""
    return walk.rows(channel="email", kind="reminder")[-1]


def envelope(walk: Walk) -> str:
    return envelopes.sender("bounce@example.org", SECRET, mail(walk).code)


def hear(walk: Walk, raw: bytes, recipient: str = "") -> Heard | None:
    """Let a message come in."""
    returned = read(raw, recipient)
    with walk.database.writing() as session:
        return take_back(session, returned, walk.clock.now()) if returned else None


def address(walk: Walk) -> str:
    """Return how Ada's mail address stands."""
    return walk.contact("Ada", Channel.EMAIL).state


def mails_of_a_week(walk: Walk) -> int:
    walk.mail.sent.clear()
    for _ in range(7):
        walk.until(days=1)
    return len(walk.mail.sent)


def everything(walk: Walk) -> list[object]:
    with walk.database.reading() as session:
        return [walk.rows(), walk.attempts(), consent.history(session, 1), address(walk)]


# --- what a report says ---


@pytest.mark.parametrize(
    ("raw", "news", "status"),
    [
        (postmen.postfix("x"), News.NOBODY_THERE, "5.1.1"),
        (postmen.postfix("x", "5.1.1 (bad destination mailbox address)"), News.NOBODY_THERE, "5.1.1"),
        (postmen.postfix("x").replace(b"Action: failed", b"ACTION: Failed (for good)"), News.NOBODY_THERE, "5.1.1"),
        (postmen.exchange("x"), News.NOBODY_THERE, "5.1.10"),
        (postmen.gmail("x"), News.NOBODY_THERE, "5.1.1"),
        (postmen.gmail("x", "5.2.1"), News.FULL, "5.2.1"),
        (postmen.exim("x"), News.NOBODY_THERE, "5.1.1"),
        (postmen.exim("x", "smtp; 550 unknown, but not 5.1.1"), News.CAME_BACK, "5.0.0"),
        (postmen.international("x"), News.NOBODY_THERE, "5.1.1"),
        (postmen.postfix("x", "5.1.2"), News.NOBODY_THERE, "5.1.2"),
        (postmen.postfix("x", "5.1.3"), News.NOBODY_THERE, "5.1.3"),
        (postmen.postfix("x", "5.1.6"), News.NOBODY_THERE, "5.1.6"),
        (postmen.postfix("x", "5.2.2"), News.FULL, "5.2.2"),
        (postmen.postfix("x", "5.4.4", "X-Postfix; Host or domain name not found"), News.CAME_BACK, "5.4.4"),
        (postmen.postfix("x", "nonsense", "nonsense"), News.CAME_BACK, "5.0.0"),
        (postmen.postfix("x", "5.7.26"), News.TURNED_AWAY, "5.7.26"),
        (postmen.exchange("x", "5.7.515"), News.TURNED_AWAY, "5.7.515"),
        (postmen.gmail("x", "5.1.1", "smtp; 550-5.7.1 Our system has detected spam"), News.TURNED_AWAY, "5.7.1"),
        (postmen.exim("x", "smtp; 550 5.7.1 <ada@example.org>: blocked"), News.TURNED_AWAY, "5.7.1"),
        (postmen.postfix("x", "5.3.4", "smtp; 552 5.3.4 too large"), News.TURNED_AWAY, "5.3.4"),
        (postmen.postfix("x", "5.1.1", "smtp; 550 5.1.1 said 192.5.7.1 of 5.7.12.9"), News.NOBODY_THERE, "5.1.1"),
        (postmen.postfix("x", "4.4.1", "X-Postfix; connection timed out", "delayed"), News.NOTHING, ""),
        (postmen.postfix("x", "5.1.1", action="delayed"), News.NOTHING, ""),
        (postmen.postfix("x", "4.4.7", "X-Postfix; expired"), News.GIVEN_UP, "4.4.7"),
        (postmen.postfix("x", "2.0.0", "smtp; 250 ok", "relayed"), News.NOTHING, ""),
        (postmen.postfix("x", "2.0.0", "smtp; 250 ok", "expanded"), News.NOTHING, ""),
        (postmen.postfix("x", "2.0.0", "smtp; 250 ok", "delivered"), News.ARRIVED, ""),
        (postmen.complaint("x"), News.UNWANTED, ""),
        (postmen.complaint("x", "not-spam"), News.NOTHING, ""),
        (postmen.complaint("x", "virus"), News.NOTHING, ""),
    ],
)
def test_reports_are_read_as_mail_servers_write_them(raw: bytes, news: News, status: str) -> None:
    returned = read(raw)

    assert returned is not None
    assert (returned.news, returned.status) == (news, status)


def test_of_several_recipients_the_one_who_failed_counts() -> None:
    passed_on = b"\n\nFinal-Recipient: rfc822; ada@forwarder.example\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient"
    returned = read(postmen.postfix("x").replace(b"\n\nFinal-Recipient", passed_on))

    assert returned is not None
    assert returned.news is News.NOBODY_THERE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00",
        b"From: ada@example.org\nTo: bounce@example.org\nSubject: undeliverable?\n\nAction: failed\nStatus: 5.1.1\n",
        postmen.postfix("x").replace(b"multipart/report", b"multipart/mixed"),
        postmen.postfix("x").replace(b"message/delivery-status", b"text/plain"),
        b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (one, one) for one in range(3000)),
    ],
    ids=["nothing", "bytes", "a-letter", "no-report", "no-status", "too-deep"],
)
def test_what_is_no_report_is_none(raw: bytes) -> None:
    assert read(raw) is None


def test_a_report_that_was_cut_off_says_what_is_left_of_it() -> None:
    whole = postmen.postfix("x")
    returned = read(whole[: whole.index(b"Content-Description: Undelivered Message")])

    assert returned is not None
    assert returned.news is News.NOBODY_THERE


@pytest.mark.parametrize(
    "kind",
    [b"; charset*0*=x'y'%ff", b'; charset="\x00"', b"; charset=utf-7", b"\nContent-Transfer-Encoding: x-uuencode"],
)
def test_what_the_library_stumbles_over_is_read_all_the_same(kind: bytes) -> None:
    raw = postmen.complaint("x", headers_only=True).replace(b"rfc822-headers", b"rfc822-headers" + kind)
    returned = read(raw.replace(b"At seven.", b"begin 644 x\nM\xff1"))

    assert returned is not None
    assert returned.news is News.UNWANTED


WRITTEN = (
    postmen.postfix("x"),
    postmen.international("x"),
    postmen.exchange("x"),
    postmen.gmail("x"),
    postmen.complaint("x"),
    postmen.complaint("x", headers_only=True),
)
ODD = (
    *(b"\x00", b"\xff", b"\n\n", b"\r", b";", b'"', b":", b"<", b"--", b"(" * 50, b"=?utf-8?q?=ff?=", b"\xe2\x80\xa8"),
    *(b"multipart/report", b"message/rfc822", b"text/rfc822-headers", b"boundary*1*=", b"charset*0*=x'y'%ff"),
    *(b"Content-Type: message/delivery-status\n", b"Content-Transfer-Encoding: base64\n", b"Action: failed\n"),
    *(b"Content-Transfer-Encoding: x-uue\n\nbegin 644 x\nM\xff1", b"text/rfc822-headers; charset*0*=x'y'%ff"),
)
DAMAGE = st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(ODD))


@given(st.sampled_from(WRITTEN), st.lists(DAMAGE, max_size=8))
def test_whatever_comes_in_is_read_or_is_none(raw: bytes, damage: list[tuple[float, int, bytes]]) -> None:
    for place, length, odd in damage:
        at = int(place * len(raw))
        raw = raw[:at] + odd + raw[at + length :]

    returned = read(raw)

    assert returned is None or all(envelopes.read(SECRET, text) is None for text in returned.addresses)


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_read_or_are_none(raw: bytes) -> None:
    for head in (b"", b"Content-Type: multipart/report; ", postmen.gmail("x")[:900]):
        read(head + raw)


@pytest.mark.parametrize("filling", [b";a=b", b";", b'\\"', b"\n a", b"--x\n\n"])
def test_a_header_that_never_ends_takes_no_time(filling: bytes) -> None:
    begun = time.process_time()
    read(b"Content-Type: multipart/report; boundary=x" + filling * (200_000 // len(filling)))

    assert time.process_time() - begun < 5.0  # half a second is usual


# --- what a report does ---


@pytest.mark.parametrize("written", [postmen.postfix, postmen.exchange, postmen.gmail, postmen.exim])
def test_a_mail_to_nobody_ends_and_its_address_gets_no_more(near: Walk, written: Callable[[str], bytes]) -> None:
    heard = hear(near, written(envelope(near)))

    assert heard == Heard(mail(near).code, News.NOBODY_THERE, State.UNDELIVERED, closed=True)
    assert (mail(near).state, mail(near).reason, address(near)) == ("UNDELIVERED", "nobody is reached there", "bounced")
    assert [one.outcome for one in near.attempts()] == ["UNDELIVERED"]
    assert near.until(hours=5) == {State.SENT: 1}  # the text, which has nothing to do with that
    assert mails_of_a_week(near) == 0


@pytest.mark.parametrize("status", ["5.7.1", "5.7.26", "5.2.2", "5.4.4", "5.0.0", "5.6.0"])
def test_one_mail_that_came_back_for_another_reason_closes_no_address(near: Walk, status: str) -> None:
    heard = hear(near, postmen.postfix(envelope(near), status, "smtp; 554 no"))

    assert heard is not None
    assert (heard.state, heard.closed, mail(near).state, address(near)) == (
        State.UNDELIVERED,
        False,
        "UNDELIVERED",
        "verified",
    )
    assert mail(near).error_code == status
    assert mails_of_a_week(near) == 1


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    [
        ("5.2.2", "smtp; 552 5.2.2 over quota", ["verified", "verified", "bounced"]),
        ("5.4.4", "X-Postfix; no route", ["verified", "verified", "bounced"]),
        ("5.7.1", "smtp; 550 5.7.1 blocked", ["verified"] * 3),
        ("5.1.1", "smtp; 550 5.7.1 blocked", ["verified"] * 3),
        ("5.6.0", "smtp; 554 5.6.0 odd", ["verified"] * 3),
        ("4.2.2", "smtp; 452 4.2.2 over quota", ["verified"] * 3),
    ],
    ids=["full", "vague", "policy", "policy-behind-unknown", "content", "for-now"],
)
def test_an_address_from_which_mail_comes_back_for_three_weeks_is_closed(
    near: Walk, status: str, diagnostic: str, expected: list[str]
) -> None:
    seen = []
    for _ in range(3):
        hear(near, postmen.postfix(envelope(near), status, diagnostic))
        seen.append(address(near))
        for _ in range(7):
            near.until(days=1)

    assert seen == expected


def test_a_mail_that_came_back_now_and_then_closes_nothing(near: Walk) -> None:
    for week in range(6):
        if week % 2:
            hear(near, postmen.postfix(envelope(near), "5.2.2"))
        for _ in range(7):
            near.until(days=1)

    assert len(near.rows(channel="email", error_code="5.2.2")) == 3
    assert address(near) == "verified"


@pytest.mark.parametrize(
    "raw",
    [
        lambda to: postmen.postfix(to, "4.4.1", "X-Postfix; timed out", "delayed"),
        lambda to: postmen.postfix(to, "5.1.1", action="delayed"),
        lambda to: postmen.postfix(to, "2.0.0", "smtp; 250 ok", "relayed"),
        lambda to: postmen.complaint(to, "not-spam"),
    ],
    ids=["delayed", "delayed-but-five", "relayed", "not-spam"],
)
def test_what_is_not_final_changes_nothing(near: Walk, raw: Callable[[str], bytes]) -> None:
    before = everything(near)

    assert hear(near, raw(envelope(near))) == Heard(mail(near).code, News.NOTHING)
    assert everything(near) == before


def test_a_relay_that_gave_up_after_days_says_so_and_closes_nothing(near: Walk) -> None:
    heard = hear(near, postmen.postfix(envelope(near), "4.4.7", "X-Postfix; expired"))

    assert heard == Heard(mail(near).code, News.GIVEN_UP, State.UNDELIVERED)
    assert address(near) == "verified"


def test_a_mail_that_arrived_is_delivered_and_stays_so(near: Walk) -> None:
    code = mail(near).code
    arrived = postmen.postfix(envelope(near), "2.0.0", "smtp; 250 ok", "delivered")

    assert hear(near, arrived) == Heard(code, News.ARRIVED, State.DELIVERED)
    before = everything(near)
    assert hear(near, arrived) == Heard(code, News.ARRIVED)
    assert hear(near, postmen.postfix(envelope(near))) == Heard(code, News.NOBODY_THERE)
    assert everything(near) == before


def test_a_doubled_report_acts_once(near: Walk) -> None:
    hear(near, postmen.postfix(envelope(near)))
    with near.database.writing() as session:
        # She answered from there since: the report that comes once more knows nothing of that.
        contacts.verify(session, contacts.of_member(session, 1)[Channel.EMAIL], near.clock.now())
    before = everything(near)

    assert hear(near, postmen.gmail(envelope(near))) == Heard(mail(near).code, News.NOBODY_THERE)
    assert everything(near) == before


class Hasty(FakeSender):
    """A relay that delivers before it answers, and reports at once that nobody is there."""

    def __init__(self, walk: Walk) -> None:
        super().__init__()
        self.walk = walk

    def send(self, message: Message, deadline: float) -> Outcome:
        """Report on the mail, then take it."""
        hear(self.walk, postmen.postfix(envelopes.sender("bounce@example.org", SECRET, message.code)))
        return super().send(message, deadline)


def test_a_report_that_is_quicker_than_the_answer_stays_the_last_word(walk: Walk) -> None:
    hasty = replace(walk, mail=Hasty(walk))
    hasty.clock.turn_to(moment(25, 19))
    hasty.tick()

    assert len(hasty.mail.sent) == 1
    assert (mail(walk).state, address(walk)) == ("UNDELIVERED", "bounced")
    assert [one.outcome for one in walk.attempts()] == ["UNDELIVERED"]


def test_an_old_report_does_not_end_what_an_organizer_has_planned_once_more(near: Walk) -> None:
    raw = postmen.postfix(envelope(near), "5.4.4", "X-Postfix; no route")
    hear(near, raw)
    with near.database.writing() as session:
        again = Settlement(mail(near).id or 0, State.PLANNED)
        assert outbox.resolve(session, again, near.clock.now(), among=arrows.OVER)

    assert hear(near, raw) == Heard(mail(near).code, News.CAME_BACK)
    assert mail(near).state == "PLANNED"


def test_a_report_on_a_mail_in_doubt_ends_the_doubt(walk: Walk) -> None:
    walk.clock.turn_to(moment(25, 19))
    walk.mail.outcomes = [Unknown("lost after the final dot")]
    walk.tick()
    assert mail(walk).state == "UNCERTAIN"

    hear(walk, postmen.postfix(envelope(walk)))
    walk.mail.sent.clear()
    walk.reconcile(minutes=10)
    walk.until(minutes=30)

    assert (mail(walk).state, walk.mail.sent) == ("UNDELIVERED", [])


@pytest.mark.parametrize("recipient", ["", FORGED, "bounce@example.org"])
def test_a_report_that_proves_nothing_says_nothing_about_anybody(near: Walk, recipient: str) -> None:
    before = everything(near)
    code = mail(near).code
    for forged in (FORGED, f"bounce+{code}@example.org", f"bounce+{code}-{'a' * 26}@example.org", "ada@example.org"):
        assert hear(near, postmen.postfix(forged), recipient) is None
        assert hear(near, postmen.complaint(forged), recipient) is None

    assert everything(near) == before


def test_the_address_may_stand_where_any_relay_puts_it(near: Walk) -> None:
    to, nobody = envelope(near), "bounce@example.org"
    plain = postmen.postfix(nobody)

    found = [
        read(plain, to.upper()),
        read(plain.replace(b"Delivered-To: bounce@example.org", f"Delivered-To: x@y\nDelivered-To: {to}".encode())),
        read(b"X-Original-To: " + to.encode() + b"\n" + plain),
        read(plain.replace(b"To: bounce@example.org\nAuto", f"To: <{to}>\nAuto".encode())),
        read(postmen.complaint(to)),
        read(postmen.complaint(to, named=False)),
        read(postmen.complaint(to, named=False, headers_only=True)),
    ]

    proofs = [{envelopes.read(SECRET, text) for text in one.addresses} - {None} for one in found if one]
    assert proofs == [{mail(near).code}] * 7


def test_the_mail_that_lies_in_a_report_on_another_is_not_meant(near: Walk) -> None:
    # Whoever forwards our mail to somebody unknown gets a report, in which our mail with its envelope lies.
    forwarded = postmen.postfix(envelope(near)).decode()
    head, ours = forwarded.split("Return-Path: <bounce+", 1)
    raw = head.replace(envelope(near), "somebody@example.net") + "Return-Path: <bounce+" + ours

    assert envelope(near) in raw
    assert hear(near, raw.encode()) is None


def test_a_report_on_a_mail_that_nobody_remembers_does_nothing(near: Walk) -> None:
    to, code = envelope(near), mail(near).code
    with near.database.writing() as session:
        tidy(session, near.clock.now() + timedelta(days=92))

    assert hear(near, postmen.postfix(to)) == Heard(code, News.NOTHING)
    assert hear(near, postmen.complaint(to)) == Heard(code, News.NOTHING)
    assert address(near) == "verified"


def test_an_address_that_was_replaced_since_stays_so(near: Walk) -> None:
    to = envelope(near)
    with near.database.writing() as session:
        ada = members.find(session, "Ada")
        contacts.add(session, ada, Channel.EMAIL, "new@example.org", near.clock.now())

    heard = hear(near, postmen.postfix(to))

    assert heard is not None
    assert (heard.state, heard.closed) == (State.UNDELIVERED, False)
    assert near.contact("Ada", Channel.EMAIL).state == "unverified"


# --- complaints ---


def test_whoever_reports_our_mail_as_unwanted_gets_no_more_and_only_she_can_change_that(near: Walk) -> None:
    heard = hear(near, postmen.complaint(envelope(near)))

    assert heard == Heard(mail(near).code, News.UNWANTED, State.DELIVERED, closed=True)
    assert (address(near), near.contact("Ada").state) == ("stopped", "verified")
    with near.database.writing() as session:
        contact = contacts.of_member(session, 1)[Channel.EMAIL]
        newest = consent.history_of(session, contact.id or 0)[-1]
        assert (newest.action, newest.source, newest.group_id) == ("revoked", "carrier", None)
        with pytest.raises(NoConsent):
            consent.grant(session, contact, 1, QUESTION, near.clock.now())
        with pytest.raises(NoConsent):
            consent.on_paper(session, contact, 1, date(2026, 11, 1), near.clock.now())
    assert mails_of_a_week(near) == 0


def test_a_complaint_counts_after_the_mail_was_known_to_arrive_and_is_written_once(near: Walk) -> None:
    hear(near, postmen.postfix(envelope(near), "2.0.0", "smtp; 250 ok", "delivered"))

    assert hear(near, postmen.complaint(envelope(near))) == Heard(mail(near).code, News.UNWANTED, None, closed=True)
    before = everything(near)
    assert hear(near, postmen.complaint(envelope(near))) == Heard(mail(near).code, News.UNWANTED)
    assert everything(near) == before


def test_an_address_that_she_stopped_is_not_called_unreachable(near: Walk) -> None:
    near.stop("Ada", Channel.EMAIL)

    heard = hear(near, postmen.postfix(envelope(near)))

    assert heard == Heard(mail(near).code, News.NOBODY_THERE, State.UNDELIVERED)
    assert address(near) == "stopped"


def test_no_log_names_anybody_and_mail_that_is_turned_away_is_told(
    near: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        hear(near, postmen.postfix(envelope(near), "5.7.26"))

    number = mail(near).id
    assert [record.getMessage() for record in caplog.records if "mail_" in record.getMessage()] == [
        f"mail_turned_away id={number} status=5.7.26",
        f"mail_reported id={number} news=TURNED_AWAY state=UNDELIVERED closed=False",
    ]
    assert "ada" not in caplog.text


def test_a_proof_counts_behind_a_forged_one_and_for_its_own_mail_alone(near: Walk) -> None:
    near.add("Ben", email="ben@example.org")
    returned = read(postmen.postfix(envelope(near)))
    assert returned is not None

    with near.database.writing() as session:
        take_back(session, replace(returned, addresses=("", FORGED, *returned.addresses)), near.clock.now())

    assert (address(near), near.contact("Ben", Channel.EMAIL).state) == ("bounced", "verified")
