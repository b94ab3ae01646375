"""Settings: flags win over the environment, and that over config.toml; each remembers where it came from."""

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from meetup.errors import UsageError
from notifications.rules import envelopes

PREFIX = "MEETUP_"
NOT_OURS = {"MEETUP_TEST_POSTGRES_URL"}  # read by the test-suite alone
HIDDEN = "********"


def _web_address(text: str) -> str:
    parts = urlsplit(text.strip())
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("it must begin with https:// (or http://) and name a host")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("it must hold no user, question mark or hash")
    return text.strip().rstrip("/")


def _secret_address(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    if secret.get_secret_value() and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("it must begin with https:// (or http://) and name a host")
    return secret


def _shared_keys(secret: SecretStr) -> SecretStr:
    if not all(name and key for name, key in named_keys(secret)):
        raise ValueError("it must look like SK…=secret, several parted by commas")
    return secret


def named_keys(secret: SecretStr) -> list[tuple[str, str]]:
    """Return the names and the keys in a setting such as `SK1=quiet,SK2=loud`; what is missing is empty."""
    parts = (part.strip().partition("=") for part in secret.get_secret_value().split(",") if part.strip())
    return [(name, key) for name, _, key in parts]


def _bind(text: str) -> str:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError("it must look like 127.0.0.1:8000")
    return text.strip()


def _database_url(text: str) -> str:
    if not re.match(r"sqlite:///[^:]|postgresql(\+psycopg)?://", text):
        raise ValueError("it must look like sqlite:////path/to/meetup.db or postgresql+psycopg://user@host/name")
    return re.sub(r"^postgresql://", "postgresql+psycopg://", text)


def _networks(text: str) -> str:
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            raise ValueError("it must look like 127.0.0.1,10.0.0.0/8") from None
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseModel):
    """Everything that an operator may choose. An empty text means: not configured."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    home: Path
    database_url: Annotated[str, AfterValidator(_database_url), Field(repr=False)]
    key_file: Path
    public_url: WebAddress = ""
    private_url: WebAddress = ""
    bind: Annotated[str, AfterValidator(_bind)] = "127.0.0.1:8000"
    proxies: Annotated[str, AfterValidator(_networks)] = "127.0.0.1,::1"
    twilio_account_sid: Annotated[str, Field(pattern=r"^(AC[0-9a-fA-F]{32})?$")] = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_shared_keys: Annotated[SecretStr, AfterValidator(_shared_keys)] = SecretStr("")
    twilio_from: str = ""
    twilio_messaging_service_sid: Annotated[str, Field(pattern=r"^(MG[0-9a-fA-F]{32})?$")] = ""
    twilio_base_url: WebAddress = ""
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    bounce_address: Annotated[str, AfterValidator(envelopes.checked)] = ""
    metrics_token: SecretStr = SecretStr("")
    ping_url: Annotated[SecretStr, AfterValidator(_secret_address)] = SecretStr("")
    on_call_url: Annotated[SecretStr, AfterValidator(_secret_address)] = SecretStr("")
    sms_price: Annotated[str, Field(pattern=r"^(\d{1,3}(\.\d{1,6})?( [A-Z]{3})?)?$")] = ""
    sms_rate: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 0.0
    mail_rate: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 0.0
    mail_connections: Annotated[int, Field(ge=1, le=50)] = 4
    tick_seconds: Annotated[float, Field(gt=0, le=300)] = 5.0
    lease_seconds: Annotated[float, Field(ge=30, le=1800)] = 120.0
    uncertain_grace_seconds: Annotated[float, Field(ge=0, le=86_400)] = 120.0
    uncertain_texts: Literal["hold", "resend"] = "hold"
    sources: dict[str, str] = Field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = Field(default=(), repr=False)

    @model_validator(mode="after")
    def _one_sender(self) -> "Settings":
        if self.twilio_from and self.twilio_messaging_service_sid:
            raise ValueError(
                "MEETUP_TWILIO_FROM and MEETUP_TWILIO_MESSAGING_SERVICE_SID are both set, but only one can send"
            )
        return self

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @property
    def exposed(self) -> bool:
        """Tell whether other machines can reach the address that we listen on."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    def shown(self) -> dict[str, str]:
        """Return every setting as text that may be shown: no secret, no password."""
        return {name: _shown(name, getattr(self, name)) for name in NAMES}


