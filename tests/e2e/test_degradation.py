"""What docs/degradation.md says: each neighbour missing at the start, and each lost while it runs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.brokers import Node, node
from tests.cli.program import Running, howmuch, running
from tests.e2e.test_mail_of_run import sign_up, spend
from tests.mail_delivery.mail_files import to
from tests.mail_delivery.sink import Server, Sink
from tests.mail_delivery.verified import verify_addresses
from tests.ports import free_address, free_port
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
from tests.waiting import until

BROKER_SECONDS = 90.0
"""RabbitMQ is looked for, and then given what waits, after delays that have grown while it was away."""


@contextmanager
def program(directory: Path, **settings: Any) -> Iterator[Running]:
    """`howmuch run` with these settings; what it keeps is in `directory`."""
    quick: dict[str, dict[str, Any]] = {
        "mail": {"window_seconds": 0.2},
        "broker": {"retry_delays_seconds": [1]},
    }
    merged = {
        name: {**quick.get(name, {}), **settings.get(name, {})} for name in {*quick, *settings}
    }
    config = directory / "howmuch.yaml"
    config.write_text(yaml.safe_dump(merged))
    where = ("--data-dir", str(directory / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(directory / "log", *where, "--config", str(config)) as server:
        yield server


def embedded(directory: Path) -> str:
    """The URL of the database of a `program` that is given none."""
    return f"sqlite:///{directory / 'data' / 'howmuch.db'}"


class Friends:
    """Ana and Bo share an event; Bo is told by mail of what Ana spends.

    database_url: where their addresses are verified; None means that they get no mail about the event.
    """

    def __init__(self, server: Running, database_url: str | None = None) -> None:
        self.server = server
        self.ana, bo = sign_up(server, "ana"), sign_up(server, "bo")
        if database_url is not None:
            verify_addresses(database_url)
        self.event = self.ana.post(
            "/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}
        ).json()
        made = self.ana.post(
            f"/v1/events/{self.event['id']}/invitations", json={"role": "ROLE_EDITOR"}
        ).json()
        bo.post(f"/v1/invitations/{made['token']}:accept", json={}).raise_for_status()
        bo.close()

    def __enter__(self) -> "Friends":
        return self

    def __exit__(self, *_: object) -> None:
        self.ana.close()

    def spend(self, reason: str) -> None:
        spend(self.ana, self.event["id"], self.event["memberId"], reason)

    def reasons(self) -> list[str]:
        answer = self.ana.get(f"/v1/events/{self.event['id']}/expenses")
        answer.raise_for_status()
        return sorted(expense["reason"] for expense in answer.json().get("expenses", []))


def test_database_missing_at_the_start(tmp_path: Path) -> None:
    """The program ends, with one line that says which database does not answer."""
    url = f"postgresql://howmuch:secret@{free_address()}/howmuch"
    done = howmuch("run", "--data-dir", str(tmp_path), "--database-url", url)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "does not answer" in line
    assert "secret" not in line


@pytest.mark.killed
def test_database_lost(tmp_path: Path, own_postgres: PostgresServer) -> None:
    """Calls are refused as UNAVAILABLE; when it is back they work, and mails that were due are sent."""
    howmuch("db", "upgrade", "--database-url", own_postgres.url)
    with (
        program(tmp_path, database={"url": own_postgres.url}) as server,
        Friends(server, own_postgres.url) as friends,
    ):
        friends.spend("Dinner")
        own_postgres.kill()
        refused = friends.ana.get("/v1/users/me")
        assert refused.status_code == 503
        (info,) = (each for each in refused.json()["details"] if "reason" in each)
        assert info["reason"] == "DATABASE_UNAVAILABLE"
        assert httpx.get(f"{server.rest}/healthz", timeout=30).status_code == 200
        own_postgres.start()
        until(lambda: friends.ana.get("/v1/users/me").status_code == 200)
        friends.spend("Breakfast")
        assert friends.reasons() == ["Breakfast", "Dinner"]
        until(lambda: to(tmp_path / "data" / "mail", "bo@example.com", "Dinner"))
        until(lambda: to(tmp_path / "data" / "mail", "bo@example.com", "Breakfast"))
        assert server.stop() == 0


@pytest.mark.slow
def test_redis_missing_at_the_start(tmp_path: Path, redis_url: str) -> None:
    """The program starts without it, says so, and uses it once it is there."""
    redis = RedisServer(tmp_path)
    with (
        program(tmp_path, redis={"url": redis.url}) as server,
        Friends(server, embedded(tmp_path)) as friends,
    ):
        friends.spend("Dinner")
        assert "Redis is not connected" in server.log
        redis.start()
        until(lambda: "Redis is connected" in server.log)
        assert friends.reasons() == ["Dinner"]
    redis.kill()


@pytest.mark.killed
def test_redis_lost(tmp_path: Path, redis_url: str) -> None:
    """Calls go on; a log-out is effective; limits hold, counted by the process; later it is used again."""
    redis = RedisServer(tmp_path)
    redis.start()
    limits = {"log_in_by_account": "3 per hour"}
    with (
        program(tmp_path, redis={"url": redis.url}, rate_limits=limits) as server,
        Friends(server, embedded(tmp_path)) as friends,
    ):
        until(lambda: "Redis is connected" in server.log)
        redis.kill()
        friends.spend("Dinner")
        assert friends.reasons() == ["Dinner"]
        # Nobody has asked for this address yet, so Redis has counted nothing that the process has not.
        wrong = {"email": "nobody@example.com", "password": "wrong"}
        where = f"{server.rest}/v1/sessions"
        codes = [httpx.post(where, json=wrong, timeout=30).status_code for _ in "1234"]
        assert codes == [401, 401, 401, 429]
        friends.ana.delete("/v1/sessions/current")
        assert friends.ana.get("/v1/users/me").status_code == 401
        redis.start()
        until(lambda: server.log.count("Redis is connected") >= 2)
        assert server.stop() == 0
    redis.kill()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_broker_missing_at_the_start(tmp_path: Path, rabbitmq_url: str) -> None:
    """The program starts, changes are kept, and told once the broker is there."""
    with tempfile.TemporaryDirectory(prefix="howmuch-tests-") as directory:
        broker = Node(Path(directory))
        with (
            program(tmp_path, broker={"url": broker.url()}) as server,
            Friends(server, embedded(tmp_path)) as friends,
        ):
            friends.spend("Dinner")
            until(lambda: "RabbitMQ is not connected" in server.log)
            broker.start()
            until(
                lambda: to(tmp_path / "data" / "mail", "bo@example.com", "Dinner"),
                seconds=BROKER_SECONDS,
            )
        broker.kill()


@pytest.mark.killed
@pytest.mark.timeout(300)
def test_broker_lost(tmp_path: Path, rabbitmq_url: str) -> None:
    """Changes go on being made, and are told once the broker is back."""
    with (
        node() as broker,
        program(tmp_path, broker={"url": broker.url()}) as server,
        Friends(server, embedded(tmp_path)) as friends,
    ):
        friends.spend("Dinner")
        until(lambda: to(tmp_path / "data" / "mail", "bo@example.com", "Dinner"))
        broker.kill()
        friends.spend("Breakfast")
        assert friends.reasons() == ["Breakfast", "Dinner"]
        broker.start()
        until(
            lambda: to(tmp_path / "data" / "mail", "bo@example.com", "Breakfast"),
            seconds=BROKER_SECONDS,
        )
        assert server.stop() == 0


@pytest.mark.slow
def test_mail_server_missing_at_the_start(tmp_path: Path) -> None:
    """The program starts; mails wait, and are sent once it answers."""
    sink = Sink(port=free_port())
    with (
        program(tmp_path, mail={"smtp": {"host": "127.0.0.1", "port": sink.port}}) as server,
        Friends(server, embedded(tmp_path)) as friends,
    ):
        friends.spend("Dinner")
        until(lambda: "message is tried again" in server.log)
        mail_server = Server(sink)
        mail_server.start()
        until(lambda: told(sink, "Dinner"))
        mail_server.stop()


@pytest.mark.killed
def test_mail_server_lost(tmp_path: Path) -> None:
    """Changes go on being made; mails wait, and are sent once it is back, each once."""
    sink = Sink()
    mail_server = Server(sink)
    mail_server.start()
    with (
        program(tmp_path, mail={"smtp": {"host": "127.0.0.1", "port": sink.port}}) as server,
        Friends(server, embedded(tmp_path)) as friends,
    ):
        friends.spend("Dinner")
        until(lambda: told(sink, "Dinner"))
        mail_server.stop()
        friends.spend("Breakfast")
        assert friends.reasons() == ["Breakfast", "Dinner"]
        until(lambda: "message is tried again" in server.log)
        mail_server = Server(sink)
        mail_server.start()
        until(lambda: told(sink, "Breakfast"))
        assert len(told(sink, "Dinner")) == len(told(sink, "Breakfast")) == 1
        mail_server.stop()


def told(sink: Sink, word: str) -> list[str]:
    """The mails to Bo in which a word is."""
    texts = []
    for recipient, mail in sink.mails():
        body = mail.get_body(("plain",))
        if recipient == "bo@example.com" and body is not None and word in body.get_content():
            texts.append(body.get_content())
    return texts
