"""When a client repeats a call by itself: the retry policy of howmuch, as gRPC takes it."""

import importlib.resources
import json

from howmuch.runtime.grpc_channel import RECONNECT_OPTIONS


def service_config(*, through_proxy: bool = False) -> str:
    """The gRPC service config, as JSON: for the channel option `grpc.service_config`.

    With it a call that ends UNAVAILABLE is made up to five times, and calls go round those addresses of the
    server that say they serve. Every write needs an idempotency key, or a repetition may do it twice;
    docs/retries.md says why, and which methods are left out.

    through_proxy: a proxy for HTTP/2 stands between, which itself knows which servers serve; what one of them
    says would be taken for all.
    """
    text = (importlib.resources.files("howmuch.client") / "retry_policy.json").read_text()
    if not through_proxy:
        return text
    config = json.loads(text)
    del config["healthCheckConfig"]
    return json.dumps(config)


def channel_options(*, through_proxy: bool = False) -> list[tuple[str, str | int]]:
    """Options for `grpc.insecure_channel` and the like: the service config, and how soon a server that was
    away is looked for again: after 0.1 s at first, every 2 s at last; each time it has 5 s to answer. gRPC's
    own values are 1 s, 2 min and 20 s.
    """
    config = service_config(through_proxy=through_proxy)
    return [("grpc.service_config", config), *RECONNECT_OPTIONS]
