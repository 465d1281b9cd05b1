"""Import of expenses from CSV by commands."""

from pathlib import Path

import pytest

from tests.cli.client.conftest import Person, shares


def test_import_takes_every_column(ana: Person, trip: str, tmp_path: Path) -> None:
    """Lists within a cell are separated by semicolons; the byte-order mark of a spreadsheet is no name."""
    table = tmp_path / "trip.csv"
    table.write_text(
        "\ufeffReason,Amount,Currency,Date,Paid,For,Category,Notes\n"
        '"Wine, red",20,usd,2026-11-22,ana=15;bo=5,bo;cy,food,good\n',
        encoding="utf-8",
    )
    [made] = ana.ask("expense", "import", str(table))["expenses"]
    assert shares(ana, made) == {
        "Ana": ("15.00", "0.00"),
        "Bo": ("5.00", "10.00"),
        "Cy": ("0.00", "10.00"),
    }
    fields = ("reason", "amount", "currencyCode", "date", "category", "notes")
    assert [made[f] for f in fields] == ["Wine, red", "20.00", "USD", "2026-11-22", "food", "good"]


def test_import_without_for_takes_the_default_split(ana: Person, trip: str, tmp_path: Path) -> None:
    """At first the usual weights; a line may be income."""
    table = tmp_path / "trip.csv"
    table.write_text("reason,amount,kind\nTea,9,\nRefund,9,Income\n")
    ana.do("member", "edit", "bo", "--weight", "0")
    tea, refund = ana.ask("expense", "import", str(table))["expenses"]
    assert shares(ana, tea)["Bo"] == ("0.00", "0.00")
    assert refund["kind"] == "EXPENSE_KIND_INCOME"
    ana.do("event", "split", "--for", "bo")
    [tea, _] = ana.ask("expense", "import", str(table))["expenses"]
    assert shares(ana, tea)["Bo"] == ("0.00", "9.00")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("reason\nTea\n", 2, "lacks the column 'amount'; the columns are reason, "),
        ("reason,amount,what\nTea,1,2\n", 2, "has 'what'; the columns are "),
        (
            "reason,amount\nTea\n",
            2,
            "line 2: the number of values differs from the number of columns.",
        ),
        ("reason,amount\nTea,1\nTea,x\n", 1, "line 3, amount: 'x' is not an amount"),
        (
            "reason,amount\nTea,-2\n",
            2,
            "line 2: amount '-2' is negative; an amount is more than zero. If it",
        ),
        ("reason,amount\nTea,-2\n", 2, "came in, write 2, with income in the column kind."),
        (
            "reason,amount,kind\nTea,1,in\n",
            2,
            "line 2: kind 'in' is not one of expense, income, transfer.",
        ),
        ("reason,amount,date\nTea,1,x\n", 1, "line 2, date: 'x' is not a day"),
        ("reason,amount,paid\nTea,1,zoe\n", 1, "line 2: There is no member 'zoe'"),
    ],
    ids=["missing", "unknown", "short", "amount", "negative", "income", "kind", "date", "member"],
)
def test_import_names_the_line(
    ana: Person, trip: str, tmp_path: Path, text: str, code: int, line: str
) -> None:
    """Nothing of a hundred with a mistake in it is added."""
    table = tmp_path / "bad.csv"
    table.write_text(text)
    assert line in ana.fail("expense", "import", str(table), code=code)
    assert ana.ask("expense", "list")["expenses"] == []


def test_import_that_stops_says_where_to_go_on(ana: Person, trip: str, tmp_path: Path) -> None:
    """After the hundreds that were added; going on from there adds the rest once."""
    table = tmp_path / "long.csv"
    lines = [f"Tea {i},1" for i in range(120)]
    table.write_text("\n".join(["reason,amount", *lines, "Tea,x", ""]))
    said = ana.fail("expense", "import", str(table))
    assert said.startswith("line 122, amount: ")
    assert said.endswith("The lines before 102 were added: continue with --from-line 102.")
    table.write_text("\n".join(["reason,amount", *lines, "Tea,2", ""]))
    ana.do("expense", "import", str(table), "--from-line", "102")
    assert len(ana.ask("expense", "list", "--all")["expenses"]) == 121
