"""The gRPC server: servicers, interceptors in their order, health, reflection, start and stop."""

import datetime as dt
import time
from typing import TYPE_CHECKING, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from howmuch.broadcast.local import Broadcast
from howmuch.rpc.credentials import server_credentials
from howmuch.rpc.event_service import EventServicer
from howmuch.rpc.expense_page_cache import MOST_BYTES, ExpensePageCache
from howmuch.rpc.expense_service import ExpenseServicer
from howmuch.rpc.health import HealthServicer
from howmuch.rpc.in_process import Handlers, InProcessServer
from howmuch.rpc.intake.calls import CallIntake
from howmuch.rpc.interceptors.access import AccessInterceptor
from howmuch.rpc.interceptors.access_log import AccessLogInterceptor
from howmuch.rpc.interceptors.answer_cache import AnswerCacheInterceptor
from howmuch.rpc.interceptors.base import MethodInterceptor
from howmuch.rpc.interceptors.deadline import DeadlineInterceptor
from howmuch.rpc.interceptors.error_status import ErrorsInterceptor
from howmuch.rpc.interceptors.fast_add import FastAddInterceptor
from howmuch.rpc.interceptors.idempotency import IdempotencyInterceptor
from howmuch.rpc.interceptors.quota import Admission, AdmissionInterceptor, QuotaInterceptor
from howmuch.rpc.interceptors.rate_limit import RateLimitInterceptor, RateLimits
from howmuch.rpc.interceptors.receive import ReceiveInterceptor
from howmuch.rpc.interceptors.session import SessionInterceptor
from howmuch.rpc.interceptors.transaction import TransactionInterceptor
from howmuch.rpc.methods import SERVICES, Method, describe
from howmuch.rpc.password_checks import PasswordChecks
from howmuch.rpc.quotas import QuotaKeeper, Quotas
from howmuch.rpc.server_options import ServerOptions
from howmuch.rpc.session_cache import SessionCache
from howmuch.rpc.session_use import SessionUse
from howmuch.rpc.shared_counts import SharedCounts
from howmuch.rpc.throttle import Throttle
from howmuch.rpc.user_service import UserServicer
from howmuch.rpc.watch import WatchHub
from howmuch.runtime.certificates import TlsFiles
from howmuch.storage.database import Database
from howmuch.usecases.passwords import PasswordHasher
from howmuch.usecases.sessions import SessionLife
from howmuch.v1 import (
    event_service_pb2_grpc,
    expense_service_pb2_grpc,
    user_service_pb2_grpc,
)

if TYPE_CHECKING:
    from howmuch.telemetry.tracer import Tracer


