"""The files and the URL scheme that the TLS settings name."""

from howmuch.config import Settings
from howmuch.config.tls import ServerTlsSettings, UpstreamTlsSettings
from howmuch.runtime.certificates import TlsFiles


def server_tls(settings: ServerTlsSettings) -> TlsFiles | None:
    """The files of a server. None means that it serves without TLS."""
    if settings.certificate is None:
        return None
    return TlsFiles(settings.certificate, settings.key, settings.client_ca)


def upstream_tls(settings: UpstreamTlsSettings) -> TlsFiles | None:
    """The files of the gateway as a client of its upstream. None means that it connects without TLS."""
    if not settings.enabled:
        return None
    return TlsFiles(settings.certificate, settings.key, settings.ca)


def rest_scheme(settings: Settings) -> str:
    return "http" if settings.http.tls.certificate is None else "https"
