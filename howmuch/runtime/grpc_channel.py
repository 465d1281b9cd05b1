"""How soon a client of gRPC looks again for a server that was away."""

RECONNECT_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 2000),
)
"""Channel arguments: after 0.1 s at first, every 2 s at last. "min" is what one attempt has to connect."""
