"""The SMS channel against the rehearsal provider, with the real SDK over real sockets."""

import hashlib
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from commands.rehearsal.serving import Loopback
from commands.rehearsal.twilio import Fault, RehearsalTwilio
from meetup.clock import HandClock
from meetup.errors import Unavailable
from meetup.values import Channel
from notifications.channels.sms import Account, SmsSender, classify
from notifications.messages import Accepted, Found, Message, NotSent, Outcome, Refused, Sender, Trace, Unknown
from tests.certificates import authority

ADA = "+15552340001"
BEN = "+15552340002"
BODY = "Harbor: Tue 24 Nov, 7 PM. STOP to end."
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FAR = 1e9  # a deadline that is not near
HASTY, PATIENT = 0.3, 10.0  # time-outs: one that is meant to strike, one that must not on a busy machine


def hash_body(body: str) -> str:
    return hashlib.blake2b(body.encode(), key=b"pepper").hexdigest()


def message(to: str = ADA, body: str = BODY, expires_at: datetime | None = None, callback_url: str = "") -> Message:
    return Message("c0de", Channel.SMS, to, body, expires_at=expires_at, callback_url=callback_url)


def trace(body: str = BODY, at: datetime = NOON, known_ids: frozenset[str] = frozenset()) -> Trace:
    return Trace("c0de", ADA, hash_body(body), at, known_ids)


def account(base_url: str, token: str = RehearsalTwilio.auth_token, timeout: float = PATIENT) -> Account:
    return Account(RehearsalTwilio.account_sid, token, RehearsalTwilio.number, base_url=base_url, timeout=timeout)


def sender_to(base_url: str, timeout: float = PATIENT) -> SmsSender:
    return SmsSender(account(base_url, timeout=timeout), HandClock(NOON), hash_body)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(scope="module")
def running() -> Iterator[RehearsalTwilio]:
    with RehearsalTwilio() as rehearsal:
        yield rehearsal


@pytest.fixture
def twilio(running: RehearsalTwilio, clock: HandClock) -> RehearsalTwilio:
    running.reset(clock)
    return running


@pytest.fixture
def sender(twilio: RehearsalTwilio, clock: HandClock) -> SmsSender:
    return SmsSender(account(twilio.base_url), clock, hash_body)


def waiting_for(fault: Fault, twilio: RehearsalTwilio) -> Sender:
    return sender_to(twilio.base_url, HASTY if "hang" in fault else PATIENT)


def test_a_text_is_handed_over_with_all_that_is_known_of_it(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    outcome = sender.send(
        message(body="x" * 161, expires_at=NOON + timedelta(hours=1), callback_url="https://example.org/h?d=1"), FAR
    )

    (kept,) = twilio.messages
    assert outcome == Accepted(kept.sid, 2)
    assert (kept.to, kept.from_, kept.service) == (ADA, twilio.number, "")
    assert (kept.body, kept.callback_url, kept.valid_for) == ("x" * 161, "https://example.org/h?d=1", 3600)


def test_a_messaging_service_may_send(twilio: RehearsalTwilio, clock: HandClock) -> None:
    ours = Account(
        twilio.account_sid, twilio.auth_token, messaging_service_sid=twilio.service, base_url=twilio.base_url
    )

    outcome = SmsSender(ours, clock, hash_body).send(message(), FAR)

    (kept,) = twilio.messages
    assert outcome == Accepted(kept.sid, 0)
    assert (kept.from_, kept.service) == ("", twilio.service)


def test_no_text_is_valid_for_longer_than_the_provider_allows(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    sender.send(message(expires_at=NOON + timedelta(days=2)), FAR)

    assert twilio.messages[0].valid_for == 36_000


def test_a_text_that_comes_too_late_is_not_sent(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    assert sender.send(message(expires_at=NOON), FAR) == NotSent("expired", "too late to be of use")
    assert twilio.messages == ()


def test_after_the_deadline_nothing_goes_to_the_wire(
    twilio: RehearsalTwilio, sender: SmsSender, clock: HandClock
) -> None:
    clock.pass_(seconds=10)

    assert sender.send(message(), 10.0) == NotSent("deadline", "our claim on it has run out")
    assert twilio.messages == ()
    assert isinstance(sender.send(message(), 10.1), Accepted)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.ACCEPT_THEN_HANG, Unknown("the connection broke: ReadTimeout")),
        (Fault.HANG, Unknown("the connection broke: ReadTimeout")),
        (Fault.ACCEPT_THEN_CUT, Unknown("the connection broke: ConnectionError")),
        (Fault.CUT, Unknown("the connection broke: ConnectionError")),
        (Fault.ACCEPT_THEN_500, Unknown("the provider answered 500")),
        (Fault.ERROR_500, Unknown("the provider answered 500")),
        (Fault.HTML_503, Unknown("the provider answered 503")),
        (Fault.THROTTLED, NotSent("20429", "too many requests", 1.0, whole_line=True)),
    ],
)
def test_a_fault_is_told_as_it_is_and_never_repeated(twilio: RehearsalTwilio, fault: Fault, outcome: Outcome) -> None:
    twilio.script(fault)

    assert waiting_for(fault, twilio).send(message(), FAR) == outcome
    assert len(twilio.messages) == (1 if fault.accepts else 0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("Tue, 24 Nov 2026 12:00:30 GMT", 30.0), ("soon", None), ("", None)],
)
def test_the_provider_says_when_to_come_back(
    twilio: RehearsalTwilio, sender: SmsSender, header: str, seconds: float | None
) -> None:
    twilio.retry_after = header
    twilio.script(Fault.THROTTLED)

    assert sender.send(message(), FAR) == NotSent("20429", "too many requests", seconds, whole_line=True)


