"""`meetup doctor` finds what is wrong before members do, and says what to do about it."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from commands.checkup.findings import Finding, Level
from commands.context import SCHEMA_REVISION, Context
from commands.doctor import examine
from commands.rehearsal.mailbox import Mailbox
from commands.rehearsal.serving import Loopback
from commands.rehearsal.twilio import Fault, RehearsalTwilio
from commands.service import Service, Tick, beat
from meetup import organization
from meetup.clock import HandClock
from meetup.schedule import zones
from meetup.storage import vault
from notifications.deliver import Post
from tests import databases
from tests.commands.shell import Shell

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def found(shell: Shell, clock: HandClock | None = None, patience: float = 2.0) -> list[Finding]:
    """Examine the installation of a shell."""
    with closing(Context(shell.environ, clock or HandClock(NOW))) as here:
        return list(examine(here, patience))


def told(shell: Shell, check: str, clock: HandClock | None = None) -> list[tuple[str, str]]:
    """Return level and text of every finding of one check."""
    return [(one.level.value, one.text) for one in found(shell, clock) if one.check == check]


def failures(findings: list[Finding]) -> set[str]:
    return {one.check for one in findings if one.level is Level.FAIL}


def sql(shell: Shell, *statements: str) -> None:
    """Do behind the program's back what no command would do."""
    databases.ask(shell.home / "meetup.db", *statements)


def circle_with_ada(shell: Shell) -> None:
    """Add a group, and Ada, who signed on paper that she wants texts."""
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")
    shell.fine("member", "add", "Ada", "--phone", "+12025550123")
    shell.fine("subscribe", "Ada", "thursday-circle", "--by", "sms")
    shell.fine("consent", "grant", "Ada", "--channel", "sms", "--on-paper", "2026-01-01")


@contextmanager
def configured(shell: Shell) -> Iterator[tuple[RehearsalTwilio, Mailbox]]:
    """Give an installation a provider and a relay."""
    with RehearsalTwilio() as twilio, Mailbox() as mailbox:
        shell.environ |= {
            "MEETUP_TWILIO_ACCOUNT_SID": twilio.account_sid,
            "MEETUP_TWILIO_AUTH_TOKEN": twilio.auth_token,
            "MEETUP_TWILIO_FROM": twilio.number,
            "MEETUP_TWILIO_BASE_URL": twilio.base_url,
            "MEETUP_SMTP_URL": mailbox.url,
            "MEETUP_MAIL_FROM": "hello@northside.example",
        }
        yield twilio, mailbox


def test_before_setting_up_it_says_what_to_do_first(empty_shell: Shell) -> None:
    done = empty_shell("doctor")

    assert done.code == 1
    if databases.on_postgres():  # A database without its key file may be somebody's whole installation.
        assert f"There is no key file at {empty_shell.home}" in done.out
        assert "where nothing has been set up yet, run `meetup init`" in done.out
    else:
        assert f"Nothing has been set up in {empty_shell.home}" in done.out
        assert "→ Run `meetup init` first" in done.out
    assert not empty_shell.home.exists()


def test_a_wrong_setting_is_the_first_thing_to_put_right(shell: Shell) -> None:
    shell.environ["MEETUP_BIND"] = "everywhere"

    done = shell("doctor")

    assert done.code == 1
    assert "fail  settings  MEETUP_BIND is wrong: it must look like 127.0.0.1:8000" in done.out


def test_a_fresh_installation_has_warnings_and_no_failure(shell: Shell) -> None:
    done = shell("doctor")

    assert done.code == 0, done.out
    if databases.on_postgres():
        assert re.search(
            rf"ok    database +PostgreSQL \d+(\.\d+)? at postgresql.*, schema {SCHEMA_REVISION}\n", done.out
        )
    else:
        assert f"{shell.home / 'meetup.db'}, schema {SCHEMA_REVISION}, undamaged" in done.out
    assert "The service has never run here" in done.out


def test_the_json_is_for_programs(shell: Shell) -> None:
    document = shell.data("doctor")

    assert (document["schema"], document["healthy"]) == (1, True)
    assert {"level": "ok", "check": "sender-name", "text": "Texts begin with “Northside:”", "advice": ""} in document[
        "findings"
    ]
    assert {one["level"] for one in document["findings"]} == {"ok", "warn"}


