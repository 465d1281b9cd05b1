"""The objects in RabbitMQ: one exchange, its queues, a queue for each retry delay, and the dead letters.

The program declares them at each connection; declaring an existing object does nothing. All are quorum
queues: a confirmed message is on the disks of most nodes. A retry queue keeps each message for its delay,
then dead-letters it back to the queue that its routing key names. It does so at least once, so that a broker
that is killed while it moves a message does not lose it.
"""

from collections.abc import Sequence
from typing import Any

from pika import BlockingConnection, URLParameters

from howmuch.messaging.broker import BINDINGS

EXCHANGE = "howmuch.changes"
DEAD_QUEUE = "howmuch.email.dead"
_QUORUM = {"x-queue-type": "quorum"}
_SOCKET_SECONDS = 10.0


def parameters(url: str) -> URLParameters:
    made = URLParameters(url)
    made.socket_timeout = _SOCKET_SECONDS
    made.stack_timeout = _SOCKET_SECONDS
    made.blocked_connection_timeout = 30.0
    made.client_properties = {"connection_name": "howmuch"}
    return made


def retry_exchange(delay_seconds: int) -> str:
    """The fanout exchange of the queue for this delay."""
    return f"howmuch.email.retry.{delay_seconds}s"


def declare(connection: BlockingConnection, delays_seconds: Sequence[int]) -> None:
    channel = connection.channel()
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    for queue, keys in BINDINGS.items():
        channel.queue_declare(queue, durable=True, arguments=_QUORUM)
        for key in keys:
            channel.queue_bind(queue, EXCHANGE, key)
    for delay in sorted(set(delays_seconds)):
        name = retry_exchange(delay)
        arguments: dict[str, Any] = {
            **_QUORUM,
            "x-message-ttl": delay * 1000,
            "x-dead-letter-exchange": "",
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        channel.exchange_declare(name, "fanout", durable=True)
        channel.queue_declare(name, durable=True, arguments=arguments)
        channel.queue_bind(name, name)
    channel.queue_declare(DEAD_QUEUE, durable=True, arguments=_QUORUM)
    channel.close()
