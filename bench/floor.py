"""The floor of a write: the statements that the server sends, sent by pgbench, which does nothing else.

The statements are recorded from a run of the use case itself, so they cannot fall behind it. What differs
from call to call is put in again: the event and its members by the number of the pgbench client, the
revision by what the UPDATE returned, and with it the id of the expense.
"""

import datetime as dt
import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event, make_url

from howmuch.storage.database import Database

Statement = tuple[str, Sequence[Mapping[str, Any]]]
"""Text with placeholders such as %(name)s, and one set of parameters for each execution."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_REVISION = r"\1' || :now_revision || E'"
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Names:
    """Recorded values to the SQL expressions that take their place."""

    expressions: Mapping[Any, str]
    revision: int


def record(database: Database, work: Callable[[], object]) -> list[Statement]:
    """The statements that `work` sends."""
    statements: list[Statement] = []

    def listen(_c: object, _cursor: object, text: str, given: Any, *_more: object) -> None:
        statements.append((text, given if isinstance(given, list) else [given]))

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    return statements


def script(statements: Sequence[Statement], names: Names) -> str:
    """The pgbench script of one transaction. Inserts, which return nothing, go in one pipeline."""
    lines = [
        r"\set event :client_id + 1",
        r"\startpipeline",
        "BEGIN;",
        "SET LOCAL statement_timeout = 30000;",
        r"\endpipeline",
    ]
    inserts = []
    for text, executions in statements:
        filled = [_filled(text, given, names) for given in executions]
        if text.startswith("INSERT"):
            inserts += [f"{one};" for one in filled]
        elif text.startswith("UPDATE events"):
            lines += [f"{one} \\gset now_" for one in filled]
        else:
            lines += [f"{one};" for one in filled]
    return "\n".join([*lines, r"\startpipeline", *inserts, r"\endpipeline", "COMMIT;", ""])


def run(url: str, text: str, *, in_flight: int, seconds: float) -> float:
    """Transactions per second of a script."""
    with TemporaryDirectory(prefix="howmuch-bench-") as directory:
        path = Path(directory, "floor.sql")
        path.write_text(text)
        threads = min(in_flight, os.cpu_count() or 1)
        done = subprocess.run(
            ["pgbench", "--no-vacuum", "--protocol=prepared", "--file", path,
             f"--client={in_flight}", f"--jobs={threads}", f"--time={round(seconds)}",
             make_url(url).render_as_string(hide_password=False)],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    found = _TPS.search(done.stdout)
    if done.returncode or not found:
        raise SystemExit(f"pgbench failed: {done.stdout}{done.stderr}")
    return float(found[1])


def _filled(text: str, given: Mapping[str, Any], names: Names) -> str:
    one_line = " ".join(text.split())
    return _PLACEHOLDER.sub(lambda found: _literal(found[1], given[found[1]], names), one_line)


def _literal(name: str, value: Any, names: Names) -> str:
    if name.startswith("revision") and value == names.revision:
        return ":now_revision"
    # psycopg wraps what is to be sent as bytes or as JSON.
    plain = getattr(value, "obj", value)
    if isinstance(plain, bytes) and plain in names.expressions:
        return f"({names.expressions[plain]})"
    if isinstance(plain, list):
        return f"ARRAY[{', '.join(_literal(name, one, names) for one in plain)}]"
    if plain is None or isinstance(plain, int):
        return "NULL" if plain is None else str(plain)
    return _text(str(plain) if isinstance(plain, str | dt.date) else json.dumps(plain), names)


def _text(text: str, names: Names) -> str:
    """A text, put together of what stays and what differs."""
    # pgbench takes a colon for the start of a variable, within quotes too.
    quoted = text.replace("\\", r"\\").replace("'", "''").replace(":", r"\x3A")
    for recorded, expression in names.expressions.items():
        if isinstance(recorded, str):
            quoted = quoted.replace(recorded, f"' || {expression} || E'")
    revision = rf'("revision"\\x3A ?){names.revision}\b'
    return f"(E'{re.sub(revision, _REVISION, quoted)}')"