NAMES = tuple(name for name in Settings.model_fields if name not in {"sources", "warnings"})
SECRETS = (
    *("database_url", "twilio_auth_token", "twilio_shared_keys", "smtp_url"),
    *("metrics_token", "ping_url", "on_call_url"),
)
FILE_KEYS = tuple(f"{name}_file" for name in SECRETS)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def load(environ: Mapping[str, str], flags: Mapping[str, str]) -> Settings:
    """Read the settings; flags win over the environment, and the environment over config.toml in the home directory."""
    given = _from_environment(environ)
    home = Path(flags.get("home") or given.get("home") or platformdirs.user_data_dir("meetup")).expanduser().absolute()
    values: dict[str, object] = {"home": home, "database_url": f"sqlite:///{home / 'meetup.db'}"}
    values["key_file"] = home / "keys.json"
    sources = dict.fromkeys(NAMES, "default")
    layers: dict[str, Mapping[str, object]] = {
        "config.toml": _from_file(home / "config.toml"),
        "environment": given,
        "flag": {name: value for name, value in flags.items() if value},
    }
    for source, layer in layers.items():
        _apply(layer, source, values, sources)
    values["home"] = home
    values["key_file"] = home / Path(str(values["key_file"])).expanduser()
    return _checked({**values, "sources": sources, "warnings": _warnings(environ, home)})


def _apply(layer: Mapping[str, object], source: str, values: dict[str, object], sources: dict[str, str]) -> None:
    for key, value in layer.items():
        name = key.removesuffix("_file") if key in FILE_KEYS else key
        if key in FILE_KEYS and name in layer:
            raise UsageError(
                f"{variable(name)} and {variable(key)} are both set in {_named(source)}", "Keep one of them"
            )
        values[name] = _secret(key, str(value)) if key in FILE_KEYS else value
        sources[name] = f"{source}, by way of {value}" if key in FILE_KEYS else source


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    # An empty variable means "not set": compose files cannot leave one out.
    known = {variable(name): name for name in (*NAMES, *FILE_KEYS)}
    return {known[name]: value for name, value in environ.items() if name in known and value.strip()}


def _from_file(path: Path) -> dict[str, object]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not valid TOML: {error}", 'A line looks like: bind = "127.0.0.1:8000"') from error
    for key in found:
        _refuse_unknown(key, path)
    return found


_TOML_HINT = 'A line looks like: bind = "127.0.0.1:8000"'


def _refuse_unknown(key: str, path: Path) -> None:
    if key == "home":
        raise UsageError(f"{path} cannot move the home directory that it lies in", "Set MEETUP_HOME instead")
    known = (*NAMES[1:], *FILE_KEYS)
    if key not in known:
        near = difflib.get_close_matches(key.lower().removeprefix("meetup_"), known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(sorted(known))}"
        raise UsageError(f"{path} has a setting that meetup does not know: {key}", hint)


def _secret(key: str, path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"{variable(key)} names a file that cannot be read: {path}") from error


def _checked(values: Mapping[str, object]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        reason = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        name = str(first["loc"][0]) if first["loc"] else ""
        if not name:
            raise UsageError(reason, "Unset one of them") from None
        sources = values["sources"]
        source = sources.get(name, "default") if isinstance(sources, dict) else "default"
        raise UsageError(f"{variable(name)} is wrong: {reason}", f"It was read from {_named(source)}") from None


def _named(source: str) -> str:
    return {"environment": "the environment", "flag": "the command line"}.get(source, source)


def _warnings(environ: Mapping[str, str], home: Path) -> tuple[str, ...]:
    known = [variable(name) for name in (*NAMES, *FILE_KEYS)]
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in {*known, *NOT_OURS})
    return (*(_unknown(name, known) for name in unknown), *_open_file(home / "config.toml"))


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    guess = f"; did you mean {near[0]}?" if near else ""
    return f"{name} is set, but meetup does not know it{guess}"


def _open_file(path: Path) -> tuple[str, ...]:
    if path.is_file() and path.stat().st_mode & 0o077:
        return (f"others can read {path}; run: chmod 600 {path}",)
    return ()


def _shown(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if name != "database_url":
        return str(value)
    parts = urlsplit(str(value))
    if parts.password is None:
        return str(value)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", f":{HIDDEN}@")))
