"""A Redis of one's own, which may be killed, hung and started again."""

import signal
import subprocess
import time
from pathlib import Path

from redis import Redis, RedisError

from tests.ports import free_port

START_SECONDS = 30


class RedisServer:
    """Keeps nothing on disk: after a restart it is empty."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        port = str(self._port)
        with (self._directory / "log").open("ab") as output:
            self.process = subprocess.Popen(
                ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", ""],
                cwd=self._directory,
                stdout=output,
                stderr=output,
            )
        give_up_at = time.monotonic() + START_SECONDS
        while not answers(self.url):
            assert time.monotonic() < give_up_at, (self._directory / "log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """As a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> None:
        """Its connections stay open, and it answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `hang`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


def answers(url: str) -> bool:
    """Whether a Redis answers there."""
    try:
        with Redis.from_url(url, socket_timeout=5) as client:
            return bool(client.ping())
    except RedisError:
        return False
