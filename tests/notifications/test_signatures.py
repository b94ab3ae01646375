"""The signature of webhooks, judged by the provider's own validator."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from notifications.rules.signatures import SHA256, Secrets, sign, valid

TOKEN = "1c892n40nd03kdnc0112slzkl3091j20"
URL = "https://meetings.example.org/hooks/twilio/status?d=a%2Bb+c%20d"
FIELDS = [("From", "+15005550006"), ("Body", "yes & no"), ("ErrorCode", "")]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
fields = st.lists(st.tuples(texts, texts), max_size=6)
ports = st.sampled_from(["", ":443", ":80", ":8080"])
shapes = st.builds(
    "{}://{}{{}}{}{}".format,
    st.sampled_from(["https", "http"]),
    st.sampled_from(["example.org", "a.b.example"]),
    st.from_regex(r"(/[A-Za-z0-9%+._~-]{0,8}){1,3}", fullmatch=True),
    st.sampled_from(["", "?d=1", "?d=a%2Bb&e=", "?d=a+b%20c&d=x"]),
)


class MultiDict(dict[str, list[str]]):
    """What a web framework hands to the validator."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def multi(pairs: list[tuple[str, str]]) -> MultiDict:
    values = MultiDict()
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


@given(shape=shapes, pairs=fields)
@example(shape="https://example.org/a", pairs=[("A", "2"), ("A", "1"), ("A", "2"), ("a", "")])
def test_our_signature_is_the_providers(shape: str, pairs: list[tuple[str, str]]) -> None:
    url = shape.format("")
    theirs = RequestValidator(TOKEN)

    assert sign(TOKEN, url, pairs) == theirs.compute_signature(url, multi(pairs))
    assert sign(TOKEN, url, pairs, SHA256) == theirs.compute_signature(url, multi(pairs), SHA256)


@given(shape=shapes, port=ports, signed_port=ports, pairs=fields)
def test_we_accept_what_the_provider_accepts(
    shape: str, port: str, signed_port: str, pairs: list[tuple[str, str]]
) -> None:
    url = shape.format(port)
    signature = sign(TOKEN, shape.format(signed_port), pairs)

    expected = RequestValidator(TOKEN).validate(url, multi(pairs), signature)

    assert valid(Secrets((TOKEN,)), url, pairs, signature) == expected


@pytest.mark.parametrize(
    ("url", "pairs", "signature"),
    [
        pytest.param(URL + "x", FIELDS, sign(TOKEN, URL, FIELDS), id="other address"),
        pytest.param(URL.replace("%20", "+"), FIELDS, sign(TOKEN, URL, FIELDS), id="other spelling"),
        pytest.param(URL, FIELDS[:2], sign(TOKEN, URL, FIELDS), id="field taken away"),
        pytest.param(URL, [*FIELDS, ("New", "x")], sign(TOKEN, URL, FIELDS), id="field added"),
        pytest.param(URL, FIELDS, sign("other", URL, FIELDS), id="other token"),
        pytest.param(URL, FIELDS, sign("", URL, FIELDS), id="empty token"),
        pytest.param(URL, FIELDS, "", id="no signature"),
        pytest.param(URL, FIELDS, "ünsinn\ud800", id="not even ASCII"),
    ],
)
def test_anything_else_is_refused(url: str, pairs: list[tuple[str, str]], signature: str) -> None:
    assert not valid(Secrets((TOKEN, "")), url, pairs, signature)


def test_during_a_rotation_both_tokens_count() -> None:
    secrets = Secrets(("new", "old"))

    assert valid(secrets, URL, FIELDS, sign("old", URL, FIELDS))
    assert valid(secrets, URL, FIELDS, sign("new", URL, FIELDS))


def test_a_missing_default_port_does_not_matter() -> None:
    signature = sign(TOKEN, "https://example.org:443/hooks", FIELDS)

    assert valid(Secrets((TOKEN,)), "https://example.org/hooks", FIELDS, signature)
    assert not valid(Secrets((TOKEN,)), "https://example.org:8443/hooks", FIELDS, signature)


def test_a_shared_key_is_chosen_by_its_name() -> None:
    secrets = Secrets((TOKEN,), {"one": "first", "two": "second"})
    signature = sign("second", URL, FIELDS, SHA256)

    assert valid(secrets, URL, FIELDS, signature, "key=two,algorithm=HMAC_SHA256")
    assert valid(secrets, URL, FIELDS, signature, " algorithm = hmac_sha256 , key = two ")
    assert not valid(secrets, URL, FIELDS, signature, "key=one,algorithm=HMAC_SHA256")
    assert not valid(secrets, URL, FIELDS, signature, "algorithm=HMAC_SHA256")


@pytest.mark.parametrize("settings", ["", "algorithm=HMAC_SHA1", "key=one", "key=one,algorithm=HMAC_MD5"])
def test_an_account_with_shared_keys_cannot_be_talked_down(settings: str) -> None:
    secrets = Secrets((TOKEN,), {"one": "first"})

    assert not valid(secrets, URL, FIELDS, sign(TOKEN, URL, FIELDS), settings)
    assert not valid(secrets, URL, FIELDS, sign("first", URL, FIELDS), settings)


def test_without_shared_keys_sha256_proves_nothing() -> None:
    signature = sign(TOKEN, URL, FIELDS, SHA256)

    assert not valid(Secrets((TOKEN,)), URL, FIELDS, signature, "key=one,algorithm=HMAC_SHA256")


def test_secrets_do_not_show_themselves() -> None:
    assert repr(Secrets((TOKEN,), {"one": "first"})) == "Secrets(1 tokens, 1 shared keys)"
