"""Weights, debts and payments of a plan over REST: zero is a number, and a weight is in one of two fields."""

from typing import Any

import pytest

from tests.rest.client import Rest
from tests.rest.steps import Json, expense, new_event, refusal, spend


def owed(made: Json) -> dict[str, str]:
    """Member id to share."""
    return {share["memberId"]: share["owed"] for share in made["shares"]}


def weights(*parts: tuple[str, Any]) -> Json:
    """A split by weights: numbers in `weight`, texts in `weightDecimal`."""
    listed = [
        {"memberId": member} | {"weightDecimal" if isinstance(weight, str) else "weight": weight}
        for member, weight in parts
    ]
    return {"weights": {"parts": listed}}


def test_zero_and_half_weights(ana: Rest) -> None:
    """Of a split and of a guest; null is left out."""
    path, (mine, bo) = new_event(ana, "Bo")
    made = spend(ana, path, mine, "30.00", split=weights((mine, 1), (bo, 0)))
    assert owed(made) == {mine: "30.00", bo: "0.00"}
    assert made["split"]["weights"]["parts"][1] == {"memberId": bo, "weight": 0}
    made = spend(ana, path, mine, "30.00", split=weights((mine, "2.5"), (bo, None)))
    assert made["split"]["weights"]["parts"] == [
        {"memberId": mine, "weightDecimal": "2.5"},
        {"memberId": bo, "weight": 1},
    ]
    guest = ana.post(f"{path}/members", {"name": "Cy", "weight": 0}).ok
    assert (guest["weight"], "weightDecimal" in guest) == (0, False)
    changed = ana.patch(f"{path}/members/{guest['id']}", {"weightDecimal": "0.5"}).ok
    assert (changed["weightDecimal"], "weight" in changed) == ("0.5", False)
    draft = expense(mine, "25.00")
    del draft["split"]
    assert owed(ana.post(f"{path}/expenses", draft).ok) == {
        mine: "10.00",
        bo: "10.00",
        guest["id"]: "5.00",
    }


@pytest.mark.parametrize(("body", "field"), [({"maxUses": 0}, "maxUses"), ({"ttl": "0s"}, "ttl")])
def test_invitation_of_zero_is_refused(ana: Rest, body: Json, field: str) -> None:
    """Nobody may join by it, or it has ended already: not the default."""
    path, _ = new_event(ana)
    answer = ana.post(f"{path}/invitations", body)
    assert answer.status == 400
    assert list(answer.failure.fields) == [field]


def test_default_split_of_an_event(ana: Rest) -> None:
    """It is set, used and removed."""
    path, (mine, bo) = new_event(ana, "Bo")
    split = weights((mine, 1), (bo, 3))
    assert ana.patch(path, {"defaultSplit": split}).ok["defaultSplit"] == split
    draft = expense(mine, "10.00")
    del draft["split"]
    assert owed(ana.post(f"{path}/expenses", draft).ok)[bo] == "7.50"
    assert "defaultSplit" not in ana.patch(f"{path}?updateMask=defaultSplit", {}).ok
    assert owed(ana.post(f"{path}/expenses", draft).ok)[bo] == "5.00"


def test_debt_is_explained_and_its_payment_entered_once(ana: Rest) -> None:
    """From the plan to the transfer; the second entry is the first, and a stale one is refused."""
    path, (mine, bo) = new_event(ana, "Bo")
    spend(ana, path, mine, "12.40", bo)
    query = f"{path}/debts:explain?fromMemberId={bo}&toMemberId={mine}"
    [debt] = ana.get(query).ok["debts"]
    assert (debt["amount"], debt["incurred"], debt["furtherCircles"]) == ("12.40", "12.40", "0.00")
    plan = ana.get(f"{path}/settlement").ok
    place = {"revision": plan["revision"], "index": 0}
    payment = expense(bo, "12.40", mine, kind="EXPENSE_KIND_TRANSFER", settlementTransfer=place)
    first = ana.post(f"{path}/expenses", payment).ok
    assert first["settlementTransfer"] == place
    assert ana.post(f"{path}/expenses", payment).ok == first
    stale = {**payment, "settlementTransfer": {**place, "revision": "2"}}
    assert refusal(ana.post(f"{path}/expenses", stale)) == (400, "SETTLEMENT_CHANGED")
    entries = ana.get(query).ok["entries"]
    assert sorted(entry["amount"] for entry in entries) == ["-12.40", "12.40"]
    assert refusal(ana.get(f"{path}/debts:explain?toMemberId={bo}")) == (400, "ID_REQUIRED")
    assert ana.get(f"{path}/debts:explain?fromMemberId={bo}").ok["debts"][0]["amount"] == "0.00"
