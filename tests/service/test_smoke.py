"""The first line of the story: an event, a guest, an expense, who owes whom."""

from tests.service.api import Person


def test_dinner_for_two_leaves_half_of_it_owed(ana: Person) -> None:
    """What one paid for two, the other owes half of."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo")
    ana.spend(event.id, event.member_id, "10.00", event.member_id, bo.id)
    assert ana.nets(event.id) == {("EUR", event.member_id): "5.00", ("EUR", bo.id): "-5.00"}
