"""The commands that call a server: each parses words, calls `howmuch.client`, and prints the answer."""

from howmuch.cli.client.account import login, logout, signup, whoami
from howmuch.cli.client.comment import comment
from howmuch.cli.client.completion import completion
from howmuch.cli.client.default_split import split
from howmuch.cli.client.event import event, join
from howmuch.cli.client.expense import expense
from howmuch.cli.client.importing import import_
from howmuch.cli.client.ledger import balance, explain, history, settle, totals, watch
from howmuch.cli.client.member import member
from howmuch.cli.client.overview import activity, categories, currencies, overview
from howmuch.cli.client.own_account import account
from howmuch.cli.client.repeating import duplicate, recent

event.add_command(split)
for command in (import_, duplicate, recent):
    expense.add_command(command)

ACCOUNT = (signup, login, logout, whoami, account)
SHARING = (
    overview,
    activity,
    event,
    join,
    member,
    expense,
    comment,
    balance,
    explain,
    settle,
    totals,
    history,
    watch,
    currencies,
    categories,
)

__all__ = ["ACCOUNT", "SHARING", "completion"]
