"""Settings: which layer wins, what a wrong value is told, and what may be shown."""

from pathlib import Path

import pytest

from howmuch.config import (
    ConfigError,
    Settings,
    from_json,
    items,
    load,
    mask_url,
    shown,
    to_json,
)

DEFAULT_LISTEN = "127.0.0.1:50051"


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text)
    return path


def refused(flags: dict[str, str] | None = None, config_file: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(flags or {}, config_file)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_defaults_name_their_source() -> None:
    """Without any layer every value is a default, and says so."""
    loaded = load({})
    assert loaded.settings.grpc.listen == DEFAULT_LISTEN
    assert loaded.sources["grpc.listen"] == "default"


def test_each_layer_wins_over_the_one_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults, file, environment, flags: each one wins over those before it."""
    assert load({}).settings.grpc.threads == 16
    write("howmuch.yaml", "grpc: {threads: 3, listen: '127.0.0.1:3'}\nworkers: 3\n")
    assert load({}).settings.grpc.threads == 3
    monkeypatch.setenv("HOWMUCH_GRPC__THREADS", "4")
    monkeypatch.setenv("HOWMUCH_GRPC__LISTEN", "127.0.0.1:4")
    assert load({}).settings.grpc.threads == 4
    loaded = load({"grpc.threads": "5"})
    assert (loaded.settings.grpc.threads, loaded.sources["grpc.threads"]) == (
        5,
        "flag --grpc-threads",
    )
    assert loaded.settings.grpc.listen == "127.0.0.1:4"
    assert loaded.sources["grpc.listen"] == "environment HOWMUCH_GRPC__LISTEN"
    assert loaded.settings.workers == 3
    assert loaded.sources["workers"] == "file howmuch.yaml"


def test_flag_not_given_leaves_the_layers_below() -> None:
    """None is a flag that nobody gave."""
    assert load({"grpc.listen": None}).sources["grpc.listen"] == "default"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "grpc:\n  threads: 7\nlog:\n"),
        ("a.yaml", "grpc.threads: 7\n"),
        ("a.yml", "grpc: {threads: 7}"),
        ("a.json", '{"grpc": {"threads": 7}}'),
        ("a.toml", "[grpc]\nthreads = 7\n"),
    ],
)
def test_file_formats(name: str, text: str) -> None:
    """YAML, JSON and TOML say the same; a group without lines says nothing."""
    loaded = load({}, write(name, text))
    assert loaded.settings.grpc.threads == 7
    assert loaded.sources["grpc.threads"] == f"file {name}"


def test_named_file_replaces_the_one_in_the_directory() -> None:
    """With --config, howmuch.yaml is not read."""
    write("howmuch.yaml", "workers: 2")
    assert load({}, write("other.yaml", "grpc: {threads: 7}")).settings.workers == 1


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (
            {"grpc.listen": "localhost"},
            "flag --grpc-listen: grpc.listen: expected HOST:PORT such as 127.0.0.1:50051, "
            "or [::1]:50051, not 'localhost'",
        ),
        ({"grpc.listen": "a:65536"}, "flag --grpc-listen: grpc.listen: expected HOST:PORT"),
        ({"workers": "0"}, "flag --workers: workers: expected at least 1, not '0'"),
        ({"workers": "two"}, "flag --workers: workers: expected a valid integer, not 'two'"),
        ({"log.level": "loud"}, "flag --log-level: log.level: expected 'debug', 'info', 'warn"),
        (
            {"workers": "2", "grpc.listen": "127.0.0.1:0"},
            "flag --workers, flag --grpc-listen: expected grpc.listen to name a port, not 0, "
            "for 2 workers to share",
        ),
    ],
)
def test_wrong_flag_names_key_source_and_rule(flags: dict[str, str], expected: str) -> None:
    """One line: where the value stands, what it sets, what was expected, what came."""
    assert refused(flags).startswith(expected)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "HOWMUCH_GRPC__THREADS",
            "many",
            "environment HOWMUCH_GRPC__THREADS: grpc.threads: expected a valid integer, not 'many'",
        ),
        (
            "HOWMUCH_GRPC__THREDS",
            "8",
            "environment HOWMUCH_GRPC__THREDS: grpc.threds is not a setting; "
            "did you mean grpc.threads?",
        ),
        (
            "HOWMUCH_ZZZ",
            "8",
            "environment HOWMUCH_ZZZ: zzz is not a setting; "
            "`howmuch config show` lists the settings",
        ),
        (
            "HOWMUCH_GRPC",
            "8",
            "environment HOWMUCH_GRPC: grpc: expected settings in it, such as grpc.listen",
        ),
        (
            "HOWMUCH_GRPC__MAX_DEADLINE_SECONDS",
            "5",
            "environment HOWMUCH_GRPC__MAX_DEADLINE_SECONDS: expected default_deadline_seconds, "
            "30, to be at most max_deadline_seconds, 5",
        ),
        (
            "HOWMUCH_DATABASE__URL",
            "mysql://ann:hush@db/howmuch",
            "environment HOWMUCH_DATABASE__URL: database.url: expected "
            "sqlite:////absolute/howmuch.db or postgresql://user:password@host/database, "
            "not mysql://ann:***@db/howmuch",
        ),
    ],
)
def test_wrong_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    """A variable that cannot be used is named as it stands in the environment."""
    monkeypatch.setenv(name, value)
    assert refused() == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", "grpc: {threads: yes}", "file a.yaml: grpc.threads: expected a number, not Tr"),
        ("a.yaml", "grpc: {thread: 8}", "file a.yaml: grpc.thread is not a setting; did you mean"),
        ("a.yaml", "grpc: 8", "file a.yaml: grpc: expected settings in it, such as grpc.listen"),
        (
            "a.yaml",
            "log:\n  level: debug\nlog:\n  level: info",
            "file a.yaml: line 3: log is set twice",
        ),
        (
            "a.yaml",
            "log:\n  level: debug\n  level: info",
            "file a.yaml: line 3: level is set twice",
        ),
        ("a.json", '{"workers": 1, "workers": 2}', "file a.json: workers is set twice"),
        (
            "a.json",
            '{"log": {"level": "info", "level": "debug"}}',
            "file a.json: level is set twice",
        ),
        (
            "a.toml",
            "workers = 1\nworkers = 2",
            "file a.toml: expected a mapping of settings: Cannot",
        ),
        ("a.yaml", "grpc: {threads: 8}\ngrpc.threads: 9", "file a.yaml: grpc.threads is set twice"),
        ("a.yaml", "grpc: [", "file a.yaml: expected a mapping of settings: while parsing"),
        ("a.yaml", "- 8", "file a.yaml: expected a mapping of settings"),
        ("a.json", "{", "file a.json: expected a mapping of settings: "),
        ("a.toml", "a = [", "file a.toml: expected a mapping of settings: "),
        ("a.ini", "", "file a.ini: expected a name ending in .yaml, .yml, .json, .toml"),
    ],
)
def test_wrong_file_names_the_file(name: str, text: str, expected: str) -> None:
    """A file that cannot be used is named, with the key where it is one key."""
    assert refused(config_file=write(name, text)).startswith(expected)


def test_missing_file_is_an_error_when_named() -> None:
    """A file that was asked for has to be there."""
    assert refused(config_file=Path("nope.yaml")) == ("flag --config: there is no file nope.yaml")


def test_database_is_a_file_in_the_data_directory_by_default(tmp_path: Path) -> None:
    """Without a URL, the embedded database lies in data_dir, by its absolute path."""
    loaded = load({"data_dir": "here"})
    url = loaded.settings.database.url.get_secret_value()
    assert url == f"sqlite:///{tmp_path}/here/howmuch.db"
    assert loaded.sources["database.url"] == "default, in data_dir"
    assert load({}).settings.data_dir == tmp_path / "share" / "howmuch"


def test_settings_are_frozen() -> None:
    """No part of the program changes a setting."""
    with pytest.raises(ValueError, match="frozen"):
        load({}).settings.grpc.threads = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://ann:hush@db:5432/howmuch", "postgresql://ann:***@db:5432/howmuch"),
        ("postgresql://ann:hu@s/h@db/howmuch", "postgresql://ann:***@db/howmuch"),
        ("postgresql://ann@db/howmuch", "postgresql://ann@db/howmuch"),
        ("postgresql://db/howmuch?password=hush&x=1", "postgresql://db/howmuch?password=***&x=1"),
        ("postgresql://db/h?sslpassword=hush", "postgresql://db/h?sslpassword=***"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
    ],
)
def test_password_in_a_url_is_masked(url: str, masked: str) -> None:
    """A database URL is shown without its password, wherever in it that stands."""
    assert mask_url(url) == masked
    assert dict(items(load({"database.url": url}).settings))["database.url"]
    assert shown(load({"database.url": url}).settings.database.url) == masked


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mail.public_url", "https://user:hush@howmuch.example.com"),
        ("mail.public_url", "https://hush@howmuch.example.com/x"),
        ("mail.invitation_url", "https://example.com/{token}?api_key=hush"),
        ("mail.verify_url", "https://example.com/?a=1&access_token=hush&t={token}"),
        ("mail.reset_url", "https://example.com/?Client-Secret=hush;t={token}"),
        ("tracing.endpoint", "https://collector:4317?signature=hush"),
        ("tracing.endpoint", "https://collector:4317?pass%77ord=hush"),
        ("broker.url", "amqps://user:hush@host/vhost?x=1"),
        ("redis.url", "redis://:hush@host:6379/0"),
        ("http.cors_origins", "https://a.example.com,https://user:hush@b.example.com"),
    ],
)
def test_secret_in_any_url_is_masked(key: str, value: str) -> None:
    """Before the host or in the query, in a list too; also in the error about a wrong value."""
    try:
        told = shown(dict(items(load({key: value}).settings))[key])
    except ConfigError as error:
        told = str(error)
    assert "hush" not in told
    assert "***" in told


def test_link_with_a_place_for_a_token_is_shown_whole() -> None:
    """That is no secret, and needed to see where links lead."""
    url = "https://example.com/join?token={token}"
    assert shown(load({"mail.invitation_url": url}).settings.mail.invitation_url) == url


def test_json_round_trip_keeps_secrets() -> None:
    """A worker gets exactly the settings of its parent, the password included."""
    loaded = load({"database.url": "postgresql://ann:hush@db/h", "workers": "3"})
    assert from_json(to_json(loaded)) == loaded
    assert "hush" not in repr(loaded)


def test_every_setting_is_described() -> None:
    """Each setting says what it means, and each number names its unit or counts something."""
    for key, _ in items(load({}).settings):
        *groups, name = key.split(".")
        model: type = Settings
        for group in groups:
            model = model.model_fields[group].annotation  # type: ignore[attr-defined]
        assert model.model_fields[name].description  # type: ignore[attr-defined]
