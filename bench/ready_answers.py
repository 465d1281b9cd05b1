"""A gRPC server that answers GetExpense and ListExpenses with messages made beforehand.

It does no work of its own, so that what stands in front of it is what is measured. Prints its port.
"""

from concurrent import futures

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from bench.data import event_id, member_id, numbered_id
from howmuch.v1 import expense_pb2, expense_service_pb2

PAGE = 100
THREADS = 4


def expense(number: int) -> expense_pb2.Expense:
    """An expense of three members as the server answers it."""
    now = Timestamp(seconds=1_790_000_000 + number, nanos=123_456_000)
    members = [member_id(1, index) for index in range(3)]
    return expense_pb2.Expense(
        id=numbered_id("exp", number),
        event_id=event_id(1),
        kind=expense_pb2.EXPENSE_KIND_EXPENSE,
        reason=f"Dinner number {number}",
        date="2026-11-22",
        category="food",
        currency_code="EUR",
        amount="48.60",
        payments=[expense_pb2.Payment(member_id=members[0], amount="48.60")],
        split=expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=members)),
        shares=[
            expense_pb2.Share(member_id=member, paid=paid, owed="16.20", net=net)
            for member, paid, net in zip(
                members, ("48.60", "0.00", "0.00"), ("32.40", "-16.20", "-16.20"), strict=True
            )
        ],
        etag="v1",
        version=1,
        creator_member_id=members[0],
        create_time=now,
        update_time=now,
    )


class _Ready(grpc.GenericRpcHandler):
    def __init__(self) -> None:
        page = expense_service_pb2.ListExpensesResponse(
            expenses=[expense(number) for number in range(PAGE)]
        )
        answers = {
            "GetExpense": expense(1).SerializeToString(),
            "ListExpenses": page.SerializeToString(),
        }
        self._handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            f"/howmuch.v1.ExpenseService/{name}": grpc.unary_unary_rpc_method_handler(
                lambda _request, _context, answer=answer: answer
            )
            for name, answer in answers.items()
        }

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        return self._handlers.get(handler_call_details.method)


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(THREADS))
    server.add_generic_rpc_handlers((_Ready(),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
