"""howmuch: the program with all it has by default, its events, and its requests over REST and gRPC."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from google.protobuf.message import Message

from bench import create_expense, data, http_load, load, machine
from bench.log_in_storm import PASSWORD, set_passwords
from bench.peers import works
from howmuch.v1 import event_service_pb2, expense_service_pb2, user_service_pb2

NAME = "howmuch"
# All log-ins come from one address.
UNLIMITED = {
    "rate_limits": {
        "log_in_by_peer": "1000000 per minute",
        "log_in_by_account": "1000000 per minute",
    }
}


@dataclass(frozen=True, slots=True)
class Service:
    """A running one. rest: http://HOST:PORT; grpc: HOST:PORT; pid: of the process, or that of all of them."""

    rest: str
    grpc: str
    pid: int

    @property
    def port(self) -> int:
        """Of REST."""
        return int(self.rest.rpartition(":")[2])

    def requests(self, work: works.Work) -> list[str]:
        """Of each connection, the request over REST that it repeats."""
        return [_rest_request(work, group) for group in work.groups]

    def calls(self, work: works.Work) -> load.Calls:
        """The same over gRPC."""
        made = [_grpc_request(work, group) for group in work.groups]
        return load.Calls(
            target=self.grpc,
            path=made[0][0],
            requests=[message.SerializeToString().hex() for _, message in made],
            tokens=[data.token(group) for group in work.groups],
            seconds=work.seconds,
            may_be_refused=True,
            numbered=work.anew,
        )


def headers(event: int) -> dict[str, str]:
    """Those of the event's owner, who has logged in."""
    return {"Authorization": f"Bearer {data.token(event)}"}


def expense(event: int) -> dict[str, object]:
    """An expense that the owner paid for all three."""
    members = [data.member_id(event, index) for index in range(3)]
    return {
        "reason": works.REASON,
        "date": works.DATE,
        "amount": works.AMOUNT,
        "payments": [{"memberId": members[0]}],
        "split": {"equal": {"memberIds": members}},
    }


def path(event: int) -> str:
    """Of an event."""
    return f"/v1/events/{data.event_id(event)}"


def _rest_request(work: works.Work, event: int) -> str:
    expenses = f"{path(event)}/expenses"
    if work is works.ADD:
        return http_load.request("POST", expenses, headers(event), expense(event))
    if work is works.LIST:
        return http_load.request("GET", f"{expenses}?pageSize={works.LISTED}", headers(event))
    if work is works.LIST_ANEW:
        # From another day each time, long before the first expense.
        query = f"pageSize={works.LISTED}&fromDate={http_load.DAY}"
        return http_load.request("GET", f"{expenses}?{query}", headers(event))
    if work is works.LOG_IN:
        credentials = {"email": _email(event), "password": PASSWORD}
        return http_load.request("POST", "/v1/sessions", body=credentials)
    return http_load.request("GET", f"{path(event)}/balances", headers(event))


def _grpc_request(work: works.Work, event: int) -> tuple[str, Message]:
    if work is works.ADD:
        return create_expense.PATH, create_expense.request_of(event)
    if work in (works.LIST, works.LIST_ANEW):
        return "/howmuch.v1.ExpenseService/ListExpenses", expense_service_pb2.ListExpensesRequest(
            event_id=data.event_id(event), page_size=works.LISTED
        )
    if work is works.LOG_IN:
        return "/howmuch.v1.UserService/LogIn", user_service_pb2.LogInRequest(
            email=_email(event), password=PASSWORD
        )
    return "/howmuch.v1.EventService/GetBalances", event_service_pb2.GetBalancesRequest(
        event_id=data.event_id(event)
    )


def _email(event: int) -> str:
    return f"owner{event}@example.com"


@contextmanager
def serving(processes: int = works.PROCESSES) -> Iterator[Service]:
    """The program over a database of its own, with all events in it."""
    with machine.scratch_database() as (url, database):
        data.add_events(database, works.GROUPS)
        for event, count in works.FILLED.items():
            data.add_expenses(database, event, count)
        set_passwords(database)
        database.dispose()
        with machine.server(url, workers=processes, settings=UNLIMITED) as server:
            yield Service(server.rest, server.address, server.process.pid)
