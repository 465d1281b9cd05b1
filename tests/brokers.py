"""RabbitMQ for tests: virtual hosts of a server that runs, or a node of their own that may be killed."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from tests.ports import free_port

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
START_SECONDS = 90
CONTROL_SECONDS = 60
CONTROL = "TEST_RABBITMQ_CONTROL"
"""What rabbitmqctl needs in its environment to reach the throwaway server, as JSON."""


def installed() -> bool:
    return (PROGRAMS / "rabbitmq-server").exists() and shutil.which("erl") is not None


def answers(url: str) -> bool:
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = 5
    with suppress(AMQPError, OSError):
        pika.BlockingConnection(parameters).close()
        return True
    return False


def usable(url: str) -> bool:
    """Whether a server answers whose virtual hosts can be made: as root, or where it is a throwaway one."""
    mine = CONTROL in os.environ or (os.geteuid() == 0 and shutil.which("rabbitmqctl") is not None)
    return mine and answers(url)


class Node:
    """A RabbitMQ of the tests' own, with its data in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._user = unix_user()
        self._port = free_port()
        if self._user:
            shutil.chown(directory, self._user)
        (directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self._port}\n"
        )
        (directory / "plugins").write_text("[].\n")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"howmuch-{secrets.token_hex(4)}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, virtual_host: str = "%2F") -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._port}/{virtual_host}"

    def start(self) -> None:
        with (self._directory / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [PROGRAMS / "rabbitmq-server"],
                env=self.environment,
                user=self._user,
                cwd=self._directory,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.url()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                text = (self._directory / "output").read_text(errors="replace")
                raise AssertionError(f"RabbitMQ did not come up: {text[-1000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """As the loss of power would."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def node() -> Iterator[Node]:
    """A node that runs, until the end of the block."""
    # Not in pytest's directories, which the server's own user may not enter.
    with tempfile.TemporaryDirectory(prefix="howmuch-tests-") as directory:
        made = Node(Path(directory))
        try:
            made.start()
            yield made
        finally:
            made.kill()


@contextmanager
def virtual_host(url: str) -> Iterator[str]:
    """The URL of a virtual host of that server, which is gone after the block."""
    name = f"howmuch_test_{secrets.token_hex(6)}"
    user = pika.URLParameters(url).credentials.username
    control("add_vhost", name)
    try:
        control("set_permissions", "-p", name, user, ".*", ".*", ".*")
        yield url.rpartition("/")[0] + "/" + name
    finally:
        control("delete_vhost", name)


def control(*arguments: str) -> None:
    """rabbitmqctl, of the throwaway server where there is one."""
    throwaway: Mapping[str, str] | None = json.loads(os.environ.get(CONTROL, "null"))
    subprocess.run(
        [str(PROGRAMS / "rabbitmqctl") if throwaway else "rabbitmqctl", "--quiet", *arguments],
        env=throwaway,
        user=unix_user() if throwaway else None,
        check=True,
        capture_output=True,
        timeout=CONTROL_SECONDS,
    )


def unix_user() -> str | None:
    """Whom to run it as."""
    return "rabbitmq" if os.geteuid() == 0 else None
