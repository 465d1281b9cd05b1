"""The broadcast between processes as a component."""

from typing import TYPE_CHECKING

from howmuch.config import Settings

if TYPE_CHECKING:
    from howmuch.broadcast.local import Broadcast
    from howmuch.broadcast.redis import RedisBroadcast


class OpenBroadcast:
    name = "broadcast"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.redis
        self._redis: RedisBroadcast | None = None

    @property
    def broadcast(self) -> "Broadcast | None":
        """None means that no Redis is configured. Valid only between start and stop."""
        return self._redis

    def start(self) -> None:
        """Does not wait for Redis, which may come later."""
        if url := self._settings.url.get_secret_value():
            from howmuch.broadcast.redis import RedisBroadcast

            self._redis = RedisBroadcast(url, self._settings.prefix)
            self._redis.start()

    def stop(self, deadline: float) -> None:
        if self._redis is not None:
            self._redis.stop(deadline)
