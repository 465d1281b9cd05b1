"""The gateway as a component, for howmuch itself or for another service."""

import importlib.resources
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import howmuch
from howmuch.app.telemetry import OpenTracing, gateway_observer
from howmuch.app.tls_files import server_tls, upstream_tls
from howmuch.config import Settings
from howmuch.runtime.certificates import TlsFiles
from howmuch.runtime.in_process import InProcessService
from howmuch.runtime.shared_socket import Share

if TYPE_CHECKING:
    from howmuch.gateway.http_server import GatewayServer
    from howmuch.gateway.options import Credentials, GatewayOptions

PUBLIC_OPTION = ("howmuch.v1.access", "ACCESS_PUBLIC")
SESSION_CHECK = "/howmuch.v1.UserService/GetMe"
"""Checks the session before a large body is read."""
SESSION_COOKIE: dict[str, Any] = {
    "name": "howmuch_session",
    "set_by": "/howmuch.v1.UserService/LogIn",
    "asked_by": "cookie",
    "token": "token",
    "expires": ("session", "expireTime"),
    "ended_by": ("/howmuch.v1.UserService/LogOut", "/howmuch.v1.UserService/DeleteMe"),
    "ended_reason": "SESSION_INVALID",
    "marker": "howmuch_signed_in",
}
"""The session of a browser. See howmuch.gateway.options.SessionCookie."""
WATCH = {
    "method": "/howmuch.v1.EventService/WatchEvent",
    "item_field": "revision",
    "request_field": "since_revision",
}
IDEMPOTENCY_KEYS = ("howmuch.v1",)
"""All writes of howmuch take an Idempotency-Key."""
PRECONDITIONS: dict[str, Any] = {
    "names": ("howmuch.v1",),
    "reason": "ETAG_STALE",
    "current": "current_etag",
}
"""All writes of howmuch whose request has an etag check If-Match. See options.Preconditions."""
REFLECT_TIMEOUT_SECONDS = 10.0
WEB_APP = Path(howmuch.__file__).with_name("web_app")
"""The web app of howmuch, built by `make web`. A checkout may lack it."""


class PrivateSocket:
    """A Unix socket from gateway to server, in a directory that only this user may enter.

    Only the gateway can connect to it, so the server trusts the client addresses that it forwards.
    """

    name = "private socket"

    def __init__(self) -> None:
        self._directory: Path | None = None

    @property
    def address(self) -> str:
        """unix:PATH. Valid only between start and stop."""
        assert self._directory is not None
        return f"unix:{self._directory / 'grpc'}"

    def start(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="howmuch-"))

    def stop(self, deadline: float) -> None:
        assert self._directory is not None
        shutil.rmtree(self._directory, ignore_errors=True)


@dataclass(eq=False)
class HttpGateway:
    """The gateway. upstream: HOST:PORT or unix:PATH of the gRPC service, or the socket of this process's.

    in_process: called at the start, unless `speed.in_process` is off; returns the service of this process,
    for calls without gRPC. None means another process. share: of the listening socket, if other processes
    serve the same address.
    """

    name = "gateway"

    settings: Settings
    upstream: str | PrivateSocket
    tracing: OpenTracing
    _: KW_ONLY
    share: Share | None = None
    in_process: Callable[[], InProcessService] | None = None
    _server: "GatewayServer | None" = field(default=None, init=False)

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on; once it does, with the actual port if 0 was configured."""
        if self._server is None:
            return self.settings.http.listen
        return f"{self.settings.http.listen.rpartition(':')[0]}:{self._server.port}"

    def start(self) -> None:
        """Returns once it accepts requests; the upstream may come later."""
        from howmuch.gateway.http_server import GatewayServer

        http, upstream = self.settings.http, self.upstream
        if isinstance(upstream, str):
            address, tls = upstream, upstream_tls(http.upstream_tls)
        else:
            address, tls = upstream.address, None
        options = replace(gateway_options(self.settings), upstream_tls=tls)
        self._server = GatewayServer(
            descriptor_set(self.settings, address, tls),
            address,
            options,
            http.services,
            gateway_observer(self.settings, self.tracing.tracer),
            self.in_process() if self.in_process and self.settings.speed.in_process else None,
            self.share,
        )
        self._server.start()

    def stop(self, deadline: float) -> None:
        assert self._server is not None
        self._server.stop(max(0.0, deadline - time.monotonic()))


def serves_howmuch(settings: Settings) -> bool:
    return settings.http.descriptor_set is None and not settings.http.reflect


def site(settings: Settings) -> Path | None:
    """The directory of the web app to serve. None means no web app."""
    http = settings.http
    if http.site is not None:
        return http.site.expanduser()
    return WEB_APP if http.web and serves_howmuch(settings) and _is_built() else None


def lacks_web_app(settings: Settings) -> bool:
    """Whether howmuch's web app would be served, had it been built."""
    http = settings.http
    return http.site is None and http.web and serves_howmuch(settings) and not _is_built()


