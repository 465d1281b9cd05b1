"""GetBalances of events with few and many expenses: it reads sums that are kept, so it is to be flat.

Run: python -m bench.balances
"""

from bench import data
from bench.flat import Case, compare
from howmuch.v1 import event_service_pb2

SIZES = (10, 1_000, 10_000)


def main() -> None:
    """One event for each size."""
    cases = [
        Case(
            f"{size:,} expenses",
            event,
            size,
            "/howmuch.v1.EventService/GetBalances",
            event_service_pb2.GetBalancesRequest(event_id=data.event_id(event)),
        )
        for event, size in enumerate(SIZES, 1)
    ]
    print("GetBalances, PostgreSQL, 1 in flight; goal: within 20 % of the first line")
    compare(cases)


if __name__ == "__main__":
    main()
