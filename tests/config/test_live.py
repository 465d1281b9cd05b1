"""Settings that change while a program runs: what changes, what does not, and an etcd that goes away."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from howmuch.app import live
from howmuch.app.live import LiveSettings
from howmuch.config import Loaded, Settings, etcd, from_json, load, to_json
from tests.etcd_server import EtcdServer, Keys
from tests.ports import free_address
from tests.waiting import until

DEFAULT = Settings().rate_limits


class Part:
    """What is told of changes; the last settings it was told of."""

    def __init__(self) -> None:
        self.told: list[Settings] = []

    @property
    def settings(self) -> Settings:
        return self.told[-1]

    def follow(self, settings: Settings) -> None:
        self.told.append(settings)


class Watched:
    """A watch that runs, its part, and what it has logged."""

    def __init__(self, part: Part, lines: list[Any]) -> None:
        self.part = part
        self.lines = lines

    def logged(self, event: str) -> list[Any]:
        return [line for line in self.lines if line["event"].startswith(event)]

    def window(self, seconds: float) -> None:
        """Wait for this window of mails."""
        until(
            lambda: self.part.told and self.part.settings.mail.window_seconds == seconds, seconds=60
        )


@contextmanager
def watching(loaded: Loaded) -> Iterator[Watched]:
    part = Part()
    watch = LiveSettings(loaded, [part])
    with capture_logs() as lines:
        watch.start()
        try:
            yield Watched(part, lines)
        finally:
            watch.stop(time.monotonic() + 60)
            assert not watch._thread.is_alive()


@pytest.fixture(autouse=True)
def loud_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger that nothing has been bound to yet, and short delays."""
    monkeypatch.setattr(live, "log", structlog.get_logger())
    monkeypatch.setattr(live, "set_level", lambda level: None)
    monkeypatch.setattr(live, "FIRST_DELAY_SECONDS", 0.05)
    monkeypatch.setattr(live, "MAX_DELAY_SECONDS", 0.2)


def loaded_with(keys: Keys, **flags: str) -> Loaded:
    where = {"etcd.endpoints": keys.url, "etcd.prefix": keys.prefix, "etcd.timeout_seconds": "20"}
    return load(where | {name.replace("__", "."): value for name, value in flags.items()})


def test_changes_arrive_and_what_is_deleted_goes_back(etcd_keys: Keys) -> None:
    """Each live setting takes the value of etcd, or its default where etcd has it no more."""
    etcd_keys.put("mail/window_seconds", "7")
    with watching(loaded_with(etcd_keys)) as watched:
        etcd_keys.put("log/level", "DEBUG\n")
        etcd_keys.put("rate_limits/log_in_by_account", "2 per minute")
        until(
            lambda: (
                watched.part.told
                and watched.part.settings.log.level == "debug"
                and watched.part.settings.rate_limits.log_in_by_account == "2 per minute"
            )
        )
        assert watched.part.settings.mail.window_seconds == 7
        etcd_keys.delete("mail/window_seconds")
        etcd_keys.delete("rate_limits/log_in_by_account")
        watched.window(60)
        until(lambda: watched.part.settings.rate_limits == DEFAULT)
        assert watched.part.settings.log.level == "debug"
    assert {
        "key": "log.level",
        "value": "debug",
        "source": f"etcd {etcd_keys.prefix}log/level",
        "event": "setting changed",
        "log_level": "info",
    } in watched.lines
    assert [
        (line["value"], line["source"])
        for line in watched.logged("setting changed")
        if line["key"] == "mail.window_seconds"
    ] == [("60", "default")]


def test_change_between_load_and_watch_is_not_missed(etcd_keys: Keys) -> None:
    """The first turn reads what there is, and so does that of a worker that is started long after."""
    loaded = from_json(to_json(loaded_with(etcd_keys)))
    etcd_keys.put("mail/window_seconds", "8")
    with watching(loaded) as watched:
        watched.window(8)


def test_stronger_layers_are_not_overruled(etcd_keys: Keys) -> None:
    """What a flag says stays, in a worker process too; the rest still changes."""
    loaded = from_json(to_json(loaded_with(etcd_keys, log__level="error")))
    with watching(loaded) as watched:
        etcd_keys.put("log/level", "debug")
        etcd_keys.put("grpc/threads", "3")
        etcd_keys.put("mail/window_seconds", "9")
        watched.window(9)
    assert watched.part.settings.log.level == "error"
    assert watched.part.settings.grpc.threads == loaded.settings.grpc.threads


def test_wrong_value_is_told_once_and_changes_nothing(etcd_keys: Keys) -> None:
    """Its name, what was expected and what came; other changes go on."""
    etcd_keys.put("mail/window_seconds", "9")
    with watching(loaded_with(etcd_keys)) as watched:
        etcd_keys.put("mail/window_seconds", "soon")
        etcd_keys.put("rate_limits/link_by_peer", "many")
        etcd_keys.put("log/levle", "debug")
        until(lambda: len(watched.logged("setting in etcd not used")) == 3)
        assert REGISTRY.get_sample_value("howmuch_settings_problems") == 3
        etcd_keys.put("log/level", "error")
        until(lambda: watched.part.told and watched.part.settings.log.level == "error")
        assert watched.part.settings.mail.window_seconds == 9
        assert watched.part.settings.rate_limits == DEFAULT
        etcd_keys.put("mail/window_seconds", "11")
        watched.window(11)
    prefix = f"etcd {etcd_keys.prefix}"
    assert {line["reason"] for line in watched.logged("setting in etcd not used")} == {
        f"{prefix}mail/window_seconds: mail.window_seconds: expected a valid number, not 'soon'",
        f"{prefix}rate_limits/link_by_peer: rate_limits.link_by_peer: "
        "expected a rate such as 10 per minute, not 'many'",
        f"{prefix}log/levle: log.levle is not a setting; did you mean log.level?",
    }
    assert len(watched.logged("setting in etcd not used")) == 3


