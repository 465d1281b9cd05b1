"""The result of the demo, as tables or as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from howmuch.client.demo import Demo
from howmuch.client.views.output import counted
from howmuch.v1 import event_pb2


def print_tables(demo: Demo, console: Console) -> None:
    """Print balances, settlement, debts and totals of each currency."""
    console.print(f"[bold]{demo.event.name}[/bold]  {demo.event.id}", highlight=False)
    console.print(f"{demo.event.description}", highlight=False)
    plans = {plan.currency_code: plan for plan in demo.settlement.plans}
    totals = {total.currency_code: total for total in demo.totals.currencies}
    for balances in demo.balances.currencies:
        code = balances.currency_code
        console.print(f"\n[bold]{code}[/bold]", highlight=False)
        plan = plans[code]
        blocks = {
            "Balances": _balances(balances.members, demo.names),
            _how_many(plan): _debts(plan.transfers, demo.names),
            "Debts": _debts(balances.debts, demo.names),
            "Cost by category": _categories(totals[code]),
        }
        for title, table in blocks.items():
            console.print(f"  {title}", highlight=False)
            console.print(Padding(table, (0, 0, 0, 4), expand=False))
    owner = demo.owner
    console.print(
        f"\n{owner.name} owns the event and logs in as {owner.email} with {owner.password}.",
        highlight=False,
        soft_wrap=True,
    )


def to_json(demo: Demo) -> dict[str, Any]:
    """Return the answers of the server and the names as JSON values."""
    return {
        "email": demo.owner.email,
        "password": demo.owner.password,
        "event": _json(demo.event),
        "names": dict(demo.names),
        "balances": _json(demo.balances),
        "settlement": _json(demo.settlement),
        "totals": _json(demo.totals),
    }


def _balances(members: Sequence[event_pb2.MemberBalance], names: Mapping[str, str]) -> Table:
    table = Table("Member", box=box.SIMPLE_HEAD)
    for column in ("Paid", "Share", "Payments", "Net"):
        table.add_column(column, justify="right")
    by_id = {member.member_id: member for member in members}
    for member_id, name in names.items():
        if member_id in by_id:
            one = by_id[member_id]
            table.add_row(name, one.paid, one.owed, one.transferred, one.net)
    return table


def _how_many(plan: event_pb2.SettlementPlan) -> str:
    fewest = "no plan has fewer" if plan.proven_minimal else f"at least {plan.lower_bound} needed"
    return f"Settled by {counted(len(plan.transfers), 'payment')} ({fewest})"


def _debts(debts: Sequence[event_pb2.Debt], names: Mapping[str, str]) -> Table:
    table = Table("From", "To", box=box.SIMPLE_HEAD)
    table.add_column("Amount", justify="right")
    order = {member_id: index for index, member_id in enumerate(names)}
    for debt in sorted(debts, key=lambda d: (order[d.from_member_id], order[d.to_member_id])):
        table.add_row(names[debt.from_member_id], names[debt.to_member_id], debt.amount)
    return table


def _categories(totals: event_pb2.CurrencyTotals) -> Table:
    table = Table("Category", box=box.SIMPLE_HEAD)
    table.add_column("Total", justify="right")
    for category in totals.by_category:
        table.add_row(category.category or "without", category.total)
    table.add_row("all", totals.total)
    return table


def _json(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)
