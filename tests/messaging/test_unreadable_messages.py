"""Messages that cannot be read stay what they are."""

from typing import Any

import pytest

from howmuch.messaging.messages import UNREADABLE_KEY, from_payload, to_payload

UNREADABLE: list[tuple[str, Any]] = [
    ("event.expense.created", {"nonsense": 1}),
    ("event.expense.created", {"event_id": "evt_1", "revision": "five"}),
    ("event.expense.created", [1]),
    ("unheard.of", {"event_id": "evt_1", "later": {"a": [1]}}),
    (UNREADABLE_KEY, {"unreadable": "no JSON"}),
    (UNREADABLE_KEY, {}),
]


@pytest.mark.parametrize(("key", "payload"), UNREADABLE)
def test_unreadable_row_is_never_wrapped_again(key: str, payload: Any) -> None:
    """After any number of dead letters and tries it has the size it had after the first."""
    first = from_payload("1", key, payload)
    assert first.routing_key == UNREADABLE_KEY
    again = first
    for _ in range(3):
        again = from_payload("1", again.routing_key, to_payload(again))
    assert again == first
    if key != UNREADABLE_KEY:
        assert to_payload(first) == {"routing_key": key, "payload": payload}