def test_mistake_that_would_stop_the_next_start_is_told_now(etcd_keys: Keys) -> None:
    """In a setting that is read only at start; once it is corrected, the metric is zero again."""
    with watching(loaded_with(etcd_keys)) as watched:
        etcd_keys.put("grpc/threads", "many")
        until(lambda: watched.logged("setting in etcd not used"))
        [line] = watched.logged("setting in etcd not used")
        assert line["reason"].endswith("grpc.threads: expected a valid integer, not 'many'")
        until(lambda: REGISTRY.get_sample_value("howmuch_settings_problems") == 1)
        etcd_keys.put("grpc/threads", "8")
        until(lambda: REGISTRY.get_sample_value("howmuch_settings_problems") == 0)


def test_part_that_fails_does_not_end_the_watch(etcd_keys: Keys) -> None:
    """The failure is logged, and the next change is tried."""
    with watching(loaded_with(etcd_keys)) as watched:
        follow = watched.part.follow

        def fail(settings: Settings) -> None:
            watched.part.follow = follow  # type: ignore[method-assign]
            raise OSError("no luck")

        watched.part.follow = fail  # type: ignore[method-assign]
        etcd_keys.put("mail/window_seconds", "8")
        until(lambda: watched.logged("settings of etcd not applied"))
        etcd_keys.put("mail/window_seconds", "9")
        watched.window(9)


@pytest.fixture
def own_keys(etcd_server: EtcdServer) -> Keys:
    """The usual prefix of an etcd that may be killed."""
    return Keys(etcd_server.url, "/howmuch/")


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When etcd has been asked for all values."""
    asked: list[float] = []
    read = etcd.Etcd.read

    def counted(self: etcd.Etcd) -> etcd.Snapshot:
        asked.append(time.monotonic())
        return read(self)

    monkeypatch.setattr(etcd.Etcd, "read", counted)
    return asked


def turns(readings: list[float], more: int) -> None:
    """Wait until so many more readings have begun."""
    wanted = len(readings) + more
    until(lambda: len(readings) >= wanted, seconds=60)


@pytest.mark.killed
def test_etcd_that_dies_changes_nothing_and_is_found_again(
    etcd_server: EtcdServer, own_keys: Keys, readings: list[float]
) -> None:
    """One warning for as long as it is away; then what has changed meanwhile arrives."""
    own_keys.put("mail/window_seconds", "8")
    with watching(loaded_with(own_keys)) as watched:
        own_keys.put("mail/window_seconds", "9")
        watched.window(9)
        etcd_server.kill()
        until(lambda: watched.logged("etcd is away"))
        turns(readings, 3)
        # The same data at another address, where the watch does not see it.
        elsewhere = EtcdServer(etcd_server.directory)
        elsewhere.start()
        elsewhere.wait()
        moved = Keys(elsewhere.url, own_keys.prefix)
        moved.put("log/level", "debug")
        moved.delete("mail/window_seconds")
        elsewhere.kill()
        turns(readings, 1)
        assert watched.part.settings.mail.window_seconds == 9
        etcd_server.start()
        watched.window(60)
        assert watched.part.settings.log.level == "debug"
        assert len(watched.logged("etcd is back")) == 1
        own_keys.put("mail/window_seconds", "10")
        watched.window(10)
    (away,) = watched.logged("etcd is away")
    assert away["log_level"] == "warning"
    assert away["reason"] == f"{etcd_server.url}: Connection refused"


def test_etcd_that_hangs_is_noticed(
    etcd_server: EtcdServer, own_keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that says nothing is not believed for ever."""
    monkeypatch.setattr(etcd, "QUIET_SECONDS", 0.5)
    with watching(loaded_with(own_keys, etcd__timeout_seconds="2")) as watched:
        own_keys.put("mail/window_seconds", "9")
        watched.window(9)
        etcd_server.hang()
        until(lambda: watched.logged("etcd is away"))
        etcd_server.go_on()
        until(lambda: watched.logged("etcd is back"))
        own_keys.put("mail/window_seconds", "10")
        watched.window(10)


def test_quiet_etcd_is_no_fault(
    etcd_keys: Keys, readings: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing changes for long, the values are read again and nobody is told."""
    monkeypatch.setattr(etcd, "QUIET_SECONDS", 0.1)
    with watching(loaded_with(etcd_keys)) as watched:
        turns(readings, 5)
    assert watched.lines == []
    assert watched.part.told == []


def test_second_endpoint_takes_over(etcd_server: EtcdServer, own_keys: Keys) -> None:
    """The watch goes on at the next address, without a warning."""
    dead = f"http://{free_address()}"
    flags = {"etcd__endpoints": f"{dead},{etcd_server.url}"}
    with watching(loaded_with(own_keys, **flags)) as watched:
        own_keys.put("mail/window_seconds", "9")
        watched.window(9)
    assert watched.logged("etcd is away") == []


def test_without_endpoints_nothing_is_watched() -> None:
    """No thread, and a stop that has nothing to stop."""
    with watching(load({})) as watched:
        assert "etcd-watch" not in {thread.name for thread in threading.enumerate()}
    assert watched.lines == []
