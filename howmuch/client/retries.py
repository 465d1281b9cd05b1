"""The retry policy of clients, for gRPC channels."""

import importlib.resources
import json

from howmuch.runtime.grpc_channel import (
    KEEPALIVE_OPTIONS,
    METADATA_OPTIONS,
    RECONNECT_OPTIONS,
)


def service_config(*, through_proxy: bool = False) -> str:
    """Return the gRPC service config as JSON, for the channel option `grpc.service_config`.

    A call that ends UNAVAILABLE is made up to five times, and calls rotate over the healthy addresses of the
    server. Each write needs an idempotency key, or a retry may write twice. docs/retries.md lists the methods
    without retries, and the reasons.

    through_proxy: an HTTP/2 proxy balances the load. The client then checks no health: the answer of one
    server would count for all.
    """
    text = (importlib.resources.files("howmuch.client") / "retry_policy.json").read_text()
    if not through_proxy:
        return text
    config = json.loads(text)
    del config["healthCheckConfig"]
    return json.dumps(config)


def channel_options(*, through_proxy: bool = False) -> list[tuple[str, str | int]]:
    """Return options for `grpc.insecure_channel` and the like: the service config and reconnection times.

    A lost connection is retried after 0.1 s at first, at least every 2 s, with a timeout of 5 s. The defaults
    of gRPC are 1 s, 2 min and 20 s. A server that does not answer a ping is left after 4.5 s.
    """
    config = service_config(through_proxy=through_proxy)
    return [
        ("grpc.service_config", config),
        *RECONNECT_OPTIONS,
        *KEEPALIVE_OPTIONS,
        *METADATA_OPTIONS,
    ]
