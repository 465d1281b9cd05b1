"""The whole program: run it, call it, stop it."""

import json
import socket
from pathlib import Path

import pytest

from tests.cli.program import as_process, howmuch, running
from tests.cli.test_demo import CURRENCIES, table


@pytest.mark.slow
def test_run_answers_plays_the_demo_and_stops(tmp_path: Path) -> None:
    """From an empty directory to the settlement that docs/demo.md adds up, and a clean end."""
    data = str(tmp_path / "data")
    with running(tmp_path / "log", "--data-dir", data, "--grpc-listen", "127.0.0.1:0") as server:
        assert f"try:    howmuch demo --server {server.address}" in server.output
        shown = as_process("demo", "--server", server.address)
        assert (shown.returncode, shown.stderr) == (0, "")
        answers = json.loads(howmuch("demo", "--server", server.address, "--json").stdout)
        assert server.stop() == 0
    assert "Settled by 4 payments (no plan has fewer)" in shown.stdout
    names = answers["names"]
    for balances, plan in zip(
        answers["balances"]["currencies"], answers["settlement"]["plans"], strict=True
    ):
        code = balances["currency_code"]
        assert {
            (names[b["member_id"]], b["paid"], b["owed"], b["transferred"], b["net"])
            for b in balances["members"]
        } == rows(f"Balances in {code}")
        assert debts(plan["transfers"], names) == rows(f"Settlement in {code}")
        assert debts(balances["debts"], names) == rows(f"Debts in {code} without circles")
    for totals in answers["totals"]["currencies"]:
        assert {(c["category"], c["total"]) for c in totals["by_category"]} == rows(
            f"Cost by category in {totals['currency_code']}"
        )
    for code in CURRENCIES:
        for row in rows(f"Settlement in {code}"):
            assert " ".join(row) in " ".join(shown.stdout.split())
    check = howmuch("check", "--data-dir", data)
    assert (check.returncode, check.stdout) == (0, "no difference in 2 events\n")


def rows(heading: str) -> set[tuple[str, ...]]:
    return {tuple(row.values()) for row in table(heading)}


def debts(found: list[dict[str, str]], names: dict[str, str]) -> set[tuple[str, ...]]:
    return {(names[d["from_member_id"]], names[d["to_member_id"]], d["amount"]) for d in found}


def test_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    """A server that cannot listen says so, stops what it had started, and exits with 1."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        done = howmuch("run", "--data-dir", str(tmp_path), "--grpc-listen", address)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("howmuch: ")]
    assert len(lines) == 1
    assert address in lines[0]
    assert lines[0].startswith("howmuch: the gRPC server cannot start: ")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_log_is_json_lines_when_asked(tmp_path: Path) -> None:
    """With --log-format json every line of standard error is one JSON object."""
    log = tmp_path / "log"
    where = ("--data-dir", str(tmp_path), "--grpc-listen", "127.0.0.1:0")
    with running(log, *where, "--log-format", "json") as server:
        assert server.stop() == 0
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"stopping", "stopped"} <= {event["event"] for event in events}
    assert all({"event", "level", "timestamp"} <= event.keys() for event in events)