def test_who_said_stop_has_opted_out(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    twilio.phone_texts(ADA, "STOP")

    assert sender.send(message(), FAR) == Refused("21610", "opted out", opted_out=True)


@pytest.mark.parametrize("number", ["+15005550001", "+15005550009", "5552340001", RehearsalTwilio.number])
def test_a_number_that_no_phone_has_is_a_bad_address(twilio: RehearsalTwilio, sender: SmsSender, number: str) -> None:
    outcome = sender.send(message(to=number), FAR)

    assert isinstance(outcome, Refused)
    assert (outcome.bad_address, outcome.opted_out) == (True, False)


@pytest.mark.parametrize("code", [21408, 21602, 21603, 21604, 21608, 21612, 21617, 29999])
def test_other_refusals_are_final_but_say_nothing_about_the_person(code: int) -> None:
    outcome = classify(400, code)

    assert isinstance(outcome, Refused)
    assert outcome == Refused(str(code), outcome.reason)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, 20003), (404, 20404), (404, 404), (403, 403), (400, 21606), (400, 21659), (400, 21705), (400, 30034)],
)
def test_trouble_of_ours_stops_the_channel_and_loses_nothing(status: int, code: int) -> None:
    outcome = classify(status, code)

    assert isinstance(outcome, NotSent)
    assert outcome.stop_channel


def test_a_full_queue_slows_us_down() -> None:
    assert classify(400, 21611) == NotSent("21611", "the sender's queue is full", 600.0, whole_line=True)
    assert classify(429, 21611) == NotSent("21611", "too many requests", whole_line=True)


@pytest.mark.parametrize(("status", "code"), [(302, 302), (400, 400), (407, 407), (408, 408), (500, 21610), (503, 503)])
def test_what_nobody_can_explain_is_unknown(status: int, code: int) -> None:
    assert isinstance(classify(status, code), Unknown)


def test_a_wrong_token_stops_the_channel(twilio: RehearsalTwilio, clock: HandClock) -> None:
    stranger = SmsSender(account(twilio.base_url, token="wrong"), clock, hash_body)

    assert stranger.send(message(), FAR) == NotSent("20003", "the account or its settings are wrong", stop_channel=True)
    with pytest.raises(Unavailable, match="Twilio answered 401, code 20003") as refusal:
        stranger.check()
    assert refusal.value.permanent


