"""The kinds of values that settings have, each with what a person is told of a wrong one."""

import re
from typing import Annotated
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr

from howmuch.runtime.networks import parse_networks


def _not_a_bool(value: object) -> object:
    # Python counts True as 1, but `threads: yes` in a file is a slip, not one thread.
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return value


def _listen_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("expected HOST:PORT such as 127.0.0.1:50051, or [::1]:50051")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite:///.|postgresql://.)", value.get_secret_value()):
        raise ValueError(
            "expected sqlite:////absolute/howmuch.db or postgresql://user:password@host/database"
        )
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
    """A list in one line, as flags and the environment have it: a,b."""
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
    """Protocol, host and port of an address of etcd. Raises ValueError."""
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
    """ValueError where callers who name no deadline would get more than those who do."""
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
Rate = Annotated[str, AfterValidator(_rate)]
Words = Annotated[tuple[str, ...], BeforeValidator(words)]
Endpoints = Annotated[Words, AfterValidator(_endpoints)]
Networks = Annotated[Words, AfterValidator(_networks)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]


class Group(BaseModel):
    """Settings that belong together: a group of keys such as `grpc.listen`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
