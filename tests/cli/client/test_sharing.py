"""The main job by commands: events, guests, expenses, balances, settlement; and every way to get it wrong."""

import json

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from howmuch.v1 import event_pb2, event_service_pb2, expense_pb2, expense_service_pb2, user_pb2
from tests.cli.client.conftest import Person, shares


def add(person: Person, *words: str) -> dict[str, tuple[str, str]]:
    """Add an expense; paid and owed of each member."""
    return shares(person, person.ask("expense", "add", *words))


def test_two_users_share_an_event(ana: Person, bo: Person, trip: str) -> None:
    """Bo becomes the guest of his name, adds an expense, and both see the same settlement."""
    invitation = ana.ask("event", "invite", "--as", "BO")
    bo.do("join", f"https://example.com/v1/invitations/{invitation['token']}")
    members = bo.ask("member", "list")["members"]
    assert [(m["name"], bool(m["userId"])) for m in members] == [
        ("Ana", True),
        ("Bo", True),
        ("Cy", False),
    ]
    ana.do("expense", "add", "Dinner", "48.60", "EUR", "--paid", "ana=30", "--paid", "bo=18.60")
    bo.do("expense", "add", "Taxi", "20", "--for", "ana,me")
    assert ana.do("settle") == bo.do("settle")
    ana.do("settle", "--record", "cy", "bo", "--amount", "0.01")
    while plans := ana.ask("settle")["plans"]:
        debt = plans[0]["transfers"][0]
        ana.do("settle", "--record", debt["fromMemberId"], debt["toMemberId"])
    assert ana.do("settle") == "All is settled.\n"
    assert "You are even in EUR." in bo.do("balance", "--debts")
    history = bo.do("history")
    assert "Bo joined the event" in history
    assert "Bo added “Taxi”, €20.00, paid by Bo" in history
    assert "Cy paid Bo €0.01, recorded by Ana" in history


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), {"Ana": ("30.00", "10.00"), "Bo": ("0.00", "10.00"), "Cy": ("0.00", "10.00")}),
        (("--for", "bo,CY", "--paid", "cy"), {"Bo": ("0.00", "15.00"), "Cy": ("30.00", "15.00")}),
        (
            ("--share", "me=2", "--share", "bo=1"),
            {"Ana": ("30.00", "20.00"), "Bo": ("0.00", "10.00")},
        ),
        (
            ("--percent", "bo=25%", "--percent", "cy=75"),
            {"Ana": ("30.00", "0.00"), "Bo": ("0.00", "7.50"), "Cy": ("0.00", "22.50")},
        ),
        (("--exact", "bo=30"), {"Ana": ("30.00", "0.00"), "Bo": ("0.00", "30.00")}),
        (
            ("--adjust", "bo=+3", "--adjust", "cy=-3"),
            {"Ana": ("30.00", "10.00"), "Bo": ("0.00", "13.00"), "Cy": ("0.00", "7.00")},
        ),
        (
            ("--adjust", "bo=2", "--for", "ana,bo"),
            {"Ana": ("30.00", "14.00"), "Bo": ("0.00", "16.00")},
        ),
        (
            ("--item", "Wine=20:ana,bo", "--item", "Tea=7:all", "--item", "=1:cy", "--tip", "2"),
            {},
        ),
    ],
    ids=["default", "for", "share", "percent", "exact", "adjust", "adjust for", "item"],
)
def test_every_way_to_split(
    ana: Person, trip: str, words: tuple[str, ...], expected: dict[str, tuple[str, str]]
) -> None:
    """Each flag is the mode of the API with that meaning."""
    found = add(ana, "Dinner", "30", *words)
    if expected:
        assert found == expected
    else:
        [expense] = ana.ask("expense", "list")["expenses"]
        items = expense["split"]["itemized"]["items"]
        assert [(i["name"], i["amount"], len(i["memberIds"])) for i in items] == [
            ("Wine", "20.00", 2),
            ("Tea", "7.00", 3),
            ("", "1.00", 1),
        ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["whoami"], user_pb2.User()),
        (["event", "list"], event_service_pb2.ListEventsResponse()),
        (["event", "show"], event_pb2.Event()),
        (["event", "invite"], event_pb2.Invitation()),
        (["member", "list"], event_service_pb2.ListMembersResponse()),
        (["member", "add", "Di"], event_pb2.Member()),
        (["expense", "add", "Tea", "1"], expense_pb2.Expense()),
        (["expense", "list"], expense_service_pb2.ListExpensesResponse()),
        (["expense", "show", "Dinner"], expense_pb2.Expense()),
        (["expense", "edit", "dinner", "--amount", "7"], expense_pb2.Expense()),
        (["expense", "history", "Dinner"], expense_service_pb2.ListExpenseVersionsResponse()),
        (["expense", "delete", "Dinner"], expense_pb2.Expense()),
        (["balance"], event_pb2.Balances()),
        (["settle"], event_pb2.Settlement()),
        (["history"], event_service_pb2.ListChangesResponse()),
        (["event", "archive"], event_pb2.Event()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_json_is_the_answer_of_the_api(
    ana: Person, trip: str, arguments: list[str], message: Message
) -> None:
    """One document with the fields of the message, and of the JSON of REST, and nothing beside it."""
    ana.do("expense", "add", "Dinner", "9")
    result = ana.type(*arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    ParseDict(json.loads(result.stdout), message)


def test_edit_of_what_has_changed_meanwhile_is_refused(ana: Person, trip: str) -> None:
    """With the etag that was read, nothing of somebody else is overwritten."""
    read = ana.ask("expense", "add", "Dinner", "9")
    ana.do("expense", "edit", "Dinner", "--reason", "Supper")
    for command in (["edit", read["id"], "--amount", "8"], ["delete", read["id"]]):
        said = ana.fail("expense", *command, "--etag", read["etag"])
        assert said.endswith("`show` prints the current etag.")
    now = ana.ask("expense", "show", read["id"])
    assert (now["reason"], now["amount"], now["version"]) == ("Supper", "9.00", 2)


def test_edit_changes_what_is_named_alone(ana: Person, trip: str) -> None:
    """The rest stays as it is; `history` has all versions, and `restore` brings any of them back."""
    ana.do(
        "expense", "add", "Dinner", "30", "--paid", "bo", "--for", "ana,bo", "--category", "food"
    )
    edited = ana.ask("expense", "edit", "dinn", "--amount", "40", "--currency", "usd")
    assert shares(ana, edited) == {"Ana": ("0.00", "20.00"), "Bo": ("40.00", "20.00")}
    assert (edited["category"], edited["currencyCode"]) == ("food", "USD")
    again = shares(ana, ana.ask("expense", "edit", "dinner", "--paid", "cy", "--for", "all"))
    assert {name: paid for name, (paid, _) in again.items()} == {
        "Ana": "0.00",
        "Bo": "0.00",
        "Cy": "40.00",
    }
    ana.do("expense", "delete", "dinner")
    assert ana.do("expense", "list") == "No expenses.\n"
    assert "(deleted)" in ana.do("expense", "list", "--deleted")
    ana.do("expense", "restore", "dinner")
    back = ana.ask("expense", "restore", "dinner", "--version", "1")
    assert (back["amount"], back["currencyCode"], back["version"]) == ("30.00", "EUR", 6)
    assert len(ana.ask("expense", "history", "dinner")["versions"]) == 6


def test_names_that_several_have_are_refused_and_listed(ana: Person, trip: str) -> None:
    """A name in another case is one's own where nobody else has it; an id says which."""
    ids = [ana.ask("member", "add", name)["id"] for name in ("Di", "DI")]
    said = ana.fail("expense", "add", "Tea", "1", "--paid", "di")
    assert said.startswith("'di' matches 2 members: Di (")
    assert all(identifier in said for identifier in ids)
    ana.do("expense", "add", "Tea", "1", "--paid", "DI")
    ana.do("expense", "add", "Green tea", "2", "--paid", ids[0])
    assert "matches 2 expenses: " in ana.fail("expense", "show", "te")
    assert ana.ask("expense", "show", "TEA")["amount"] == "1.00"
    name = ana.ask("event", "show")["name"]
    twin = ana.ask("event", "create", name)["id"]
    said = ana.fail("event", "show", name)
    assert "matches 2 events: " in said
    assert twin in said
    assert ana.ask("event", "show", twin)["id"] == twin


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (
            ["expense", "add", "Tea", "1", "--paid", "zoe"],
            1,
            "There is no member 'zoe': see `howmuch m",
        ),
        (
            ["expense", "add", "Tea", "1", "--paid", "ana=2"],
            1,
            "--paid: The payments sum to 2.00 EUR",
        ),
        (["expense", "add", "Tea", "x"], 1, "amount: 'x' is not an amount; write digits"),
        (["expense", "add", "Tea", "1", "XXY"], 1, "currency: "),
        (["expense", "add", "Tea", "1", "--date", "1.5."], 1, "--date: '1.5.' is not a day"),
        (["expense", "add", "Tea", "1", "--percent", "bo=50"], 1, "--percent: "),
        (["expense", "add", "Tea", "1", "--share", "bo"], 2, "--share 'bo' is not NAME=VALUE"),
        (
            ["expense", "add", "Tea", "1", "--share", "bo=x"],
            2,
            "--share: 'x' is not a number of shares",
        ),
        (
            ["expense", "add", "Tea", "1", "--item", "Wine=2"],
            2,
            "--item 'Wine=2' is not TEXT=AMOUNT:",
        ),
        (["expense", "add", "Tea", "1", "--tip", "2"], 2, "--tax and --tip need --item"),
        (
            ["expense", "add", "Tea", "1", "--for", "bo", "--share", "bo=1"],
            2,
            "--for and --share are different ways to split",
        ),
        (
            ["expense", "show", "nothing"],
            1,
            "There is no expense 'nothing': see `howmuch expense list`",
        ),
        (["expense", "show", "exp_01kb0m6q5yf8ssqv0v8k6h3t2d"], 1, "There is no expense"),
        (["expense", "edit", "nothing"], 2, "nothing to change; use --reason, "),
        (
            ["settle", "--record", "bo", "cy"],
            1,
            "No plan says that Bo pays Cy: see `howmuch settle`",
        ),
        (["settle", "--amount", "2"], 2, "--amount needs --record"),
        (["event", "show", "nowhere"], 1, "There is no event 'nowhere': see `howmuch event list"),
        (["event", "edit"], 2, "nothing to change; use --name, "),
        (["join", "x" * 43], 1, "There is no invitation"),
        (["join", "no-such-token"], 1, "token: This is not a token out of a link"),
        (["member", "remove", "me"], 1, "'Ana' is the only owner of the event. "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_error_says_what_to_do(
    ana: Person, trip: str, arguments: list[str], code: int, line: str
) -> None:
    """One line that names things as the command line does."""
    assert ana.fail(*arguments, code=code).startswith(line)


def test_archived_event_can_only_be_read(ana: Person, trip: str) -> None:
    """Its error names the command that makes it writable again."""
    ana.do("event", "archive")
    said = ana.fail("expense", "add", "Tea", "1")
    assert said.endswith("Run `howmuch event unarchive` first.")
    assert trip not in ana.do("event", "list", "--json")
    assert trip in ana.do("event", "list", "--archived", "--json")
    ana.do("event", "unarchive", trip)
    ana.do("expense", "add", "Tea", "1")


def test_event_in_use_and_event_that_is_named(ana: Person, trip: str) -> None:
    """--event and HOWMUCH_EVENT name another for one command, `use` for all to come."""
    other = ana.ask("event", "create", "Elsewhere", "--currency", "JPY")["id"]
    ana.do("expense", "add", "Tea", "1", "--event", trip)
    assert ana.ask("expense", "list")["expenses"] == []
    listed = ana.type("expense", "list", "--json", HOWMUCH_EVENT=trip)
    assert len(json.loads(listed.stdout)["expenses"]) == 1
    ana.do("event", "use", trip)
    assert ana.ask("balance")["eventId"] == trip
    ana.do("event", "delete", other)
    ana.do("event", "undelete", other)


def test_event_has_to_be_named_where_there_are_several(bo: Person, trip: str) -> None:
    """Who has chosen none is told how to; their only one needs no choice."""
    first = bo.ask("event", "create", "One")["id"]
    bo.do("event", "create", "Two")
    said = json.loads(bo.file.read_text())
    said["servers"][bo.address]["event_id"] = ""
    bo.file.write_text(json.dumps(said))
    assert "name one with --event, or choose one" in bo.fail("balance")
    bo.do("balance", "--event", first)
