"""What this process hears of others, as a component."""

from typing import TYPE_CHECKING

from howmuch.config import Settings

if TYPE_CHECKING:
    from howmuch.signals.redis_signals import RedisSignals
    from howmuch.signals.signals import Signals


class OpenSignals:
    """Signals by Redis where it is set."""

    name = "signals"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.redis
        self._redis: RedisSignals | None = None

    @property
    def signals(self) -> "Signals | None":
        """None where there is no Redis. Only between start and stop."""
        return self._redis

    def start(self) -> None:
        """Does not wait for Redis: it may come later, and go."""
        if url := self._settings.url.get_secret_value():
            from howmuch.signals.redis_signals import RedisSignals

            self._redis = RedisSignals(url, self._settings.prefix)
            self._redis.start()

    def stop(self, deadline: float) -> None:
        """Sends what was told last."""
        if self._redis is not None:
            self._redis.stop(deadline)
