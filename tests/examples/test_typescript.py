"""The TypeScript client, as it is in the repository and as `make clients` makes it, and its examples."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import Running
from tests.examples import checkout
from tests.examples.environments import ROOT

GENERATED = "clients/typescript/src/gen"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),  # The packages are fetched first.
    pytest.mark.xdist_group("clients"),
]


def contents(tree: Path) -> dict[Path, str]:
    """The files of a tree."""
    files = [path for path in tree.rglob("*") if path.is_file()]
    return {path.relative_to(tree): path.read_text() for path in files}


def test_example_over_grpc_prints_the_trip(clients: Path, server: Running) -> None:
    """Run as the page of the examples says; tsc --strict comes first."""
    assert checkout.run(clients, "typescript-grpc", server.address) == checkout.printed()


def test_example_over_rest_prints_the_trip(clients: Path, server: Running) -> None:
    """As the one over gRPC."""
    assert checkout.run(clients, "typescript-rest", server.rest) == checkout.printed()


def test_generated_code_is_what_proto_and_the_document_generate(clients: Path) -> None:
    """Who changes an API runs `make clients` as well."""
    kept, made = contents(ROOT / GENERATED), contents(clients / GENERATED)
    stale = sorted(name for name in kept.keys() | made.keys() if kept.get(name) != made.get(name))
    assert stale == []


def test_client_repeats_what_was_cut_off(clients: Path) -> None:
    """Its own tests."""
    checkout.done(clients, "npm test --silent --workspace=clients/typescript")


def test_mistake_does_not_compile(clients: Path) -> None:
    """An amount that is a number, over gRPC and over REST: the types are not just any."""
    checkout.done(clients, "npm run build --silent --workspace=clients/typescript")
    for example in ("typescript-grpc", "typescript-rest"):
        source = clients / "examples" / example / "src" / "trip.ts"
        wrong = source.with_name("wrong.ts")
        wrong.write_text(source.read_text().replace('amount: "48.60"', "amount: 48.6"))
        with pytest.raises(
            AssertionError, match=r"wrong\.ts.*Type 'number' is not assignable to type 'string'"
        ):
            checkout.done(clients, f"npx --no-install tsc --noEmit --project examples/{example}")
        wrong.unlink()


def test_lock_file_names_no_host_and_hashes_everything() -> None:
    """It installs from any registry."""
    text = (ROOT / "package-lock.json").read_text()
    assert not re.search(r"://", text)
    packages = json.loads(text)["packages"]
    fetched = {name: each for name, each in packages.items() if "node_modules/" in name}
    assert "node_modules/typescript" in fetched
    assert all(each.get("link") or each["integrity"] for each in fetched.values())
