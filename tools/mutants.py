"""Seed small faults in a copy of the program, and see which of them the tests catch: `make mutants`.

cosmic-ray makes the mutants; a sample of them is tried. Tests whose file names fit the module run first, then
the others of its directories, until one fails. The last lines give the survivors and the rate.
"""

import argparse
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / "build" / "mutants"
COPY = WORK / "copy"
COPIED = ("howmuch", "gen", "tests", "tools", "proto", "docs", "README.md", "pyproject.toml")

TESTS = {
    "howmuch/ledger": ("ledger",),
    "howmuch/usecases": ("usecases", "service", "mail_delivery"),
    "howmuch/rpc": ("rpc", "service", "rest"),
    "howmuch/mail": ("mail", "mail_delivery"),
    "howmuch/messaging": ("messaging", "mail_delivery"),
    "howmuch/config": ("config",),
    "howmuch/gateway": ("gateway", "rest"),
    "howmuch/client": ("client", "cli"),
    "howmuch": ("runtime", "broadcast", "storage", "telemetry", "cli"),
}
"""Directory, the most exact first, to directories below tests/."""

SENSIBLE = re.compile(
    r"core/(AddNot|NumberReplacer|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceAndWithOr|ReplaceOrWithAnd"
    r"|ZeroIterationForLoop|ReplaceContinueWithBreak|ReplaceBreakWithContinue|ExceptionReplacer"
    r"|ReplaceUnaryOperator_Delete_(Not|USub)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_FloorDiv|FloorDiv_Mul|Mod_Mul|Div_Mul)"
    r"|ReplaceComparisonOperator_(Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|In_NotIn"
    r"|NotIn_In|Lt_Gt|Gt_Lt))"
)
"""Operators whose mutants could be written by a person, and are rarely the same program."""

NO_BEHAVIOR = re.compile(
    r"@dataclass|lru_cache|frozen=True|TYPE_CHECKING|^\s*from|^\s*import|\) ->|^\s*\w+: .*\|"
)
"""Lines whose mutants change speed or types alone."""


@dataclass(frozen=True, slots=True)
class Result:
    """The number of killed mutants of a module, and the changes of the survivors."""

    killed: int
    survivors: list[str]


def main() -> int:
    """Tries the mutants; 0 if enough of them were caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "modules", nargs="*", default=["howmuch/ledger"], help="Files, directories."
    )
    parser.add_argument("--count", type=int, default=20, help="Mutants of each argument.")
    parser.add_argument("--seed", type=int, default=1, help="Which sample to take.")
    parser.add_argument("--least", type=float, default=80.0, help="Percentage that must be caught.")
    parser.add_argument("--all", action="store_true", help="Run the slow tests too.")
    given = parser.parse_args()
    cosmic_ray = WORK / "venv" / "bin" / "cosmic-ray"
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, COPY / name)
    results = [
        try_mutants(cosmic_ray, Path(module), given.count, given.seed, slow=given.all)
        for module in given.modules
    ]
    survivors = [text for result in results for text in result.survivors]
    print(*survivors, sep="\n")
    total = sum(result.killed for result in results) + len(survivors)
    killed = total - len(survivors)
    print(f"{killed} of {total} mutants were caught; {len(survivors)} survived.")
    return 0 if total and 100 * killed >= given.least * total else 1


def try_mutants(cosmic_ray: Path, modules: Path, count: int, seed: int, *, slow: bool) -> Result:
    """A sample of a file or directory."""
    configuration, session = WORK / "session.toml", WORK / "session.sqlite"
    session.unlink(missing_ok=True)

    def run(command: str, test_command: str) -> None:
        configuration.write_text(
            f'[cosmic-ray]\nmodule-path = "{modules}"\ntimeout = 900.0\nexcluded-modules = []\n'
            f'test-command = "{test_command}"\n[cosmic-ray.distributor]\nname = "local"\n'
        )
        subprocess.run([cosmic_ray, command, configuration, session], cwd=COPY, check=True)

    run("init", "false")
    waiting = sample(session, count, seed)
    pytest = f"{ROOT / '.venv/bin/python'} -m pytest -q -x -n 0 -p no:cacheprovider"
    for module, jobs in waiting.items():
        with sqlite3.connect(session) as connection:
            connection.executemany("INSERT INTO work_items VALUES (?)", [(job,) for job in jobs])
        speed = "" if slow else "-m 'not slow' "
        run("exec", f"{pytest} {speed}{' '.join(fitting_tests(Path(module)))}")
    with sqlite3.connect(session) as connection:
        rows = connection.execute("SELECT test_outcome, diff FROM work_results").fetchall()
    survivors = [diff for outcome, diff in rows if outcome != "KILLED"]
    return Result(len(rows) - len(survivors), survivors)


def fitting_tests(module: Path) -> list[str]:
    """Test files for a module: those with a word of its name first."""
    directories = next(found for start, found in TESTS.items() if module.is_relative_to(start))
    words = {word.rstrip("s") for word in module.stem.split("_")}
    files = [
        file.relative_to(COPY).as_posix()
        for directory in directories
        for file in sorted((COPY / "tests" / directory).rglob("test_*.py"))
    ]
    return sorted(
        files, key=lambda file: not words & {w.rstrip("s") for w in re.split(r"\W|_", file)}
    )


def sample(session: Path, count: int, seed: int) -> Mapping[str, list[str]]:
    """Takes `count` sensible mutants out of a session. Returns file to jobs."""
    with sqlite3.connect(session) as connection:
        rows = connection.execute(
            "SELECT job_id, module_path, operator_name, start_pos_row FROM mutation_specs"
            " ORDER BY module_path, start_pos_row, start_pos_col, operator_name, occurrence"
        ).fetchall()
        connection.execute("DELETE FROM work_items")
    fit = [
        (module, job)
        for job, module, operator, row in rows
        if SENSIBLE.fullmatch(operator)
        and not NO_BEHAVIOR.search((COPY / module).read_text().splitlines()[row - 1])
    ]
    jobs = defaultdict(list)
    for module, job in sorted(random.Random(seed).sample(fit, min(count, len(fit)))):  # noqa: S311
        jobs[module].append(job)
    return jobs


if __name__ == "__main__":
    sys.exit(main())
