"""The state of the command line between commands: servers, tokens, the event in use.

One JSON file, `howmuch/client.json` in $XDG_CONFIG_HOME or ~/.config. It holds session tokens, so it always
has mode 0600, in a directory with mode 0700.
"""

import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from howmuch.client.client_errors import ClientError
from howmuch.runtime.certificates import TlsFiles

DEFAULT_ADDRESS = "127.0.0.1:50051"


@dataclass(frozen=True, slots=True)
class Profile:
    """One server, and the session there.

    address: HOST:PORT. token: of the session; empty means not logged in. event_id: the event in use; empty
    means none. tls: whether to use TLS. ca, certificate, key: PEM files; empty means none.
    """

    address: str
    token: str = ""
    email: str = ""
    event_id: str = ""
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @property
    def tls_files(self) -> TlsFiles | None:
        """The files for TLS. None means no TLS."""
        if not self.tls:
            return None
        certificate, key, ca = (
            Path(name) if name else None for name in (self.certificate, self.key, self.ca)
        )
        return TlsFiles(certificate, key, ca)


@dataclass(frozen=True, slots=True)
class Profiles:
    """All servers by address. current: the default server."""

    current: str = DEFAULT_ADDRESS
    servers: Mapping[str, Profile] = field(default_factory=dict)

    def of(self, address: str | None) -> Profile:
        """Return the profile of a server, known or not. None means the current server."""
        wanted = address or self.current
        return self.servers.get(wanted) or Profile(wanted)


# A later version of the program may have written further fields, which are ignored.
_STORED = [each.name for each in fields(Profile) if each.name != "address"]


def profiles_path() -> Path:
    """Return the path of the file. A relative $XDG_CONFIG_HOME is ignored, as XDG demands."""
    base = Path(os.environ.get("XDG_CONFIG_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".config") / "howmuch" / "client.json"


def read_profiles() -> Profiles:
    """Read the file, if it exists.

    Raises ClientError if other users can read the file, or if it is damaged.
    """
    path = profiles_path()
    try:
        with path.open() as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise ClientError(
                    f"{path} holds session tokens, and other users can open it (mode {mode:04o}): run"
                    f" `chmod 600 {path}`. If others may have read it, log out and in again."
                )
            said = json.load(file)
        servers = {
            address: Profile(address, **{name: one[name] for name in _STORED if name in one})
            for address, one in said["servers"].items()
        }
        return Profiles(str(said["current"]), servers)
    except FileNotFoundError:
        return Profiles()
    except OSError as error:
        raise ClientError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ClientError(f"{path} is damaged: remove it, then run `howmuch login`.") from error


def keep(profile: Profile) -> None:
    """Store the profile of a server, and make it the current server. Raises ClientError."""
    with _locked():
        known = read_profiles()
        _write(Profiles(profile.address, {**known.servers, profile.address: profile}))


def forget_token(address: str) -> None:
    """Remove token and event in use, and keep the TLS settings. Raises ClientError."""
    with _locked():
        known = read_profiles()
        bare = replace(known.of(address), token="", email="", event_id="")
        _write(Profiles(known.current, {**known.servers, address: bare}))


@contextmanager
def _locked() -> Iterator[None]:
    """Lock the file against other commands that write."""
    path = profiles_path()
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ClientError(f"{path.parent} cannot be created: {error.strerror}.") from error
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def _write(profiles: Profiles) -> None:
    path = profiles_path()
    servers = {}
    for address, profile in profiles.servers.items():
        servers[address] = asdict(profile)
        del servers[address]["address"]
    text = json.dumps({"current": profiles.current, "servers": servers}, indent=2)
    try:
        # mkstemp opens with O_EXCL and mode 0600. The rename is atomic.
        descriptor, name = tempfile.mkstemp(prefix=".client-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink()
            raise
    except OSError as error:
        raise ClientError(f"{path} cannot be written: {error.strerror}.") from error
