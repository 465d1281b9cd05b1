"""The worst requests, 16 at once, against the whole programs: memory stays within bounds."""

from pathlib import Path

import grpc
import httpx
import pytest

from tests.cli.program import howmuch, running
from tests.e2e.test_mail_of_run import sign_up
from tests.gateway.worst_requests import MIB, cost_of, worst_requests
from tests.rpc import worst_messages

MOST = 512 * MIB


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_worst_requests_cost_a_bounded_amount_of_memory(tmp_path: Path) -> None:
    """In `run` and in `gateway`; each kind is refused as it should be, and others are answered meanwhile."""
    where = ("--data-dir", str(tmp_path), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where) as server:
        ana = sign_up(server, "ana")
        token = ana.headers["authorization"].removeprefix("Bearer ")
        ana.close()
        to = ("--upstream", server.address, "--listen", "127.0.0.1:0")
        with running(tmp_path / "gateway.log", *to, command="gateway") as gateway:
            for program in (server, gateway):
                port = int(program.rest.rpartition(":")[2])
                for worst in worst_requests(token):
                    cost = cost_of(worst, port, program.process.pid)
                    assert cost.peak < MOST, worst.name
                    statuses = {answer.status for answer in cost.answers}
                    assert not worst.status or statuses == {worst.status}, worst.name
                    assert not statuses & {500, 502}, worst.name
                assert httpx.get(f"{program.rest}/healthz").status_code == 200


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_worst_messages_cost_a_bounded_amount_of_memory(tmp_path: Path) -> None:
    """In `serve`; each kind is answered as it should be, and others are answered afterwards."""
    url = f"sqlite:///{tmp_path / 'howmuch.db'}"
    howmuch("db", "upgrade", "--database-url", url)
    where = ("--database-url", url, "--grpc-listen", "127.0.0.1:0")
    with (
        running(tmp_path / "log", *where, command="serve") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        caller = worst_messages.new_caller(channel)
        for worst in worst_messages.worst_messages(caller):
            peak, codes = worst_messages.cost_of(worst, server.address, server.process.pid)
            assert peak < MOST, worst.name
            # A busy machine may leave no place in time for some of the 16, which are to come again.
            assert codes & worst.codes, worst.name
            assert codes <= worst.codes | {grpc.StatusCode.UNAVAILABLE}, worst.name
        assert worst_messages.balances_of(channel, caller).event_id
