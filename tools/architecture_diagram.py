"""Writes docs/images/architecture.svg: the packages of howmuch in the layers of the import contract.

The colours are readable on a light and on a dark page, and the file loads nothing from elsewhere.
"""

import re
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
SVG = ROOT / "docs" / "images" / "architecture.svg"

PURPOSES = {
    "cli": "commands",
    "app": "composition: builds and starts the parts",
    "rpc": "gRPC: servicers, interceptors, streams",
    "gateway": "HTTP/JSON for any gRPC service",
    "client": "gRPC client of the commands",
    "mail": "texts of mails; delivery",
    "config": "settings",
    "messaging": "outbox, relay, RabbitMQ or no broker",
    "usecases": "one function for each RPC: rules, queries, writes",
    "storage": "tables, engine, migrations",
    "model": "records that use cases take and return",
    "weights": "weights of members and splits",
    "ledger": "money, splits, balances, settlement",
    "ids": "identifiers",
    "broadcast": "signals between processes",
    "telemetry": "logs, metrics, traces",
    "runtime": "cache, sockets, TLS, start and stop",
    "errors": "errors with reasons",
}
"""Purpose of each package or module of howmuch/, in a few words."""

_WIDTH, _BOX_HEIGHT, _GAP = 980, 58, 10


def layers() -> list[list[str]]:
    """The names in each layer of the contract, from the top, without `__main__`."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    (contract,) = (each for each in contracts if each["name"] == "Layers")
    rows = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    return [row for row in rows if row != ["__main__"]]


def svg() -> str:
    """The diagram. Raises KeyError for a module without a purpose."""
    rows = layers()
    height = len(rows) * (_BOX_HEIGHT + _GAP) + _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" role="img">',
        "<title>Packages of howmuch, each above those that it may import</title>",
        f'<path d="M14 {_GAP} V{height - _GAP - 8} m-6 0 l6 8 l6 -8 z" fill="#7a8a8f" stroke="#7a8a8f" '
        'stroke-width="2"/>',
        f'<text x="0" y="0" transform="translate(36 {height // 2}) rotate(-90)" text-anchor="middle" '
        'font-size="13" fill="#7a8a8f">imports</text>',
    ]
    for number, row in enumerate(rows):
        y = _GAP + number * (_BOX_HEIGHT + _GAP)
        width = (_WIDTH - 50 - _GAP * len(row)) / len(row)
        for column, name in enumerate(row):
            parts += _box(50 + column * (width + _GAP), y, width, name)
    return "\n".join([*parts, "</svg>", ""])


def _box(x: float, y: float, width: float, name: str) -> list[str]:
    middle = x + width / 2
    first, *rest = _wrapped(PURPOSES[name], int(width / 7))
    lines = [
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BOX_HEIGHT}" rx="6" '
        'fill="#d5ecea" stroke="#00796b"/>',
        f'<text x="{middle:.1f}" y="{y + 19}" text-anchor="middle" font-size="15" font-weight="600" '
        f'fill="#00332e">{escape(name)}</text>',
    ]
    for number, line in enumerate([first, *rest]):
        lines.append(
            f'<text x="{middle:.1f}" y="{y + 36 + 14 * number}" text-anchor="middle" font-size="12" '
            f'fill="#1f4f4a">{escape(line)}</text>'
        )
    return lines


def _wrapped(words: str, width: int) -> list[str]:
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    SVG.write_text(svg())
