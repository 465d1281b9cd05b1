"""Settings that change while the program runs: watches etcd, and passes changes on to the components."""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

import structlog
from prometheus_client import Gauge

from howmuch.config import Loaded, Settings, items, shown, with_live_values
from howmuch.config.etcd import Etcd, EtcdError, Snapshot
from howmuch.telemetry.logs import set_level

log = structlog.get_logger()

PROBLEMS = Gauge(
    "howmuch_settings_problems",
    "Names and values in etcd that are wrong, and so are not used.",
    multiprocess_mode="livemax",
)

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 30.0


@runtime_checkable
class Follower(Protocol):
    """A component whose settings may change while it runs."""

    def follow(self, settings: Settings) -> None:
        """Applies the settings. Called from another thread, after the component has started."""


class LiveSettings:
    """Watches etcd, if `etcd.endpoints` is set. Starts last, and so stops first.

    Each turn reads all values and then waits for a change, so no change is missed, however long etcd was
    down. Meanwhile the settings stay as they are.
    """

    name = "watch of etcd"

    def __init__(self, loaded: Loaded, followers: Sequence[Follower]) -> None:
        self._loaded = loaded
        self._followers = followers
        self._etcd = Etcd(loaded.settings.etcd)
        self._told: Collection[str] = ()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="etcd-watch", daemon=True)

    def start(self) -> None:
        """Returns at once, since the settings have just been read."""
        if self._loaded.settings.etcd.endpoints:
            self._thread.start()

    def stop(self, deadline: float) -> None:
        """Ends the watch. At the deadline, a call that etcd does not answer is abandoned."""
        self._stopping.set()
        self._etcd.interrupt()
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            self._etcd.close()

    def _watch(self) -> None:
        while (snapshot := self._read()) is not None:
            try:
                self._apply(snapshot.values)
            except Exception:
                # The next change may be valid.
                log.exception("settings of etcd not applied")
            if not self._etcd.wait(snapshot.revision):
                self._stopping.wait(FIRST_DELAY_SECONDS)

    def _read(self) -> Snapshot | None:
        """The present values, however long the read takes. None means that the program stops."""
        down, delay_seconds = False, FIRST_DELAY_SECONDS
        while not self._stopping.is_set():
            try:
                snapshot = self._etcd.read()
            except EtcdError as error:
                if not down:
                    log.warning("etcd is away; the settings stay as they are", reason=str(error))
                down = True
                self._stopping.wait(delay_seconds)
                delay_seconds = min(2 * delay_seconds, MAX_DELAY_SECONDS)
            else:
                if down:
                    log.info("etcd is back")
                return snapshot
        return None

    def _apply(self, values: Mapping[str, str]) -> None:
        changed, problems = with_live_values(self._loaded, values)
        for problem in problems:
            if problem not in self._told:
                log.warning("setting in etcd not used", reason=problem)
        self._told = problems
        PROBLEMS.set(len(problems))
        before, self._loaded = self._loaded, changed
        if changed.settings == before.settings:
            return
        set_level(changed.settings.log.level)
        for follower in self._followers:
            follower.follow(changed.settings)
        old = dict(items(before.settings))
        for key, value in items(changed.settings):
            if value != old[key]:
                source = changed.sources[key]
                log.info("setting changed", key=key, value=shown(value), source=source)
