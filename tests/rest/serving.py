"""The product as `howmuch run` starts it, in this process: the server, and the gateway in front of it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import Any

import grpc
from pydantic import SecretStr

from howmuch.app.broadcast import OpenBroadcast
from howmuch.app.gateway import HttpGateway, PrivateSocket
from howmuch.app.parts import GrpcListener, OpenDatabase
from howmuch.app.telemetry import OpenTracing
from howmuch.config.grpc import GrpcSettings
from howmuch.config.http import HttpSettings
from howmuch.config.quotas import QuotaSettings
from howmuch.config.settings import (
    DatabaseSettings,
    RateLimitSettings,
    Settings,
)
from howmuch.config.speed import SpeedSettings
from howmuch.runtime.lifecycle import Component
from howmuch.storage.database import Database
from tests import speed
from tests.rest.client import Rest, connected
from tests.service.api import Api
from tests.service.conftest import NO_QUOTAS, UNLIMITED

STOP_SECONDS = 1.0


@contextmanager
def serving(
    database: Database,
    *,
    rate_limits: Mapping[str, str] | None = None,
    http: Mapping[str, Any] | None = None,
    grpc_settings: Mapping[str, Any] | None = None,
    switches: SpeedSettings | None = None,
) -> Iterator[tuple[Api, Rest]]:
    """Both ways to a running server over a migrated database: gRPC and REST.

    rate_limits: those that are not UNLIMITED. http, grpc_settings: those that are not as by default.
    switches: None means those of this run.
    """
    # As people write it: without the driver.
    url = database.engine.url.set(drivername=database.dialect)
    settings = Settings(
        database=DatabaseSettings(url=SecretStr(url.render_as_string(hide_password=False))),
        grpc=GrpcSettings(listen="127.0.0.1:0", **(grpc_settings or {})),
        http=HttpSettings(listen="127.0.0.1:0", **(http or {})),
        quotas=QuotaSettings(**asdict(NO_QUOTAS)),
        rate_limits=RateLimitSettings(**{**asdict(UNLIMITED), **(rate_limits or {})}),
        speed=switches or speed.settings(),
    )
    tracing = OpenTracing(settings)
    opened, heard, private = OpenDatabase(settings), OpenBroadcast(settings), PrivateSocket()
    listener = GrpcListener(settings, opened, heard, tracing, reuse_port=False, private=private)
    gateway = HttpGateway(settings, private, tracing, in_process=lambda: listener.in_process)
    with ExitStack() as running:
        for part in (opened, heard, private, listener, gateway):
            part.start()
            running.callback(_stop, part)
        channel = running.enter_context(grpc.insecure_channel(listener.address))
        rest = running.enter_context(connected(f"http://{gateway.address}"))
        yield Api(channel, opened.database, listener.address), rest


def _stop(part: Component) -> None:
    part.stop(time.monotonic() + STOP_SECONDS)
