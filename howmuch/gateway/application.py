"""The gateway as an ASGI application: finds the route of a request, and answers what has none."""

import time

import structlog
from google.rpc import code_pb2

from howmuch.gateway.bodies import Shapes
from howmuch.gateway.calls import Endpoint
from howmuch.gateway.codec import Codec
from howmuch.gateway.concurrency_limit import ConcurrencyLimit
from howmuch.gateway.cors import Cors
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.docs_site import Page, Pages
from howmuch.gateway.exchange import ClientGone, Exchange, Receive, Scope, Send
from howmuch.gateway.json_element_cache import MOST_BYTES, Elements
from howmuch.gateway.observer import CLIENT_GONE, Observer
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import ANY_METHOD, RouteTable
from howmuch.gateway.status import Headers, Refusal, refusal
from howmuch.gateway.upstream import Upstream, watched_credentials
from howmuch.runtime.cache import SizedCache
from howmuch.runtime.in_process import Direct
from howmuch.runtime.networks import parse_networks

log = structlog.get_logger()

_HEALTH = ("/healthz", "/readyz")
_STANDARD_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class Application:
    """Everything but the listening. `open` and `close` are called in the event loop that serves."""

    def __init__(
        self,
        descriptors: Descriptors,
        table: RouteTable,
        upstream: str,
        options: GatewayOptions,
        observer: Observer | None = None,
        direct: Direct | None = None,
    ) -> None:
        self._direct = direct
        self._table = table
        self._observer = observer
        self._address = upstream
        self._options = options
        self._codec = Codec(descriptors.files, emit_defaults=options.emit_defaults)
        self._cors = Cors(options.cors_origins)
        self._trusted = parse_networks(options.trusted_proxies)
        self._pages = Pages(descriptors, table, options)
        self._endpoints: dict[int, Endpoint] = {}
        self._upstream: Upstream | None = None
        tls = options.upstream_tls
        self._credentials = watched_credentials(tls) if tls else None
        self.draining = False
        """Set before a stop: /readyz says no, so that balancers send nobody here any more."""

    async def open(self) -> None:
        """Makes the channel; it connects when it is first needed."""
        upstream = self._upstream = Upstream(
            self._address, self._options, self._credentials, self._direct
        )
        shapes = Shapes()
        room = ConcurrencyLimit(self._options.max_concurrent_requests)
        elements: Elements = SizedCache(MOST_BYTES)
        for route in self._table.routes:
            self._endpoints[id(route)] = Endpoint(
                route, self._codec, shapes, upstream, self._options, self._trusted, room, elements
            )
        upstream.is_ready()

    async def close(self) -> None:
        """Ends the calls that are left."""
        if self._upstream is not None:
            await self._upstream.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, and logs one line when it is done."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        exchange = Exchange(scope, receive, send, self._options, self._cors)
        if self._observer is not None:
            self._observer.began(exchange)
        try:
            await self._answer(exchange)
        finally:
            seconds = time.perf_counter() - started
            exchange.status = exchange.status or CLIENT_GONE
            # Probes come every few seconds, and say nothing new.
            write = log.debug if exchange.route in _HEALTH else log.info
            write(
                "http",
                method=exchange.method,
                route=exchange.route,
                status=exchange.status,
                duration_ms=round(seconds * 1000, 3),
                request_id=exchange.request_id,
                **exchange.of_call,
            )
            if self._observer is not None:
                self._observer.ended(exchange, seconds)

    async def _answer(self, exchange: Exchange) -> None:
        try:
            await self._serve(exchange)
        except Refusal as error:
            if error.http_status >= 500:
                log.warning(
                    "gateway refused",
                    method=exchange.method,
                    path=exchange.path,
                    status=error.http_status,
                    reason=error.message,
                    request_id=exchange.request_id,
                )
            await exchange.refuse(error)
        except ClientGone:
            return
        except Exception:
            log.exception(
                "gateway failed",
                method=exchange.method,
                path=exchange.path,
                request_id=exchange.request_id,
            )
            if exchange.started:
                exchange.connection.abort()
            else:
                await exchange.refuse(_internal(exchange.request_id))

    async def _serve(self, exchange: Exchange) -> None:
        path = exchange.path
        if self._options.allow_trailing_slash and path != "/":
            path = path.rstrip("/") or "/"
        found = self._table.match(exchange.method, path)
        if not isinstance(found, frozenset) and self._cors.is_preflight(exchange):
            # A browser asks for it, not the page: it is no call, even of a path that takes every method.
            found = frozenset({found.route.http_method})
        if not isinstance(found, frozenset):
            exchange.route = found.route.template.text
            if self._observer is not None:
                self._observer.routed(exchange, found.route.grpc_path)
            await self._endpoints[id(found.route)].serve(exchange, found.texts)
            return
        allowed = found
        if not allowed:
            allowed = await self._serve_own(exchange, path)
        if not allowed:
            return
        await self._serve_other_method(exchange, allowed)

    async def _serve_own(self, exchange: Exchange, path: str) -> frozenset[str]:
        """Answers what the gateway has itself. Otherwise the methods that it has at this path."""
        if path in _HEALTH:
            exchange.route = path
            page = self._health(path)
        elif self._pages.has(path):
            exchange.route = path
            page = await self._pages.get(path)
        else:
            raise refusal(code_pb2.NOT_FOUND, "PATH_UNKNOWN", "There is nothing at this path.")
        if exchange.method not in ("GET", "HEAD"):
            return frozenset({"GET"})
        headers = list(page.headers)
        if page.etag:
            headers.append((b"etag", page.etag))
            if exchange.headers.matches_etag(page.etag):
                await exchange.answer(304, b"", headers)
                return frozenset()
        await exchange.answer(page.status, page.body, headers, content_type=page.content_type)
        return frozenset()

    async def _serve_other_method(self, exchange: Exchange, allowed: frozenset[str]) -> None:
        """A path that is known, but not with this method."""
        methods = set(_STANDARD_METHODS) if ANY_METHOD in allowed else {*allowed, "OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        names = sorted(methods)
        allow: Headers = [(b"allow", ", ".join(names).encode())]
        if exchange.method == "OPTIONS":
            await exchange.answer(204, b"", allow + self._cors.preflight(exchange.headers, names))
            return
        raise refusal(
            code_pb2.UNIMPLEMENTED,
            "METHOD_NOT_ALLOWED",
            f"This path does not take {exchange.method}; it takes {', '.join(names)}.",
            http_status=405,
            headers=allow,
        )

    def _health(self, path: str) -> Page:
        """/healthz: this process works. /readyz: requests are welcome, and the upstream is there."""
        if path == "/readyz":
            if self.draining:
                return Page(b"draining\n", b"text/plain; charset=utf-8", status=503)
            if self._upstream is None or not self._upstream.is_ready():
                return Page(b"upstream not connected\n", b"text/plain; charset=utf-8", status=503)
        return Page(b"ok\n", b"text/plain; charset=utf-8")


def _internal(request_id: str) -> Refusal:
    return refusal(
        code_pb2.INTERNAL,
        "INTERNAL",
        f"Something went wrong on our side. Quote {request_id} when you report it.",
    )
