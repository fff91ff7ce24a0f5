"""The settings of the contract; the only reader of the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import httpx
from pydantic import Field, HttpUrl, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.core.errors import InvalidInputError, ProductError
from bot.core.rates import Rate

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
"""Characters of a secret below which it is refused."""
FEWEST_DIFFERENT = 8
"""Different characters that a random secret of that length surely has."""

PREFIX = "HIENDIEN_"
_DATABASE = re.compile(r"sqlite(\+aiosqlite)?:///.+|postgres(ql(\+asyncpg)?)?://.+")

_HOST_ENDS_IN = set("?#@ \t")

_TELEGRAM_FORMS = {
    "telegram_token": re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,128}"),
    "telegram_webhook_secret": re.compile(r"[A-Za-z0-9_-]{1,256}"),
    "telegram_proxy": re.compile(r"(?:https?|socks5h?)://\S+"),
}

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingRefusedError(InvalidInputError, ValueError):
    """A setting's value is not allowed; `setting` is its name without the prefix."""

    def __init__(self, *, setting: str) -> None:
        super().__init__(setting=setting)


class DatabaseUnknownError(SettingRefusedError):
    """The address is neither a file of SQLite's nor a PostgreSQL database."""


class ProxyRangeTooWideError(SettingRefusedError):
    """A proxy range of every address would let anybody name any address."""


class BeyondLoopbackError(SettingRefusedError):
    """In development nobody but this machine may reach a listener."""


class SecretMissingError(SettingRefusedError):
    """This deployment needs the secret."""


class SecretWeakError(SettingRefusedError):
    """The secret is short, or of few different characters."""


class SecretSharedError(SettingRefusedError):
    """Another secret has the same value, or the same master secret stands twice."""


class LogTokenIncompleteError(SettingRefusedError):
    """The audit log's key is on a token, and this about the token is not told."""


class LoopbackRefusedError(SettingRefusedError):
    """Deliveries to this very machine are for tests; production refuses them."""


class FixedDayRefusedError(SettingRefusedError):
    """A fixed day is for demonstrations; production refuses it."""


