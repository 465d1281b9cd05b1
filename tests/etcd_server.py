"""An etcd of the tests' own, which may be killed and started again, and what tests write there."""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import requests
from etcd3gw.client import Etcd3Client

from tests.ports import free_address

START_SECONDS = 60


def installed() -> bool:
    """Whether there is the program."""
    return shutil.which("etcd") is not None


def answers(url: str) -> bool:
    """Whether an etcd answers there, and can write."""
    try:
        return bool(requests.get(f"{url}/health", timeout=5).json()["health"] == "true")
    except (OSError, KeyError):
        return False


def client(url: str) -> Etcd3Client:
    """A client of the etcd at http://HOST:PORT."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    return Etcd3Client(host, int(port), timeout=30)


class Keys:
    """The settings below a prefix."""

    def __init__(self, url: str, prefix: str) -> None:
        self.url = url
        self.prefix = prefix

    def put(self, name: str, value: str) -> None:
        """name: without the prefix: log/level."""
        client(self.url).put(self.prefix + name, value)

    def delete(self, name: str) -> None:
        """The same name; it must be there."""
        assert client(self.url).delete(self.prefix + name)

    def environment(self) -> dict[str, str]:
        """The variables by which a program reads these."""
        return {"HOWMUCH_ETCD__ENDPOINTS": self.url, "HOWMUCH_ETCD__PREFIX": self.prefix}


class EtcdServer:
    """One member in a directory, at one port for as long as this object lives.

    tls: options for what it listens on besides, `tls_url`.
    """

    def __init__(self, directory: Path, tls: Sequence[str] = ()) -> None:
        self.directory = directory
        self._tls = tls
        self.tls_url = f"https://{free_address()}"
        self.url = f"http://{free_address()}"
        self._peer_url = f"http://{free_address()}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Does not wait until it answers."""
        urls = ",".join([self.url, self.tls_url]) if self._tls else self.url
        with (self.directory / "log").open("ab") as output:
            self.process = subprocess.Popen(
                [
                    "etcd",
                    *("--data-dir", self.directory / "data"),
                    *("--listen-client-urls", urls, "--advertise-client-urls", urls),
                    *("--listen-peer-urls", self._peer_url),
                    *("--initial-advertise-peer-urls", self._peer_url),
                    *("--initial-cluster", f"default={self._peer_url}"),
                    *self._tls,
                ],
                cwd=self.directory,
                stdout=output,
                stderr=output,
            )

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.url):
            assert time.monotonic() < deadline, (self.directory / "log").read_text()[-500:]
            time.sleep(0.05)

    def kill(self) -> None:
        """As kill -9 does, or a machine that loses its power."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def hang(self) -> None:
        """Its connections stay open, and it answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `hang`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)
