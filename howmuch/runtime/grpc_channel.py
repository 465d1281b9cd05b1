"""Options of gRPC channels: the backoff of reconnects, how soon a dead server is noticed, and metadata."""

MAX_METADATA_BYTES = 64 * 1024
METADATA_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_metadata_size", MAX_METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
)
"""Channel arguments: the metadata of a response, with the details of an error, has at most 64 KiB.

By default gRPC refuses some responses beyond 8 KiB, at random, and all beyond 16 KiB.
"""

RECONNECT_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 2000),
)
"""Channel arguments: the first retry after 0.1 s, later ones every 2 s. "min" limits one attempt."""

KEEPALIVE_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.keepalive_time_ms", 2000),
    ("grpc.keepalive_timeout_ms", 2500),
    # Of other pings: while one of them is not answered, gRPC sends no keepalive. The default is a minute.
    ("grpc.http2.ping_timeout_ms", 2500),
    # By default gRPC stops to ping after two pings without data, and a frozen server sends none.
    ("grpc.http2.max_pings_without_data", 0),
)
"""Channel arguments: a server that is frozen or cut off is left after 4.5 s, also in the middle of a call.

Only for servers of howmuch, which allow a ping each second. Others may allow one in five minutes.
"""

RARE_KEEPALIVE_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)
"""Channel arguments for servers of others."""