class Settings(BaseSettings):
    """Every setting, with the defaults of ``make run``; environment names carry the prefix ``HIENDIEN_``.

    Secrets that are unset stay ``None`` here: `bot.wiring` generates them under ``var_dir`` in development.

    A variable that is set to nothing is unset, as compose files and systemd units write it.

    Raises:
        pydantic.ValidationError: a value is unusable, or too weak for production. Where the reason is more than the
            value's form, the error's ``ctx["error"]`` is a `SettingRefusedError`.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: HttpUrl | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()

    var_dir: Path = ROOT / "var"
    content_dir: Path = ROOT / "bot" / "content"
    templates_dir: Path = ROOT / "templates"
    nlu_dir: Path = ROOT / "nlu"

    database_url: str | None = None
    secret_key: SecretStr | None = None

    nlu_url: HttpUrl | None = None
    nlu_port: Port = 5005
    nlu_secret: SecretStr | None = None
    actions_host: str = "127.0.0.1"
    actions_port: Port = 5055
    actions_secret: SecretStr | None = None

    telegram_token: SecretStr | None = None
    telegram_api_url: HttpUrl = HttpUrl("https://api.telegram.org")
    telegram_webhook_secret: SecretStr | None = None
    telegram_proxy: SecretStr | None = None
    telegram_rate: str = "29/1s"
    telegram_group_rate: str = "1/4s burst 5"
    late_minutes: Annotated[int, Field(ge=1, le=1440)] = 10

    zalo_app_id: Annotated[str, Field(pattern=r"^\d{1,32}$")] | None = None
    zalo_app_secret: SecretStr | None = None
    zalo_oa_secret: SecretStr | None = None
    zalo_oa_id: Annotated[str, Field(pattern=r"^\d{1,64}$")] | None = None
    zalo_refresh_token: SecretStr | None = None
    zalo_verifier: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")] | None = None
    zalo_api_url: HttpUrl = HttpUrl("https://openapi.zalo.me")
    zalo_oauth_url: HttpUrl = HttpUrl("https://oauth.zaloapp.com")
    zalo_rate: str = "20/1s"
    zalo_group_word: Annotated[str, Field(max_length=40)] = "tr\u1ee3 l\u00fd"
    zalo_billed: bool = True

    signing_roots: Path | None = None
    crl_urls: Annotated[tuple[str, ...], NoDecode] = ()
    crl_dir: Path | None = None
    revocation_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    log_key: Path | None = None
    log_token_module: Path | None = None
    log_token_label: str = ""
    log_token_key: str = ""
    log_token_pin_file: Path | None = None
    log_token_chain: Path | None = None
    allow_rs256: bool = True
    offline_signing_hours: Annotated[int, Field(ge=0, le=24)] = 24
    stale_crl_hours: Annotated[int, Field(ge=0, le=72)] = 0

    today: date | None = None
    chat_rate_limit: str = "30/1m"
    lease_seconds: Annotated[float, Field(ge=1, le=300)] = 15.0
    keep_misread: bool = False
    registrar_loopback: bool = False

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            make_url(value)
        except (ArgumentError, ValueError) as error:
            raise DatabaseUnknownError(setting="DATABASE_URL") from error
        if not _DATABASE.fullmatch(value):
            raise DatabaseUnknownError(setting="DATABASE_URL")
        return value

    @field_validator("trusted_proxies", "crl_urls", "revocation_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(ipaddress.ip_network(part, strict=False).prefixlen == 0 for part in value):
            raise ProxyRangeTooWideError(setting="TRUSTED_PROXIES")
        return value

    @field_validator("crl_urls")
    @classmethod
    def _lists_are_on_the_web(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0 or "@" in parts.netloc:
                raise ValueError("not an address of a list")
        return value

    @field_validator("revocation_hosts")
    @classmethod
    def _hosts_are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if "/" in entry:
                if ipaddress.ip_network(entry, strict=False).prefixlen == 0:
                    raise ValueError("every address")
            elif ":" in entry.partition(":")[2] and not entry.startswith("["):
                ipaddress.IPv6Address(entry)
            elif not urlsplit(f"//{entry}").hostname or urlsplit(f"//{entry}").port == 0 or _HOST_ENDS_IN & set(entry):
                raise ValueError("not a host")
        return value

    @field_validator("telegram_token", "telegram_webhook_secret", "telegram_proxy")
    @classmethod
    def _telegram_takes_it(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and not _TELEGRAM_FORMS[info.field_name or ""].fullmatch(value.get_secret_value()):
            raise ValueError("not in the form that Telegram or a proxy has")
        return value

    @field_validator("telegram_proxy")
    @classmethod
    def _proxy_is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            has_host = bool(httpx.URL(value.get_secret_value()).host)
        except httpx.InvalidURL:
            has_host = False
        if not has_host:
            raise ValueError("not an address of a proxy")
        return value

    @field_validator("telegram_api_url", "zalo_api_url", "zalo_oauth_url")
    @classmethod
    def _token_is_sent_over_tls(cls, value: HttpUrl) -> HttpUrl:
        if value.scheme != "https" and not cls.is_loopback((value.host or "").strip("[]")):
            raise ValueError("not https")
        return value

    @field_validator("chat_rate_limit", "telegram_rate", "telegram_group_rate", "zalo_rate")
    @classmethod
    def _rate_is_readable(cls, value: str) -> str:
        Rate.parse(value)
        return value

    @model_validator(mode="after")
    def _nothing_is_open_by_accident(self) -> Self:
        if self.environment != "production":
            for setting, host in (("HOST", self.host), ("ACTIONS_HOST", self.actions_host)):
                if not self.is_loopback(host):
                    raise BeyondLoopbackError(setting=setting)
        if self.nlu_url is not None and not self.is_loopback(self.nlu_url.host or "") and self.nlu_secret is None:
            raise SecretMissingError(setting="NLU_SECRET")
        return self

    @model_validator(mode="after")
    def _token_is_told_whole(self) -> Self:
        if self.log_token_module is not None:
            if not self.log_token_label:
                raise LogTokenIncompleteError(setting="LOG_TOKEN_LABEL")
            if self.log_token_pin_file is None:
                raise LogTokenIncompleteError(setting="LOG_TOKEN_PIN_FILE")
        return self

    @model_validator(mode="after")
    def _zalo_is_told_whole(self) -> Self:
        if self.zalo_app_id is not None and self.zalo_app_secret is None:
            raise SecretMissingError(setting="ZALO_APP_SECRET")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.environment != "production":
            return self
        if self.today is not None:
            raise FixedDayRefusedError(setting="TODAY")
        if self.registrar_loopback:
            raise LoopbackRefusedError(setting="REGISTRAR_LOOPBACK")
        if not self.secret_keys:
            raise SecretMissingError(setting="SECRET_KEY")
        if self.actions_secret is None:
            raise SecretMissingError(setting="ACTIONS_SECRET")
        named = [("SECRET_KEY", key) for key in self.secret_keys] + [("ACTIONS_SECRET", self.actions_secret)]
        if self.nlu_secret is not None:
            named.append(("NLU_SECRET", self.nlu_secret))
        if self.telegram_webhook_secret is not None:
            named.append(("TELEGRAM_WEBHOOK_SECRET", self.telegram_webhook_secret))
        seen = set()
        for setting, secret in named:
            value = secret.get_secret_value()
            if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_DIFFERENT:
                raise SecretWeakError(setting=setting)
            if value in seen:
                raise SecretSharedError(setting=setting)
            seen.add(value)
        return self

    @staticmethod
    def is_loopback(host: str) -> bool:
        """Tell whether only this machine can reach `host`."""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def secret_keys(self) -> tuple[SecretStr, ...]:
        """The master secrets, newest first."""
        if self.secret_key is None:
            return ()
        parts = (part.strip() for part in self.secret_key.get_secret_value().split(","))
        return tuple(SecretStr(part) for part in parts if part)

    @property
    def polls_telegram(self) -> bool:
        """True where Telegram is asked for updates: a token is set, and nothing says that Telegram calls us."""
        return self.telegram_token is not None and self.telegram_webhook_secret is None

    @property
    def late(self) -> timedelta:
        """How long after its moment a broadcast may still be begun, and its messages leave."""
        return timedelta(minutes=self.late_minutes)

    @property
    def address(self) -> str:
        """How this machine reaches the product."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def outside_url(self) -> str:
        """How the outside reaches the product, without a slash at the end."""
        return str(self.public_url).rstrip("/") if self.public_url else self.address

    @property
    def effective_database_url(self) -> str:
        """The SQLAlchemy URL with its asynchronous driver named."""
        url = self.database_url or f"sqlite:///{self.var_dir / 'hiendien.sqlite3'}"
        for plain, driver in (("sqlite:", "sqlite+aiosqlite:"), ("postgresql:", "postgresql+asyncpg:")):
            if url.startswith(plain):
                return driver + url.removeprefix(plain)
        return url.replace("postgres:", "postgresql+asyncpg:", 1) if url.startswith("postgres:") else url

    @property
    def effective_signing_roots(self) -> Path:
        """The file or directory of the certificates (PEM) that signers' certificates must come from."""
        return self.signing_roots or self.var_dir / "roots"

    @property
    def effective_crl_dir(self) -> Path:
        """The directory into which revocation lists are put by hand."""
        return self.crl_dir or self.var_dir / "crls"

    @property
    def audit_dir(self) -> Path:
        """Where the audit log's key and its newest checkpoint lie, beside the database and not in it."""
        return self.var_dir / "audit"

    @property
    def cookies_are_secure(self) -> bool:
        """True where a browser must send cookies over TLS only."""
        return self.environment == "production" or self.outside_url.startswith("https:")

    @property
    def on_sqlite(self) -> bool:
        """True where the embedded database is used: one product process on one box."""
        return self.effective_database_url.startswith("sqlite")

    @property
    def supervises_nlu(self) -> bool:
        """True where no NLU server is given, so that one is started beside the product."""
        return self.nlu_url is None

    @property
    def effective_nlu_url(self) -> str:
        """Where the NLU server answers, without a slash at the end."""
        return str(self.nlu_url).rstrip("/") if self.nlu_url else f"http://127.0.0.1:{self.nlu_port}"


def names_without_effect() -> list[str]:
    """Return, sorted, the environment's names that carry our prefix and that no setting has: mostly typing errors."""
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


class SecretFileUnusableError(ProductError):
    """A secret's file is cut short, or somebody else may read it."""


def read_or_create_secret(path: Path) -> SecretStr:
    """Return the secret kept in `path`, generating it once (mode 0600) where there is none.

    Raises:
        SecretFileUnusableError: the file is too short to be a secret, or others may read it. It is never written over:
            what it sealed could not be opened any more.
        OSError: the file can be neither read nor written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create_secret(path)
    if path.stat().st_mode & 0o077:
        raise SecretFileUnusableError(path=str(path), problem="permissions")
    secret = path.read_text().strip()
    if len(secret) < SHORTEST_SECRET:
        raise SecretFileUnusableError(path=str(path), problem="too short")
    return SecretStr(secret)


def _create_secret(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it never replaces the secret another process just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
