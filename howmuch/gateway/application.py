"""The gateway as an ASGI application: routes requests to endpoints or to its own pages, and logs them."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog
from google.rpc import code_pb2

from howmuch.gateway.bodies import Shapes
from howmuch.gateway.body_budget import BodyBudget
from howmuch.gateway.calls import Endpoint, Shared
from howmuch.gateway.codec import Codec
from howmuch.gateway.concurrency_limit import ConcurrencyLimit
from howmuch.gateway.cors import Cors
from howmuch.gateway.credentials import Guard
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.docs_site import OWN_SEGMENTS, DocsSite
from howmuch.gateway.exchange import ClientGone, Exchange, Receive, Scope, Send
from howmuch.gateway.json_element_cache import MOST_BYTES, JsonElementCache
from howmuch.gateway.observer import CLIENT_GONE, Observer
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.page import Page
from howmuch.gateway.routes import ANY_METHOD, STANDARD_METHODS, Route, RouteTable
from howmuch.gateway.session_cookie import Cookies
from howmuch.gateway.static_site import StaticSite, first_segments
from howmuch.gateway.status import RETRY_SECONDS, Headers, Refusal, refusal
from howmuch.gateway.stream_limits import Streams
from howmuch.gateway.templates import FieldPath
from howmuch.gateway.threads import Threads
from howmuch.gateway.upstream import Upstream, watched_credentials
from howmuch.runtime.cache import SizedCache
from howmuch.runtime.in_process import InProcessService
from howmuch.runtime.networks import network_of, parse_networks

if TYPE_CHECKING:
    from howmuch.gateway.openapi.paths import FlatPath

log = structlog.get_logger()

_HEALTH = ("/healthz", "/readyz")
_OWN_SEGMENTS = OWN_SEGMENTS | {path[1:] for path in _HEALTH}
_SITE_ROUTE = "site"
_OFTEN = (*_HEALTH, _SITE_ROUTE)
"""Routes that are logged at the level debug: probes come every few seconds, and a web app has many files."""
_TEXT = b"text/plain; charset=utf-8"


class Application:
    """Call `open` and `close` in the event loop that serves. draining: makes /readyz answer 503."""

    def __init__(
        self,
        descriptors: Descriptors,
        table: RouteTable,
        upstream: str,
        options: GatewayOptions,
        observer: Observer | None = None,
        in_process: InProcessService | None = None,
    ) -> None:
        self._in_process = in_process
        self._table = table
        self._observer = observer or Observer()
        self._address = upstream
        self._options = options
        self._codec = Codec(descriptors.files, emit_defaults=options.emit_defaults)
        self._cors = Cors(options)
        self._trusted = parse_networks(options.trusted_proxies)
        self._cookies: Cookies | None = None
        if options.session_cookie is not None:
            self._cookies = Cookies(options.session_cookie, options, self._trusted)
        self._docs = DocsSite(descriptors, table, options)
        self._site: StaticSite | None = None
        if options.site is not None:
            self._site = StaticSite(options.site, _OWN_SEGMENTS | first_segments(table.routes))
        self._descriptors = descriptors
        self._endpoints: dict[int, Endpoint] = {}
        self._paths: dict[int, FlatPath] | None = None
        self._bodies = BodyBudget(options.max_bodies_bytes)
        self._streams = Streams(options)
        self._threads = Threads()
        self._upstream: Upstream | None = None
        tls = options.upstream_tls
        self._credentials = watched_credentials(tls) if tls else None
        self.draining = False

    async def open(self) -> None:
        """Creates the channel and starts to connect it."""
        upstream = self._upstream = Upstream(
            self._address, self._options, self._credentials, self._in_process
        )
        limit = ConcurrencyLimit(self._options.max_concurrent_requests)
        elements: JsonElementCache | None = (
            SizedCache(MOST_BYTES) if self._options.cache_elements else None
        )
        shared = Shared(
            codec=self._codec,
            shapes=Shapes(),
            upstream=upstream,
            options=self._options,
            trusted=self._trusted,
            limit=limit,
            streams=self._streams,
            threads=self._threads,
            elements=elements,
            guard=self._guard(upstream, limit),
            names_in_path=self._names_in_path,
            cookies=self._cookies,
        )
        for route in self._table.routes:
            self._endpoints[id(route)] = Endpoint(route, shared)
        upstream.is_ready()

    def _names_in_path(self, route: Route) -> Mapping[FieldPath, str]:
        """The names of path variables in the OpenAPI document, by their field paths."""
        if self._paths is None:
            from howmuch.gateway.openapi.paths import flat_paths

            self._paths = flat_paths(self._table.routes)
        return {
            part.variable.field_path: part.name
            for part in self._paths[id(route)].parts
            if part.variable is not None and not part.pattern
        }

    def _guard(self, upstream: Upstream, limit: ConcurrencyLimit) -> Guard | None:
        options = self._options
        if options.credentials is None:
            return None
        path = options.credentials.check_method
        check = upstream.unary(path) if path else None
        return Guard(self._descriptors, options, self._codec, limit, check)

    async def end_streams(self) -> None:
        """Ends all streams with an error. The application still answers unary calls."""
        await self._streams.end()

    async def close(self) -> None:
        """Cancels the calls in progress."""
        if self._upstream is not None:
            await self._upstream.close()
        self._threads.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, and writes one log line when it is done."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        found = self._cookies.find(scope) if self._cookies is not None else None
        if found is not None:
            scope = {**scope, "headers": found.headers}
        exchange = Exchange(
            scope, receive, send, self._options, self._cors, self._threads, self._bodies
        )
        if found is not None:
            exchange.secure = found.secure
            exchange.by_cookie, exchange.cookie_ignored = found.used, found.ignored
        address = exchange.headers.client_address(exchange.client, self._trusted)
        exchange.network = network_of(address)
        self._observer.began(exchange)
        try:
            await self._answer(exchange)
        finally:
            exchange.release()
            seconds = time.perf_counter() - started
            exchange.status = exchange.status or CLIENT_GONE
            write = log.debug if exchange.route in _OFTEN else log.info
            write(
                "http",
                method=exchange.method,
                route=exchange.route,
                status=exchange.status,
                duration_ms=round(seconds * 1000, 3),
                request_id=exchange.request_id,
                client_network=exchange.network,
                **exchange.call_log,
            )
            self._observer.ended(exchange, seconds)

    async def _answer(self, exchange: Exchange) -> None:
        try:
            await self._serve(exchange)
        except Refusal as error:
            if error.http_status >= 500:
                log.warning(
                    "gateway refused",
                    method=exchange.method,
                    route=exchange.route,
                    status=error.http_status,
                    reason=error.message,
                    request_id=exchange.request_id,
                )
            if exchange.by_cookie and self._cookies is not None and self._cookies.says_ended(error):
                error.headers += self._cookies.clearing(secure=exchange.secure)
            await exchange.refuse(error)
        except ClientGone:
            return
        except Exception:
            log.exception(
                "gateway failed",
                method=exchange.method,
                route=exchange.route,
                request_id=exchange.request_id,
            )
            if exchange.started:
                exchange.connection.abort()
            else:
                said = f"Something went wrong on our side. Quote {exchange.request_id} when you report it."
                await exchange.refuse(refusal(code_pb2.INTERNAL, "INTERNAL", said))

    async def _serve(self, exchange: Exchange) -> None:
        path = exchange.path
        if self._options.allow_trailing_slash and path != "/":
            path = path.rstrip("/") or "/"
        found = self._table.match(exchange.method, path)
        if not isinstance(found, frozenset):
            # A preflight is never a call, even on a path that takes every method.
            if not self._cors.is_preflight(exchange.method, exchange.headers):
                exchange.route = found.route.template.text
                self._observer.routed(exchange, found.route.grpc_path)
                await self._endpoints[id(found.route)].serve(exchange, found.texts)
                return
            found = frozenset({found.route.http_method})
        if not found:
            page = await self._page(exchange, path)
            if exchange.method in ("GET", "HEAD"):
                await self._send_page(exchange, page)
                return
            found = frozenset({"GET"})
        await self._serve_other_method(exchange, found)

    async def _page(self, exchange: Exchange, path: str) -> Page:
        """The gateway's own page at a path, or that of the web app. Raises Refusal 404."""
        if path in _HEALTH or self._docs.has(path):
            exchange.route = path
            return self._health(path) if path in _HEALTH else await self._docs.get(path)
        found = self._site.find(exchange.method, path, exchange.headers) if self._site else None
        if found is None:
            raise refusal(code_pb2.NOT_FOUND, "PATH_UNKNOWN", "There is nothing at this path.")
        exchange.route = _SITE_ROUTE
        return found

    async def _send_page(self, exchange: Exchange, page: Page) -> None:
        headers = list(page.headers)
        if page.etag:
            headers.append((b"etag", page.etag))
            if exchange.headers.matches_etag(page.etag):
                await exchange.answer(304, b"", headers)
                return
        if page.status in RETRY_SECONDS:
            headers.append((b"retry-after", b"%d" % RETRY_SECONDS[page.status]))
        await exchange.answer(
            page.status,
            page.body,
            headers,
            content_type=page.content_type,
            compress=page.compress,
        )

    async def _serve_other_method(self, exchange: Exchange, allowed: frozenset[str]) -> None:
        """Answers OPTIONS, or 405 for a known path with another method."""
        methods = set(STANDARD_METHODS) if ANY_METHOD in allowed else {*allowed, "OPTIONS"}
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
        """/healthz: the process works. /readyz: it is not shutting down, and the upstream is connected."""
        if path == "/readyz":
            if self.draining:
                return Page(b"draining\n", _TEXT, status=503)
            if self._upstream is None or not self._upstream.is_ready():
                return Page(b"upstream not connected\n", _TEXT, status=503)
        return Page(b"ok\n", _TEXT)
