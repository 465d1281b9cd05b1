"""Settings of metrics and traces."""

from typing import Annotated

from pydantic import Field

from howmuch.config.kinds import COMMON, Group, MaybeListenAddress, Ratio, matching


class MetricsSettings(Group):
    """Metrics for Prometheus."""

    listen: MaybeListenAddress = Field(
        "",
        description="Address of the Prometheus metrics at /metrics, HOST:PORT. Empty means no "
        "metrics.",
        json_schema_extra=COMMON,
    )


class TracingSettings(Group):
    """Traces for an OpenTelemetry collector."""

    endpoint: Annotated[str, matching(r"\Z|https?://", "a URL such as http://127.0.0.1:4317")] = (
        Field(
            "",
            description="OpenTelemetry collector, OTLP over gRPC: http://HOST:PORT, or https:// for TLS. "
            "Empty means no traces.",
        )
    )
    sample_ratio: Ratio = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of new traces to record, 0 to 1. A request with a traceparent is recorded "
        "if its caller says so.",
    )
    service_name: str = Field(
        "howmuch", min_length=1, description="Name of this service in traces."
    )
