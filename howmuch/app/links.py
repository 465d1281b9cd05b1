"""The addresses that mails and pages name: links to pages, and the command that joins an event."""

from typing import TYPE_CHECKING

from howmuch.app.gateway import site
from howmuch.app.tls_files import rest_scheme
from howmuch.config import Settings

if TYPE_CHECKING:
    from howmuch.mail.delivery.envelopes import Links
    from howmuch.rpc.server_options import PageLinks

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

_SCREENS = {
    "event": "/events/{event_id}",
    "event_settings": "/events/{event_id}/settings",
    "expense": "/events/{event_id}/expenses/{expense_id}",
    "explain": "/events/{event_id}/balances/{member_id}",
    "settings": "/settings",
    "log_in": "/login",
}
"""The paths of the screens of the web app."""


def mail_links(settings: Settings) -> "Links":
    """The links in mails."""
    from howmuch.mail.delivery.envelopes import Links

    mail = settings.mail
    base = _base(settings, settings.http.listen)
    pages = {name: base + path for name, path in _PAGES.items()}
    app = _web_app(settings, settings.http.listen)
    screens = {name: app and app + path for name, path in _SCREENS.items()}
    return Links(
        invitation=mail.invitation_url or pages["invitation"],
        verify=mail.verify_url or pages["verify"],
        reset=mail.reset_url or pages["reset"],
        change_email=mail.email_change_url or pages["change_email"],
        undo_email=mail.email_undo_url or pages["undo_email"],
        unsubscribe=pages["unsubscribe"],
        event=mail.event_url or screens["event"],
        event_settings=mail.event_settings_url or screens["event_settings"],
        expense=mail.expense_url or screens["expense"],
        explain=mail.explain_url or screens["explain"] or pages["explain"],
        settings=mail.settings_url or screens["settings"],
        log_in=mail.log_in_url or screens["log_in"],
        join_command=_join_command(settings, settings.grpc.listen),
    )


def page_links(settings: Settings, *, http: str, grpc: str) -> "PageLinks":
    """The addresses that pages name. http, grpc: HOST:PORT that the program listens on."""
    from howmuch.rpc.server_options import PageLinks

    tls = " --tls" if settings.grpc.tls.certificate else ""
    join = _join_command(settings, grpc)
    return PageLinks(
        invitation=settings.mail.invitation_url or _base(settings, http) + _PAGES["invitation"],
        join_command=join,
        log_in_command=join.replace("join {token}", "login") + tls if join else "",
        web_app=_web_app(settings, http),
    )


def _web_app(settings: Settings, http: str) -> str:
    """The URL of the web app. Empty means that the gateway does not serve it."""
    return _base(settings, http) if site(settings) is not None else ""


def _base(settings: Settings, http: str) -> str:
    return (settings.mail.public_url or f"{rest_scheme(settings)}://{http}").rstrip("/")


def _join_command(settings: Settings, grpc: str) -> str:
    """The command, with `{token}` in it. Empty means that the address of gRPC is unknown."""
    address = settings.grpc.public_address or grpc
    host, _, port = address.rpartition(":")
    if host in ("", "0.0.0.0", "[::]") or port == "0":  # noqa: S104 - it is compared, and not bound
        return ""
    return f"howmuch join {{token}} --server {address}"
