"""From what the ledger says to messages: balances, debts, settlement, totals."""

from collections.abc import Iterable, Mapping

from howmuch.ledger.money import format_amount
from howmuch.ledger.settlement import Settlement, Transfer
from howmuch.model import Event
from howmuch.usecases.balances import MemberBalance, MyBalance, Totals
from howmuch.v1 import event_pb2, user_pb2


def my_balances_message(balances: Iterable[MyBalance]) -> user_pb2.MyBalances:
    """What a user has at stake."""
    return user_pb2.MyBalances(
        balances=[
            user_pb2.MyCurrencyBalance(
                currency_code=balance.currency_code,
                spent=format_amount(balance.spent_minor, balance.currency_code),
                owed_to_me=format_amount(balance.owed_to_me_minor, balance.currency_code),
                owed_by_me=format_amount(balance.owed_by_me_minor, balance.currency_code),
            )
            for balance in balances
        ]
    )


def debt_message(debt: Transfer, currency_code: str) -> event_pb2.Debt:
    """Who owes whom how much, or is to pay."""
    return event_pb2.Debt(
        from_member_id=debt.from_member_id,
        to_member_id=debt.to_member_id,
        amount=format_amount(debt.amount_minor, currency_code),
    )


def balances_message(
    event: Event,
    balances: Mapping[str, Iterable[MemberBalance]],
    debts: Mapping[str, Iterable[Transfer]],
) -> event_pb2.Balances:
    """Balances and debts of an event, by currency."""
    return event_pb2.Balances(
        event_id=event.id,
        revision=event.revision,
        currencies=[
            event_pb2.CurrencyBalances(
                currency_code=code,
                members=[
                    event_pb2.MemberBalance(
                        member_id=balance.member_id,
                        paid=format_amount(balance.paid_minor, code),
                        owed=format_amount(balance.owed_minor, code),
                        transferred=format_amount(balance.transferred_minor, code),
                        net=format_amount(balance.net_minor, code),
                    )
                    for balance in entries
                ],
                debts=[debt_message(debt, code) for debt in debts.get(code, ())],
            )
            for code, entries in balances.items()
        ],
    )


def settlement_message(event: Event, plans: Mapping[str, Settlement]) -> event_pb2.Settlement:
    """The plans that settle an event, by currency."""
    return event_pb2.Settlement(
        event_id=event.id,
        revision=event.revision,
        plans=[
            event_pb2.SettlementPlan(
                currency_code=code,
                transfers=[debt_message(transfer, code) for transfer in plan.transfers],
                groups=[event_pb2.SettlementPlan.Group(member_ids=group) for group in plan.groups],
                proven_minimal=plan.proven_minimal,
                lower_bound=plan.lower_bound,
            )
            for code, plan in plans.items()
        ],
    )


def totals_message(event: Event, totals: Mapping[str, Totals]) -> event_pb2.Totals:
    """What an event cost, by currency."""
    return event_pb2.Totals(
        event_id=event.id,
        revision=event.revision,
        currencies=[
            event_pb2.CurrencyTotals(
                currency_code=code,
                total=format_amount(total.total_minor, code),
                by_member=[
                    event_pb2.CurrencyTotals.MemberTotal(
                        member_id=balance.member_id,
                        paid=format_amount(balance.paid_minor, code),
                        owed=format_amount(balance.owed_minor, code),
                    )
                    for balance in total.by_member
                ],
                by_category=[
                    event_pb2.CurrencyTotals.CategoryTotal(
                        category=category, total=format_amount(minor, code)
                    )
                    for category, minor in total.by_category
                ],
                by_month=[
                    event_pb2.CurrencyTotals.MonthTotal(
                        month=month, total=format_amount(minor, code)
                    )
                    for month, minor in total.by_month
                ],
            )
            for code, total in totals.items()
        ],
    )
