"""Counts of calls in moving windows, in Redis for all processes or in this process alone."""

import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger()

TIMEOUT_SECONDS = 0.25
"""How long a call waits for Redis before this process counts it."""

AWAY_SECONDS = 2.0
"""How long Redis is not asked after a failure."""

Answer = TypeVar("Answer")


class Throttle:
    """redis_url: redis://, rediss:// or unix://. Empty means that this process counts. prefix: of keys in
    Redis.

    While Redis is down each process counts for itself: limits are looser then, and no caller is shut out.
    """

    def __init__(self, redis_url: str = "", prefix: str = "") -> None:
        self._here = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._away_until = 0.0
        if redis_url:
            storage = RedisStorage(
                redis_url,
                key_prefix=f"{prefix}limits",
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), retries=0),  # type: ignore[arg-type]  # goes to redis as it is
            )
            self._shared = MovingWindowRateLimiter(storage)

    def hit(self, limit: RateLimitItem, name: str, key: str) -> bool:
        """Counts a call of `key` under the rule `name`. False means that the limit is reached."""
        key = _hidden(key)
        return self._ask(lambda counts: counts.hit(limit, name, key))

    def is_free(self, limit: RateLimitItem, name: str, key: str) -> bool:
        """Whether a call of `key` under the rule `name` would be allowed. Counts nothing."""
        key = _hidden(key)
        return self._ask(lambda counts: counts.test(limit, name, key))

    def free_at(self, limit: RateLimitItem, name: str, key: str) -> float:
        """The time at which the next call is allowed, in seconds since 1970."""
        key = _hidden(key)
        return self._ask(lambda counts: counts.get_window_stats(limit, name, key).reset_time)

    def _ask(self, question: Callable[[MovingWindowRateLimiter], Answer]) -> Answer:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except RedisError as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                log.warning("rate limits are counted here", reason=" ".join(str(error).split()))
        return question(self._here)


def _hidden(key: str) -> str:
    """A hash, so that Redis holds no addresses and no tokens."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]