def test_no_secret_is_shown(shell: Shell) -> None:
    with configured(shell) as (twilio, _):
        shell.environ["MEETUP_SMTP_URL"] = "smtps://user:hunter2@mail.invalid"
        done = shell("doctor")

    assert twilio.auth_token not in done.out + done.err
    assert "hunter2" not in done.out + done.err
    assert "MEETUP_TWILIO_AUTH_TOKEN, MEETUP_TWILIO_FROM, MEETUP_TWILIO_BASE_URL" in done.out


def test_a_variable_with_a_slip_in_its_name_is_pointed_out(shell: Shell) -> None:
    shell.environ["MEETUP_SMTP_ULR"] = "smtp://localhost"

    assert ("warn", "MEETUP_SMTP_ULR is set, but meetup does not know it; did you mean MEETUP_SMTP_URL?") in told(
        shell, "settings"
    )


@pytest.mark.parametrize(
    ("name", "mode", "level"),
    [
        ("keys.json", 0o640, "fail"),
        pytest.param("meetup.db", 0o604, "fail", marks=pytest.mark.sqlite),
        (".", 0o755, "warn"),
    ],
)
def test_what_others_may_read_is_named_with_the_cure(shell: Shell, name: str, mode: int, level: str) -> None:
    path = (shell.home / name).resolve()
    path.chmod(mode)

    findings = [one for one in found(shell) if one.check == "home"]

    cure = f"Run: chmod {'700' if name == '.' else '600'} {path}"
    assert findings == [Finding(Level(level), "home", f"Others on this machine may read {path}", cure)]


def test_the_key_file_of_another_installation_is_found_out(shell: Shell) -> None:
    shell.fine("member", "add", "Ada")
    (shell.home / "keys.json").unlink()
    vault.create(shell.home / "keys.json")

    assert told(shell, "keys") == [("fail", "The key file does not fit this database")]


@pytest.mark.parametrize("content", ["{}", "[]", '{"seal": {"1": "zz"}, "index": {}, "sign": ""}', "not json"])
def test_a_damaged_key_file_is_a_finding(shell: Shell, content: str) -> None:
    (shell.home / "keys.json").write_text(content)

    findings = found(shell)

    assert failures(findings) == {"database"}
    assert "key file" in next(one.text for one in findings if one.level is Level.FAIL)


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_a_finding(shell: Shell) -> None:
    (shell.home / "meetup.db").write_bytes(b"something else entirely" * 100)

    assert told(shell, "database") == [("fail", "The file is not a database")]


