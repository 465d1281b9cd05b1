"""Tables of a user and their sessions."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.profiles import Profile
from howmuch.client.views.output import cell, facts, local_time, money, table
from howmuch.v1 import user_pb2


def account(
    user: user_pb2.User, balances: user_pb2.MyBalances, profile: Profile
) -> list[RenderableType]:
    """Show a user, the server, and the balances of the user over all events."""
    verified = "" if user.email_verified else " (not verified)"
    pending = f"{user.pending_email} (not confirmed)"
    shown = facts(
        {
            "Name": user.name,
            "Email": user.email + verified,
            **({"New email": pending} if user.pending_email else {}),
            "Currency": user.currency_code,
            "Language": user.locale,
            "Time zone": user.time_zone,
            "Server": profile.address + (" (TLS)" if profile.tls else ""),
        }
    )
    if not balances.balances:
        return [shown]
    columns = ("Spent", "Owed to you", "You owe")
    stakes = table("Currency", *columns, right=columns)
    for one in balances.balances:
        debt = Text(one.owed_by_me, style="red" if one.owed_by_me.strip("0.") else "dim")
        stakes.add_row(one.currency_code, one.spent, money(one.owed_to_me), debt)
    return [shown, "", stakes]


def session_list(sessions: Iterable[user_pb2.Session]) -> RenderableType:
    shown = table("", "Client", "Since", "Until", "Id", less=("Since",))
    for session in sessions:
        shown.add_row(
            Text("*", style="bold green") if session.current else "",
            cell(session.client or "unknown"),
            local_time(session.create_time),
            local_time(session.expire_time)[:10],
            Text(session.id, style="dim"),
        )
    return shown
