"""howmuch as it runs, seen from outside: REST, /metrics, the log."""

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

PASSWORD = "correct horse battery"


def config(directory: Path, **settings: Any) -> tuple[str, str]:
    """The flag that names a file with these settings."""
    file = directory / "howmuch.json"
    file.write_text(json.dumps({"log": {"format": "json"}, **settings}))
    return "--config", str(file)


def scraped(address: str) -> str:
    """What /metrics says."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def metric(address: str) -> Callable[..., float]:
    """A function from a name and labels to the sum of all series that have them."""

    def read(name: str, **labels: str) -> float:
        total = 0.0
        for found in re.finditer(rf"^{name}(?:\{{(.*)\}})? (\S+)$", scraped(address), re.MULTILINE):
            given = dict(re.findall(r'(\w+)="([^"]*)"', found[1] or ""))
            if labels.items() <= given.items():
                total += float(found[2])
        return total

    return read


def sign_up(rest: str, name: str) -> httpx.Client:
    """Somebody who has an account and a session."""
    client = httpx.Client(base_url=rest, timeout=30)
    email = f"{name}@example.com"
    account = {"email": email, "password": PASSWORD, "name": name}
    client.post("/v1/users", json=account).raise_for_status()
    answer = client.post("/v1/sessions", json={"email": email, "password": PASSWORD})
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


def new_event(client: httpx.Client) -> dict[str, str]:
    """An event of theirs."""
    event: dict[str, str] = client.post(
        "/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}
    ).json()
    return event


def join(event_id: str, host: httpx.Client, guest: httpx.Client) -> None:
    """The guest accepts an invitation of the host."""
    invitation = host.post(
        f"/v1/events/{event_id}/invitations", json={"role": "ROLE_EDITOR"}
    ).json()
    guest.post(f"/v1/invitations/{invitation['token']}:accept", json={}).raise_for_status()


def spend(
    client: httpx.Client, event: dict[str, str], reason: str, **headers: str
) -> httpx.Response:
    """An expense that the client paid alone."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        f"/v1/events/{event['id']}/expenses",
        json={
            "reason": reason,
            "date": "2026-11-22",
            "amount": "48.60",
            "payments": [{"memberId": event["memberId"]}],
            "split": {"equal": {"memberIds": [event["memberId"]]}},
        },
        headers=named,
    )
