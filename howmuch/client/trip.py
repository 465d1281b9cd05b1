"""The data of the demo: six friends in Lisbon and Tokyo. docs/demo.md adds it up by hand.

Amounts are minor units, cents of EUR and yen of JPY: 960_00 is 960.00 EUR. Every share is a whole number of
minor units, so no cent is left to draw lots for, and the balances are the same in every run.
`howmuch.client.demo` replaces names with member ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from howmuch.ledger.shares import Kind
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    Item,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
)

EVENT_NAME = "Lisbon and Tokyo"
EVENT_DESCRIPTION = "Four days by the Tagus, eight in Tokyo, six friends."

OWNER = "Ana"
"""Creates the event."""
INVITED = "Ben"
"""Starts as a guest, and takes over that guest by an invitation."""
GUESTS = ("Ben", "Chloe", "Daniel", "Emi", "Farid")
NAMES = (OWNER, *GUESTS)
EVERYBODY = EqualSplit(NAMES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One expense. paid: name to minor units, which sum to the amount."""

    date: str
    reason: str
    category: str
    paid: Mapping[str, int]
    split: Split = EVERYBODY
    kind: Kind = Kind.EXPENSE
    currency_code: str = "EUR"

    @property
    def amount_minor(self) -> int:
        """The total in minor units."""
        return sum(self.paid.values())


def _equal(*names: str) -> EqualSplit:
    return EqualSplit(names)


def _weights(**weights: int) -> WeightsSplit:
    return WeightsSplit(tuple(weights.items()))


def _percent(**ten_thousandths: int) -> PercentSplit:
    return PercentSplit(tuple(ten_thousandths.items()))


def _exact(**minor: int) -> ExactSplit:
    return ExactSplit(tuple(minor.items()))


def _adjusted(**minor: int) -> AdjustedSplit:
    """All six share equally; adjusted by these minor units."""
    return AdjustedSplit(tuple((name, minor.get(name, 0)) for name in NAMES))


_VAN_PARTS = _percent(
    Ana=25_0000, Ben=25_0000, Chloe=20_0000, Daniel=10_0000, Emi=10_0000, Farid=10_0000
)

LISBON = (
    Entry(
        "2026-09-22",
        "Flat in Alfama, by nights",
        "lodging",
        {"Ana": 960_00},
        _weights(Ana=4, Ben=4, Chloe=4, Daniel=4, Emi=2, Farid=2),
    ),
    Entry("2026-09-22", "Deposit for the flat", "lodging", {"Ana": 150_00}),
    Entry(
        "2026-09-22",
        "Taxi from the airport",
        "transport",
        {"Ben": 24_00},
        _equal("Ana", "Ben", "Chloe", "Daniel"),
    ),
    Entry("2026-09-22", "Groceries", "food", {"Chloe": 86_40}),
    Entry(
        "2026-09-22",
        "Dinner in Mouraria",
        "food",
        {"Ben": 112_20},
        ItemizedSplit(
            (
                Item("Sea bass", 30_00, ("Ana", "Ben")),
                Item("Octopus rice", 36_00, ("Chloe", "Daniel", "Emi")),
                Item("Vegetable stew", 12_00, ("Farid",)),
                Item("Wine", 24_00, ("Ana", "Ben", "Chloe", "Daniel")),
            ),
            tax_minor=0,
            tip_minor=10_20,
        ),
    ),
    Entry("2026-09-23", "Tram 28", "transport", {"Daniel": 18_60}),
    Entry(
        "2026-09-23",
        "Metro, by days",
        "transport",
        {"Daniel": 46_20},
        _weights(Ana=3, Ben=3, Chloe=3, Daniel=3, Emi=1, Farid=1),
    ),
    Entry("2026-09-23", "Custard tarts", "food", {"Emi": 15_60}),
    Entry("2026-09-23", "Lunch at the market", "food", {"Ben": 78_00}),
    Entry(
        "2026-09-23",
        "Fado dinner, wine for two",
        "food",
        {"Farid": 252_00},
        _adjusted(Ana=12_00, Ben=12_00, Emi=-6_00),
    ),
    Entry("2026-09-24", "Van to Sintra", "transport", {"Daniel": 180_00}, _VAN_PARTS),
    Entry("2026-09-24", "Fuel", "transport", {"Daniel": 52_00}, _VAN_PARTS),
    Entry(
        "2026-09-24",
        "Palace, Emi as a student",
        "activities",
        {"Chloe": 84_00},
        _exact(Ana=15_00, Ben=15_00, Chloe=15_00, Daniel=15_00, Emi=9_00, Farid=15_00),
    ),
    Entry(
        "2026-09-25", "Surf lesson", "activities", {"Emi": 153_60}, _equal("Ben", "Emi", "Farid")
    ),
    Entry(
        "2026-09-25",
        "Tile museum",
        "activities",
        {"Chloe": 40_00},
        _equal("Ana", "Chloe", "Daniel", "Emi"),
    ),
    Entry("2026-09-25", "Boat on the Tagus", "activities", {"Chloe": 120_00, "Emi": 120_00}),
    Entry(
        "2026-09-26",
        "Port wine to take home",
        "shopping",
        {"Farid": 90_00},
        _equal("Ana", "Ben", "Chloe"),
    ),
    Entry("2026-09-26", "Deposit back", "lodging", {"Ana": 150_00}, kind=Kind.INCOME),
    Entry(
        "2026-09-26",
        "Refund of a rained-off walk",
        "activities",
        {"Chloe": 72_00},
        kind=Kind.INCOME,
    ),
    Entry("2026-09-26", "Ben pays Ana back", "", {"Ben": 200_00}, _equal("Ana"), Kind.TRANSFER),
    Entry(
        "2026-09-26", "Daniel pays Ana back", "", {"Daniel": 50_00}, _equal("Ana"), Kind.TRANSFER
    ),
)

