"""TLS credentials of the gRPC server, and the clients that it accepts."""

import grpc

from howmuch.runtime.certificates import TlsFiles, Watched, read_pems


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials that follow the files: each new connection uses their present content.

    Connections that stand are left alone. With a `ca`, clients must show a certificate that it signed.
    ValueError, in one line, for files that cannot be used.
    """
    watched = Watched(files, "grpc.tls", _configuration)
    return grpc.dynamic_ssl_server_credentials(
        watched.current,
        watched.renew,  # type: ignore[arg-type]  # None keeps what there is, which its types leave out
        require_client_authentication=files.ca is not None,
    )


def _configuration(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    pems = read_pems(files)
    assert pems.key is not None
    assert pems.certificate is not None
    return grpc.ssl_server_certificate_configuration(
        [(pems.key, pems.certificate)], root_certificates=pems.ca
    )
