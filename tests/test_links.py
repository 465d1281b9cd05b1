"""The addresses in mails and on pages, from the settings."""

from typing import Any

import pytest
from pydantic import ValidationError

from howmuch.app.links import join_links, mail_links
from howmuch.config.grpc import GrpcSettings
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
    made = join_links(settings, http=HTTP, grpc=GRPC)
    assert (made.page, made.command) == (page, command)
    assert made.log_in == command.replace("join {token}", "login")


@pytest.mark.parametrize("listen", ["0.0.0.0:50051", "[::]:50051", "127.0.0.1:0"])
def test_command_names_no_address_that_cannot_be_called(listen: str) -> None:
    """A mail then has the link alone."""
    links = mail_links(Settings(grpc=GrpcSettings(listen=listen)))
    assert (links.join_command, links.invitation) == ("", "http://127.0.0.1:8080/join/{token}")


@pytest.mark.parametrize("address", ["example.com", "https://example.com:443", "a b:1", "x:"])
def test_public_address_is_checked(address: str) -> None:
    with pytest.raises(ValidationError, match="HOST:PORT"):
        GrpcSettings(public_address=address)
