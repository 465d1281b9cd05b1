"""The addresses that mails and pages name: links to pages, and the command that joins an event."""

from typing import TYPE_CHECKING

from howmuch.app.tls_files import rest_scheme
from howmuch.config import Settings

if TYPE_CHECKING:
    from howmuch.mail.delivery.envelopes import Links
    from howmuch.rpc.server_options import JoinLinks

_PAGES = {
    "invitation": "/join/{token}",
    "verify": "/v1/mail/{token}:verify",
    "reset": "/v1/mail/{token}:reset",
    "change_email": "/v1/mail/{token}:confirmEmailChange",
    "undo_email": "/v1/mail/{token}:undoEmailChange",
    "unsubscribe": "/v1/mail/{token}:unsubscribe",
    "explain": "/v1/events/{event_id}/debts:explain?fromMemberId={member_id}",
}
"""The REST paths of the pages."""


def mail_links(settings: Settings) -> "Links":
    """The links in mails."""
    from howmuch.mail.delivery.envelopes import Links

    mail = settings.mail
    base = _base(settings, settings.http.listen)
    return Links(
        invitation=mail.invitation_url or base + _PAGES["invitation"],
        verify=mail.verify_url or base + _PAGES["verify"],
        reset=mail.reset_url or base + _PAGES["reset"],
        change_email=mail.email_change_url or base + _PAGES["change_email"],
        undo_email=mail.email_undo_url or base + _PAGES["undo_email"],
        unsubscribe=base + _PAGES["unsubscribe"],
        explain=mail.explain_url or base + _PAGES["explain"],
        join_command=_join_command(settings, settings.grpc.listen),
    )


def join_links(settings: Settings, *, http: str, grpc: str) -> "JoinLinks":
    """Link and command of an invitation. http, grpc: HOST:PORT that the program listens on."""
    from howmuch.rpc.server_options import JoinLinks

    page = settings.mail.invitation_url or _base(settings, http) + _PAGES["invitation"]
    tls = " --tls" if settings.grpc.tls.certificate else ""
    join = _join_command(settings, grpc)
    return JoinLinks(page, join, join.replace("join {token}", "login") + tls if join else "")


def _base(settings: Settings, http: str) -> str:
    return (settings.mail.public_url or f"{rest_scheme(settings)}://{http}").rstrip("/")


def _join_command(settings: Settings, grpc: str) -> str:
    """The command, with `{token}` in it. Empty means that the address of gRPC is unknown."""
    address = settings.grpc.public_address or grpc
    host, _, port = address.rpartition(":")
    if host in ("", "0.0.0.0", "[::]") or port == "0":  # noqa: S104 - it is compared, and not bound
        return ""
    return f"howmuch join {{token}} --server {address}"
