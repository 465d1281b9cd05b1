"""The reconnect backoff of gRPC channels."""

RECONNECT_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 2000),
)
"""Channel arguments: the first retry after 0.1 s, later ones every 2 s. "min" limits one attempt."""
