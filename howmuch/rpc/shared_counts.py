"""Counts of all processes in Redis, which adds them and forgets them two windows later."""

from collections.abc import Mapping

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from howmuch.rpc.usage_counts import SharedCount, WindowKey

log = structlog.get_logger()

TIMEOUT_SECONDS = 1.0
"""No call waits for it."""


class SharedCounts:
    """redis_url: redis://, rediss:// or unix://. prefix: of the keys."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        self._prefix = prefix
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), retries=0),
        )
        self._down = False

    def add(self, counts: Mapping[WindowKey, int]) -> dict[WindowKey, SharedCount] | None:
        """Adds counts, and returns those of all processes. None means that Redis does not answer."""
        pipeline = self._redis.pipeline(transaction=False)
        for key, count in counts.items():
            pipeline.incrby(self._name(key, key.number), count)
            pipeline.expire(self._name(key, key.number), 2 * key.seconds)
            pipeline.get(self._name(key, key.number - 1))
        try:
            answers = pipeline.execute()
        except RedisError as error:
            if not self._down:
                log.warning("quotas are counted here", reason=" ".join(str(error).split()))
            self._down = True
            return None
        self._down = False
        return {
            key: SharedCount(int(answers[3 * index]), int(answers[3 * index + 2] or 0))
            for index, key in enumerate(counts)
        }

    def _name(self, key: WindowKey, number: int) -> str:
        return f"{self._prefix}quota:{key.name}:{key.user_id}:{number}"
