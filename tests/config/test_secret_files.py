"""Secrets in files of their own."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from howmuch.config import ConfigError, Settings, items, load
from howmuch.config.keys import is_secret

URL = "postgresql://ann:hush@db/howmuch"


def secret_file(tmp_path: Path, text: str = URL + "\n") -> Path:
    path = tmp_path / "url"
    path.write_text(text)
    return path


def refused(config_file: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load({}, config_file)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("key", [key for key, value in items(Settings()) if is_secret(key)])
def test_every_secret_may_be_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str
) -> None:
    """A variable names the file; one newline at its end is not part of the secret; both are its source."""
    text = {"broker.url": "amqp://a", "database.url": URL, "redis.url": "redis://a"}.get(key, "x\n")
    path = secret_file(tmp_path, text + "\n")
    variable = f"HOWMUCH_{key.replace('.', '__').upper()}_FILE"
    monkeypatch.setenv(variable, str(path))
    loaded = load({})
    value = dict(items(loaded.settings))[key]
    assert value.get_secret_value() == text
    assert loaded.sources[key] == f"file {path} (environment {variable})"


def test_secrets_are_told_by_their_type() -> None:
    """What is hidden in the settings is what is masked in errors."""
    hidden = {key for key, value in items(Settings()) if isinstance(value, SecretStr)}
    assert hidden >= {"database.url", "broker.url", "redis.url", "etcd.password"}
    assert hidden == {key for key, _ in items(Settings()) if is_secret(key)}


def test_config_file_names_a_file(tmp_path: Path) -> None:
    """`url_file` beside the other settings of the group."""
    path = secret_file(tmp_path)
    Path("howmuch.yaml").write_text(f"database: {{url_file: {path}, url: }}\n")
    loaded = load({})
    assert loaded.settings.database.url.get_secret_value() == URL
    assert loaded.sources["database.url"] == f"file {path} (file howmuch.yaml)"


def test_stronger_layer_wins_whichever_way_it_says_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A variable wins over the file that the config file names, and the other way round."""
    path = secret_file(tmp_path)
    Path("howmuch.yaml").write_text(f"database: {{url_file: {path}}}\n")
    monkeypatch.setenv("HOWMUCH_DATABASE__URL", "postgresql://other/x")
    assert load({}).sources["database.url"] == "environment HOWMUCH_DATABASE__URL"
    monkeypatch.delenv("HOWMUCH_DATABASE__URL")
    Path("howmuch.yaml").write_text("database: {url: postgresql://other/x}\n")
    monkeypatch.setenv("HOWMUCH_DATABASE__URL_FILE", str(path))
    assert load({}).settings.database.url.get_secret_value() == URL


def test_secret_and_its_file_in_one_layer_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program does not guess which one was meant."""
    monkeypatch.setenv("HOWMUCH_DATABASE__URL", URL)
    monkeypatch.setenv("HOWMUCH_DATABASE__URL_FILE", str(secret_file(tmp_path)))
    assert refused() == (
        "environment HOWMUCH_DATABASE__URL_FILE: database.url is also set, "
        "by environment HOWMUCH_DATABASE__URL; set one of them"
    )


def test_file_that_cannot_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whichever layer names it: not there, a directory, not text."""
    monkeypatch.setenv("HOWMUCH_BROKER__URL_FILE", "/no/url")
    assert refused() == (
        "environment HOWMUCH_BROKER__URL_FILE: /no/url cannot be read: No such file or directory"
    )
    monkeypatch.setenv("HOWMUCH_BROKER__URL_FILE", str(tmp_path))
    assert refused().endswith("cannot be read: Is a directory")
    path = tmp_path / "bytes"
    path.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("HOWMUCH_BROKER__URL_FILE", str(path))
    assert refused().endswith(f"{path} is not text in UTF-8")


def test_wrong_secret_in_a_file_is_masked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error names the file and not what is in it."""
    path = secret_file(tmp_path, "mysql://ann:hush@db/x")
    monkeypatch.setenv("HOWMUCH_DATABASE__URL_FILE", str(path))
    assert refused().startswith(
        f"file {path} (environment HOWMUCH_DATABASE__URL_FILE): database.url: expected sqlite:///"
    )


def test_only_secrets_have_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Other settings are not read from files of their own."""
    monkeypatch.setenv("HOWMUCH_WORKERS_FILE", str(secret_file(tmp_path, "3")))
    assert refused().startswith("environment HOWMUCH_WORKERS_FILE: workers_file is not a setting")
