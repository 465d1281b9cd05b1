"""Every setting from every layer: default, etcd, file, environment, flag; each wins over those before it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from howmuch.config import ConfigError, flag_name, items, layers, load
from howmuch.config.keys import default_of, nested
from howmuch.config.settings import Settings

TEXTS: dict[str, tuple[str, str, str, str]] = {
    "database.url": (
        "postgresql://etcd/h",
        "postgresql://file/h",
        "postgresql://environment/h",
        "postgresql://flag/h",
    ),
    "broker.url": ("amqp://etcd", "amqp://file", "amqp://environment", "amqp://flag"),
    "redis.url": ("redis://etcd", "redis://file", "redis://environment", "redis://flag"),
    "grpc.public_address": ("etcd:1", "file:2", "environment:3", "flag:4"),
    "redis.prefix": ("etcd:", "file:", "environment:", "flag:"),
    "broker.retry_delays_seconds": ("1,2", "3,4", "5,6", "7,8"),
    "http.public_option": ("a.v1.etcd=A", "a.v1.file=B", "a.v1.env=C", "a.v1.flag=D"),
    "http.idempotency_keys": ("a.v1.Etcd", "a.v1.File", "a.v1.Environment", "a.v1.Flag"),
    "http.preconditions": ("a.v1.Etcd", "a.v1.File", "a.v1.Environment", "a.v1.Flag"),
    "http.update_mask": ("auto", "off", "auto", "off"),
    "http.services": ("a.v1.Etcd", "a.v1.File", "a.v1.Environment", "a.v1.Flag"),
    "http.cors_origins": ("https://a.etcd", "https://a.file", "https://a.env", "https://a.flag"),
    "http.cors_expose_headers": ("x-etcd", "x-file", "x-environment", "x-flag"),
    "log.level": ("debug", "warning", "error", "debug"),
    "log.format": ("json", "console", "json", "console"),
    "mail.smtp.security": ("tls", "starttls", "none", "tls"),
    "mail.sender": ("etcd@a.example", "file@a.example", "env@a.example", "flag@a.example"),
    "tracing.endpoint": ("http://etcd:1", "http://file:2", "http://env:3", "http://flag:4"),
}
"""Key to its values in the four layers, where they cannot be made out of the kind of its default."""

NETWORKS = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
ADDRESSES = ("127.0.0.1:7001", "127.0.0.1:7002", "127.0.0.1:7003", "127.0.0.1:7004")
URLS = ("https://etcd", "https://file", "https://environment", "https://flag")
PLACES = {
    **dict.fromkeys(("mail.public_url", "mail.settings_url", "mail.log_in_url"), ""),
    **dict.fromkeys(("mail.event_url", "mail.event_settings_url"), "/{event_id}"),
    "mail.expense_url": "/{event_id}/{expense_id}",
    "mail.explain_url": "/{event_id}/{member_id}",
}
"""What the URL of a page has in it."""
NAMES = ("etcd", "file", "environment", "flag")

PAIR = {"certificate": "c.pem", "key": "k.pem"}

KEYS = [key for key, _ in items(Settings()) if not key.startswith("etcd.")]


def companions(key: str) -> dict[str, str]:
    """Flags without which this setting is refused."""
    group, _, name = key.rpartition(".")
    if group.endswith("upstream_tls") and name != "enabled":
        return {f"{group}.{other}": value for other, value in PAIR.items()} | {
            f"{group}.enabled": "true"
        }
    if group.endswith(".tls"):
        return {f"{group}.{other}": value for other, value in PAIR.items()}
    return {}


def values_of(key: str) -> tuple[str, ...]:
    """Four values of a setting, as texts; no two that follow one another are alike."""
    default = default_of(key)
    if key in TEXTS:
        return TEXTS[key]
    if key.endswith("trusted_proxies"):
        return NETWORKS
    if key.endswith(("listen", "upstream")):
        return ADDRESSES
    if key.startswith("mail.") and key.endswith("_url"):
        place = PLACES.get(key, "/{token}")
        return tuple(url + place for url in URLS)
    if isinstance(default, bool):
        return ("false", "true", "false", "true") if default else ("true", "false", "true", "false")
    if key == "mail.digest_hour":
        return ("1", "2", "3", "4")
    if key == "tracing.sample_ratio":
        return ("0.2", "0.3", "0.4", "0.5")
    if isinstance(default, int | float):
        return tuple(str(int(default) + number) for number in range(1, 5))
    if key.startswith("rate_limits."):
        return tuple(f"{number} per hour" for number in range(101, 105))
    return NAMES


def meant(key: str, text: str) -> Any:
    """What a text in the environment means as this setting."""
    default = default_of(key)
    if isinstance(default, bool):
        return text == "true"
    if isinstance(default, tuple):
        return tuple(type(default[0])(part) if default else part for part in text.split(","))
    if isinstance(default, int | float | SecretStr):
        return type(default)(text)
    return Path(text) if default is None or isinstance(default, Path) else text


def in_file(key: str, text: str) -> Any:
    """What a file says in the place of a text: numbers and booleans are no texts there."""
    value = meant(key, text)
    return value if isinstance(value, bool | int | float) else text


@pytest.mark.parametrize("key", KEYS)
def test_each_layer_wins_over_those_below_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting has the value of the strongest layer that gives one, and names that layer."""
    others = {other: value for other, value in companions(key).items() if other != key}

    def check(text: str, source: str, **flag: str | None) -> None:
        loaded = load({**others, **({key: flag["flag"]} if flag else {})})
        assert (dict(items(loaded.settings))[key], loaded.sources[key]) == (
            meant(key, text),
            source,
        )

    etcd, file, environment, flag = values_of(key)
    if not others:
        assert load({}).sources[key].startswith("default")
    name = f"/howmuch/{key.replace('.', '/')}"
    monkeypatch.setattr(layers, "read_once", lambda _: {name: etcd})
    monkeypatch.setenv("HOWMUCH_ETCD__ENDPOINTS", "http://127.0.0.1:1")
    check(etcd, f"etcd {name}")
    Path("howmuch.yaml").write_text(yaml.safe_dump(nested({key: in_file(key, file)})))
    check(file, "file howmuch.yaml")
    variable = f"HOWMUCH_{key.upper().replace('.', '__')}"
    monkeypatch.setenv(variable, environment)
    check(environment, f"environment {variable}")
    check(flag, f"flag {flag_name(key)}", flag=flag)
    check(environment, f"environment {variable}", flag=None)


