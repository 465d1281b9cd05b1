"""Members and invitations by commands."""

from tests.cli.client.conftest import Person


def test_invitations_are_listed_and_revoked(ana: Person, bo: Person, trip: str) -> None:
    """By one that was revoked nobody joins."""
    assert "No invitations" in ana.do("event", "invitations", "--event", trip)
    made = ana.ask("event", "invite", "--event", trip, "--as", "Bo", "--role", "viewer")
    ana.do("event", "invite", "--event", trip, "--uses", "5")
    shown = ana.do("event", "invitations", "--event", trip)
    assert "0 of 5" in shown
    assert any("viewer" in line and "Bo" in line for line in shown.splitlines())
    ana.do("event", "invitations", "--event", trip, "--revoke", made["id"])
    assert made["id"] not in ana.do("event", "invitations", "--event", trip)
    assert bo.fail("join", "--", made["token"])


def test_members_are_edited(ana: Person, trip: str) -> None:
    """What is named changes, and nothing else; weights count from the next expense on."""
    edit = ("member", "edit", "--event", trip)
    assert "nothing to change" in ana.fail(*edit, "Bo", code=2)
    ana.do(*edit, "Bo", "--name", "Bob", "--weight", "2")
    ana.do(*edit, "me", "--mute")
    assert "changed" in ana.type(*edit, "cy", "--weight", "3").stderr.lower()
    members = {each["name"]: each for each in ana.ask("member", "list", "--event", trip)["members"]}
    assert (members["Bob"]["weight"], members["Cy"]["weight"], members["Ana"]["weight"]) == (
        2,
        3,
        1,
    )
    assert members["Ana"]["muted"]
    ana.do("member", "remove", "Cy", "--event", trip)
    gone = ana.ask("member", "list", "--event", trip)["members"]
    assert [each["name"] for each in gone] == ["Ana", "Bob"]


def test_guest_who_has_left_is_brought_back(ana: Person, trip: str) -> None:
    """Somebody with expenses stays in them, and may take part again."""
    pay = ("expense", "add", "--event", trip, "Dinner", "30", "--paid", "Cy=30", "--for", "Cy")
    ana.do(*pay)
    ana.do("member", "remove", "Cy", "--event", trip)
    assert len(ana.ask("member", "list", "--event", trip)["members"]) == 2
    ana.do("member", "edit", "Cy", "--back", "--event", trip)
    assert len(ana.ask("member", "list", "--event", trip)["members"]) == 3


def test_barred_user_cannot_come_back(ana: Person, bo: Person, trip: str) -> None:
    """Until the bar is lifted; an invitation lets nobody past it."""
    bo.do("join", ana.ask("event", "invite", "--as", "Bo", "--event", trip)["token"])
    ana.do("member", "remove", "Bo", "--bar", "--event", trip)
    again = ana.ask("event", "invite", "--event", trip)["token"]
    assert "bar" in bo.fail("join", again)
    ana.do("member", "edit", "Bo", "--unbar", "--event", trip)
    bo.do("join", again)
    assert "Bo" in [each["name"] for each in ana.ask("member", "list", "--event", trip)["members"]]
