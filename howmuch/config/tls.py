"""Settings of TLS, for servers and for the gateway as a client."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from howmuch.config.kinds import Group

MaybeFile = Annotated[Path | None, BeforeValidator(lambda value: value or None)]


class ServerTlsSettings(Group):
    """TLS of a server. Files are reloaded after they have been replaced."""

    certificate: MaybeFile = Field(
        None, description="PEM file with the certificate and its intermediate CAs. Default: no TLS."
    )
    key: MaybeFile = Field(
        None, description="PEM file with the key of the certificate, without a passphrase."
    )
    client_ca: MaybeFile = Field(
        None,
        description="PEM file with the CAs that sign client certificates. If set, each client must "
        "present one.",
    )


class UpstreamTlsSettings(Group):
    """TLS from the gateway to its upstream."""

    enabled: bool = Field(False, description="Use TLS to the upstream.")
    ca: MaybeFile = Field(
        None,
        description="PEM file with the CAs that sign the upstream's certificate. Default: the CAs "
        "that gRPC trusts.",
    )
    certificate: MaybeFile = Field(
        None, description="PEM file with the client certificate for the upstream. Default: none."
    )
    key: MaybeFile = Field(
        None, description="PEM file with the key of the client certificate, without a passphrase."
    )
    server_name: str = Field(
        "",
        description="Name in the upstream's certificate. Default: the host of the upstream's address.",
    )


def check_server_tls(prefix: str, tls: ServerTlsSettings) -> None:
    """Raise ValueError if a file is useless without another. prefix: of the keys, such as grpc.tls."""
    _check_pair(prefix, tls)
    if tls.client_ca is not None and tls.certificate is None:
        raise ValueError(f"expected {prefix}.certificate, because {prefix}.client_ca needs TLS")


def check_upstream_tls(prefix: str, tls: UpstreamTlsSettings) -> None:
    """Raise ValueError if a file is useless without another, or without TLS."""
    _check_pair(prefix, tls)
    given = [name for name in ("ca", "certificate", "server_name") if getattr(tls, name)]
    if given and not tls.enabled:
        raise ValueError(
            f"expected {prefix}.enabled to be true, because {prefix}.{given[0]} needs TLS"
        )


def _check_pair(prefix: str, tls: ServerTlsSettings | UpstreamTlsSettings) -> None:
    if (tls.certificate is None) != (tls.key is None):
        raise ValueError(f"expected {prefix}.certificate and {prefix}.key together, not one alone")
