"""Settings come from flags, the environment and config.toml, in that order."""

from pathlib import Path

import platformdirs
import pytest

from commands import settings
from meetup.errors import UsageError

DATABASES = "sqlite:////path/to/meetup.db or postgresql+psycopg://user@host/name"
BOUNCES = "bounce@example.org, with up to 16 plain letters before the @"


def load(home: Path, environ: dict[str, str] | None = None, **flags: str) -> settings.Settings:
    return settings.load({"MEETUP_HOME": str(home), **(environ or {})}, flags)


def configure(home: Path, text: str) -> None:
    path = home / "config.toml"
    path.write_text(text)
    path.chmod(0o600)


def test_a_home_alone_makes_an_installation_self_contained(tmp_path: Path) -> None:
    found = load(tmp_path)

    assert found.database_url == f"sqlite:///{tmp_path}/meetup.db"
    assert found.key_file == tmp_path / "keys.json"
    assert found.sources["database_url"] == "default"
    assert found.sources["home"] == "environment"
    assert found.warnings == ()


def test_without_a_home_the_data_directory_of_the_user_is_it() -> None:
    assert settings.load({}, {}).home == Path(platformdirs.user_data_dir("meetup"))


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    configure(tmp_path, 'bind = "1.1.1.1:1"\ntick_seconds = 7\nmail_from = "file@example.org"\n')
    environ = {"MEETUP_BIND": "2.2.2.2:2", "MEETUP_TICK_SECONDS": "8"}

    found = load(tmp_path, environ, bind="3.3.3.3:3")

    assert (found.bind, found.tick_seconds, found.mail_from) == ("3.3.3.3:3", 8.0, "file@example.org")
    assert [found.sources[name] for name in ("bind", "tick_seconds", "mail_from", "public_url")] == [
        "flag",
        "environment",
        "config.toml",
        "default",
    ]


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    assert load(tmp_path, {"MEETUP_BIND": "  "}).bind == "127.0.0.1:8000"


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")

    found = load(tmp_path, {"MEETUP_TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token")})

    assert found.twilio_auth_token.get_secret_value() == "s3cret"
    assert found.sources["twilio_auth_token"] == f"environment, by way of {tmp_path / 'token'}"


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    environ = {
        "MEETUP_TWILIO_AUTH_TOKEN": "hunter2",
        "MEETUP_SMTP_URL": "smtps://me:hunter2@mail.example.org",
        "MEETUP_DATABASE_URL": "postgresql://me:hunter2@db/meetup",
    }

    found = load(tmp_path, environ)

    assert "hunter2" not in f"{found!r} {found} {found.shown()}"
    assert found.shown()["database_url"] == "postgresql+psycopg://me:********@db/meetup"
    assert found.database_url == "postgresql+psycopg://me:hunter2@db/meetup"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"MEETUP_BIND": "8000"}, "MEETUP_BIND is wrong: it must look like 127.0.0.1:8000"),
        (
            {"MEETUP_BOUNCE_ADDRESS": "bounce+x@example.org"},
            f"MEETUP_BOUNCE_ADDRESS is wrong: it must look like {BOUNCES}",
        ),
        ({"MEETUP_TICK_SECONDS": "0"}, "MEETUP_TICK_SECONDS is wrong: it should be greater than 0"),
        (
            {"MEETUP_PUBLIC_URL": "example.org"},
            "MEETUP_PUBLIC_URL is wrong: it must begin with https:// (or http://) and name a host",
        ),
        (
            {"MEETUP_DATABASE_URL": "mysql://db/meetup"},
            f"MEETUP_DATABASE_URL is wrong: it must look like {DATABASES}",
        ),
    ],
    ids=["bind", "bounces", "tick", "public-url", "database"],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        load(tmp_path, environ)

    assert refusal.value.message == message
    assert refusal.value.hint == "It was read from the environment"


def test_two_senders_are_refused(tmp_path: Path) -> None:
    environ = {"MEETUP_TWILIO_FROM": "+15550100123", "MEETUP_TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32}

    with pytest.raises(UsageError, match="both set"):
        load(tmp_path, environ)


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    environ = {"MEETUP_SMTP_URL": "smtp://localhost", "MEETUP_SMTP_URL_FILE": "/run/secrets/smtp"}

    with pytest.raises(UsageError, match="MEETUP_SMTP_URL and MEETUP_SMTP_URL_FILE are both set"):
        load(tmp_path, environ)


def test_a_secret_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names a file that cannot be read"):
        load(tmp_path, {"MEETUP_SMTP_URL_FILE": str(tmp_path / "nothing")})


def test_an_unknown_key_in_the_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    configure(tmp_path, 'pubic_url = "https://example.org"\n')

    with pytest.raises(UsageError) as refusal:
        load(tmp_path)

    assert refusal.value.hint == "Did you mean public_url?"


def test_an_unknown_variable_is_a_warning_with_the_nearest_name(tmp_path: Path) -> None:
    found = load(tmp_path, {"MEETUP_SMPT_URL": "smtp://localhost"})

    assert found.warnings == ("MEETUP_SMPT_URL is set, but meetup does not know it; did you mean MEETUP_SMTP_URL?",)


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    configure(tmp_path, "bind: 127.0.0.1:8000\n")

    with pytest.raises(UsageError, match=r"config\.toml is not valid TOML"):
        load(tmp_path)


def test_a_file_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    configure(tmp_path, "tick_seconds = 3\n")
    (tmp_path / "config.toml").chmod(0o644)

    assert load(tmp_path).warnings == (
        f"others can read {tmp_path}/config.toml; run: chmod 600 {tmp_path}/config.toml",
    )


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000, False)),
        ("localhost:80", ("localhost", 80, False)),
        ("[::1]:80", ("::1", 80, False)),
        ("0.0.0.0:0", ("0.0.0.0", 0, True)),
    ],
)
def test_the_address_to_listen_on_knows_whether_others_reach_it(
    tmp_path: Path, bind: str, expected: tuple[str, int, bool]
) -> None:
    found = load(tmp_path, {"MEETUP_BIND": bind})

    assert (found.host, found.port, found.exposed) == expected
