"""One address before several servers: Envoy, which asks them for their health and balances calls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.gateway.envoy import HTTP_OPTIONS, LISTENER, running_envoy

FILTERS = "type.googleapis.com/envoy.extensions.filters"


@contextmanager
def balancer(addresses: Sequence[str], directory: Path) -> Iterator[str]:
    """HOST:PORT of a proxy of HTTP/2 in front of `addresses`. directory: for its configuration and log.

    It leaves out who says NOT_SERVING, and repeats nothing by itself.
    """
    with running_envoy(_config(addresses), directory) as port:
        yield f"127.0.0.1:{port}"


def _config(addresses: Sequence[str]) -> dict[str, Any]:
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": LISTENER,
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [
                        {"match": {"prefix": "/"}, "route": {"cluster": "howmuch", "timeout": "0s"}}
                    ],
                }
            ]
        },
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{FILTERS}.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "name": LISTENER,
        "address": _address("127.0.0.1:0"),
        "filter_chains": [{"filters": [{"name": "manager", "typed_config": manager}]}],
    }
    return {
        "admin": {"address": _address("127.0.0.1:0")},
        "static_resources": {"listeners": [listener], "clusters": [_cluster(addresses)]},
    }


def _cluster(addresses: Sequence[str]) -> dict[str, Any]:
    endpoints = [{"endpoint": {"address": _address(address)}} for address in addresses]
    options = {
        "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    check = {
        "interval": "0.2s",
        "no_traffic_interval": "0.2s",
        "unhealthy_interval": "0.2s",
        "timeout": "10s",
        "unhealthy_threshold": 1,
        "healthy_threshold": 1,
        "grpc_health_check": {},
    }
    return {
        "name": "howmuch",
        "type": "STATIC",
        "lb_policy": "ROUND_ROBIN",
        "load_assignment": {"cluster_name": "howmuch", "endpoints": [{"lb_endpoints": endpoints}]},
        "health_checks": [check],
        # Never to servers that are known to be away.
        "common_lb_config": {
            "healthy_panic_threshold": {"value": 0},
            # Otherwise the second news within a second waits until it is over.
            "update_merge_window": "0s",
        },
        "typed_extension_protocol_options": {HTTP_OPTIONS: options},
    }


def _address(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}
