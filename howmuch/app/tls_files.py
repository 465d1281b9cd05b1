"""What TLS settings mean: files, and addresses."""

from howmuch.config import Settings
from howmuch.config.tls import ServerTlsSettings, UpstreamTlsSettings
from howmuch.runtime.certificates import TlsFiles


def server_tls(settings: ServerTlsSettings) -> TlsFiles | None:
    """The files of a server; None where it serves without TLS."""
    if settings.certificate is None:
        return None
    return TlsFiles(settings.certificate, settings.key, settings.client_ca)


def upstream_tls(settings: UpstreamTlsSettings) -> TlsFiles | None:
    """The files of the gateway towards its upstream; None where it goes there without TLS."""
    if not settings.enabled:
        return None
    return TlsFiles(settings.certificate, settings.key, settings.ca)


def rest_scheme(settings: Settings) -> str:
    """With what the URLs of REST begin: http or https."""
    return "http" if settings.http.tls.certificate is None else "https"
