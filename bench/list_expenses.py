"""ListExpenses, a page of 100, of events with few and many expenses: pages go by key, so it is to be flat.

Run: python -m bench.list_expenses
"""

from dataclasses import replace

import grpc

from bench import data
from bench.flat import Case, compare
from howmuch.v1 import expense_service_pb2, expense_service_pb2_grpc

PAGE_SIZE = 100
SIZES = (1_000, 100_000)
PATH = "/howmuch.v1.ExpenseService/ListExpenses"


def request_of(event: int) -> expense_service_pb2.ListExpensesRequest:
    """The first page."""
    return expense_service_pb2.ListExpensesRequest(
        event_id=data.event_id(event), page_size=PAGE_SIZE
    )


def middle(target: str, case: Case) -> Case:
    """The page in the middle of what a case lists."""
    request, metadata = (
        request_of(case.event),
        (("authorization", f"Bearer {data.token(case.event)}"),),
    )
    request.page_size = 500
    with grpc.insecure_channel(target) as channel:
        stub = expense_service_pb2_grpc.ExpenseServiceStub(channel)
        for _ in range(case.size // 2 // request.page_size):
            request.page_token = stub.ListExpenses(request, metadata=metadata).next_page_token
    request.page_size = PAGE_SIZE
    return replace(case, name=case.name.replace("first", "middle"), request=request)


def main() -> None:
    """One event for each size."""
    cases = [
        Case(f"first page of {size:,}", event, size, PATH, request_of(event))
        for event, size in enumerate(SIZES, 1)
    ]
    print(f"ListExpenses, a page of {PAGE_SIZE}, PostgreSQL, 1 in flight; goal: flat")
    compare(cases, middle)


if __name__ == "__main__":
    main()
