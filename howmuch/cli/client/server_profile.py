"""Which server a command calls, before anybody is logged in there."""

from typing import TYPE_CHECKING, Any

from howmuch.cli.options import client_tls

if TYPE_CHECKING:
    from howmuch.client.profiles import Profile


def server_profile(server: str | None, tls: dict[str, Any]) -> "Profile":
    """How to reach it: by these flags, or else as it was reached the last time."""
    from dataclasses import replace

    from howmuch.client.profiles import read_profiles

    known = read_profiles().of(server)
    files = client_tls(**tls)
    if files is None:
        return known
    paths = {
        name: str(path.expanduser().absolute()) if path else ""
        for name, path in (
            ("ca", files.ca),
            ("certificate", files.certificate),
            ("key", files.key),
        )
    }
    return replace(known, tls=True, **paths)