def test_the_check_asks_whether_the_account_is_active(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    sender.check()
    twilio.account_status = "suspended"

    with pytest.raises(Unavailable, match="The Twilio account is suspended"):
        sender.check()


# --- what never reached the provider, and what may have ---


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def full_house() -> Iterator[str]:
    """A machine that lets nobody in: its queue is full, so that connecting takes for ever."""
    with socket.socket() as house, socket.socket() as first, socket.socket() as second:
        house.bind(("127.0.0.1", 0))
        house.listen(0)
        for guest in (first, second):
            guest.setblocking(False)
            guest.connect_ex(house.getsockname())
        yield f"http://127.0.0.1:{house.getsockname()[1]}"


@contextmanager
def listener(greet: Callable[[socket.socket], None]) -> Iterator[str]:
    """A machine that treats one guest in its own way."""
    with socket.create_server(("127.0.0.1", 0)) as house:

        def welcome() -> None:
            guest, _ = house.accept()
            with guest:
                greet(guest)

        thread = threading.Thread(target=welcome)
        thread.start()
        yield f"127.0.0.1:{house.getsockname()[1]}"
        thread.join(5)


@contextmanager
def answering(answer: Response) -> Iterator[str]:
    async def respond(_: Request) -> Response:
        return answer

    with Loopback(Starlette(routes=[Route("/{any:path}", respond, methods=["GET", "POST"])])) as loopback:
        yield loopback.base_url


def unreachable(outcome: Outcome) -> bool:
    return isinstance(outcome, NotSent) and outcome.reason == "the provider could not be reached"


def test_a_refused_connection_means_not_sent() -> None:
    assert unreachable(sender_to(f"http://127.0.0.1:{free_port()}").send(message(), FAR))


def test_a_name_that_nobody_knows_means_not_sent() -> None:
    assert unreachable(sender_to("http://nobody.invalid").send(message(), FAR))


def test_a_connection_that_takes_for_ever_means_not_sent() -> None:
    with full_house() as url:
        assert unreachable(sender_to(url, HASTY).send(message(), FAR))


def test_a_server_without_tls_means_not_sent(twilio: RehearsalTwilio) -> None:
    assert unreachable(sender_to(twilio.base_url.replace("http:", "https:")).send(message(), FAR))
    assert twilio.messages == ()


def test_a_certificate_that_nobody_vouches_for_means_not_sent(tmp_path: Path) -> None:
    context = authority(tmp_path).server

    def greet(guest: socket.socket) -> None:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(guest, server_side=True)

    with listener(greet) as host:
        assert unreachable(sender_to(f"https://{host}").send(message(), FAR))


def test_a_connection_cut_after_the_headers_may_have_been_a_text() -> None:
    with listener(lambda guest: guest.close()) as host:
        outcome = sender_to(f"http://{host}").send(message(), FAR)

    assert isinstance(outcome, Unknown)


def test_an_answer_that_breaks_off_may_have_been_a_text() -> None:
    def greet(guest: socket.socket) -> None:
        guest.recv(65536)
        guest.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")

    with listener(greet) as host:
        assert isinstance(sender_to(f"http://{host}").send(message(), FAR), Unknown)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(HTMLResponse("<h1>Welcome to the hotel</h1>", 200), id="HTML 200"),
        pytest.param(HTMLResponse("<h1>Created</h1>", 201), id="HTML 201"),
        pytest.param(JSONResponse([], 201), id="a list"),
        pytest.param(JSONResponse({"status": "queued"}, 201), id="no id"),
        pytest.param(HTMLResponse("<h1>Request Time-out</h1>", 408), id="HTML 408"),
        pytest.param(JSONResponse({"type": "x", "title": "y", "status": 500, "code": "z"}, 500), id="strange problem"),
        pytest.param(Response(status_code=302, headers={"Location": "https://example.org"}), id="redirect"),
    ],
)
def test_an_answer_that_says_nothing_means_unknown(answer: Response) -> None:
    with answering(answer) as url:
        sender = sender_to(url)

        assert isinstance(sender.send(message(), FAR), Unknown)
        with pytest.raises(Unavailable):
            sender.find(trace())


def test_the_newer_kind_of_error_is_read_as_well() -> None:
    problem = JSONResponse({"type": "x", "title": f"no {ADA}", "status": 400, "code": 21610}, 400)
    with answering(problem) as url:
        assert sender_to(url).send(message(), FAR) == Refused("21610", "opted out", opted_out=True)


# --- looking for a text ---


