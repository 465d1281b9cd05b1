"""The gateway as a component, and what it serves: howmuch itself, or another service."""

import importlib.resources
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howmuch.app.telemetry import OpenTracing, gateway_observer, tracer_of
from howmuch.app.tls_files import server_tls, upstream_tls
from howmuch.config import Settings
from howmuch.runtime.certificates import TlsFiles
from howmuch.runtime.in_process import Direct
from howmuch.runtime.shared_socket import Share

if TYPE_CHECKING:
    from howmuch.gateway.http_server import GatewayServer
    from howmuch.gateway.options import GatewayOptions

PUBLIC_OPTION = ("howmuch.v1.access", "ACCESS_PUBLIC")
REFLECT_TIMEOUT_SECONDS = 10.0


class PrivateSocket:
    """A Unix socket in a directory that only this user may enter: the way from gateway to server.

    Who comes that way is the gateway, so that the server may believe it whom it speaks for.
    """

    name = "private socket"

    def __init__(self) -> None:
        self._directory: Path | None = None

    @property
    def address(self) -> str:
        """unix:PATH. Only between start and stop."""
        assert self._directory is not None
        return f"unix:{self._directory / 'grpc'}"

    def start(self) -> None:
        """Makes the directory."""
        self._directory = Path(tempfile.mkdtemp(prefix="howmuch-"))

    def stop(self, deadline: float) -> None:
        """Removes the directory."""
        assert self._directory is not None
        shutil.rmtree(self._directory, ignore_errors=True)


class HttpGateway:
    """The gateway. upstream: HOST:PORT or unix:PATH of the gRPC service, or the way to the one in here.

    direct: that one, as it can be called without gRPC; asked for at the start. None: there is none in here.
    share: where other processes serve the same address.
    """

    name = "gateway"

    def __init__(
        self,
        settings: Settings,
        upstream: str | PrivateSocket,
        *,
        share: Share | None = None,
        tracing: OpenTracing | None = None,
        direct: Callable[[], Direct] | None = None,
    ) -> None:
        self._direct = direct
        self._settings = settings
        self._upstream = upstream
        self._share = share
        self._tracing = tracing
        self._server: GatewayServer | None = None

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on, with the port that was found where 0 was asked for."""
        assert self._server is not None
        return f"{self._settings.http.listen.rpartition(':')[0]}:{self._server.port}"

    def start(self) -> None:
        """Returns once it accepts requests; the upstream may come later."""
        from howmuch.gateway.http_server import GatewayServer

        http, upstream = self._settings.http, self._upstream
        if isinstance(upstream, str):
            address, tls = upstream, upstream_tls(http.upstream_tls)
        else:
            address, tls = upstream.address, None
        options = replace(gateway_options(self._settings), upstream_tls=tls)
        self._server = GatewayServer(
            descriptor_set(self._settings, address, tls),
            address,
            options,
            http.services,
            gateway_observer(self._settings, tracer_of(self._tracing)),
            self._direct() if self._direct is not None else None,
            self._share,
        )
        self._server.start()

    def stop(self, deadline: float) -> None:
        """Accepts nothing new, and lets requests in flight end until the deadline."""
        assert self._server is not None
        self._server.stop(max(0.0, deadline - time.monotonic()))


def serves_howmuch(settings: Settings) -> bool:
    """Whether the gateway stands in front of howmuch itself."""
    return settings.http.descriptor_set is None and not settings.http.reflect


def descriptor_set(settings: Settings, upstream: str, tls: TlsFiles | None) -> bytes:
    """The descriptors of what is served. tls: of the upstream.

    Raises OSError, ValueError, whose text is one line.
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
    """The options of the gateway out of the settings."""
    from howmuch.gateway.options import GatewayOptions, Info, MethodOption

    http = settings.http
    ours = serves_howmuch(settings)
    option, _, value = http.public_option.partition("=")
    info = Info(public_option=MethodOption(option, value) if option else None)
    if ours:
        info = Info(public_option=MethodOption(*PUBLIC_OPTION))
    values: dict[str, Any] = {
        field.name: getattr(http, field.name)
        for field in fields(GatewayOptions)
        if hasattr(http, field.name)
    }
    values["tls"] = server_tls(http.tls)
    values["upstream_tls"] = upstream_tls(http.upstream_tls)
    values["upstream_server_name"] = http.upstream_tls.server_name
    values["watch_health"] = ours
    if http.update_mask == "auto":
        values["update_mask"] = "top" if ours else "deep"
    return GatewayOptions(**values, info=info)


def openapi_of(settings: Settings, form: str) -> bytes:
    """The OpenAPI document of what the gateway serves, as `json` or `yaml`. Raises OSError, ValueError."""
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
