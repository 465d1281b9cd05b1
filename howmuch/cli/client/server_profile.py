"""The server of a command that needs no session."""

from typing import TYPE_CHECKING, Any

from howmuch.cli.options import client_tls

if TYPE_CHECKING:
    from howmuch.client.profiles import Profile


def server_profile(server: str | None, tls: dict[str, Any]) -> "Profile":
    """Return the profile of a server, with the TLS options on top, if there are any."""
    from dataclasses import replace

    from howmuch.client.profiles import read_profiles

    known = read_profiles().of(server)
    files = client_tls(**tls)
    if files is None:
        return known
    paths = {
        name: str(path.expanduser().absolute()) if path else ""
        for name, path in (("ca", files.ca), ("certificate", files.certificate), ("key", files.key))
    }
    return replace(known, tls=True, **paths)
