"""Settings of messages and mails."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from howmuch.config.kinds import COMMON, Group, Int, Seconds, lower, matching, words


def _delays(value: tuple[int, ...]) -> tuple[int, ...]:
    if not value or any(not 1 <= delay <= 86_400 for delay in value):
        raise ValueError("expected seconds, from 1 to 86400 each, such as 10,60,600,3600")
    return value


def _sender(value: str) -> str:
    from email.utils import parseaddr

    if not value.isprintable() or "@" not in parseaddr(value)[1]:
        raise ValueError("expected an address such as howmuch <noreply@example.com>")
    return value


def _page(needed: str, *others: str) -> AfterValidator:
    """Accept an empty text, or a URL with `{needed}` in it. Only others may be in braces beside it."""

    def check(value: str) -> str:
        names = set(re.findall(r"\{(.*?)\}", value))
        is_page = re.match("https?://.", value) and needed in names
        if value and not (is_page and names <= {needed, *others}):
            allowed = "".join(f", and perhaps {{{name}}}" for name in others)
            raise ValueError(
                f"expected a URL with {{{needed}}}{allowed} in it,"
                f" such as https://example.com/{{{needed}}}"
            )
        return value

    return AfterValidator(check)


Delays = Annotated[tuple[int, ...], BeforeValidator(words), AfterValidator(_delays)]
BrokerUrl = Annotated[
    SecretStr, matching(r"\Z|amqps?://", "amqp://user:password@host/vhost, or amqps://")
]
PublicUrl = Annotated[str, matching(r"\Z|https?://", "a URL such as https://howmuch.example.com")]
Link = Annotated[str, _page("token")]
EventPage = Annotated[str, _page("event_id")]
ExpensePage = Annotated[str, _page("expense_id", "event_id")]
BalancePage = Annotated[str, _page("event_id", "member_id")]


class BrokerSettings(Group):
    """RabbitMQ, which carries messages to the worker."""

    url: BrokerUrl = Field(
        SecretStr(""),
        description="RabbitMQ: amqp://user:password@host:5672/vhost. Empty means that the worker "
        "takes messages from the database.",
        json_schema_extra=COMMON,
    )
    retry_delays_seconds: Delays = Field(
        (10, 60, 600, 3600),
        description="Seconds before the second, third, ... attempt at a message; the last value "
        "repeats.",
    )
    max_attempts: Int = Field(
        28,
        ge=1,
        le=1000,
        description="Maximum delivery attempts before a message becomes a dead letter (default: about "
        "one day of retries).",
    )


class SmtpSettings(Group):
    """The mail server."""

    host: str = Field(
        "",
        description="Host of the mail server. Empty means that mails are written to mail.directory.",
        json_schema_extra=COMMON,
    )
    port: Int = Field(
        25,
        ge=1,
        le=65535,
        description="Port of the mail server: usually 25, 465 with tls, 587 with starttls.",
        json_schema_extra=COMMON,
    )
    security: Annotated[Literal["none", "starttls", "tls"], BeforeValidator(lower)] = Field(
        "none",
        description="Encryption to the mail server: none, starttls or tls.",
        json_schema_extra=COMMON,
    )
    user: str = Field(
        "",
        description="User name at the mail server. Empty means no authentication.",
        json_schema_extra=COMMON,
    )
    password: SecretStr = Field(
        SecretStr(""), description="Password at the mail server.", json_schema_extra=COMMON
    )
    timeout_seconds: Seconds = Field(
        20.0,
        gt=0,
        le=600,
        description="How long to wait for each answer of the mail server, in seconds.",
    )


class MailLimitSettings(Group):
    """Mails of a day in UTC, counted in the database over all workers. 0 means that no such mail goes out."""

    invitations_by_sender: Int = Field(
        50,
        ge=0,
        le=100_000,
        description="Bound the invitations of one user that are mailed in a day.",
    )
    invitations_by_recipient: Int = Field(
        5,
        ge=0,
        le=1000,
        description="Bound the invitations that are mailed to one mailbox in a day.",
    )
    invitations_per_day: Int = Field(
        5_000,
        ge=0,
        le=10_000_000,
        description="Bound the invitations of all users that are mailed in a day.",
    )
    account_mails_by_recipient: Int = Field(
        20,
        ge=0,
        le=1000,
        description="Bound the mails to one mailbox in a day that verify or change an address, or "
        "reset a password.",
    )


class MailSettings(Group):
    """Mails to users."""

    sender: Annotated[str, AfterValidator(_sender)] = Field(
        "howmuch <noreply@localhost.localdomain>",
        description="From address of mails.",
        json_schema_extra=COMMON,
    )
    directory: Path | None = Field(
        None,
        description="Directory of .eml files, used without a mail server. Default: mail in data_dir.",
    )
    directory_kept_days: Int = Field(
        30,
        ge=0,
        le=3650,
        description="Delete .eml files after this many days. 0 means never.",
    )
    public_url: PublicUrl = Field(
        "",
        description="URL at which users reach REST; links in mails start with it. Default: "
        "http.listen.",
        json_schema_extra=COMMON,
    )
    invitation_url: Link = Field(
        "",
        description="URL of your page that accepts an invitation, with {token} in it. Default: a "
        "page of REST.",
    )
    verify_url: Link = Field(
        "",
        description="URL of your page that verifies an email address, with {token} in it. Default: a "
        "plain page of REST.",
    )
    reset_url: Link = Field(
        "",
        description="URL of your page that sets a new password, with {token} in it. Default: a plain "
        "page of REST.",
    )
    email_change_url: Link = Field(
        "",
        description="URL of your page that confirms a new email address, with {token} in it. Default: a "
        "plain page of REST.",
    )
    email_undo_url: Link = Field(
        "",
        description="URL of your page that undoes a change of the email address, with {token} in it. "
        "Default: a plain page of REST.",
    )
    event_url: EventPage = Field(
        "",
        description="URL of your page of an event, with {event_id} in it. Default: the web app; without "
        "it, mails have no such link.",
    )
    event_settings_url: EventPage = Field(
        "",
        description="URL of your page that mutes an event, with {event_id} in it. Default: the web app; "
        "without it, mails have no such link.",
    )
    expense_url: ExpensePage = Field(
        "",
        description="URL of your page of an expense, with {expense_id} and perhaps {event_id} in it. "
        "Default: the web app; without it, mails have no such link.",
    )
    explain_url: BalancePage = Field(
        "",
        description="URL of your page that explains the balance of a member, with {event_id} and perhaps "
        "{member_id} in it. Default: the web app; without it, the REST resource.",
    )
    settings_url: PublicUrl = Field(
        "",
        description="URL of your page with the mail settings of a user. Default: the web app; without it, "
        "digests have no such link.",
    )
    log_in_url: PublicUrl = Field(
        "",
        description="URL of your page that logs in. Default: the web app; without it, mails have no such "
        "link.",
    )
    window_seconds: Seconds = Field(
        60.0,
        ge=0,
        le=86_400,
        description="How long changes of one event are collected into one mail to each member, in "
        "seconds.",
    )
    digest_hour: Int = Field(
        8, ge=0, le=23, description="Hour of the daily digest, in the recipient's time zone."
    )
    threads: Int = Field(
        4, ge=1, le=64, description="Mails that one worker sends at the same time."
    )
    smtp: SmtpSettings = SmtpSettings()
    limits: MailLimitSettings = MailLimitSettings()
