"""The addresses in mails and on pages, from the settings."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from howmuch.app.links import mail_links, page_links
from howmuch.config.grpc import GrpcSettings
from howmuch.config.http import HttpSettings
from howmuch.config.mail import MailSettings
from howmuch.config.settings import Settings

HTTP, GRPC = "127.0.0.1:8081", "127.0.0.1:50052"
COMMAND = "howmuch join {token} --server "


@pytest.mark.parametrize(
    ("mail", "grpc", "page", "command"),
    [
        ({}, {}, f"http://{HTTP}/join/{{token}}", COMMAND + GRPC),
        (
            {"public_url": "https://example.com/"},
            {"public_address": "grpc.example.com:443"},
            "https://example.com/join/{token}",
            COMMAND + "grpc.example.com:443",
        ),
        (
            {
                "public_url": "https://example.com",
                "invitation_url": "https://app.example.com/{token}",
            },
            {},
            "https://app.example.com/{token}",
            COMMAND + GRPC,
        ),
    ],
)
def test_link_and_command_follow_the_settings(
    mail: dict[str, Any], grpc: dict[str, Any], page: str, command: str
) -> None:
    settings = Settings(mail=MailSettings(**mail), grpc=GrpcSettings(**grpc))
    made = page_links(settings, http=HTTP, grpc=GRPC)
    assert (made.invitation, made.join_command) == (page, command)
    assert made.log_in_command == command.replace("join {token}", "login")


SITE = "https://example.com"
SCREENS = {
    "event": f"{SITE}/events/{{event_id}}",
    "event_settings": f"{SITE}/events/{{event_id}}/settings",
    "expense": f"{SITE}/events/{{event_id}}/expenses/{{expense_id}}",
    "explain": f"{SITE}/events/{{event_id}}/balances/{{member_id}}",
    "settings": f"{SITE}/settings",
    "log_in": f"{SITE}/login",
}


def http_settings(*, web: bool) -> HttpSettings:
    """With a directory of a web app, whether or not howmuch's own was built."""
    return HttpSettings(site=Path("web")) if web else HttpSettings(web=False)


def links_of(*, web: bool, **mail: str) -> dict[str, str]:
    """The links in mails that lead to screens of the web app."""
    settings = Settings(
        http=http_settings(web=web), mail=MailSettings(public_url=f"{SITE}/", **mail)
    )
    links = asdict(mail_links(settings))
    return {name: links[name] for name in SCREENS}


def test_links_lead_to_the_screens_of_the_web_app() -> None:
    assert links_of(web=True) == SCREENS


def test_without_the_web_app_only_balances_are_explained() -> None:
    """By REST, as nothing else shows them."""
    explain = f"{SITE}/v1/events/{{event_id}}/debts:explain?fromMemberId={{member_id}}"
    assert links_of(web=False) == {**dict.fromkeys(SCREENS, ""), "explain": explain}


@pytest.mark.parametrize("web", [True, False])
def test_pages_of_ones_own_replace_the_screens(web: bool) -> None:
    """With and without the web app."""
    own = {name: url.replace(SITE, "https://own.example") for name, url in SCREENS.items()}
    assert links_of(web=web, **{f"{name}_url": url for name, url in own.items()}) == own


@pytest.mark.parametrize(("web", "web_app"), [(True, SITE), (False, "")])
def test_pages_know_of_the_web_app(web: bool, web_app: str) -> None:
    settings = Settings(http=http_settings(web=web), mail=MailSettings(public_url=f"{SITE}/"))
    assert page_links(settings, http=HTTP, grpc=GRPC).web_app == web_app


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("event_url", f"{SITE}/events"),
        ("event_url", f"{SITE}/{{event}}"),
        ("event_settings_url", f"{SITE}/{{event_id}}/{{member_id}}"),
        ("expense_url", f"{SITE}/{{event_id}}"),
        ("explain_url", f"{SITE}/{{member_id}}"),
        ("event_url", "example.com/{event_id}"),
        ("verify_url", f"{SITE}/{{event_id}}/{{token}}"),
    ],
)
def test_page_with_other_places_is_refused(name: str, url: str) -> None:
    """Else its link would lead nowhere, which only the reader of a mail would see."""
    with pytest.raises(ValidationError, match=rf"{name}\n.*expected a URL with {{\w+_id|token}}"):
        MailSettings(**{name: url})


@pytest.mark.parametrize("listen", ["0.0.0.0:50051", "[::]:50051", "127.0.0.1:0"])
def test_command_names_no_address_that_cannot_be_called(listen: str) -> None:
    """A mail then has the link alone."""
    links = mail_links(Settings(grpc=GrpcSettings(listen=listen)))
    assert (links.join_command, links.invitation) == ("", "http://127.0.0.1:8080/join/{token}")


@pytest.mark.parametrize("address", ["example.com", "https://example.com:443", "a b:1", "x:"])
def test_public_address_is_checked(address: str) -> None:
    with pytest.raises(ValidationError, match="HOST:PORT"):
        GrpcSettings(public_address=address)
