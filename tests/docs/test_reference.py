"""The pages that are made of code have all of it."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.rpc import code_pb2

from howmuch.cli import cli
from howmuch.config.keys import fields
from howmuch.v1 import (
    access_pb2,
    change_pb2,
    event_pb2,
    event_service_pb2,
    expense_pb2,
    expense_service_pb2,
    message_pb2,
    user_pb2,
    user_service_pb2,
)
from tests.docs.blocks import ROOT
from tests.docs.conftest import Site

# One process, and so one site.
pytestmark = pytest.mark.xdist_group("site")

FILES: tuple[FileDescriptor, ...] = tuple(
    module.DESCRIPTOR
    for module in (
        access_pb2,
        change_pb2,
        event_pb2,
        event_service_pb2,
        expense_pb2,
        expense_service_pb2,
        message_pb2,
        user_pb2,
        user_service_pb2,
    )
)

# Words that look like reasons and are not: variables of the environment, and terms of other programs.
OTHER_WORDS = {
    "GRPC_VERBOSITY",
    "INPUT_ONLY",
    "KEY_VALUES_MISMATCH",
    "CHANGE_KINDS",  # in __all__, as the next two and SEARCH_STALE
    "CHANGE_EMAIL",
    "DELETION_REQUESTED",
    "EMAIL_CHANGE",
    "EMAIL_CHANGED",
    "EMAIL_CHANGE_UNDONE",
    "UNDO_EMAIL",
    "DELIVERY_KINDS",
    "NET_MINOR",
    "SEARCH_STALE",
    "LC_ALL",  # of the environment
    "MAX_EXACT_MEMBERS",
    "LC_MESSAGES",
    "MALLOC_ARENA_MAX",
    "NO_COLOR",
    "OUTPUT_ONLY",
    "PASSWORD_CHANGED",
    "PROMETHEUS_MULTIPROC_DIR",
    "RESET_PASSWORD",
    "VERIFY_EMAIL",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
}


def messages(file: FileDescriptor) -> Iterator[Descriptor]:
    """The messages of a file, those within others as well, less those that stand for maps."""
    waiting = list(file.message_types_by_name.values())
    while waiting:
        message = waiting.pop()
        if not message.GetOptions().map_entry:
            yield message
            waiting += message.nested_types


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file.name).stem)
def test_api_page_has_everything_in_the_file(file: FileDescriptor, site: Site) -> None:
    """Every method, message, field, enum and value, and a comment to each of them."""
    place = f"reference/api/{Path(file.name).stem}.html"
    page = site.pages()[place]
    html = (site.directory / place).read_text()
    for service in file.services_by_name.values():
        assert {f"{service.name}.{method.name}" for method in service.methods} <= page.ids
        assert all(
            f"howmuch.v1.{service.name}/{each.name}" in page.text for each in service.methods
        )
    for message in messages(file):
        assert message.full_name in page.ids
        section = html.partition(f'id="{message.full_name}"')[2].partition("<h2")[0]
        for field in message.fields:
            assert re.search(
                rf"<td><code>{field.name}</code></td>\s*<td>.+</td>\s*<td>.+</td>", section
            )
    for enum in file.enum_types_by_name.values():
        assert enum.full_name in page.ids
        assert all(value.name in page.text for value in enum.values)


@pytest.mark.slow
def test_api_index_has_every_method(site: Site) -> None:
    """With its path over REST."""
    text = site.pages()["reference/api/index.html"].text
    methods = [m for f in FILES for s in f.services_by_name.values() for m in s.methods]
    assert methods
    assert [method.name for method in methods if f" {method.name} " not in text] == []
    assert "POST /v1/events/{event_id}/expenses" in text


def commands(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """A command and all below it."""
    yield context
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, click.Context(child, info_name=name, parent=context))


@pytest.mark.slow
def test_cli_page_has_every_command_and_option(site: Site) -> None:
    """Each command at a place of its own, with all its options."""
    page = site.pages()["reference/cli.html"]
    html = (site.directory / "reference/cli.html").read_text()
    found = list(commands(cli, click.Context(cli, info_name="howmuch")))
    assert len(found) > 20
    for context in found:
        place = context.command_path.replace(" ", "-")
        assert place in page.ids
        section = html.partition(f'id="{place}"')[2].partition("<h2")[0]
        for parameter in context.command.get_params(context):
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert all(flag in section for flag in parameter.opts), (place, parameter.opts)


@pytest.mark.slow
def test_settings_page_has_every_setting(site: Site) -> None:
    """Each by its key."""
    html = (site.directory / "reference/settings.html").read_text()
    assert [key for key in fields() if f"<code>{key}</code>" not in html] == []


def reasons_on(site: Site) -> set[str]:
    html = (site.directory / "reference/errors.html").read_text()
    return set(re.findall(r"<tr>\s*<td><code>([A-Z_]+)</code>", html))


@pytest.mark.slow
def test_errors_page_has_every_reason_in_the_code(site: Site) -> None:
    """Whatever looks like a reason is on the page, or is a value of an enum, or is known to be no reason."""
    words = {
        node.value
        for path in (ROOT / "howmuch").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"(?!HOWMUCH_)[A-Z]+(_[A-Z]+)+", node.value)
    }
    enums = [enum for file in FILES for enum in file.enum_types_by_name.values()]
    values = [value.name for enum in enums for value in enum.values]
    # The code names values without what they begin with: EVENT_CREATED for CHANGE_KIND_EVENT_CREATED.
    of_enums = {word for word in words if any(f"_{v}".endswith(f"_{word}") for v in values)}
    assert words - reasons_on(site) - of_enums - OTHER_WORDS == set()


@pytest.mark.slow
def test_errors_page_has_every_reason_that_tests_expect(site: Site) -> None:
    """The reasons that bad input is refused with, by the tests of it."""
    expected = {
        word
        for path in (ROOT / "tests" / "service").glob("bad_input_*.py")
        for word in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', path.read_text())
    }
    assert len(expected) > 30
    assert expected - reasons_on(site) - set(code_pb2.Code.keys()) == set()


@pytest.fixture
def docs_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The collector of reasons, with the test's directory as the repository."""
    spec = importlib.util.spec_from_file_location("docs_errors", ROOT / "tools" / "docs_errors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    monkeypatch.setitem(sys.modules, "docs_errors", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_reason_is_collected_with_code_and_sentence(
    docs_errors: ModuleType, tmp_path: Path
) -> None:
    """A value in the sentence is shown by its name."""
    (tmp_path / "new.py").write_text(
        "def check(size):\n"
        "    raise FailedPrecondition('TOO_BIG', f'{size:,} is too much. Take less.')\n"
    )
    (found,) = docs_errors.raised([tmp_path / "new.py"])
    assert (found.reason, found.code, found.http) == ("TOO_BIG", "FAILED_PRECONDITION", 400)
    assert (found.text, found.where) == ("‹size› is too much. Take less.", "new.py: check")


def test_reason_that_cannot_be_read_off_the_code_fails(
    docs_errors: ModuleType, tmp_path: Path
) -> None:
    """The table is never silently without one."""
    (tmp_path / "new.py").write_text("raise NotFound(kind(), 'x')\nraise Aborted(REASON, 'x')\n")
    with pytest.raises(docs_errors.Unclear, match=r"new.py:1: kind\(\) is no constant"):
        list(docs_errors.raised([tmp_path / "new.py"]))