@pytest.mark.sqlite
def test_a_damaged_database_is_a_finding(shell: Shell) -> None:
    file = shell.home / "meetup.db"
    size = file.stat().st_size
    with file.open("r+b") as pages:
        pages.seek(size // 2)
        pages.write(b"\xff" * (size // 4))

    done = shell("doctor")

    assert done.code == 1
    assert "damaged" in done.out
    assert done.err == "\n" + done.err.strip() + "\n"  # a sentence, no traceback


@pytest.mark.parametrize(("revision", "word"), [("0000", "older"), ("9999", "newer")])
def test_a_database_of_another_program_is_a_finding(shell: Shell, revision: str, word: str) -> None:
    sql(shell, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 -- ours

    assert told(shell, "database") == [
        ("fail", f"The database is {word} than this program ({revision}, not {SCHEMA_REVISION})")
    ]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            {},
            [
                "warn",
                "MEETUP_PUBLIC_URL is not set: no one-click unsubscribe, no delivery reports, no texts coming in",
            ],
        ),
        (
            {"MEETUP_PUBLIC_URL": "http://127.0.0.1:9"},
            ["warn", "MEETUP_PUBLIC_URL is not https: whoever is in between reads what members read"],
        ),
        ({"MEETUP_PUBLIC_URL": "https://127.0.0.1:9"}, ["ok", "https://127.0.0.1:9"]),
    ],
    ids=["none", "http", "https"],
)
def test_the_public_address_is_looked_at(shell: Shell, environ: dict[str, str], expected: list[str]) -> None:
    shell.environ |= environ

    assert told(shell, "public-url") == [tuple(expected)]


def test_a_telling_domain_needs_a_neutral_one(shell: Shell) -> None:
    shell.environ["MEETUP_PUBLIC_URL"] = "https://depression-circle.invalid"
    before = [level for level, text in told(shell, "links") if "depression" in text]

    shell.environ["MEETUP_PRIVATE_URL"] = "https://plan.invalid"

    assert (before, told(shell, "links")) == (["warn"], [])


def test_both_channels_are_tried_and_nothing_is_sent(shell: Shell) -> None:
    with configured(shell) as (twilio, mailbox):
        findings = found(shell)

        assert [(one.level, one.text) for one in findings if one.check in {"twilio", "smtp"}] == [
            (Level.OK, "Texts can be sent"),
            (Level.OK, "Mail can be sent"),
        ]
        assert (twilio.messages, mailbox.mails) == ((), [])


def test_wrong_credentials_fail_with_a_hint(shell: Shell) -> None:
    with configured(shell):
        shell.environ["MEETUP_TWILIO_AUTH_TOKEN"] = "0" * 32
        shell.environ["MEETUP_SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"

        assert told(shell, "twilio") == [("fail", "Twilio answered 401, code 20003")]
        assert told(shell, "smtp") == [("fail", "the mail relay refuses the connection")]


def test_a_provider_that_hangs_costs_only_our_patience(shell: Shell) -> None:
    with configured(shell) as (twilio, _):
        twilio.script(Fault.HANG, method="GET")
        began = time.monotonic()
        findings = found(shell, patience=0.3)

    assert failures(findings) == {"twilio"}
    assert time.monotonic() - began < 3


def test_a_channel_that_members_wait_for_must_be_there(shell: Shell) -> None:
    circle_with_ada(shell)

    assert told(shell, "twilio") == [("fail", "1 member agreed to texts, and none can be sent: nothing is configured")]
    assert told(shell, "smtp") == [("warn", "Not configured: no mail will be sent")]

    shell.fine("remind", "remove", "thursday-circle", "2h by sms")

    assert told(shell, "twilio") == [("warn", "Not configured: no texts will be sent")]


def test_half_of_a_configuration_is_a_failure(shell: Shell) -> None:
    shell.environ["MEETUP_TWILIO_ACCOUNT_SID"] = "AC" + "0" * 32

    assert told(shell, "sending") == [("fail", "Twilio is configured by half")]


@pytest.mark.parametrize(
    ("contact", "mail_from", "expected"),
    [
        ("", "", "warn"),
        ("", "no-reply@northside.example", "fail"),
        ("ada@northside.example", "no-reply@northside.example", "ok"),
        ("noresponder@northside.example", "", "fail"),
    ],
)
def test_somebody_reads_what_members_answer(shell: Shell, contact: str, mail_from: str, expected: str) -> None:
    sql(shell, f"UPDATE organization SET contact_mail = '{contact}'")  # noqa: S608 -- ours
    shell.environ["MEETUP_MAIL_FROM"] = mail_from

    assert [level for level, _ in told(shell, "contact-mail")] == [expected]


def test_a_telling_sender_name_or_label_is_a_failure(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")
    assert failures(found(shell)) == set()

    sql(
        shell,
        "UPDATE organization SET sender_name = 'Recovery'",
        "UPDATE groups SET cover_label = 'Your depression circle'",
    )

    assert failures(found(shell)) == {"sender-name", "labels"}


def test_groups_that_nobody_is_reminded_of_are_named(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")
    shell.fine("group", "add", "Carers", "--label", "Tuesday plan")
    for rule in ("24h by email", "2h by sms"):
        shell.fine("remind", "remove", "thursday-circle", rule)

    assert told(shell, "reminders") == [("warn", "Nobody is ever reminded of “Thursday circle”")]


def test_mail_without_a_way_back_is_pointed_out(shell: Shell) -> None:
    assert told(shell, "bounces") == []
    shell.environ |= {"MEETUP_SMTP_URL": "smtp://127.0.0.1:9", "MEETUP_MAIL_FROM": "jo@example.org"}
    without = told(shell, "bounces")
    shell.environ["MEETUP_BOUNCE_ADDRESS"] = "bounce@example.org"

    text = "MEETUP_BOUNCE_ADDRESS is not set: nobody learns which addresses mail comes back from"
    assert (without, told(shell, "bounces")) == ([("warn", text)], [])


def test_members_without_consent_are_counted(shell: Shell) -> None:
    circle_with_ada(shell)
    for name, phone in (("Ben", "+12025550124"), ("Cleo", "+12025550125")):
        shell.fine("member", "add", name, "--phone", phone)
        shell.fine("subscribe", name, "thursday-circle", "--by", "sms")
    shell.fine("consent", "grant", "Ben", "--channel", "sms")

    assert told(shell, "consent") == [
        ("warn", "2 of 3 members agreed to no message, so none is sent to them"),
    ]


def test_phones_are_counted_from_which_nobody_answered_whether_texts_are_safe(shell: Shell) -> None:
    circle_with_ada(shell)
    assert told(shell, "still-safe") == []

    sql(shell, "UPDATE contact_points SET state = 'paused'")

    text = "1 phone that somebody else may see: nobody answered whether texts are still safe"
    assert told(shell, "still-safe") == [("warn", text)]
    assert "1 is paused: nobody answered whether it is still safe" in shell.fine("consent", "audit").err


def test_a_service_that_stopped_is_a_failure_and_one_at_work_is_none(shell: Shell) -> None:
    clock = HandClock(NOW)
    with closing(Context(shell.environ, clock)) as here:
        service = Service(Post(here.database, {}, clock, here.addresses), 5.0)
        for name in ("plan", "deliver", "tidy"):
            beat(service, Tick(name, timedelta(seconds=5), lambda: None))

    assert told(shell, "service", clock) == [("ok", "Its ticks come in time")]
    clock.pass_(minutes=10)
    assert told(shell, "service", clock) == [
        ("fail", "These ticks are late: deliver, plan; the service was last seen at 2026-11-24 07:00 (New York)")
    ]


def test_a_tick_that_goes_wrong_is_a_failure(shell: Shell) -> None:
    clock = HandClock(NOW)

    def break_down() -> None:
        raise RuntimeError

    with closing(Context(shell.environ, clock)) as here:
        service = Service(Post(here.database, {}, clock, here.addresses), 5.0)
        beat(service, Tick("deliver", timedelta(seconds=5), break_down))

    assert ("fail", "The last tick “deliver” went wrong: RuntimeError") in told(shell, "service", clock)


def test_what_stands_still_is_counted(shell: Shell) -> None:
    circle_with_ada(shell)
    due = {"PLANNED": -2, "HELD": -30, "UNCERTAIN": -1, "MISSED": -40, "SENT": -50}
    sql(shell, *(_delivery(state, NOW + timedelta(hours=hours)) for state, hours in due.items()))
    sql(shell, _delivery("PLANNED", NOW + timedelta(hours=1)), _delivery("PLANNED", NOW - timedelta(seconds=20)))

    shown = {check: told(shell, check) for check in ("overdue", "held", "uncertain", "missed", "sent")}

    assert shown == {
        "overdue": [("fail", "1 message should have left by now, the oldest at 2026-11-24 05:00 (New York)")],
        "held": [("warn", "1 message of which nobody can say whether it arrived")],
        "uncertain": [("warn", "1 message in doubt")],
        "missed": [("warn", "1 message of the last week ended MISSED")],
        "sent": [],
    }


def _delivery(state: str, due: datetime) -> str:
    moments = {"due_at": due, "expires_at": due + timedelta(days=1), "created_at": due, "settled_at": due}
    # SQLite's form is compared letter by letter, and PostgreSQL's moment needs its zone.
    zone = "+00" if databases.on_postgres() else ""
    values = {name: f"'{moment:%Y-%m-%d %H:%M:%S.%f}{zone}'" for name, moment in moments.items()} | {
        "code": f"'{state}{due:%d%H%M}'",
        "member_id": "1",
        "subject": f"'meeting:{due:%d%H%M%S}'",
        "slot": "'2026-11-26 19:00:00.000000'",
        "lead": "'2h'",
        "channel": "'sms'",
        "kind": "'reminder'",
        "revision": "0",
        "contact_id": "1",
        "consent_id": "(SELECT max(id) FROM consents WHERE action = 'confirmed')",
        "consent_action": "'confirmed'",
        "state": f"'{state}'",
        **dict.fromkeys(("reason", "claim_token", "provider_id", "error_code"), "''"),
        **dict.fromkeys(("attempts", "segments", "looks"), "0"),
    }
    return f"INSERT INTO deliveries ({', '.join(values)}) VALUES ({', '.join(values.values())})"  # noqa: S608 -- ours


@pytest.mark.parametrize(("years", "level"), [(0, "ok"), (1, "warn"), (3, "warn")])
def test_zone_data_that_grew_old_are_pointed_out(shell: Shell, years: int, level: str) -> None:
    made = int(zones.tzdata_version().partition(".")[0])

    assert [found for found, _ in told(shell, "zones", HandClock(datetime(made + years, 11, 24, tzinfo=UTC)))] == [
        level
    ]


def test_the_crisis_line_of_the_country_has_a_source_and_a_date(shell: Shell) -> None:
    [(level, text)] = told(shell, "crisis")

    assert (level, text.partition(" (")[0]) == ("ok", "US: call or text 988; in danger 911")


def test_a_crisis_line_that_nobody_checked_for_a_year_is_pointed_out(shell: Shell) -> None:
    [(level, text)] = told(shell, "crisis", HandClock(NOW + timedelta(days=500)))

    assert (level, text.partition(":")[0]) == ("warn", "Nobody has checked this for a year")


def test_a_country_without_a_verified_line_is_pointed_out(shell: Shell) -> None:
    sql(shell, "UPDATE organization SET country = 'DE'")

    assert told(shell, "crisis") == [
        ("warn", "No verified crisis line for DE: members are told findahelpline.com and 112")
    ]


def test_a_link_that_is_about_to_end_is_pointed_out(shell: Shell) -> None:
    shell.fine("room", "add", "Circle room", "https://zoom.us/j/98765432100")
    sql(shell, "UPDATE online_rooms SET expires_on = '2026-12-01'")

    assert told(shell, "rooms") == [("warn", "The link of “Circle room” ends on 2026-12-01")]


def test_the_words_for_the_providers_console_are_shown(shell: Shell) -> None:
    without = [one for one in found(shell) if one.check.startswith("twilio-")]
    with configured(shell):
        texts = {one.check: one.advice for one in found(shell) if one.check.startswith("twilio-")}

    assert without == []
    assert [line.partition(" ")[0] for line in texts["twilio-help"].splitlines()] == ["HELP:", "AYUDA:"]
    assert texts["twilio-help"].count("988") == 2
    assert "988" in texts["twilio-fallback"]


LATE = JSONResponse({"status": "late", "late": {"deliver": 60}}, 503)


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (JSONResponse({"status": "ok", "late": {}}), "ok", "The service answers at"),
        (LATE, "warn", "but it is late"),
        (PlainTextResponse("It works!"), "warn", "Somebody else answers at"),
        (PlainTextResponse("not here", 404), "warn", "/healthz answers 404"),
    ],
    ids=["well", "late", "a default page", "another program"],
)
def test_the_service_is_asked_under_its_public_address(shell: Shell, answer: Response, level: str, words: str) -> None:
    with Loopback(Starlette(routes=[Route("/healthz", lambda _: answer)])) as door:
        shell.environ["MEETUP_PUBLIC_URL"] = door.base_url
        [(found_level, text)] = told(shell, "outside")

    assert (found_level, words in text) == (level, True)


def test_an_address_at_which_nobody_answers_is_a_warning(shell: Shell) -> None:
    shell.environ["MEETUP_PUBLIC_URL"] = f"http://127.0.0.1:{free_port()}"

    [(level, text)] = told(shell, "outside")

    assert (level, text.startswith("Nobody answers at http://127.0.0.1:")) == ("warn", True)


def test_every_setting_is_shown_with_its_variable_and_source(shell: Shell, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("0123456789abcdef0123456789abcdef")
    shell.environ |= {"MEETUP_TWILIO_AUTH_TOKEN_FILE": str(secret), "MEETUP_TICK_SECONDS": "2"}

    shown = json.loads(shell.fine("config", "show", "--json").out)["settings"]

    assert shown["tick_seconds"] == {"variable": "MEETUP_TICK_SECONDS", "value": "2.0", "source": "environment"}
    assert shown["twilio_auth_token"] == {
        "variable": "MEETUP_TWILIO_AUTH_TOKEN",
        "value": "********",
        "source": f"environment, by way of {secret}",
    }
    assert shown["bind"]["source"] == "default"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_sender_name_that_is_a_groups_name_is_found_in_a_database_that_has_it_already(shell: Shell) -> None:
    shell.fine("group", "add", "Harbor Friends", "--label", "Thursday")
    with closing(Context(shell.environ)) as here, here.writing() as session:
        organization.the(session).sender_name = "Harbor Friends"

    done = shell("doctor")

    assert done.code == 1
    assert "Texts begin with “Harbor Friends”, which gives away “Harbor Friends”" in done.out
