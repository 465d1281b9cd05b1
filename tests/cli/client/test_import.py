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
        ("reason,amount,paid\nTea,1,zoe\n", 1, "line 2: There is no member 'zoe'"),
    ],
    ids=["missing", "unknown", "short", "amount", "member"],
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
