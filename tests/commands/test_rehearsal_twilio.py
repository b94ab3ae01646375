"""The rehearsal provider behaves as the real one, over real sockets and with its own SDK."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from commands.rehearsal.hooks import Signer
from commands.rehearsal.serving import Loopback
from commands.rehearsal.twilio import PROVIDER_WORDS, Fault, RehearsalTwilio, Reply
from meetup.clock import HandClock
from meetup.errors import Unavailable

ADA = "+15552340001"
BEN = "+15552340002"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class App:
    """An application that keeps what the provider posts to it."""

    forms: list[dict[str, str]] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)
    answer: Response = field(default_factory=lambda: Response(status_code=204))
    base_url: str = ""
    token: str = ""

    def reset(self, token: str) -> None:
        self.token = token
        self.answer = Response(status_code=204)
        self.forms.clear()
        self.signed.clear()

    async def take(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        url = self.base_url + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.forms.append(form)
        self.signed.append(
            RequestValidator(self.token).validate(url, form, request.headers["X-Twilio-Signature"], algorithm(request))
        )
        return self.answer


def algorithm(request: Request) -> str:
    return "HMAC_SHA256" if "X-Twilio-Webhooks-Signature-Settings" in request.headers else "HMAC_SHA1"


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(scope="module")
def running() -> Iterator[RehearsalTwilio]:
    with RehearsalTwilio() as rehearsal:
        yield rehearsal


@pytest.fixture(scope="module")
def running_app() -> Iterator[App]:
    app = App()
    with Loopback(Starlette(routes=[Route("/hooks", app.take, methods=["POST"])])) as loopback:
        app.base_url = loopback.base_url
        yield app


@pytest.fixture
def twilio(running: RehearsalTwilio, clock: HandClock, tmp_path: Path) -> RehearsalTwilio:
    running.reset(clock, tmp_path / "accepted.jsonl")
    return running


@pytest.fixture
def app(running_app: App, twilio: RehearsalTwilio) -> App:
    running_app.reset(twilio.auth_token)
    twilio.inbound_url = f"{running_app.base_url}/hooks"
    return running_app


@contextmanager
def client_of(twilio: RehearsalTwilio, timeout: float = 10) -> Iterator[Any]:
    http = TwilioHttpClient(timeout=timeout)
    client = Client(twilio.account_sid, twilio.auth_token, http_client=http, environment={"X": ""})
    client.api.base_url = twilio.base_url
    yield client
    http.session.close()


@pytest.fixture
def api(twilio: RehearsalTwilio) -> Iterator[Any]:
    with client_of(twilio) as client:
        yield client


@pytest.fixture
def hasty(twilio: RehearsalTwilio) -> Iterator[Any]:
    """A client that soon stops waiting."""
    with client_of(twilio, 0.2) as client:
        yield client


def text(api: Any, to: str = ADA, body: str = "Harbor: Tue 7 PM", **more: object) -> Any:
    return api.messages.create(to=to, body=body, **({"from_": RehearsalTwilio.number} | more))


def bodies(twilio: RehearsalTwilio) -> list[str]:
    return [message.body for message in twilio.messages]


def test_a_text_comes_back_as_the_whole_resource(twilio: RehearsalTwilio) -> None:
    answer = requests.post(
        f"{twilio.base_url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json",
        {"To": ADA, "From": twilio.number, "Body": "x" * 161},
        auth=(twilio.account_sid, twilio.auth_token),
        timeout=5,
    )

    (kept,) = twilio.messages
    path = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages/{kept.sid}"
    assert answer.status_code == 201
    assert answer.json() == {
        "account_sid": twilio.account_sid,
        "api_version": "2010-04-01",
        "body": "x" * 161,
        "date_created": "Tue, 24 Nov 2026 12:00:00 +0000",
        "date_sent": None,
        "date_updated": "Tue, 24 Nov 2026 12:00:00 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": twilio.number,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "2",
        "price": None,
        "price_unit": "USD",
        "sid": kept.sid,
        "status": "queued",
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": ADA,
        "uri": f"{path}.json",
    }


def test_a_messaging_service_has_chosen_no_number_yet(twilio: RehearsalTwilio, api: Any) -> None:
    sent = api.messages.create(to=ADA, body="x", messaging_service_sid=twilio.service)

    assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"to": ""}, 21604, id="no recipient"),
        pytest.param({"to": "5552340001"}, 21211, id="not E.164"),
        pytest.param({"to": "+15005550001"}, 21211, id="invalid"),
        pytest.param({"to": "+15005550009"}, 21614, id="not mobile"),
        pytest.param({"to": RehearsalTwilio.number}, 21266, id="to ourselves"),
        pytest.param({"from_": ""}, 21603, id="no sender"),
        pytest.param({"from_": BEN}, 21606, id="not our number"),
        pytest.param({"body": ""}, 21602, id="no body"),
        pytest.param({"body": "x" * 1601}, 21617, id="too long"),
        pytest.param({"status_callback": "https://my_host/x"}, 21609, id="underscore in the host"),
        pytest.param({"validity_period": 36001}, 20001, id="valid for too long"),
    ],
)
def test_what_the_provider_refuses_is_refused(
    twilio: RehearsalTwilio, api: Any, more: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        text(api, **more)

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert twilio.messages == ()


def test_credentials_are_checked(twilio: RehearsalTwilio, api: Any) -> None:
    api.password = "wrong"
    api.auth = (api.username, "wrong")
    with pytest.raises(TwilioRestException) as refusal:
        text(api)

    assert (refusal.value.status, refusal.value.code) == (401, 20003)
    assert twilio.messages == ()


def test_another_account_is_not_here(twilio: RehearsalTwilio, api: Any) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        api.api.v2010.accounts("AC" + "0" * 32).messages.create(to=ADA, from_=twilio.number, body="x")

    assert refusal.value.code == 20404


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_loses_the_answer_and_the_log_tells_the_truth(
    twilio: RehearsalTwilio, api: Any, hasty: Any, tmp_path: Path, fault: Fault
) -> None:
    twilio.script(fault)

    with pytest.raises((TwilioRestException, requests.RequestException)):
        text(hasty if "hang" in fault else api, body="first")
    text(api, body="second")

    expected = ["first", "second"] if fault.accepts else ["second"]
    lines = [json.loads(line) for line in (tmp_path / "accepted.jsonl").read_text().splitlines()]
    assert bodies(twilio) == expected
    assert [line["body"] for line in lines] == expected
    assert [line["sid"] for line in lines] == [message.sid for message in twilio.messages]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.HANG, requests.exceptions.ReadTimeout),
        (Fault.ACCEPT_THEN_HANG, requests.exceptions.ReadTimeout),
        (Fault.CUT, requests.exceptions.ConnectionError),
        (Fault.ACCEPT_THEN_CUT, requests.exceptions.ConnectionError),
    ],
)
def test_a_client_cannot_tell_a_lost_request_from_a_lost_answer(
    twilio: RehearsalTwilio, api: Any, hasty: Any, fault: Fault, error: type[Exception]
) -> None:
    twilio.script(fault)

    with pytest.raises(error):
        text(hasty if "hang" in fault else api)


def test_too_many_requests_say_when_to_come_back(twilio: RehearsalTwilio) -> None:
    twilio.script(Fault.THROTTLED, method="GET")
    twilio.retry_after = "7"

    answer = requests.get(
        f"{twilio.base_url}/2010-04-01/Accounts/{twilio.account_sid}.json",
        auth=(twilio.account_sid, twilio.auth_token),
        timeout=5,
    )

    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (429, "7", 20429)


def test_a_list_is_newest_first_and_comes_in_pages(twilio: RehearsalTwilio, api: Any) -> None:
    for number in range(5):
        text(api, body=str(number))
        text(api, to=BEN, body="for Ben")

    listed = api.messages.list(to=ADA, page_size=2)

    assert [message.body for message in listed] == ["4", "3", "2", "1", "0"]
    assert len(api.messages.list(from_=twilio.number)) == 10
    assert api.messages.list(from_=BEN) == []


def test_filters_by_date_know_only_what_was_sent(twilio: RehearsalTwilio, api: Any, clock: HandClock) -> None:
    text(api, body="sent")
    clock.pass_(hours=1)
    twilio.flush_callbacks()
    text(api, body="queued")
    one = timedelta(minutes=1)
    sent_at = NOON + timedelta(hours=1)

    def found(**filters: datetime | str) -> list[str]:
        return [message.body for message in api.messages.list(to=ADA, **filters)]

    assert found() == ["queued", "sent"]
    assert found(date_sent_after=sent_at - one, date_sent_before=sent_at + one) == ["sent"]
    assert found(date_sent_after=sent_at + one) == []
    assert found(date_sent_before=sent_at - one) == []
    assert found(date_sent="2026-11-24") == ["sent"]
    assert found(date_sent="2026-11-23") == []


def test_a_new_text_is_listed_late(twilio: RehearsalTwilio, api: Any, clock: HandClock) -> None:
    twilio.carrier.lag = timedelta(seconds=30)
    sent = text(api)

    assert api.messages.list(to=ADA) == []
    assert api.messages(sent.sid).fetch().status == "queued"
    clock.pass_(seconds=30)
    assert [message.sid for message in api.messages.list(to=ADA)] == [sent.sid]


def test_a_new_text_is_missing_in_the_first_looks(twilio: RehearsalTwilio, api: Any) -> None:
    twilio.carrier.lag_looks = 2
    text(api)

    assert [len(api.messages.list(to=ADA)) for _ in range(4)] == [0, 0, 1, 1]


def test_a_body_can_be_emptied_and_a_text_deleted(api: Any) -> None:
    sent = text(api)

    assert api.messages(sent.sid).update(body="").body == ""
    assert api.messages(sent.sid).fetch().body == ""
    assert api.messages(sent.sid).delete()
    with pytest.raises(TwilioRestException) as refusal:
        api.messages(sent.sid).fetch()
    assert refusal.value.status == 404


def test_who_says_stop_gets_nothing_until_start(twilio: RehearsalTwilio, api: Any) -> None:
    assert twilio.phone_texts(ADA, " stop ") == (Reply(PROVIDER_WORDS["STOP"], by_provider=True),)
    with pytest.raises(TwilioRestException) as refusal:
        text(api)
    text(api, to=BEN)

    assert refusal.value.code == 21610
    assert twilio.phone_texts(ADA, "START") == (Reply(PROVIDER_WORDS["START"], by_provider=True),)
    assert text(api).status == "queued"
    assert [message.to for message in twilio.messages] == [BEN, ADA]


@pytest.mark.parametrize("words", ["opt out", "please stop", "stop it", "YES", "1"])
def test_the_provider_obeys_whole_words_only(twilio: RehearsalTwilio, api: Any, words: str) -> None:
    assert twilio.phone_texts(ADA, words) == ()
    assert text(api).status == "queued"


def test_an_inbound_text_is_posted_signed_and_twiml_is_the_reply(twilio: RehearsalTwilio, app: App) -> None:
    app.answer = Response("<Response><Message>noted &amp; kept</Message></Response>", media_type="text/xml")

    heard = twilio.phone_texts(ADA, "1 é&+")

    assert heard == (Reply("noted & kept"),)
    assert app.signed == [True]
    assert app.forms[0]["From"] == ADA
    assert app.forms[0]["To"] == twilio.number
    assert app.forms[0]["Body"] == "1 é&+"
    assert app.forms[0]["MessageSid"].startswith("SM")
    assert app.forms[0]["FromCity"] == ""
    assert "OptOutType" not in app.forms[0]


def test_no_reply_is_no_text_and_plain_text_is_one(twilio: RehearsalTwilio, app: App) -> None:
    app.answer = Response("<Response/>", media_type="text/xml")
    assert twilio.phone_texts(ADA, "hello") == ()

    app.answer = PlainTextResponse("OK")
    assert twilio.phone_texts(ADA, "hello") == (Reply("OK"),)

    app.answer = Response("<Response><Message>no</Message></Response>", 403, media_type="text/xml")
    assert twilio.phone_texts(ADA, "hello") == ()
    assert twilio.inbound_statuses == [200, 200, 403]


def test_after_stop_our_own_reply_is_blocked(twilio: RehearsalTwilio, app: App) -> None:
    app.answer = Response("<Response><Message>bye</Message></Response>", media_type="text/xml")
    twilio.advanced_opt_out = True

    heard = twilio.phone_texts(ADA, "STOP")

    assert heard == (Reply(PROVIDER_WORDS["STOP"], by_provider=True),)
    assert twilio.blocked == ["bye"]
    assert app.forms[0]["OptOutType"] == "STOP"
    assert app.signed == [True]


def test_a_shared_key_signs_with_sha256(twilio: RehearsalTwilio, app: App) -> None:
    twilio.signer = Signer("secret of the key", key="webhooks_1")
    app.token = "secret of the key"

    twilio.phone_texts(ADA, "hello")

    assert app.signed == [True]


def test_receipts_say_sent_then_delivered(twilio: RehearsalTwilio, api: Any, app: App) -> None:
    sent = text(api, status_callback=f"{app.base_url}/hooks?d=a%2Bb+c#rc=3")

    assert twilio.flush_callbacks() == [204, 204]
    assert [form["MessageStatus"] for form in app.forms] == ["sent", "delivered"]
    assert {form["MessageSid"] for form in app.forms} == {sent.sid}
    assert app.signed == [True, True]
    assert api.messages(sent.sid).fetch().status == "delivered"
    assert twilio.flush_callbacks() == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (30003, [("sent", ""), ("undelivered", "30003")]),
        (30001, [("failed", "30001")]),
        (0, [("sent", "")]),
    ],
)
def test_receipts_go_as_the_script_says(
    twilio: RehearsalTwilio, api: Any, app: App, code: int, told: list[tuple[str, str]]
) -> None:
    twilio.carrier.outcomes[ADA] = code
    text(api, status_callback=f"{app.base_url}/hooks")

    twilio.flush_callbacks()

    assert [(form["MessageStatus"], form.get("ErrorCode", "")) for form in app.forms] == told


def test_receipts_come_twice_and_in_the_wrong_order(twilio: RehearsalTwilio, api: Any, app: App) -> None:
    text(api, status_callback=f"{app.base_url}/hooks")

    twilio.flush_callbacks(copies=2, backwards=True)

    assert [form["MessageStatus"] for form in app.forms] == ["delivered", "sent", "delivered", "sent"]


def test_receipts_get_lost(twilio: RehearsalTwilio, api: Any, app: App) -> None:
    sent = text(api, status_callback=f"{app.base_url}/hooks")

    assert twilio.flush_callbacks(copies=0) == []
    assert api.messages(sent.sid).fetch().status == "delivered"
    assert app.forms == []


def test_a_text_whose_validity_ended_never_arrives(twilio: RehearsalTwilio, api: Any, clock: HandClock) -> None:
    sent = text(api, validity_period=60)
    clock.pass_(seconds=61)
    twilio.flush_callbacks()

    fetched = api.messages(sent.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("failed", 30036)


def test_receipts_can_come_by_themselves(app: App) -> None:
    with RehearsalTwilio(automatic=True) as provider, client_of(provider) as client:
        text(client, status_callback=f"{app.base_url}/hooks")

    assert [form["MessageStatus"] for form in app.forms] == ["sent", "delivered"]


def test_as_a_process_of_its_own_it_leaves_its_log_behind(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "commands.rehearsal.twilio", "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        facts = json.loads(process.stdout.readline())
        address = f"{facts['base_url']}/2010-04-01/Accounts/{facts['account_sid']}/Messages.json"
        form = {"To": ADA, "From": facts["number"], "Body": "x"}
        sent = requests.post(address, form, auth=(facts["account_sid"], facts["auth_token"]), timeout=10)
        process.kill()

    assert [json.loads(line)["sid"] for line in log.read_text().splitlines()] == [sent.json()["sid"]]


def test_a_port_that_is_taken_is_refused_and_free_again_afterwards() -> None:
    with RehearsalTwilio() as first:
        port = int(first.base_url.rpartition(":")[2])
        with pytest.raises(Unavailable, match=f"Port {port} is taken"), RehearsalTwilio(port=port):
            pass

    with RehearsalTwilio(port=port) as second:
        assert second.base_url == first.base_url