_jpy = partial(Entry, currency_code="JPY")

TOKYO = (
    _jpy("2026-09-27", "Train from the airport", "transport", {"Emi": 18_420}),
    _jpy(
        "2026-09-27",
        "Rooms in Asakusa, by nights",
        "lodging",
        {"Farid": 197_600},
        _weights(Ana=7, Ben=7, Chloe=7, Daniel=5, Emi=7, Farid=5),
    ),
    _jpy("2026-09-27", "Transit cards", "transport", {"Ana": 12_000}),
    _jpy("2026-09-27", "Ramen", "food", {"Ben": 7_050}),
    _jpy(
        "2026-09-28",
        "Izakaya",
        "food",
        {"Emi": 26_400},
        ItemizedSplit(
            (
                Item("Skewers", 9_000, NAMES),
                Item("Sashimi", 6_000, ("Ana", "Ben", "Chloe")),
                Item("Tofu and pickles", 3_000, ("Daniel", "Farid")),
                Item("Sake", 6_000, ("Ana", "Ben", "Emi")),
            ),
            tax_minor=2_400,
            tip_minor=0,
        ),
    ),
    _jpy("2026-09-28", "Digital art museum", "activities", {"Chloe": 22_800}),
    _jpy(
        "2026-09-28",
        "Karaoke, Farid left early",
        "activities",
        {"Daniel": 9_600},
        _adjusted(Ana=600, Farid=-600),
    ),
    _jpy(
        "2026-09-29",
        "Night taxi",
        "transport",
        {"Ben": 4_800},
        _equal("Ana", "Ben", "Emi", "Farid"),
    ),
    _jpy(
        "2026-09-30",
        "Rail to Hakone",
        "transport",
        {"Ben": 30_500},
        _equal("Ana", "Ben", "Chloe", "Emi", "Farid"),
    ),
    _jpy(
        "2026-09-30",
        "Hot spring, massage for two",
        "activities",
        {"Chloe": 21_000},
        _exact(Ana=2_500, Ben=2_500, Chloe=7_000, Emi=7_000, Farid=2_000),
    ),
    _jpy(
        "2026-10-01",
        "Sumo, box seats for two",
        "activities",
        {"Ana": 24_000, "Farid": 24_000},
        _percent(
            Ana=25_0000, Ben=25_0000, Chloe=12_5000, Daniel=12_5000, Emi=12_5000, Farid=12_5000
        ),
    ),
    _jpy("2026-10-01", "Conveyor-belt sushi", "food", {"Emi": 15_000}),
    _jpy(
        "2026-10-02",
        "Kitchen knives",
        "shopping",
        {"Ana": 39_600},
        _exact(Ana=8_800, Ben=17_600, Daniel=13_200),
    ),
    _jpy(
        "2026-10-02",
        "Tax back on the knives",
        "shopping",
        {"Ana": 3_960},
        _weights(Ana=2, Ben=4, Daniel=3),
        Kind.INCOME,
    ),
    _jpy(
        "2026-10-03",
        "Luggage ahead, by pieces",
        "transport",
        {"Farid": 9_000},
        _weights(Ana=1, Ben=2, Chloe=1, Daniel=1, Emi=1),
    ),
    _jpy(
        "2026-10-03",
        "Farewell dinner",
        "food",
        {"Daniel": 90_000},
        _adjusted(Chloe=-3_000, Emi=-3_000, Farid=6_000),
    ),
    _jpy(
        "2026-10-04",
        "Daniel pays Farid for a room",
        "",
        {"Daniel": 10_000},
        _equal("Farid"),
        Kind.TRANSFER,
    ),
    _jpy(
        "2026-10-04",
        "Chloe pays Farid for a room",
        "",
        {"Chloe": 20_000},
        _equal("Farid"),
        Kind.TRANSFER,
    ),
    _jpy("2026-10-04", "Ben pays Emi back", "", {"Ben": 5_000}, _equal("Emi"), Kind.TRANSFER),
)

ENTRIES = LISBON + TOKYO
