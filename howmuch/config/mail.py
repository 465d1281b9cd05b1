"""Settings of messages and mails."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from howmuch.config.kinds import Group, Int, Seconds, lower, words


def _broker_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if url and not url.startswith(("amqp://", "amqps://")):
        raise ValueError("expected amqp://user:password@host/vhost, or amqps://")
    return value


def _delays(value: tuple[int, ...]) -> tuple[int, ...]:
    if not value or any(not 1 <= delay <= 86_400 for delay in value):
        raise ValueError("expected seconds, from 1 to 86400 each, such as 10,60,600,3600")
    return value


def _public_url(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected a URL such as https://howmuch.example.com")
    return value


def _link(value: str) -> str:
    if value and ("{token}" not in value or not value.startswith(("http://", "https://"))):
        raise ValueError(
            "expected a URL with {token} in it, such as https://example.com/join/{token}"
        )
    return value


def _sender(value: str) -> str:
    from email.utils import parseaddr

    if not value.isprintable() or "@" not in parseaddr(value)[1]:
        raise ValueError("expected an address such as howmuch <noreply@example.com>")
    return value


Delays = Annotated[tuple[int, ...], BeforeValidator(words), AfterValidator(_delays)]
Link = Annotated[str, AfterValidator(_link)]


class BrokerSettings(Group):
    """What carries messages to the worker."""

    url: Annotated[SecretStr, AfterValidator(_broker_url)] = Field(
        SecretStr(""),
        description="RabbitMQ: amqp://user:password@host:5672/vhost. Empty: none, the worker takes"
        " messages from the database.",
    )
    retry_delays_seconds: Delays = Field(
        (10, 60, 600, 3600),
        description="Seconds before the second, third, ... try of a message; the last one stays.",
    )
    max_attempts: Int = Field(
        28,
        ge=1,
        le=1000,
        description="Tries until a message is given up: about one day's by default.",
    )


class SmtpSettings(Group):
    """The mail server."""

    host: str = Field("", description="Mail server. Empty: mails are files in mail.directory.")
    port: Int = Field(
        25, ge=1, le=65535, description="Its port: 25, 465 with tls, 587 with starttls."
    )
    security: Annotated[Literal["none", "starttls", "tls"], BeforeValidator(lower)] = Field(
        "none", description="none, starttls, or tls from the start."
    )
    user: str = Field("", description="Account there. Empty: none is needed.")
    password: SecretStr = Field(SecretStr(""), description="Its password.")
    timeout_seconds: Seconds = Field(
        20.0, gt=0, le=600, description="Seconds that the server may take to answer a command."
    )


class MailSettings(Group):
    """Mails to people."""

    sender: Annotated[str, AfterValidator(_sender)] = Field(
        "howmuch <noreply@localhost.localdomain>", description="Who mails are from."
    )
    directory: Path | None = Field(
        None,
        description="Where mails are written without a mail server. Default: mail in data_dir.",
    )
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        "",
        description="Where people reach REST; links in mails begin with it. Default: http.listen.",
    )
    invitation_url: Link = Field(
        "",
        description="Your page that accepts an invitation, with {token} in it. Default: REST's answer.",
    )
    verify_url: Link = Field(
        "",
        description="Your page that verifies an address, with {token} in it. Default: a plain page of REST.",
    )
    reset_url: Link = Field(
        "",
        description="Your page that sets a new password, with {token} in it. Default: a plain page of REST.",
    )
    window_seconds: Seconds = Field(
        60.0,
        ge=0,
        le=86_400,
        description="Seconds for which changes of one event are gathered into one mail to each person.",
    )
    digest_hour: Int = Field(
        8, ge=0, le=23, description="Hour of the day, where the recipient is, of the daily digest."
    )
    threads: Int = Field(
        4, ge=1, le=64, description="Mails that one worker sends at the same time."
    )
    smtp: SmtpSettings = SmtpSettings()
