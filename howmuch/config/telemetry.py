"""Settings of what is seen from outside: metrics and traces."""

from typing import Annotated

from pydantic import AfterValidator, Field

from howmuch.config.kinds import Group, MaybeListenAddress, Ratio


def _endpoint(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected a URL such as http://127.0.0.1:4317")
    return value


class MetricsSettings(Group):
    """What Prometheus reads."""

    listen: MaybeListenAddress = Field(
        "", description="Address of /metrics, HOST:PORT. Empty: none, and nothing is counted."
    )


class TracingSettings(Group):
    """What is sent to an OpenTelemetry collector."""

    endpoint: Annotated[str, AfterValidator(_endpoint)] = Field(
        "",
        description="OTLP over gRPC: http://HOST:PORT, or https:// for TLS. Empty: nothing is traced.",
    )
    sample_ratio: Ratio = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the traces that begin here and are recorded, 0 to 1. Those that come with a"
        " traceparent are recorded where it says so.",
    )
    service_name: str = Field(
        "howmuch", min_length=1, description="The name of this service in traces."
    )