def test_a_text_whose_answer_was_lost_is_found(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    twilio.script(Fault.ACCEPT_THEN_CUT)
    sender.send(message(), FAR)

    assert sender.find(trace()) == Found(twilio.messages[0].sid, "queued")


def test_a_found_text_says_how_it_ended(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    twilio.carrier.outcomes[ADA] = 30003
    sender.send(message(), FAR)
    twilio.flush_callbacks()

    assert sender.find(trace()) == Found(twilio.messages[0].sid, "undelivered", "30003")


def test_texts_to_others_with_other_words_or_known_already_are_not_it(
    twilio: RehearsalTwilio, sender: SmsSender
) -> None:
    sender.send(message(to=BEN), FAR)
    sender.send(message(body="something else"), FAR)
    sender.send(message(), FAR)
    known = frozenset({twilio.messages[2].sid})

    assert sender.find(trace(known_ids=known)) is None
    assert sender.find(trace()) == Found(twilio.messages[2].sid, "queued")


@pytest.mark.parametrize(
    ("passed", "found"),
    [(-61, False), (-59, True), (0, True), (899, True), (901, False)],
)
def test_a_text_of_another_hour_is_not_it(twilio: RehearsalTwilio, sender: SmsSender, passed: int, found: bool) -> None:
    sender.send(message(), FAR)

    assert (sender.find(trace(at=NOON - timedelta(seconds=passed))) is not None) == found


def test_a_list_that_lags_is_no_proof_of_absence(twilio: RehearsalTwilio, sender: SmsSender, clock: HandClock) -> None:
    twilio.carrier.lag = timedelta(minutes=1)
    sender.send(message(), FAR)

    assert sender.find(trace()) is None
    clock.pass_(minutes=1)
    assert sender.find(trace()) is not None


@pytest.mark.parametrize("fault", [fault for fault in Fault if not fault.accepts])
def test_when_the_provider_cannot_be_asked_nothing_is_said(twilio: RehearsalTwilio, fault: Fault) -> None:
    twilio.script(fault, method="GET")

    with pytest.raises(Unavailable) as refusal:
        waiting_for(fault, twilio).find(trace())

    assert not refusal.value.permanent


def test_a_text_can_be_erased_and_twice_is_fine(twilio: RehearsalTwilio, sender: SmsSender) -> None:
    sender.send(message(), FAR)
    sid = twilio.messages[0].sid

    sender.erase(sid)
    sender.erase(sid)

    assert twilio.messages == ()


# --- discretion ---


def test_no_number_and_no_word_reaches_a_log_or_a_refusal(
    twilio: RehearsalTwilio, sender: SmsSender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.carrier.refusals[BEN] = 21612
    twilio.script(Fault.CUT, method="GET")

    outcomes = [sender.send(message(), FAR), sender.send(message(to=BEN), FAR)]
    with pytest.raises(Unavailable) as refusal:
        sender.find(trace())
    sender.find(trace())

    told = f"{outcomes} {refusal.value.message} {refusal.value.hint} {caplog.text}"
    assert refusal.value.__cause__ is None
    assert [word for word in (ADA, ADA[1:], BEN[1:], "Harbor") if word in told] == []


def test_an_account_hides_its_token() -> None:
    assert RehearsalTwilio.auth_token not in repr(account(""))


@pytest.mark.parametrize(
    ("sid", "token", "number", "timeout"),
    [
        ("AC12", "t", "+1", 1),
        (RehearsalTwilio.account_sid, "", "+1", 1),
        (RehearsalTwilio.account_sid, "t", "", 1),
        (RehearsalTwilio.account_sid, "t", "+1", 0),
    ],
)
def test_an_account_is_right_from_birth(sid: str, token: str, number: str, timeout: float) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Account(sid, token, number, timeout=timeout)


def test_the_environment_cannot_lead_texts_to_another_host(twilio: RehearsalTwilio) -> None:
    # In a process of its own, since the environment belongs to all tests.
    program = (
        "import sys; from notifications.channels.sms import *; from meetup.clock import SystemClock\n"
        "SmsSender(Account(*sys.argv[1:4], base_url=sys.argv[4]), SystemClock(), str).check()"
    )
    elsewhere = {"TWILIO_EDGE": "sydney", "TWILIO_REGION": "au1", "HTTP_PROXY": "http://127.0.0.1:9"}
    arguments = [twilio.account_sid, twilio.auth_token, twilio.number, twilio.base_url]

    done = subprocess.run([sys.executable, "-c", program, *arguments], env=os.environ | elsewhere, check=False)

    assert done.returncode == 0


def test_an_account_that_may_not_write_to_a_region_raises_one_alarm(
    sender: SmsSender, caplog: pytest.LogCaptureFixture
) -> None:
    region = message("+15005550003")
    outcomes = [sender.send(region, FAR) for _ in range(3)]

    assert [isinstance(one, Refused) and one.code for one in outcomes] == ["21408"] * 3
    assert [record.getMessage().split()[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "account_fault"
    ]