class GrpcServer:
    """A server that is built and bound; `start` lets calls in. in_process: for a gateway in this process."""

    def __init__(
        self,
        database: Database,
        options: ServerOptions,
        broadcast: Broadcast,
        tracer: "Tracer | None",
    ) -> None:
        self._hasher = PasswordHasher(
            threads=options.hash_threads, most_waiting=max(1, options.threads // 3)
        )
        self._change_hasher = PasswordHasher(threads=1, most_waiting=max(1, options.threads // 6))
        life = SessionLife(
            dt.timedelta(days=options.session_ttl_days),
            dt.timedelta(days=options.session_idle_days),
        )
        self._session_use = SessionUse(database, life)
        self._watchers = WatchHub(database, _now, options.streams)
        broadcast.on("event", self._watchers.notify)
        broadcast.on_gap(lambda: self._watchers.notify(""))
        self._health = HealthServicer()
        self._lame_duck_seconds = options.lame_duck_seconds
        shared = (
            SharedCounts(options.redis_url, options.redis_prefix) if options.redis_url else None
        )
        self._quotas = QuotaKeeper(database, options.quotas, shared)
        user_servicer = UserServicer(
            life.first,
            dt.timedelta(days=options.deletion_grace_days),
            self._quotas,
            options.page_links,
        )
        passwords = PasswordChecks(database, self._hasher, self._change_hasher)
        event_servicer = EventServicer(self._watchers, self._quotas, options.page_links)
        expense_servicer = ExpenseServicer(ExpensePageCache(MOST_BYTES if options.caches else 0))
        methods = describe()
        self._intake = CallIntake(options.threads, options.patience)
        throttle = Throttle(options.redis_url, options.redis_prefix)
        self._rate_limiter = RateLimitInterceptor(methods, options.rate_limits, throttle)
        admission = Admission(self._quotas)
        interceptors: list[MethodInterceptor] = [
            *_observers(methods, options, tracer),
            AccessLogInterceptor(methods, options.trusted_proxies),
            ErrorsInterceptor(methods),
            SessionInterceptor(methods, self._session_use),
            ReceiveInterceptor(
                methods,
                database,
                self._intake,
                longest_seconds=options.max_deadline_seconds,
            ),
            DeadlineInterceptor(
                methods,
                default_seconds=options.default_deadline_seconds,
                longest_seconds=options.max_deadline_seconds,
            ),
            self._rate_limiter,
            QuotaInterceptor(methods, self._quotas),
            *_fast_add(methods, options, database, broadcast, admission),
            TransactionInterceptor(methods, database, passwords.preparations(), broadcast),
            AccessInterceptor(methods, SessionCache(broadcast, options.session_cache_seconds)),
            AdmissionInterceptor(methods, admission),
            IdempotencyInterceptor(methods, dt.timedelta(days=options.idempotency_days)),
            *([AnswerCacheInterceptor(methods)] if options.caches else []),
        ]
        self._server = grpc.server(
            self._intake.threads,
            maximum_concurrent_rpcs=options.max_concurrent_rpcs,
            options=_channel_options(options),
        )
        collected = Handlers()
        server = cast("grpc.Server", collected)
        user_service_pb2_grpc.add_UserServiceServicer_to_server(user_servicer, server)
        event_service_pb2_grpc.add_EventServiceServicer_to_server(event_servicer, server)
        expense_service_pb2_grpc.add_ExpenseServiceServicer_to_server(expense_servicer, server)
        handlers = collected.behind(interceptors)
        self._intake.add_methods(self._server, handlers)
        self.in_process = InProcessServer(
            handlers, self._intake.direct_threads, options.max_request_bytes
        )
        self._add_standard_services(reflected=options.reflection)
        self.port = self._listen(options.listen, options.tls)
        if options.private_address:
            self._listen(options.private_address)

    def _add_standard_services(self, *, reflected: bool) -> None:
        """Health, which says NOT_SERVING until the start, and reflection."""
        collected = Handlers()
        server = cast("grpc.Server", collected)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        self._names = [service.full_name for service in SERVICES]
        if reflected:
            reflection.enable_server_reflection(
                [*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
            )
        self._intake.add_standard_methods(self._server, collected.behind([]))
        self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)

    def _listen(self, address: str, tls: TlsFiles | None = None) -> int:
        """Binds the address and returns the port. OSError if that fails, ValueError for bad files."""
        credentials = server_credentials(tls) if tls else None
        try:
            port: int = (
                self._server.add_secure_port(address, credentials)
                if credentials
                else self._server.add_insecure_port(address)
            )
        except RuntimeError as error:
            raise OSError(
                f"cannot listen on {address}; another program may have the port already: choose"
                " one with --grpc-listen"
            ) from error
        return port

    def start(self) -> None:
        """Accepts calls, and turns health to SERVING."""
        self._quotas.start()
        self._intake.start()
        self._server.start()
        self._set_health(health_pb2.HealthCheckResponse.SERVING)

    def set_rate_limits(self, limits: RateLimits) -> None:
        """Applies from the next call on. Any thread may call it."""
        self._rate_limiter.set_limits(limits)

    def set_quotas(self, quotas: Quotas) -> None:
        """Applies from the next call on. Any thread may call it."""
        self._quotas.quotas = quotas

    def stop(self, grace_seconds: float) -> None:
        """Turns health to NOT_SERVING, ends streams, and gives calls in flight `grace_seconds`."""
        deadline = time.monotonic() + grace_seconds
        self._health.enter_graceful_shutdown()
        if self._health.is_asked:
            # Clients that watch health go elsewhere while every call is still answered. gRPC's core would cut
            # off a call that arrives with the stop itself.
            time.sleep(min(self._lame_duck_seconds, grace_seconds / 2))
        self._health.close()
        self._watchers.close()
        self._server.stop(max(0.0, deadline - time.monotonic())).wait()
        self._intake.stop()
        self._session_use.stop()
        self._hasher.close()
        self._change_hasher.close()
        self._quotas.stop()

    def _set_health(self, status: int) -> None:
        for name in ("", *self._names):
            self._health.set(name, status)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _observers(
    methods: dict[str, Method], options: ServerOptions, tracer: "Tracer | None"
) -> list[MethodInterceptor]:
    """Metrics and tracing interceptors, only those that are enabled."""
    observers: list[MethodInterceptor] = []
    if options.metrics:
        from howmuch.rpc.interceptors.call_metrics import MetricsInterceptor

        observers.append(MetricsInterceptor(methods))
    if tracer is not None:
        from howmuch.rpc.interceptors.call_spans import TracingInterceptor

        observers.append(TracingInterceptor(methods, tracer))
    return observers


def _fast_add(
    methods: dict[str, Method],
    options: ServerOptions,
    database: Database,
    broadcast: Broadcast,
    admission: Admission,
) -> list[MethodInterceptor]:
    """The fast path of CreateExpense, if it is enabled and the database can do it."""
    if options.fast_add and database.autocommits:
        return [FastAddInterceptor(methods, database, broadcast, admission)]
    return []


def _channel_options(options: ServerOptions) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", options.max_request_bytes),
        ("grpc.so_reuseport", int(options.reuse_port)),
        # For the handshakes of TLS and HTTP/2 together.
        ("grpc.server_handshake_timeout_ms", 10_000),
        # Finds dead clients; live ones may ping once a second, see runtime.grpc_channel.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ]


def build_server(
    database: Database,
    options: ServerOptions,
    broadcast: Broadcast | None = None,
    tracer: "Tracer | None" = None,
) -> GrpcServer:
    """A server over a migrated database. It listens, and answers after `start`.

    broadcast: None means that there is no other process. tracer: None means that calls are not traced.
    """
    return GrpcServer(database, options, broadcast or Broadcast(), tracer)
