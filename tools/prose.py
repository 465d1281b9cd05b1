"""Checks the English of documents, comments, docstrings and texts for users.

Usage: python tools/prose.py PATH...

The rules are in prose.toml beside this file. Prints one line a finding: `file:line: rule: words: advice`.
Exits with 1 if there is a finding. With --count it prints only numbers, by rule and by directory.
"""

import argparse
import ast
import re
import sys
import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).with_suffix(".toml")

_SLASH_SUFFIXES = {".proto", ".ts", ".go", ".js"}
_READ = {".md", ".py", ".yaml", ".yml", ".toml", ".sh", "Makefile", "Dockerfile"} | _SLASH_SUFFIXES
_PYTHON_COMMENT = re.compile(r"(?:^\s*|\s\s)(?P<mark>#)(?P<words>.*)$")
_HASH_COMMENT = re.compile(
    r"^\s*(?P<mark>#)(?!\s*[\w.-]+:(?:\s+(?:\S+|\[.*\]|\".*\"))?$)(?P<words>.*)$"
)
"""Without settings that are commented out."""
_SLASH_COMMENT = re.compile(r"^\s*(?P<mark>//)(?P<words>.*)$")
_NO_PROSE = re.compile(r"\s*(?:noqa|type:|pragma|mypy:|ruff:|!|buf:lint)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+\.)\s+")
_TABLE_RULE = re.compile(r"[\s|:-]+$")
_SENTENCE_END = re.compile(
    r"""(?<=[.!?])(?<!\.\.)(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!vs\.)["')\]]*\s+(?=["'(\[]?\w)"""
)
_WORD = re.compile(r"[^\W_][\w'’./%-]*")
_CLEANED = (
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"``.+?``|`[^`]+`", re.DOTALL), "code"),
    (re.compile(r"!?\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)"), r"\1"),
    (re.compile(r"<?https?://[^\s>)]+>?"), "link"),
    (re.compile(r"</?[a-z][^>\n]*>"), " "),
    (re.compile(r"[\"“][^\"“”\n]{1,80}[\"”]"), "quote"),
    (re.compile(r"\*\*|__(?=\w)|(?<=\w)__"), ""),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people. kind: document, comment, docstring or string. line: of its beginning, from 1."""

    line: int
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table cell or heading of a text."""

    line: int
    words: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that breaks a rule."""

    path: str
    line: int
    rule: str
    words: str
    say: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.words}: {self.say}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that no sentence may have. only: the kind of text it holds for; empty means every kind."""

    name: str
    pattern: re.Pattern[str]
    say: str
    headings: bool
    only: str


class Rules:
    """The rules of a TOML file."""

    def __init__(self, path: Path = RULES) -> None:
        self.data = tomllib.loads(path.read_text())
        self._max_words: int = self.data["max_words"]
        self._excluded = set(self.data["exclude"])
        self._allowed = [each["text"] for each in self.data.get("allow", ())]
        self._rules = [
            Rule(
                each["name"],
                re.compile(each["pattern"], re.IGNORECASE),
                each["say"],
                each.get("headings", True),
                each.get("only", ""),
            )
            for each in self.data["rule"]
        ]

    def files(self, paths: Iterable[Path]) -> Iterator[Path]:
        """The files that hold prose, in and below the paths."""
        for path in paths:
            found = sorted(path.rglob("*")) if path.is_dir() else [path]
            for each in found:
                is_read = each.suffix in _READ or each.name in _READ
                if is_read and each.is_file() and not self._excluded & set(each.parts):
                    yield each

    def findings(self, path: Path) -> Iterator[Finding]:
        """The sentences of a file that break a rule."""
        for text in texts(path):
            for line, rule, words, say in self.broken(text):
                yield Finding(str(path), line, rule, words, say)

    def broken(self, text: Text) -> Iterator[tuple[int, str, str, str]]:
        """Line, rule, words and advice for each rule that a text breaks."""
        for block in blocks(text):
            for sentence in sentences(block.words):
                if any(allowed in sentence for allowed in self._allowed):
                    continue
                line = block.line
                count = len(_WORD.findall(sentence))
                if count > self._max_words and text.kind != "string":
                    yield line, "long", f"{count} words", f"at most {self._max_words} a sentence"
                if sentence.endswith("?"):
                    continue
                for rule in self._rules:
                    if (block.heading and not rule.headings) or rule.only not in ("", text.kind):
                        continue
                    if match := rule.pattern.search(sentence):
                        around = sentence[max(0, match.start() - 25) : match.end() + 25].strip()
                        yield line, rule.name, around, rule.say


