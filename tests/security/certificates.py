"""Authorities and what they issue, in files as a program is given them."""

import os
import socket
import ssl
from pathlib import Path

import trustme

from howmuch.runtime.certificates import TlsFiles
from tests.gateway.http_client import WAIT_SECONDS


class Authority:
    """A certificate authority that only these tests trust."""

    def __init__(self) -> None:
        self.ca = trustme.CA()
        self.pem = self.ca.cert_pem.bytes()

    def write(self, path: Path) -> Path:
        """Its own certificate, as a file."""
        path.write_bytes(self.pem)
        return path

    def issue(
        self,
        directory: Path,
        name: str = "127.0.0.1",
        *,
        ca: "Authority | None" = None,
        kind: trustme.KeyType = trustme.KeyType.ECDSA,
    ) -> TlsFiles:
        """A certificate, its key, and the CA that the other side is judged by, in a directory."""
        directory.mkdir(parents=True, exist_ok=True)
        leaf = self.ca.issue_cert(name, key_type=kind)
        certificate, key = directory / "tls.crt", directory / "tls.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        return TlsFiles(certificate, key, ca.write(directory / "ca.crt") if ca else None)


class MountedSecret:
    """A directory as Kubernetes mounts a Secret: links to what `..data` links to, which is swapped."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._count = 0
        directory.mkdir()

    def put(
        self,
        authority: Authority,
        *,
        name: str = "127.0.0.1",
        ca: Authority | None = None,
        kind: trustme.KeyType = trustme.KeyType.ECDSA,
    ) -> TlsFiles:
        """Issues a certificate, and swaps it in at one stroke. The files have the same names each time."""
        self._count += 1
        version = f"..version-{self._count}"
        made = authority.issue(self._directory / version, name, ca=ca, kind=kind)
        link = self._directory / "..new"
        link.symlink_to(version)
        os.replace(link, self._directory / "..data")  # noqa: PTH105 - a link is to be replaced
        for path in (made.certificate, made.key, made.ca):
            if path is not None and not (self._directory / path.name).is_symlink():
                (self._directory / path.name).symlink_to(f"..data/{path.name}")
        return TlsFiles(*(path and self._directory / path.name for path in _all(made)))

    def spoil(self) -> None:
        """Writes nonsense over the certificate."""
        (self._directory / "tls.crt").write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")


def _all(files: TlsFiles) -> tuple[Path | None, ...]:
    return files.certificate, files.key, files.ca


def client_context(*authorities: Authority, shows: TlsFiles | None = None) -> ssl.SSLContext:
    """A client that trusts these authorities alone, and shows a certificate or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in authorities:
        context.load_verify_locations(cadata=authority.pem.decode())
    if shows is not None:
        assert shows.certificate is not None
        context.load_cert_chain(shows.certificate, shows.key)
    return context


def plain_connection(port: int) -> socket.socket:
    """A client that does not begin the handshake."""
    return socket.create_connection(("127.0.0.1", port), WAIT_SECONDS)


def connect(port: int, context: ssl.SSLContext, *protocols: str) -> ssl.SSLSocket:
    """An open connection to 127.0.0.1. protocols: offered by ALPN. Raises OSError."""
    if protocols:
        context.set_alpn_protocols(list(protocols))
    plain = plain_connection(port)
    try:
        return context.wrap_socket(plain, server_hostname="127.0.0.1")
    except OSError:
        plain.close()
        raise


def certificate_at(port: int, *protocols: str) -> bytes:
    """What a server shows, in DER, whoever signed it. Raises OSError where it breaks off."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with connect(port, context, *protocols) as connection:
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return shown


def certificate_in(files: TlsFiles) -> bytes:
    """The first certificate of the file, in DER."""
    assert files.certificate is not None
    first, end, _ = files.certificate.read_text().partition("-----END CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(first + end)
