"""Divides an integer fairly into parts that sum to it exactly."""

from collections.abc import Mapping
from hashlib import blake2b

Cell = tuple[str, str]
"""Row and column."""


def apportion(total: int, weights: Mapping[str, int], *, key: str) -> dict[str, int]:
    """Divides `total` in proportion to `weights` by the method of largest remainders (Hamilton).

    weights: member id to a weight >= 0, at least one above 0; otherwise raises ValueError. key: decides ties;
    the same key always decides the same way, and over many keys each member wins equally often. Every part is
    the floor or the ceiling of its exact value, also if `total` is negative. The parts are in the order of
    `weights` and sum to `total`.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("weights must not be negative and not all be zero")
    parts: dict[str, int] = {}
    remainders: dict[str, int] = {}
    for member, weight in weights.items():
        parts[member], remainders[member] = divmod(total * weight, whole)
    missing = total - sum(parts.values())
    if missing:
        # Fewer units are missing than there are members with a remainder, so a weight of 0 gets none.
        order = sorted(remainders, key=lambda member: (-remainders[member], _rank(key, member)))
        for member in order[:missing]:
            parts[member] += 1
    return parts


def apportion_matrix(
    rows: Mapping[str, int], columns: Mapping[str, int], *, key: str
) -> dict[Cell, int]:
    """Integer cells in proportion to their row and column, with exactly these margins.

    rows, columns: id to a margin >= 0; both sum to the same total T. The cell (r, c) is the floor or the
    ceiling of rows[r] * columns[c] / T. Cells of zero are left out. key: decides ties.
    Raises ValueError if the margins differ in sum or one is negative.
    """
    total = sum(rows.values())
    if total != sum(columns.values()) or min([0, *rows.values(), *columns.values()]) < 0:
        raise ValueError("margins must not be negative and have equal sums")
    cells: dict[Cell, int] = {}
    fractional: dict[str, list[str]] = {row: [] for row in rows}
    row_missing, column_missing = dict(rows), dict(columns)
    for row, row_sum in rows.items():
        for column, column_sum in columns.items():
            if not row_sum or not column_sum:
                continue
            floor, remainder = divmod(row_sum * column_sum, total)
            cells[row, column] = floor
            row_missing[row] -= floor
            column_missing[column] -= floor
            if remainder:
                fractional[row].append(column)
    for cell in _round_up(fractional, row_missing, column_missing, key):
        cells[cell] += 1
    return {cell: value for cell, value in cells.items() if value}


def _round_up(
    fractional: Mapping[str, list[str]],
    row_missing: dict[str, int],
    column_missing: dict[str, int],
    key: str,
) -> set[Cell]:
    """The fractional cells to raise by one, so that no row and no column misses a unit.

    They exist: the fractional parts are a fractional solution of a transport problem with integer margins,
    which therefore has an integer solution. Gale and Ryser's greedy choice (the rows that miss most first,
    each to the columns that miss most) finds nearly all. It may leave a row short, because exact cells must
    not be raised; such a row is completed along an alternating path.
    """
    raised: set[Cell] = set()
    ranks = {column: _rank(key, column) for column in column_missing}
    for row in sorted(row_missing, key=lambda r: (-row_missing[r], _rank(key, r))):
        order = sorted(fractional[row], key=lambda c: (-column_missing[c], ranks[c]))
        for column in order[: row_missing[row]]:
            if column_missing[column]:
                raised.add((row, column))
                row_missing[row] -= 1
                column_missing[column] -= 1
    for row in row_missing:
        while row_missing[row]:
            path = _alternating_path(row, fractional, raised, column_missing)
            # Every second cell of the path is raised already, and is lowered.
            raised.symmetric_difference_update(path)
            row_missing[row] -= 1
            column_missing[path[0][1]] -= 1
    return raised


def _alternating_path(
    start: str,
    fractional: Mapping[str, list[str]],
    raised: set[Cell],
    column_missing: Mapping[str, int],
) -> list[Cell]:
    """Cells between row `start` and the nearest column that misses a unit, the last cell first.

    The path leaves a row by a cell not yet raised and a column by a raised one.
    """
    row_of: dict[str, str] = {}
    column_before: dict[str, str] = {}
    rows = [start]
    for row in rows:
        for column in fractional[row]:
            if column in row_of or (row, column) in raised:
                continue
            row_of[column] = row
            if column_missing[column]:
                path = [(row, column)]
                while row != start:
                    column = column_before[row]
                    path.append((row, column))
                    row = row_of[column]
                    path.append((row, column))
                return path
            for other in fractional:
                if other != start and other not in column_before and (other, column) in raised:
                    column_before[other] = column
                    rows.append(other)
    raise AssertionError("the fractional parts of margins have an integer solution")


def _rank(key: str, member: str) -> bytes:
    """Orders members by a hash, so that the order varies with the key and not from run to run."""
    return blake2b(f"{key}\0{member}".encode(), digest_size=8).digest()
