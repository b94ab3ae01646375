"""Webhooks: what is not signed for our own address changes nothing; what is, acts once and is answered as TwiML."""

import re
from xml.etree import ElementTree as ET

import httpx2
import pytest
from sqlmodel import select

from commands.rehearsal import hooks
from commands.rehearsal.hooks import Signer
from commands.web.app import House, build
from commands.web.webhooks import twiml
from meetup.feeds.addresses import Addresses
from meetup.people import contacts
from meetup.storage.tables import DeliveryRow, InboundText
from meetup.values import Channel, State
from notifications.rules.signatures import SHA256, sign
from tests.commands.stage import PUBLIC, TOKEN, Site, Theatre, asking, scans
from tests.fakes import FakeSender
from tests.notifications.walk import Walk, at

ADA = "+12025550123"


def text(body: str, number: int = 1) -> dict[str, str]:
    return {"MessageSid": f"SM{number:032d}", "From": ADA, "To": "+15005550006", "Body": body, "NumMedia": "0"}


def words(answer: httpx2.Response) -> list[str]:
    return ["".join(message.itertext()) for message in ET.fromstring(answer.text).iter("Message")]  # noqa: S314


def texts(site: Site) -> int:
    with site.database.reading() as session:
        return len(session.exec(select(InboundText)).all())


def reminded(site: Site) -> DeliveryRow:
    """Let Ada's reminder by text go out, and return its delivery."""
    walk = Walk(site.database, site.clock, FakeSender(), FakeSender(), site.meeting, site.group)
    at(walk, 26, 17)
    return walk.rows(channel="sms", state=State.SENT.value)[0]


def status_path(site: Site, code: str) -> str:
    return site.addresses.callback(code).removeprefix(PUBLIC)


def test_stop_ends_the_texts_and_is_left_to_the_provider_to_answer(site: Site) -> None:
    answer = site.webhook("/twilio/sms", text("STOP"))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    assert (site.agreed(Channel.SMS), site.agreed(Channel.EMAIL)) == (False, True)


def test_a_text_is_answered_once_and_alike_when_it_comes_again(site: Site) -> None:
    first, again = site.webhook("/twilio/sms", text("HELP")), site.webhook("/twilio/sms", text("HELP"))

    assert "988" in words(first)[0]
    assert again.text == first.text
    assert texts(site) == 1


