"""Each alert fires on its fault, and is silent without it, by Prometheus's own promtool."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import services
from tests.postgres_server import CannotStartError
from tests.telemetry.test_files import ALERTS, rules

Series = dict[str, str]
"""Name of a series to its values, one a minute, as promtool writes them: `0+6x20` grows by 6, 20 times."""

CALLS = "grpc_server_handled_total"
REQUESTS = "howmuch_http_requests_total"


def seconds(name: str, short: str, long: str) -> Series:
    """A histogram with a bucket up to 0.1 s and one up to 10 s, with these values."""
    buckets = {"0.1": short, "10": long, "+Inf": long}
    return {f'{name}_bucket{{le="{most}"}}': values for most, values in buckets.items()}


CASES: dict[str, tuple[Series, Series]] = {
    "HowmuchDown": ({'up{job="howmuch-serve"}': "0x30"}, {'up{job="howmuch-serve"}': "1x30"}),
    "HowmuchErrors": (
        {f'{CALLS}{{grpc_code="OK"}}': "0+90x30", f'{CALLS}{{grpc_code="UNAVAILABLE"}}': "0+10x30"},
        {f'{CALLS}{{grpc_code="OK"}}': "0+90x30", f'{CALLS}{{grpc_code="NOT_FOUND"}}': "0+10x30"},
    ),
    "HowmuchGatewayErrors": (
        {f'{REQUESTS}{{status="200"}}': "0+90x30", f'{REQUESTS}{{status="503"}}': "0+10x30"},
        {f'{REQUESTS}{{status="200"}}': "0+90x30", f'{REQUESTS}{{status="429"}}': "0+10x30"},
    ),
    "HowmuchQueued": (
        seconds("howmuch_rpc_queued_seconds", "0+90x30", "0+100x30"),
        seconds("howmuch_rpc_queued_seconds", "0+100x30", "0+100x30"),
    ),
    "HowmuchLocked": (
        seconds("howmuch_rpc_lock_wait_seconds", "0+90x30", "0+100x30"),
        seconds("howmuch_rpc_lock_wait_seconds", "0+100x30", "0+100x30"),
    ),
    "HowmuchSlow": (
        seconds("grpc_server_handling_seconds", "0+90x30", "0+100x30"),
        seconds("grpc_server_handling_seconds", "0+100x30", "0+100x30"),
    ),
    "HowmuchPoolExhausted": (
        {
            'howmuch_database_connections_in_use{instance="a"}': "10x30",
            'howmuch_database_connections_max{instance="a"}': "10x30",
        },
        {
            'howmuch_database_connections_in_use{instance="a"}': "5x30",
            'howmuch_database_connections_max{instance="a"}': "10x30",
            'howmuch_database_connection_refusals_total{instance="a"}': "3x30",
        },
    ),
    "HowmuchOutboxOld": (
        {"howmuch_outbox_oldest_seconds": "301x30"},
        {"howmuch_outbox_oldest_seconds": "299x30"},
    ),
    "HowmuchMailsLate": (
        {"howmuch_mails_unsent_oldest_seconds": "901x30"},
        {"howmuch_mails_unsent_oldest_seconds": "899x30"},
    ),
    "HowmuchDeadLetters": (
        {'howmuch_message_dead_letters_total{queue="mails"}': "0x24 1x6"},
        {'howmuch_message_dead_letters_total{queue="mails"}': "1x30"},
    ),
    "HowmuchSettingsWrong": (
        {"howmuch_settings_problems": "1x30"},
        {"howmuch_settings_problems": "0x30"},
    ),
    "HowmuchNoWorker": ({}, {"howmuch_outbox_messages": "0x30"}),
}
"""Alert to series that it fires on, and to series that it does not fire on."""


def expectation(alert: str, series: Series, *, fires: bool) -> dict[str, Any]:
    """A test of promtool, after half an hour."""
    firing = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})'
    samples = [{"labels": "{}", "value": 1}] if fires else []
    return {
        "name": f"{alert} {'fires' if fires else 'is silent'}",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": firing, "eval_time": "30m", "exp_samples": samples}],
    }


@pytest.mark.slow
def test_alerts_fire_on_their_faults_only(tmp_path: Path) -> None:
    """A case of each rule that there is."""
    if shutil.which("promtool") is None:
        try:
            services.install("prometheus")
        except CannotStartError as error:
            pytest.skip(str(error))
    assert set(CASES) == {rule["alert"] for rule in rules()}
    cases = [
        expectation(alert, series, fires=fires)
        for alert, both in CASES.items()
        for fires, series in zip((True, False), both, strict=True)
    ]
    file = tmp_path / "alerts.test.yaml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": cases})
    )
    done = subprocess.run(
        ["promtool", "test", "rules", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
