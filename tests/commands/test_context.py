"""The composition root makes what the settings say, and nothing by half."""

from pathlib import Path

import pytest

from commands.context import Context
from meetup import groups
from meetup.errors import Forbidden, MeetupError, UsageError
from meetup.values import Channel
from notifications.channels.email import EmailSender
from notifications.channels.sms import SmsSender
from tests import databases
from tests.commands.shell import Shell

TWILIO = {
    "MEETUP_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "MEETUP_TWILIO_AUTH_TOKEN": "token",
    "MEETUP_TWILIO_FROM": "+12025550100",
}
MAIL = {"MEETUP_SMTP_URL": "smtp://localhost:2525", "MEETUP_MAIL_FROM": "plan@example.org"}


def context(home: Path, environ: dict[str, str]) -> Context:
    return Context({"MEETUP_HOME": str(home), **databases.environ(home), **environ})


def add_both(here: Context, *labels: str) -> None:
    with here.writing() as session:
        for label in labels:
            groups.add(session, groups.GroupDraft(f"Circle of {label}", cover_label=label), here.clock.now())


def test_a_channel_that_is_not_configured_has_no_sender(shell: Shell) -> None:
    here = context(shell.home, {})

    assert here.senders() == {}
    here.close()


def test_configured_channels_have_theirs(shell: Shell) -> None:
    here = context(shell.home, {**TWILIO, **MAIL})

    assert {channel: type(sender) for channel, sender in here.senders().items()} == {
        Channel.SMS: SmsSender,
        Channel.EMAIL: EmailSender,
    }
    here.close()


@pytest.mark.parametrize(
    ("environ", "refusal", "said"),
    [
        ({**TWILIO, "MEETUP_TWILIO_FROM": ""}, UsageError, "Twilio is configured by half"),
        ({**TWILIO, "MEETUP_TWILIO_ACCOUNT_SID": ""}, UsageError, "Twilio is configured by half"),
        ({**MAIL, "MEETUP_MAIL_FROM": ""}, UsageError, "nobody to come from"),
        ({**MAIL, "MEETUP_SMTP_URL": "smtp://mail.example.org"}, Forbidden, "clear text"),
    ],
    ids=["no-number", "no-account", "no-sender", "clear-text"],
)
def test_what_is_configured_by_half_is_refused(
    shell: Shell, environ: dict[str, str], refusal: type[MeetupError], said: str
) -> None:
    here = context(shell.home, environ)

    with pytest.raises(refusal, match=said):
        here.senders()
    here.close()


def test_addresses_begin_with_the_urls_of_the_settings(shell: Shell) -> None:
    urls = {"MEETUP_PUBLIC_URL": "https://example.org/", "MEETUP_PRIVATE_URL": "https://plan.example.net"}
    here = context(shell.home, urls)

    assert (here.addresses.public_url, here.addresses.base) == ("https://example.org", "https://plan.example.net")
    here.close()


def test_what_is_only_tried_leaves_no_trace(shell: Shell) -> None:
    here = context(shell.home, {})
    with here.trying() as session:
        groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Plan"), here.clock.now())

    with here.reading() as session:
        assert groups.listing(session) == []
    here.close()


def test_a_refusal_in_the_middle_writes_nothing(shell: Shell) -> None:
    here = context(shell.home, {})

    with pytest.raises(Forbidden):
        add_both(here, "Plan", "Anxiety")

    with here.reading() as session:
        assert groups.listing(session) == []
    here.close()


def test_settings_are_shown_with_their_source_and_without_secrets(shell: Shell) -> None:
    shell.environ |= {**TWILIO, "MEETUP_TWILIO_AUTH_TOKEN": "hunter2"}

    settings = shell.data("config", "show")["settings"]

    hidden = {"variable": "MEETUP_TWILIO_AUTH_TOKEN", "value": "********", "source": "environment"}
    assert settings["twilio_auth_token"] == hidden
    assert settings["bind"] == {"variable": "MEETUP_BIND", "value": "127.0.0.1:8000", "source": "default"}
    assert "hunter2" not in shell.fine("config", "show").out
    assert shell.fine("config", "path").out == f"{shell.home}/config.toml\n"


def test_a_variable_that_nobody_knows_is_a_warning_and_no_more(shell: Shell) -> None:
    shell.environ["MEETUP_SMPT_URL"] = "smtp://localhost"

    done = shell.fine("config", "path")

    assert done.err == "warning: MEETUP_SMPT_URL is set, but meetup does not know it; did you mean MEETUP_SMTP_URL?\n"
