"""Settings of TLS: the files of a server, and those of the gateway as a client."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from howmuch.config.kinds import Group

MaybeFile = Annotated[Path | None, BeforeValidator(lambda value: value or None)]


class ServerTlsSettings(Group):
    """TLS of something that listens. The files are read again when they have been replaced."""

    certificate: MaybeFile = Field(
        None,
        description="PEM file: the certificate, then those between it and its CA. Default: no TLS.",
    )
    key: MaybeFile = Field(None, description="PEM file: its key, without a passphrase.")
    client_ca: MaybeFile = Field(
        None,
        description="PEM file: CAs, one of which must have signed the certificate that each client then"
        " has to show. Default: clients need none.",
    )


class UpstreamTlsSettings(Group):
    """TLS from `howmuch gateway` to its upstream."""

    enabled: bool = Field(False, description="Whether the upstream is reached by TLS.")
    ca: MaybeFile = Field(
        None,
        description="PEM file: CAs, one of which must have signed the upstream's certificate."
        " Default: those that gRPC trusts.",
    )
    certificate: MaybeFile = Field(
        None, description="PEM file: the certificate that the gateway shows. Default: none."
    )
    key: MaybeFile = Field(None, description="PEM file: its key, without a passphrase.")
    server_name: str = Field(
        "",
        description="Name in the upstream's certificate. Default: the host of the upstream's address.",
    )


def check_server_tls(prefix: str, tls: ServerTlsSettings) -> None:
    """ValueError for files that are of no use without another. prefix: of the keys, such as grpc.tls."""
    _check_pair(prefix, tls)
    if tls.client_ca is not None and tls.certificate is None:
        raise ValueError(
            f"expected {prefix}.certificate beside {prefix}.client_ca: there is no TLS without it"
        )


def check_upstream_tls(prefix: str, tls: UpstreamTlsSettings) -> None:
    """ValueError for files that are of no use without another, or without TLS."""
    _check_pair(prefix, tls)
    given = [name for name in ("ca", "certificate", "server_name") if getattr(tls, name)]
    if given and not tls.enabled:
        raise ValueError(
            f"expected {prefix}.enabled to be true beside {prefix}.{given[0]}:"
            " the upstream would be reached without TLS"
        )


def _check_pair(prefix: str, tls: ServerTlsSettings | UpstreamTlsSettings) -> None:
    if (tls.certificate is None) != (tls.key is None):
        raise ValueError(f"expected {prefix}.certificate and {prefix}.key together, not one alone")