def texts(path: Path) -> Iterator[Text]:
    """The texts of a file, by its kind."""
    source = path.read_text()
    if path.suffix == ".md":
        yield Text(1, source, "document")
    elif path.suffix == ".py":
        yield from _of_python(source)
    else:
        pattern = _SLASH_COMMENT if path.suffix in _SLASH_SUFFIXES else _HASH_COMMENT
        yield from _comments(enumerate(source.splitlines(), 1), pattern)


def _of_python(source: str) -> Iterator[Text]:
    strings: set[int] = set()
    lines = [(number, line) for number, line in enumerate(source.splitlines(), 1)]
    known: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Expr | ast.JoinedStr | ast.Constant):
            continue
        match node:
            case ast.Expr(value=ast.Constant(value=str(words))):
                first, _, rest = words.partition("\n")
                yield Text(node.lineno, f"{first.strip()}\n{textwrap.dedent(rest)}", "docstring")
                known.add(id(node.value))
            case ast.JoinedStr(values=values):
                parts = (v.value if isinstance(v, ast.Constant) else "code" for v in values)
                yield from _string(node, "".join(map(str, parts)))
                known.update(map(id, values))
            case ast.Constant(value=str(words)) if id(node) not in known:
                yield from _string(node, words)
            case _:
                continue
        strings.update(range(node.lineno + 1, (node.end_lineno or 0) + 1))
    yield from _comments([each for each in lines if each[0] not in strings], _PYTHON_COMMENT)


def _string(node: ast.expr, words: str) -> Iterator[Text]:
    """A string is for people if it is a sentence."""
    if (
        re.match(r"[A-Z`'\"]|code", words)
        and re.search(r"\w[.!?]$", words)
        and words.count(" ") >= 3
    ):
        yield Text(node.lineno, words, "string")


def _comments(lines: Iterable[tuple[int, str]], pattern: re.Pattern[str]) -> Iterator[Text]:
    """One text for comments on lines that follow each other, in the same column."""
    begin, last, column, words = 0, 0, 0, list[str]()
    found = ((number, pattern.search(line)) for number, line in lines)
    for number, comment in [*((n, c) for n, c in found if c), (0, None)]:
        if words and (number != last + 1 or (comment and comment.start("mark") != column)):
            yield Text(begin, textwrap.dedent("\n".join(words)), "comment")
            words = []
        if comment:
            begin = begin if words else number
            words.append("" if _NO_PROSE.match(comment["words"]) else comment["words"])
            last, column = number, comment.start("mark")


def blocks(text: Text) -> Iterator[Block]:
    """The parts of a text that are prose: without code, and tables cell by cell."""
    words = _CLEANED[0][0].sub(lambda found: "\n" * found[0].count("\n"), text.words)
    start, lines, fenced, in_list = 0, list[str](), False, False
    for number, line in enumerate([*words.splitlines(), ""], text.line):
        is_item = bool(_LIST_ITEM.match(line))
        is_code = fenced or (not lines and not in_list and line.startswith("    "))
        starts_block = (
            is_item or is_code or not line.strip() or line.lstrip().startswith(("|", "#"))
        )
        if _FENCE.match(line):
            fenced, starts_block, is_code = not fenced, True, True
        if starts_block and lines:
            yield Block(start, "\n".join(lines))
            lines = []
        if line.lstrip().startswith("|") and not is_code:
            if not _TABLE_RULE.match(line):
                yield from (
                    Block(number, cell) for cell in re.split(r"(?<!\\)\|", line) if cell.strip()
                )
        elif line.startswith("#") and not is_code and text.kind == "document":
            yield Block(number, line.lstrip("# "), heading=True)
        elif line.strip() and not is_code:
            start = start if lines else number
            lines.append(_LIST_ITEM.sub("", line) if is_item else line)
            in_list = is_item or (in_list and (line.startswith(" ") or len(lines) > 1))


def sentences(words: str) -> list[str]:
    """The sentences of a paragraph, in one line each; code, addresses and quotations are one word each."""
    for pattern, replacement in _CLEANED:
        words = pattern.sub(replacement, words)
    return [each for each in _SENTENCE_END.split(" ".join(words.split())) if each]


def main(arguments: list[str]) -> int:
    """Prints the findings. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="prose", description="Check the English of texts.")
    parser.add_argument("--count", action="store_true", help="print numbers only")
    parser.add_argument("--rules", type=Path, default=RULES, help="TOML file with the rules")
    parser.add_argument("paths", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    rules = Rules(options.rules)
    found = [each for path in rules.files(options.paths) for each in rules.findings(path)]
    if options.count:
        by_rule = Counter(each.rule for each in found)
        by_directory = Counter(str(Path(each.path).parent) for each in found)
        for name, number in [*sorted(by_directory.items()), *by_rule.most_common()]:
            print(f"{number:6} {name}")
        print(f"{len(found):6} in all")
    else:
        for each in sorted(found, key=lambda each: (each.path, each.line)):
            print(each)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