def _is_built() -> bool:
    return (WEB_APP / "index.html").is_file()


def descriptor_set(settings: Settings, upstream: str, tls: TlsFiles | None) -> bytes:
    """The descriptors of the service. tls: of the upstream. Raises OSError or ValueError with a text of one
    line.
    """
    http = settings.http
    if http.descriptor_set is not None:
        try:
            return http.descriptor_set.expanduser().read_bytes()
        except OSError as error:
            raise OSError(f"{http.descriptor_set} cannot be read: {error.strerror}") from error
    if http.reflect:
        from howmuch.gateway.reflect import fetch_descriptor_set

        return fetch_descriptor_set(
            upstream, REFLECT_TIMEOUT_SECONDS, tls, http.upstream_tls.server_name
        )
    return (importlib.resources.files("howmuch.v1") / "descriptor_set.binpb").read_bytes()


def gateway_options(settings: Settings) -> "GatewayOptions":
    from howmuch.gateway.options import (
        GatewayOptions,
        Info,
        MethodOption,
        Preconditions,
        Resumable,
        SessionCookie,
    )

    http = settings.http
    ours = serves_howmuch(settings)
    option, _, value = http.public_option.partition("=")
    configured = MethodOption(option, value) if option else None
    info = Info(
        public_option=MethodOption(*PUBLIC_OPTION) if ours else configured,
        idempotency_keys=IDEMPOTENCY_KEYS if ours else http.idempotency_keys,
    )
    values: dict[str, Any] = {
        field.name: getattr(http, field.name)
        for field in fields(GatewayOptions)
        if hasattr(http, field.name)
    }
    values["site"] = site(settings)
    values["tls"] = server_tls(http.tls)
    values["upstream_tls"] = upstream_tls(http.upstream_tls)
    values["upstream_server_name"] = http.upstream_tls.server_name
    values["watch_health"] = ours
    values["cache_elements"] = settings.speed.caches
    if http.update_mask == "auto":
        values["update_mask"] = "top" if ours else "deep"
    if ours:
        values["session_cookie"] = SessionCookie(**SESSION_COOKIE)
        values["resumable"] = (Resumable(**WATCH),)
        values["preconditions"] = Preconditions(**PRECONDITIONS)
    else:
        values["preconditions"] = Preconditions(http.preconditions)
    return GatewayOptions(**values, info=info, credentials=_credentials(settings))


def _credentials(settings: Settings) -> "Credentials | None":
    from howmuch.gateway.options import Credentials

    if serves_howmuch(settings):
        from howmuch.rpc.no_session import no_session
        from howmuch.rpc.status import DOMAIN

        error = no_session()
        return Credentials(error.reason, DOMAIN, error.message, SESSION_CHECK)
    return Credentials() if settings.http.require_authorization else None


def openapi_of(settings: Settings, form: str) -> bytes:
    """The OpenAPI document of the service. form: `json` or `yaml`. Raises OSError, ValueError."""
    from howmuch.gateway.descriptors import Descriptors
    from howmuch.gateway.docs_site import build_document
    from howmuch.gateway.openapi import to_json, to_yaml
    from howmuch.gateway.routes import RouteTable

    http = settings.http
    descriptors = Descriptors(
        descriptor_set(settings, http.upstream, upstream_tls(http.upstream_tls)), http.services
    )
    table = RouteTable.from_descriptors(descriptors)
    document = build_document(descriptors, table, gateway_options(settings))
    return to_json(document) if form == "json" else to_yaml(document)
