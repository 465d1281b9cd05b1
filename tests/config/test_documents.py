"""The JSON Schema of the file and the example: both say what the settings are."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from howmuch.config import items, load
from howmuch.config.documents import example_file, is_common, json_schema, setting_schemas
from howmuch.config.keys import fields
from tests.cli.program import howmuch

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "howmuch.example.yaml"


def uncommented() -> str:
    """The example with every setting in force."""
    return re.sub(r"^( *)#(?=\S)", r"\1", example_file(), flags=re.MULTILINE)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


def parts() -> tuple[list[str], list[str]]:
    """The keys in the common and in the advanced part of the example."""
    texts = re.split(r"^# -+ advanced\b.*$", example_file(), flags=re.MULTILINE)
    common, advanced = (re.findall(r"^#([\w.]+):", text, re.MULTILINE) for text in texts)
    return common, advanced


def leaves(schema: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, inner in schema["properties"].items():
        if "properties" in inner:
            assert inner["additionalProperties"] is False
            found |= leaves(inner, f"{prefix}{name}.")
        elif "$ref" not in inner:
            found[prefix + name] = inner
    return found


def test_committed_example_is_what_the_command_prints() -> None:
    """`howmuch config example > docs/howmuch.example.yaml` makes it anew."""
    assert howmuch("config", "example").stdout == EXAMPLE.read_text()


def test_example_as_it_is_sets_nothing() -> None:
    """A copy of it keeps the defaults."""
    loaded = load({}, EXAMPLE)
    assert set(loaded.sources.values()) == {"default", "default, in data_dir"}


def test_example_uncommented_is_the_defaults() -> None:
    """Every setting is in it, and what it says of each is what holds without it."""
    path = Path("all.yaml")
    path.write_text(uncommented())
    loaded = load({}, path)
    assert loaded.settings == load({}).settings
    silent = {key for key, source in loaded.sources.items() if source != "file all.yaml"}
    # Settings without a fixed default are empty.
    assert silent <= set(re.findall(r"^([\w.]+):$", uncommented(), re.MULTILINE))
    assert {"grpc.listen", "mail.smtp.port", "rate_limits.link_by_peer"}.isdisjoint(silent)
    assert len(silent) < len(loaded.sources) / 3


def test_each_setting_is_in_one_part_of_the_example() -> None:
    """About twenty common settings come first, the others are advanced; the mark on the field decides."""
    common, advanced = parts()
    assert sorted(common + advanced) == sorted(fields())
    assert common == [key for key, schema in setting_schemas().items() if is_common(schema)]
    assert {"data_dir", "database.url", "grpc.listen", "log.level"} <= set(common)
    assert 15 <= len(common) <= 25


def test_schema_accepts_the_example_and_real_files(
    validator: jsonschema.Draft202012Validator,
) -> None:
    """Commented out, in force, and as a person would write it."""
    for text in (
        example_file(),
        uncommented(),
        "grpc.threads: 3\nmail.smtp.password_file: /run/secrets/mail",
        "grpc: {threads: 3}\nbroker: {url_file: /run/secrets/url}\nhttp: {cors_origins: 'a,b'}",
    ):
        validator.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        "thread: 3",
        "grpc: {thread: 3}",
        "mail: {smtp: {hots: a}}",
        "grpc: {threads: 0}",
        "grpc: {threads: many}",
        "log: {level: loud}",
        "workers_file: /a",
        "grpc.thread: 3",
        "grpc.threads: 0",
    ],
)
def test_schema_refuses_what_the_program_refuses(
    validator: jsonschema.Draft202012Validator, text: str
) -> None:
    """Unknown keys, wrong types and values out of bounds."""
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(yaml.safe_load(text))


def test_schema_has_every_setting() -> None:
    """With its meaning; secrets are for writing alone, and nothing in it is one."""
    assert json.loads(howmuch("config", "schema").stdout) == json_schema()
    found = leaves(json_schema())
    settings = load({}).settings
    files = {key for key in found if key.endswith("_file") and key not in dict(items(settings))}
    assert found.keys() - files == dict(items(settings)).keys()
    assert {"database.url_file", "mail.smtp.password_file"} <= files
    assert all(schema["description"] for schema in found.values())
    assert found["database.url"]["writeOnly"]
    assert "default" not in found["database.url"]
    assert "**" not in json.dumps(json_schema())