ETCD_VALUES = {
    "etcd.endpoints": ("http://file:1", "http://environment:1", "http://flag:1"),
    "etcd.prefix": ("/file/", "/environment/", "/flag/"),
    "etcd.timeout_seconds": ("1", "2", "3"),
}


@pytest.mark.parametrize("key", [key for key, _ in items(Settings()) if key.startswith("etcd.")])
def test_where_etcd_is_comes_from_the_other_layers(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, environment and flag, each over those before it; etcd itself may not say it."""
    pair = {"etcd.certificate": "c.pem", "etcd.key": "k.pem"}
    others = {other: value for other, value in pair.items() if key in pair and other != key}
    monkeypatch.setattr(layers, "read_once", lambda _: {})
    file, environment, flag = ETCD_VALUES.get(key, ("file", "environment", "flag"))
    Path("howmuch.yaml").write_text(yaml.safe_dump(nested({key: in_file(key, file)})))
    variable = f"HOWMUCH_{key.upper().replace('.', '__')}"

    def check(text: str, source: str, **flags: str) -> None:
        loaded = load({**others, **({key: flags["flag"]} if flags else {})})
        assert (dict(items(loaded.settings))[key], loaded.sources[key]) == (
            meant(key, text),
            source,
        )

    check(file, "file howmuch.yaml")
    monkeypatch.setenv(variable, environment)
    check(environment, f"environment {variable}")
    check(flag, f"flag {flag_name(key)}", flag=flag)
    name = f"/howmuch/{key.replace('.', '/')}"
    monkeypatch.setattr(layers, "read_once", lambda _: {name: flag})
    monkeypatch.delenv(variable)
    monkeypatch.setenv("HOWMUCH_ETCD__ENDPOINTS", "http://127.0.0.1:1")
    monkeypatch.setenv("HOWMUCH_ETCD__PREFIX", "/howmuch/")
    with pytest.raises(ConfigError, match="cannot come from etcd"):
        load(others)
