"""`howmuch run` with nothing beside it: mails are files, links work, and a kill loses none."""

import re
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.program import Running, running
from tests.mail_delivery.mail_files import mails, to
from tests.waiting import until

PASSWORD = "correct horse battery"


def arguments_of(tmp_path: Path, window_seconds: float) -> tuple[str, ...]:
    (tmp_path / "howmuch.yaml").write_text(
        f"mail: {{window_seconds: {window_seconds}}}\nbroker: {{retry_delays_seconds: [1]}}\n"
    )
    return (
        *("--data-dir", str(tmp_path / "data")),
        *("--config", str(tmp_path / "howmuch.yaml"), "--grpc-listen", "127.0.0.1:0"),
    )


def sign_up(server: Running, name: str) -> httpx.Client:
    client = httpx.Client(base_url=server.rest, timeout=30)
    email = f"{name}@example.com"
    client.post("/v1/users", json={"email": email, "password": PASSWORD, "name": name})
    answer = client.post("/v1/sessions", json={"email": email, "password": PASSWORD})
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


def verify(server: Running, directory: Path, name: str) -> None:
    """Opens the link in the mail of a sign-up, and presses its button."""
    email = f"{name}@example.com"
    until(lambda: to(directory, email, ":verify"))
    (text,) = to(directory, email, ":verify")
    link = re.search(r"/v1/mail/(\S+):verify", text)
    assert link is not None
    httpx.post(
        f"{server.rest}/v1/users:verifyEmail", json={"token": link[1]}, timeout=30
    ).raise_for_status()


def test_a_friend_is_invited_and_told(tmp_path: Path) -> None:
    """The invitation is there within the window, its link works, and so does the one that ends mails."""
    directory = tmp_path / "data" / "mail"
    with running(tmp_path / "log", *arguments_of(tmp_path, 1.0)) as server:
        assert str(directory) in server.output
        with closing(sign_up(server, "ana")) as ana, closing(sign_up(server, "bo")) as bo:
            event = ana.post("/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}).json()
            invite = {"role": "ROLE_EDITOR", "email": "bo@example.com"}
            made = ana.post(f"/v1/events/{event['id']}/invitations", json=invite).json()
            assert made["mail"] == "INVITATION_MAIL_SENDER_NOT_VERIFIED"
            verify(server, directory, "ana")
            verify(server, directory, "bo")
            made = ana.post(f"/v1/events/{event['id']}/invitations", json=invite).json()
            assert made["mail"] == "INVITATION_MAIL_REQUESTED"
            until(lambda: to(directory, "bo@example.com", "/join/"))
            # The first invitation is mailed as well, if Ana was verified before its turn came.
            text = to(directory, "bo@example.com", "/join/")[-1]
            link = re.search(r"http://\S+/join/(\S+)", text)
            assert link is not None
            assert "ana invites you to Lisbon" in httpx.get(link[0], timeout=30).text
            joined = bo.post(f"/v1/invitations/{link[1]}:accept", json={})
            assert joined.status_code == 200, joined.text
            until(lambda: to(directory, "ana@example.com", "bo"))
            spend(ana, event["id"], event["memberId"], "Dinner")
            until(lambda: to(directory, "bo@example.com", "Dinner"))
            (text,) = to(directory, "bo@example.com", "Dinner")
            stop = re.search(r"http://\S+:unsubscribe\S*", text)
            assert stop is not None
            one_click = httpx.post(stop[0], data={"List-Unsubscribe": "One-Click"}, timeout=30)
            assert one_click.status_code == 200, one_click.text
            spend(ana, event["id"], event["memberId"], "Breakfast")
            spend(bo, event["id"], event["memberId"], "Lunch")
            # What was changed first is mailed first.
            until(lambda: to(directory, "ana@example.com", "Lunch"))
            assert to(directory, "bo@example.com", "Breakfast") == []


def spend(client: httpx.Client, event_id: str, member_id: str, reason: str) -> None:
    client.post(
        f"/v1/events/{event_id}/expenses",
        json={
            "reason": reason,
            "date": "2026-11-22",
            "amount": "48.60",
            "currencyCode": "EUR",
            "payments": [{"memberId": member_id, "amount": "48.60"}],
            "split": {"equal": {"memberIds": [member_id]}},
        },
    ).raise_for_status()


@pytest.mark.killed
def test_a_kill_between_commit_and_mail_loses_nothing(tmp_path: Path) -> None:
    """Ten times: killed right after the answer, with the mail still to be sent; the next start sends it."""
    directory = tmp_path / "data" / "mail"
    arguments = arguments_of(tmp_path, 0.5)
    invited = []
    event: dict[str, str] = {}
    headers: dict[str, str] = {}
    for number in range(10):
        with running(tmp_path / f"log-{number}", *arguments) as server:
            if not event:
                with closing(sign_up(server, "ana")) as ana:
                    event = ana.post(
                        "/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}
                    ).json()
                    headers = {"authorization": ana.headers["authorization"]}
                    verify(server, directory, "ana")
            invited.append(f"friend{number}@example.com")
            httpx.post(
                f"{server.rest}/v1/events/{event['id']}/invitations",
                json={"role": "ROLE_VIEWER", "email": invited[-1]},
                headers=headers,
                timeout=30,
            ).raise_for_status()
            time.sleep(number * 0.06)
            server.process.kill()
            server.process.wait()
    with running(tmp_path / "log-last", *arguments):
        until(lambda: {mail["to"] for mail in mails(directory)} >= set(invited))
    by_id = {mail["message-id"]: mail["to"] for mail in mails(directory)}
    assert sorted(address for address in by_id.values() if address in invited) == sorted(invited)
