"""From balances, debts, settlements and totals to messages."""

from collections.abc import Iterable, Mapping
from typing import Any

from howmuch.ledger.circles import OpenDebts
from howmuch.ledger.money import format_amount
from howmuch.ledger.settlement import Settlement, Transfer
from howmuch.model import Event
from howmuch.rpc.mapping import KINDS
from howmuch.rpc.pages import MOST_PAGE_BYTES
from howmuch.usecases.balances import MemberBalance, MyBalance
from howmuch.usecases.debt_explanation import DebtEntry, ExplainedDebt
from howmuch.usecases.totals import Totals
from howmuch.v1 import event_pb2, user_pb2


def _amounts(record: object, currency_code: str, *names: str) -> dict[str, Any]:
    """The amounts of a record by their names in messages, which have no `_minor`."""
    return {name: format_amount(getattr(record, f"{name}_minor"), currency_code) for name in names}


def my_balances_message(balances: Iterable[MyBalance]) -> user_pb2.MyBalances:
    """The balances of a user over all events."""
    message = user_pb2.MyBalances()
    for balance in balances:
        code = balance.currency_code
        amounts = _amounts(balance, code, "spent", "owed_to_me", "owed_by_me")
        message.balances.add(currency_code=code, **amounts)
    return message


def debt_message(debt: Transfer, currency_code: str) -> event_pb2.Debt:
    """A debt, or a payment of a settlement."""
    return event_pb2.Debt(
        from_member_id=debt.from_member_id,
        to_member_id=debt.to_member_id,
        amount=format_amount(debt.amount_minor, currency_code),
    )


def balances_message(
    event: Event,
    balances: Mapping[str, Iterable[MemberBalance]],
    debts: Mapping[str, OpenDebts] | None,
) -> event_pb2.Balances:
    """Balances and debts of an event, by currency. Debts are left out if they are None or have no room."""
    message = event_pb2.Balances(event_id=event.id, revision=event.revision)
    for code, entries in balances.items():
        currency = message.currencies.add(currency_code=code)
        for balance in entries:
            amounts = _amounts(balance, code, "paid", "owed", "transferred", "net")
            currency.members.add(member_id=balance.member_id, **amounts)
        if debts is not None and code in debts:
            currency.debts.extend(debt_message(debt, code) for debt in debts[code].debts)
    if debts is not None and message.ByteSize() <= MOST_PAGE_BYTES:
        return message
    message.debts_omitted = True
    for currency in message.currencies:
        del currency.debts[:]
    return message


def explained_message(debt: ExplainedDebt) -> event_pb2.ExplainedDebt:
    """A debt in one currency, with its circles."""
    code = debt.currency_code
    return event_pb2.ExplainedDebt(
        currency_code=code,
        circles=[
            event_pb2.DebtCircle(
                member_ids=circle.member_ids, amount=format_amount(circle.amount_minor, code)
            )
            for circle in debt.circles
        ],
        further_circles=format_amount(debt.further_minor, code),
        **_amounts(debt, code, "amount", "incurred"),
    )


def entry_message(entry: DebtEntry) -> event_pb2.DebtEntry:
    """The part of an expense in a debt."""
    draft = entry.expense.draft
    code = draft.currency_code
    return event_pb2.DebtEntry(
        expense_id=entry.expense.id,
        kind=KINDS[draft.kind],
        reason=draft.reason,
        date=draft.date.isoformat(),
        currency_code=code,
        expense_amount=format_amount(draft.amount_minor, code),
        amount=format_amount(entry.amount_minor, code),
    )


def settlement_message(event: Event, plans: Mapping[str, Settlement]) -> event_pb2.Settlement:
    """The plans that settle an event, by currency."""
    message = event_pb2.Settlement(event_id=event.id, revision=event.revision)
    for code, plan in plans.items():
        message.plans.add(
            currency_code=code,
            transfers=[debt_message(transfer, code) for transfer in plan.transfers],
            groups=[event_pb2.SettlementPlan.Group(member_ids=group) for group in plan.groups],
            proven_minimal=plan.proven_minimal,
            lower_bound=plan.lower_bound,
        )
    return message


def totals_message(event: Event, totals: Mapping[str, Totals]) -> event_pb2.Totals:
    """The cost of an event, by currency."""
    message = event_pb2.Totals(event_id=event.id, revision=event.revision)
    for code, total in totals.items():
        currency = message.currencies.add(currency_code=code, **_amounts(total, code, "total"))
        for balance in total.by_member:
            amounts = _amounts(balance, code, "paid", "owed")
            currency.by_member.add(member_id=balance.member_id, **amounts)
        for cost in total.by_category:
            amounts = _amounts(cost, code, "total")
            currency.by_category.add(category=cost.name, key=cost.key, **amounts)
        for cost in total.by_month:
            currency.by_month.add(month=cost.name, **_amounts(cost, code, "total"))
    return message
