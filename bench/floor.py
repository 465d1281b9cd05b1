"""The floor of a write: what CreateExpense reads and inserts, in one transaction of pgbench.

Each statement is prepared, and sent when the one before it has been answered, as a program with a driver
does. pgbench itself does nothing else. The history's JSON is as long as the real one.
"""

import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from bench import data

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_HISTORY = (
    '{"id": "exp_00000000000000000000000000", "event_id": "evt_00000000000000000000000000", "kind":'
    ' "EXPENSE", "reason": "Dinner", "date": "2026-11-22", "category": "", "notes": "", "currency_code":'
    ' "EUR", "amount_minor": 3001, "split": {"mode": "equal", "member_ids": ['
    '"mbr_00000000000000000000000000", "mbr_00000000000000000000000000",'
    ' "mbr_00000000000000000000000000"]}, "shares": ['
    '{"member_id": "mbr_00000000000000000000000000", "paid_minor": 3001, "owed_minor": 1001},'
    ' {"member_id": "mbr_00000000000000000000000000", "paid_minor": 0, "owed_minor": 1000},'
    ' {"member_id": "mbr_00000000000000000000000000", "paid_minor": 0, "owed_minor": 1000}],'
    ' "version": 1, "creator_member_id": "mbr_00000000000000000000000000", "delete_time": null}'
)


def _id(prefix: str, number: str) -> str:
    return f"('{prefix}_' || lpad(({number})::text, 26, '0'))"


def script() -> str:
    """What one pgbench client repeats; client n writes to event n + 1."""
    event, user, expense = _id("evt", ":event"), _id("usr", ":event"), _id("exp", ":now_revision")
    members = [_id("mbr", f":event * {data.MOST_MEMBERS} + {index}") for index in range(3)]
    token = f"sha256(('token-of-the-owner-of-' || {event})::bytea)"
    amounts = [(3001, 1001), (0, 1000), (0, 1000)]
    shares = [
        f"INSERT INTO shares VALUES ({event}, {expense}, {member}, {paid}, {owed});"
        for member, (paid, owed) in zip(members, amounts, strict=True)
    ]
    balances = [
        f"INSERT INTO balances VALUES ({event}, 'EUR', {member}, {paid}, {owed}, 0) ON CONFLICT"
        " (event_id, currency_code, member_id) DO UPDATE SET paid_minor = balances.paid_minor +"
        " excluded.paid_minor, owed_minor = balances.owed_minor + excluded.owed_minor;"
        for member, (paid, owed) in zip(members, amounts, strict=True)
    ]
    debts = [
        f"INSERT INTO debts VALUES ({event}, 'EUR', {members[0]}, {member}, -1000) ON CONFLICT"
        " (event_id, currency_code, member_a, member_b) DO UPDATE SET amount_minor ="
        " debts.amount_minor + excluded.amount_minor;"
        for member in members[1:]
    ]
    lines = [
        r"\set event :client_id + 1",
        "BEGIN;",
        "SELECT sessions.user_id, sessions.id, members.id, members.role, events.* FROM sessions JOIN"
        " users ON users.id = sessions.user_id LEFT JOIN members ON members.user_id = users.id AND"
        f" members.event_id = {event} LEFT JOIN events ON events.id = members.event_id"
        f" WHERE sessions.token_hash = {token};",
        f"UPDATE events SET revision = revision + 1 WHERE id = {event} RETURNING revision \\gset now_",
        f"SELECT id, role, weight, state FROM members WHERE event_id = {event}"
        f" AND id = ANY (ARRAY[{', '.join(members)}]);",
        f"INSERT INTO expenses VALUES ({event}, {expense}, 'EXPENSE', 'Dinner', '2026-11-22', '', '',"
        f" 'EUR', 3001, '{{}}', 1, {members[0]}, now(), now(), NULL);",
        *shares,
        *balances,
        *debts,
        f"INSERT INTO changes VALUES ({event}, :now_revision, 'EXPENSE_CREATED', {user}, {members[0]},"
        f" {expense}, NULL, '{_HISTORY}', now());",
        "INSERT INTO outbox (routing_key, payload, create_time) VALUES ('event.expense.created',"
        f" jsonb_build_object('event_id', {event}, 'revision', :now_revision::bigint), now());",
        "COMMIT;",
        "",
    ]
    return "\n".join(lines)


def run(url: str, *, in_flight: int, seconds: float) -> float:
    """Transactions per second."""
    with TemporaryDirectory(prefix="howmuch-bench-") as directory:
        path = Path(directory, "floor.sql")
        path.write_text(script())
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
