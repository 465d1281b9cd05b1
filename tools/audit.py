"""Looks up the deployed packages in the OSV database of vulnerabilities: `python tools/audit.py`.

Exits with 0 if no vulnerability of the versions in requirements/runtime.txt is known. Also exits with 0, and
one line, if the database is unreachable. Exits with 1, and a line for each, if there are any; with 2
for other errors.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).parents[1] / "requirements" / "runtime.txt"

CONNECT_SECONDS = 5
"""Timeout of one query to the database."""
LIMIT_SECONDS = 60
"""Timeout of all queries together; there is one for each package."""

# Last line of pip-audit if the database is unreachable, or if a proxy answers instead.
_UNREACHABLE = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|Could not connect to|ProxyError|SSLError"
    r"|JSONDecodeError|HTTPError: (?:403|407|50[0234])"
)

SKIPPED = "dependency audit skipped: the database cannot be reached"


def main() -> int:
    """Runs the audit; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requirements", type=Path, default=REQUIREMENTS, metavar="FILE")
    parser.add_argument("--osv-url", metavar="URL", help="Another database with the API of OSV.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        try:
            said = _run(arguments.requirements, arguments.osv_url, report)
        except subprocess.TimeoutExpired:
            print(f"{SKIPPED} in {LIMIT_SECONDS} s")
            return 0
        if report.exists():
            return _tell(json.loads(report.read_text()))
    if _UNREACHABLE.search(said):
        print(SKIPPED)
        return 0
    print(f"dependency audit failed: {_last_line(said)}", file=sys.stderr)
    return 2


def _run(requirements: Path, osv_url: str | None, report: Path) -> str:
    """Returns the standard error of pip-audit. Without a connection, it writes no report."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(requirements)),
        # The lock file names every package, so nothing needs to be resolved or installed.
        *("--disable-pip", "--no-deps", "--require-hashes"),
        *("--vulnerability-service", "osv", "--timeout", str(CONNECT_SECONDS)),
        *("--format", "json", "--output", str(report), "--progress-spinner", "off"),
    ]
    if osv_url is not None:
        command += ["--osv-url", osv_url]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    return done.stderr


def _tell(report: dict[str, Any]) -> int:
    packages = report["dependencies"]
    found = [(package, each) for package in packages for each in package.get("vulns", ())]
    for package, vulnerability in found:
        names = ", ".join([vulnerability["id"], *vulnerability["aliases"]])
        fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {names}; fixed in {fixed}")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        print(f"not audited: {', '.join(skipped)}")
    if not found:
        print(f"dependency audit: nothing known of {len(packages) - len(skipped)} packages")
    return 1 if found or skipped else 0


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "pip-audit says nothing"


if __name__ == "__main__":
    sys.exit(main())
