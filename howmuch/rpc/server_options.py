"""The options of a gRPC server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from howmuch.rpc.intake.calls import Patience
from howmuch.rpc.interceptors.rate_limit import RateLimits
from howmuch.rpc.quotas import Quotas
from howmuch.rpc.stream_limits import StreamLimits
from howmuch.runtime.certificates import TlsFiles


class PageLinks(NamedTuple):
    """The addresses that pages name. Empty means none.

    invitation, join_command: with `{token}` in them. web_app: URL without a slash at its end; the pages are
    served beside the web app.
    """

    invitation: str = ""
    join_command: str = ""
    log_in_command: str = ""
    web_app: str = ""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Addresses, limits and credentials of the server.

    listen: HOST:PORT; port 0 takes a free one. threads: calls that work at the same time.
    max_concurrent_rpcs: calls that work or wait; more are answered RESOURCE_EXHAUSTED. patience: with calls
    whose request does not arrive. streams: open ones. lame_duck_seconds: how long a stop keeps
    accepting calls if the health service is used, at most half of its grace. reuse_port: several processes
    share the port. tls: of listen; None means not encrypted. private_address: unix:PATH of a socket that
    only the gateway of this process reaches. trusted_proxies: networks of gateways whose x-forwarded-for
    names the caller. hash_threads: password hashes of log-ins at once. session_idle_days: until a session
    ends without a call. deletion_grace_days: in which a log-in takes the deletion of an account back.
    idempotency_days: how long the answer to an idempotency key is kept.
    redis_url: where all processes count for rate limits; empty means that each counts for itself.
    session_cache_seconds: how long a session is remembered while the ends of sessions are heard; 0 means
    never. metrics: count calls for Prometheus. fast_add, caches: the settings `speed.fast_add` and
    `speed.caches`. page_links: called once the server listens.
    """

    listen: str
    threads: int = 16
    max_concurrent_rpcs: int = 1024
    streams: StreamLimits = field(default_factory=StreamLimits)
    patience: Patience = field(default_factory=Patience)
    max_request_bytes: int = 4 * 1024 * 1024
    default_deadline_seconds: float = 30.0
    max_deadline_seconds: float = 300.0
    lame_duck_seconds: float = 1.0
    reflection: bool = True
    reuse_port: bool = False
    tls: TlsFiles | None = None
    private_address: str = ""
    trusted_proxies: tuple[str, ...] = ()
    hash_threads: int = 1
    session_ttl_days: int = 90
    session_idle_days: int = 30
    deletion_grace_days: int = 7
    idempotency_days: int = 7
    rate_limits: RateLimits = field(default_factory=RateLimits)
    quotas: Quotas = field(default_factory=Quotas)
    redis_url: str = ""
    redis_prefix: str = ""
    session_cache_seconds: float = 0.0
    metrics: bool = False
    fast_add: bool = True
    caches: bool = True
    page_links: Callable[[], PageLinks] = PageLinks
