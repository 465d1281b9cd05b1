"""I Hate Money: the program on gunicorn over PostgreSQL, its projects, and its requests."""

import os
import secrets
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
from sqlalchemy import make_url

from bench import http_load
from bench.log_in_storm import PASSWORD
from bench.machine import POSTGRES_URL, require_durable_commits
from bench.peers import works
from tests.databases import new_postgres_url
from tests.ports import free_port

NAME = "I Hate Money"
VENV = Path("build/peer")
APPLICATION = "ihatemoney.wsgi:application"
START_SECONDS = 60.0
MEMBERS = ("Ada", "Ben", "Cleo")


@dataclass(frozen=True, slots=True)
class Project:
    """One of them. token: what its requests are sent with; members: their ids, the payer's first."""

    name: str
    token: str
    members: Sequence[int]

    @property
    def path(self) -> str:
        """Of its resources."""
        return f"/api/projects/{self.name}"

    @property
    def headers(self) -> dict[str, str]:
        """Those of a client that has logged in: the password itself would be hashed for each request."""
        return {"Authorization": f"Bearer {self.token}"}

    def bill(self) -> dict[str, object]:
        """An expense that the first member paid for all three."""
        return {
            "what": works.REASON,
            "date": works.DATE,
            "amount": works.AMOUNT,
            "payer": self.members[0],
            "payed_for": list(self.members),
        }


@dataclass(frozen=True, slots=True)
class Service:
    """A running one, and its projects by number. pid: of the process whose children are the workers."""

    port: int
    pid: int
    projects: Mapping[int, Project]

    def requests(self, work: works.Work) -> list[str]:
        """Of each connection, the request that it repeats."""
        return [_request(work, self.projects[group]) for group in work.groups]


def _request(work: works.Work, project: Project) -> str:
    bills = f"{project.path}/bills"
    if work is works.ADD:
        return http_load.request("POST", bills, project.headers, project.bill())
    if work in (works.LIST, works.LIST_ANEW):
        return http_load.request("GET", bills, project.headers)
    if work is works.LOG_IN:
        credentials = b64encode(f"{project.name}:{PASSWORD}".encode()).decode()
        return http_load.request(
            "GET", f"{project.path}/token", {"Authorization": f"Basic {credentials}"}
        )
    return http_load.request("GET", f"{project.path}/statistics", project.headers)


@contextmanager
def serving() -> Iterator[Service]:
    """The program over a database of its own, with all projects in it."""
    if not Path(VENV, "bin/gunicorn").exists():
        raise SystemExit(f"{NAME} is not in {VENV}: `make bench-peers` installs it.")
    require_durable_commits()
    with ExitStack() as stack:
        url = stack.enter_context(new_postgres_url(POSTGRES_URL, empty=True))
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-")))
        port, pid = stack.enter_context(_gunicorn(url, directory))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=START_SECONDS) as client:
            projects = {
                number: _add_project(client, number) for number in range(1, works.GROUPS + 1)
            }
        for number, count in works.FILLED.items():
            _add_bills(url, projects[number], count)
        yield Service(port, pid, projects)


@contextmanager
def _gunicorn(url: str, directory: Path) -> Iterator[tuple[int, int]]:
    """The port that it answers on, and its process id. Its workers are of the kind that its documentation
    starts: one request at a time and no connection kept. Threads were no quicker.
    """
    settings = Path(directory, "ihatemoney.cfg")
    theirs = make_url(url).set(drivername="postgresql+psycopg2")
    settings.write_text(
        f"SQLALCHEMY_DATABASE_URI = {theirs.render_as_string(hide_password=False)!r}\n"
        f"SECRET_KEY = {secrets.token_hex()!r}\n"
        "ACTIVATE_DEMO_PROJECT = False\n"
        "MAIL_SUPPRESS_SEND = True\n"
    )
    environment = os.environ | {"IHATEMONEY_SETTINGS_FILE_PATH": str(settings)}
    programs = VENV.absolute() / "bin"
    log = Path(directory, "log")
    with log.open("w") as output:
        # Each worker migrates when it starts. Alone first, so that two do not do it at once.
        migrate = [str(programs / "python"), "-c", "import ihatemoney.wsgi"]
        _check(subprocess.run(migrate, env=environment, stderr=output, check=False).returncode, log)
        port = free_port()
        command = [str(programs / "gunicorn"), "--workers", str(works.PROCESSES)]
        where = ["--bind", f"127.0.0.1:{port}", APPLICATION]
        with subprocess.Popen([*command, *where], env=environment, stderr=output) as process:
            try:
                _wait(process, port, log)
                yield port, process.pid
            finally:
                process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        _check(process.poll() or 0, log)
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/currencies", timeout=START_SECONDS)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{NAME} did not start: {log.read_text()[-4000:]}")


def _check(returncode: int, log: Path) -> None:
    if returncode:
        raise SystemExit(f"{NAME} ended with {returncode}: {log.read_text()[-4000:]}")


def _add_project(client: httpx.Client, number: int) -> Project:
    name = f"trip-{number}"

    def post(path: str, headers: Mapping[str, str] | None = None, **form: str) -> httpx.Response:
        answer = client.post(path, data=form, headers=headers)
        if answer.is_error:
            raise SystemExit(f"{NAME} refuses {path}: {answer.text}")
        return answer

    post(
        "/api/projects",
        id=name,
        name=name,
        password=PASSWORD,
        contact_email="owner@example.com",
        default_currency="EUR",
    )
    path = f"/api/projects/{name}"
    token = client.get(f"{path}/token", auth=(name, PASSWORD)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    ids = [post(f"{path}/members", headers, name=member).json() for member in MEMBERS]
    return Project(name, token, ids)


def _add_bills(url: str, project: Project, count: int) -> None:
    """Straight into the tables. Their history is left out, as it is with howmuch."""
    with psycopg.connect(url) as connection:
        connection.execute(
            """WITH added AS (
                INSERT INTO bill (payer_id, amount, converted_amount, date, creation_date, what,
                    external_link, original_currency, bill_type)
                SELECT %s, 30, 30, '2020-01-01'::date + number %% 2000, '2026-11-01',
                    'Dinner ' || number, '', 'EUR', 'EXPENSE'
                FROM generate_series(1, %s) AS number
                RETURNING id
            )
            INSERT INTO billowers (bill_id, person_id)
            SELECT id, person FROM added, unnest(%s::integer[]) AS person""",
            [project.members[0], count, list(project.members)],
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