def test_a_text_in_any_alphabet_keeps_its_letters(site: Site) -> None:
    answer = site.webhook("/twilio/sms", text("¿quién está ahí? + & = % 你好"))

    assert answer.status_code == 200
    assert words(answer)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "AAAA"}, {"X-Twilio-Signature": "ü"}],
    ids=["missing", "empty", "wrong", "no ASCII"],
)
def test_an_unsigned_webhook_changes_nothing(site: Site, headers: dict[str, str]) -> None:
    before = site.everything()
    encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}

    answers = [
        site.client.post("/twilio/sms", data=text("STOP"), headers=encoded),
        site.client.post(status_path(site, "abc"), data={"MessageSid": "SM1", "MessageStatus": "delivered"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert site.everything() == before


def test_a_forged_signature_changes_nothing(site: Site) -> None:
    before = site.everything()

    answer = site.webhook("/twilio/sms", text("STOP"), token="f" * 32)

    assert answer.status_code == 403
    assert site.everything() == before
    assert site.agreed(Channel.SMS)


def test_headers_cannot_say_which_address_was_signed(site: Site) -> None:
    """A signature for another host must not count, whatever the request says its host is."""
    form = text("STOP")
    # The first name is not ours at all; the second is, but nobody was given that address.
    for host, status in (("evil.example", 421), ("localhost", 403)):
        signature = sign(TOKEN, f"https://{host}/twilio/sms", list(form.items()))
        forwarded = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https"}

        answer = site.client.post("/twilio/sms", data=form, headers={"X-Twilio-Signature": signature, **forwarded})

        assert answer.status_code == status
        assert site.agreed(Channel.SMS)


def test_a_changed_body_or_query_breaks_the_signature(site: Site) -> None:
    form = text("hello")
    signature = {"X-Twilio-Signature": sign(TOKEN, f"{PUBLIC}/twilio/sms", list(form.items()))}

    assert site.client.post("/twilio/sms", data={**form, "Body": "STOP"}, headers=signature).status_code == 403
    assert site.client.post("/twilio/sms?x=1", data=form, headers=signature).status_code == 403
    assert site.client.post("/twilio/sms", data=form, headers=signature).status_code == 200


@pytest.mark.parametrize("tokens", [(), ("",)], ids=["none", "an empty one"])
def test_without_a_token_no_webhook_is_taken(site: Site, theatre: Theatre, tokens: tuple[str, ...]) -> None:
    house = House(site.database, site.clock, site.addresses, twilio_tokens=tokens, public_url=PUBLIC)
    theatre[0].app = build(house)

    assert site.webhook("/twilio/sms", text("STOP"), token="").status_code == 403
    assert site.webhook("/twilio/sms", text("STOP")).status_code == 403
    assert site.agreed(Channel.SMS)


def test_without_a_public_address_no_webhook_is_taken(site: Site, theatre: Theatre) -> None:
    theatre[0].app = build(House(site.database, site.clock, Addresses(site.database.vault), twilio_tokens=(TOKEN,)))
    form = text("STOP")

    answer = site.client.post(
        "/twilio/sms", data=form, headers={"X-Twilio-Signature": sign(TOKEN, "/twilio/sms", list(form.items()))}
    )

    assert answer.status_code == 403
    assert site.agreed(Channel.SMS)


def test_with_a_shared_key_only_its_own_signatures_count(site: Site, theatre: Theatre) -> None:
    house = House(site.database, site.clock, site.addresses, (TOKEN,), {"SK1": "quiet"}, public_url=PUBLIC)
    theatre[0].app = build(house)
    form = text("STOP")
    made = {key: sign(key, f"{PUBLIC}/twilio/sms", list(form.items()), SHA256) for key in ("quiet", "loud")}
    named = {"X-Twilio-Webhooks-Signature-Settings": "key=SK1,algorithm=HMAC_SHA256"}

    assert site.webhook("/twilio/sms", form).status_code == 403  # by SHA-1, as before: no way back to it
    for key, status in (("loud", 403), ("quiet", 200)):
        answer = site.client.post("/twilio/sms", data=form, headers={"X-Twilio-Signature": made[key], **named})
        assert answer.status_code == status
    assert not site.agreed(Channel.SMS)


def test_whoever_is_on_call_is_woken_when_somebody_may_be_in_danger(site: Site, theatre: Theatre) -> None:
    woken: list[str] = []
    house = House(
        site.database, site.clock, site.addresses, (TOKEN,), on_call=lambda: woken.append("woken"), public_url=PUBLIC
    )
    theatre[0].app = build(house)

    for number, words in enumerate(("HELP", "STOP", "is there coffee", "2"), 1):
        assert site.webhook("/twilio/sms", text(words, number)).status_code == 200
    assert woken == []
    for number, words in enumerate(("I want to die", "stop texting me, I want to die"), 7):
        assert site.webhook("/twilio/sms", text(words, number)).status_code == 200
    assert woken == ["woken"] * 2


def test_the_old_and_the_new_token_count_during_a_rotation(site: Site, theatre: Theatre) -> None:
    house = House(site.database, site.clock, site.addresses, twilio_tokens=("new" * 10, TOKEN), public_url=PUBLIC)
    theatre[0].app = build(house)

    assert site.webhook("/twilio/sms", text("HELP"), token=TOKEN).status_code == 200
    assert site.webhook("/twilio/sms", text("HELP", 2), token="new" * 10).status_code == 200


def test_a_report_moves_its_delivery_forward(site: Site) -> None:
    row = reminded(site)
    form = {"MessageSid": row.provider_id, "MessageStatus": "delivered", "ErrorCode": ""}

    answer = site.webhook(status_path(site, row.code), form)

    assert (answer.status_code, words(answer)) == (200, [])
    with site.database.reading() as session:
        assert session.get_one(DeliveryRow, row.id).state == State.DELIVERED


def test_a_report_without_our_own_signed_code_changes_nothing(site: Site) -> None:
    row = reminded(site)
    before = site.everything()
    form = {"MessageSid": row.provider_id, "MessageStatus": "delivered"}

    answers = [site.webhook(f"/twilio/status{query}", form) for query in ("", f"?d={row.code}", f"?d={row.code}.AAAA")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert site.everything() == before


def test_a_signed_form_that_is_no_text_is_refused(site: Site) -> None:
    assert site.webhook("/twilio/sms", {"Body": "hello"}).status_code == 400
    assert texts(site) == 0


def test_a_huge_or_binary_form_is_refused(site: Site) -> None:
    assert site.client.post("/twilio/sms", content=b"Body=" + b"x" * 70_000).status_code == 413
    assert site.client.post("/twilio/sms", content=b"\xff\xfe").status_code == 400
    assert site.client.post("/twilio/sms", content=b"&".join(b"a=%d" % n for n in range(300))).status_code == 400


def test_the_rehearsal_provider_and_the_application_agree_about_signatures(site: Site) -> None:
    local = str(site.client.base_url).rstrip("/")
    form = list(text("HELP").items())
    signed = Signer(TOKEN).headers(f"{PUBLIC}/twilio/sms", form)

    refused = hooks.post(f"{local}/twilio/sms", form, Signer(TOKEN))
    answer = site.client.post("/twilio/sms", data=dict(form), headers=signed)

    assert (refused.status, answer.status_code) == (403, 200)


def test_words_are_escaped() -> None:
    body = bytes(twiml('<Dial>1</Dial> & "more"').body).decode()

    assert body.endswith('<Response><Message>&lt;Dial&gt;1&lt;/Dial&gt; &amp; "more"</Message></Response>')


def test_every_caller_hears_the_same_words_with_the_crisis_line_and_nothing_is_kept(site: Site) -> None:
    before = site.everything()
    answers = {
        site.webhook("/twilio/voice", {"CallSid": f"CA{number}", "From": sender, "CallStatus": "ringing"}).text
        for number, sender in enumerate(["+12025550123", "+12025550199", "anonymous"])
    }

    [answer] = answers
    spoken = re.findall(r'<Say language="(..)-US">(.*?)</Say>', answer)
    assert [language for language, _ in spoken] == ["en", "es"]
    for _, words in spoken:
        assert "Riverside" in words
        assert "9 8 8" in words
        assert "9 1 1" in words
        assert "STOP" in words
        assert "Thursday" not in words
    assert answer.endswith("<Hangup/></Response>")
    assert "<Record" not in answer
    assert site.everything() == before


def test_a_signed_form_that_no_database_takes_is_refused(site: Site) -> None:
    before = site.everything()

    assert site.webhook("/twilio/sms", text("STOP\0")).status_code == 400
    assert site.everything() == before


def test_a_call_that_nobody_signed_is_refused(site: Site) -> None:
    assert site.post("/twilio/voice", {"CallSid": "CA1", "From": "+12025550123"}).status_code == 403


def test_a_number_is_looked_up_by_one_question_that_an_index_answers(site: Site) -> None:
    with asking(site) as questions, site.database.reading() as session:
        assert contacts.by_address(session, Channel.SMS, ADA) is not None

    assert len(questions) == 1
    assert scans(site, questions) == []
