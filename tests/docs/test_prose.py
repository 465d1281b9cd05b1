"""The linter of prose: each rule by its own examples, and which parts of a file it reads."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prose", ROOT / "tools" / "prose.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["prose"] = module
    spec.loader.exec_module(module)
    return module


prose = _load()
rules = prose.Rules()


def _broken(words: str, kind: str = "docstring") -> list[str]:
    return [rule for _, rule, _, _ in rules.broken(prose.Text(1, words, kind))]


@pytest.mark.parametrize("rule", rules.data["rule"], ids=lambda rule: rule["name"])
def test_rule_finds_its_bad_sentences(rule: dict[str, Any]) -> None:
    """Each bad sentence in prose.toml breaks the rule that it stands under."""
    assert rule["bad"]
    for sentence in rule["bad"]:
        assert rule["name"] in _broken(sentence), sentence


@pytest.mark.parametrize("rule", rules.data["rule"], ids=lambda rule: rule["name"])
def test_rule_passes_its_good_sentences(rule: dict[str, Any]) -> None:
    """No good sentence in prose.toml breaks any rule."""
    assert rule["good"]
    for sentence in rule["good"]:
        assert _broken(sentence) == [], sentence


def test_sentence_longer_than_the_limit_is_found() -> None:
    """31 words are too many, 30 are not; code, links and quotations count as one word each."""
    words = ["word"] * 27 + ["`a b c`", "[one](https://example.com/a-b)", '"x y"']
    assert _broken(f"{' '.join(words)}.") == []
    assert _broken(f"More {' '.join(words)}.") == ["long"]


def _findings(path: Path) -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for finding in rules.findings(path)]


def test_markdown_is_read_without_code(tmp_path: Path) -> None:
    """Paragraphs, items and table cells are read; code, and a question in a heading, are not."""
    path = tmp_path / "page.md"
    path.write_text(
        "# What it does\n\nNobody is here.\n\n```sh\nNobody is here.\n```\n\n    Nobody is here.\n\n"
        "Text `nobody`.\n- one\n- nobody\n\n| a | b |\n|---|---|\n| c | nobody |\n"
    )
    assert _findings(path) == [(3, "nobody"), (13, "nobody"), (17, "nobody")]


def test_python_is_read_in_comments_docstrings_and_sentences(tmp_path: Path) -> None:
    """Comments, docstrings and strings that are sentences are read; names and data are not."""
    path = tmp_path / "module.py"
    path.write_text(
        '"""Nobody reads this."""\n\n# Fine so far,\n# but nobody came.\nnobody = "nobody"\n'
        '"""Given by nobody."""\nraise ValueError(f"The value {nobody} belongs to nobody else.")\n'
    )
    assert _findings(path) == [(1, "nobody"), (6, "nobody"), (7, "nobody"), (3, "nobody")]


def test_comments_of_other_files_are_read(tmp_path: Path) -> None:
    """Comments of proto files and of YAML are read, and their values are not."""
    proto, yaml = tmp_path / "a.proto", tmp_path / "b.yaml"
    proto.write_text("// For nobody.\nstring nobody = 1;  // For\n")
    yaml.write_text("# For nobody.\nnobody: for nobody\n")
    assert _findings(proto) == [(1, "nobody")]
    assert _findings(yaml) == [(1, "nobody")]


def test_allowed_sentence_is_no_finding(tmp_path: Path) -> None:
    """A sentence that prose.toml allows stays; the one after it is found."""
    changed = tmp_path / "rules.toml"
    changed.write_text(
        prose.RULES.read_text() + '\n[[allow]]\ntext = "Nobody home"\nwhy = "a song"\n'
    )
    allowing = prose.Rules(changed)
    found = list(allowing.broken(prose.Text(1, "Nobody home. Nobody is here.", "document")))
    assert [rule for _, rule, _, _ in found] == ["nobody"]


def test_program_fails_on_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program prints file, line and rule, and exits with 1; with 0 and nothing printed if all is well."""
    path = tmp_path / "page.md"
    path.write_text("Nobody is here.\n")
    assert prose.main([str(path)]) == 1
    assert f"{path}:1: nobody: Nobody is here" in capsys.readouterr().out
    path.write_text("The page is fine.\n")
    assert prose.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == ""
