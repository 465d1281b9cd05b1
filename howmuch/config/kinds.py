"""Types of settings, each with its error message, and the mark of common settings."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, JsonValue, SecretStr

from howmuch.runtime.networks import parse_networks

COMMON: Final[dict[str, JsonValue]] = {"x-common": True}
"""json_schema_extra of the settings that people often change. The others are advanced."""


def matching(pattern: str, expected: str) -> AfterValidator:
    """Accept a text or secret whose beginning matches the pattern. expected: for the error message."""

    def check(value: str | SecretStr) -> str | SecretStr:
        text = value if isinstance(value, str) else value.get_secret_value()
        if not re.match(pattern, text):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


def _not_a_bool(value: object) -> object:
    # Python takes True for 1, but `threads: yes` in a file is a mistake.
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return value


def _listen_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("expected HOST:PORT such as 127.0.0.1:50051, or [::1]:50051")
    return value


def _rate(value: str) -> str:
    try:
        limits.parse(value)
    except ValueError as error:
        raise ValueError("expected a rate such as 10 per minute") from error
    return value


def lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def words(value: object) -> object:
    """Split a list that flags and the environment write on one line: a,b."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        parse_networks(value)
    except ValueError:
        raise ValueError("expected networks such as 10.0.0.0/8,192.168.1.7") from None
    return value


def parse_endpoint(text: str) -> tuple[str, str, int]:
    """Return protocol, host and port of an address of etcd. Raises ValueError."""
    url = urlsplit(text if "://" in text else f"http://{text}")
    if (
        url.scheme not in ("http", "https")
        or not url.hostname
        or url.port is None
        or url.netloc != text.rpartition("://")[2].rstrip("/")
        or "@" in url.netloc
    ):
        raise ValueError
    return url.scheme, url.hostname, url.port


def _endpoints(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for text in value:
            parse_endpoint(text)
    except ValueError:
        raise ValueError("expected addresses such as http://127.0.0.1:2379") from None
    return value


def check_deadlines(default_seconds: float, max_seconds: float) -> None:
    """Raise ValueError if the default deadline is longer than the longest allowed one."""
    if default_seconds > max_seconds:
        raise ValueError(
            f"expected default_deadline_seconds, {default_seconds:g}, "
            f"to be at most max_deadline_seconds, {max_seconds:g}"
        )


Int = Annotated[int, BeforeValidator(_not_a_bool)]
Seconds = Annotated[float, BeforeValidator(_not_a_bool)]
Ratio = Annotated[float, BeforeValidator(_not_a_bool)]
ListenAddress = Annotated[str, AfterValidator(_listen_address)]
MaybeListenAddress = Annotated[str, AfterValidator(lambda value: value and _listen_address(value))]
PublicAddress = Annotated[
    str,
    matching(
        r"\Z|[^\s:/@]+:\d{1,5}\Z|\[[0-9A-Fa-f:.]+\]:\d{1,5}\Z",
        "HOST:PORT, such as grpc.example.com:443",
    ),
]
Rate = Annotated[str, AfterValidator(_rate)]
Words = Annotated[tuple[str, ...], BeforeValidator(words)]
Endpoints = Annotated[Words, AfterValidator(_endpoints)]
Networks = Annotated[Words, AfterValidator(_networks)]
DatabaseUrl = Annotated[
    SecretStr,
    matching(
        r"(sqlite:///.|postgresql://.)",
        "sqlite:////absolute/howmuch.db or postgresql://user:password@host/database",
    ),
]


class Group(BaseModel):
    """Base of the groups of settings, such as `grpc`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
