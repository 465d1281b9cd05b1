"""Checks an overlay for Kubernetes before it is applied: `python tools/check_overlay.py k8s/overlays/mine`.

Prints a line for each value that is still an example, each image without a digest, and each trusted network
that is wider than the pods of a proxy. Exits with 1 if there is one. It reads kustomization.yaml itself, so
it needs no kubectl.
"""

import argparse
import ipaddress
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

MOST_ADDRESSES = 2**16
"""Of a trusted network: the pods of a cluster have a network of this size."""

EXAMPLES = ipaddress.IPv4Network("192.0.2.0/24")
"""Addresses for documentation (RFC 5737)."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def main() -> int:
    """Prints the findings; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overlay", type=Path, help="Directory with a kustomization.yaml.")
    overlay: Path = parser.parse_args().overlay
    text = (overlay / "kustomization.yaml").read_text(encoding="utf-8")
    findings = list(check(yaml.safe_load(text)))
    for finding in findings:
        print(f"{overlay}: {finding}", file=sys.stderr)
    return 1 if findings else 0


def check(kustomization: dict[str, Any]) -> Iterator[str]:
    """The findings, as sentences."""
    images = {image["name"]: image for image in kustomization.get("images", [])}
    if "howmuch" not in images:
        yield "images has no entry for howmuch; set its newName and digest."
    for name, image in images.items():
        if not _DIGEST.fullmatch(image.get("digest", "")):
            yield f"the image {name} has no digest; set `digest: sha256:...` in place of newTag."
        if "example.com" in image.get("newName", ""):
            yield f"the image {name} is from {image['newName']!r}, which is an example."
    for name, value in _settings(kustomization):
        if "example.com" in value:
            yield f"{name} is {value!r}, which is an example."
        if name.endswith("__TRUSTED_PROXIES"):
            yield from _check_networks(name, value)
    for patch in kustomization.get("patches", []):
        if "example.com" in patch.get("patch", ""):
            yield f"the patch of {patch.get('target')} has a host of example.com."


def _settings(kustomization: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for generator in ("configMapGenerator", "secretGenerator"):
        for made in kustomization.get(generator, []):
            for literal in made.get("literals", []):
                name, _, value = literal.partition("=")
                yield name, value


def _check_networks(name: str, value: str) -> Iterator[str]:
    for text in value.replace(",", " ").split():
        network = ipaddress.ip_network(text)
        if isinstance(network, ipaddress.IPv4Network) and network.subnet_of(EXAMPLES):
            yield f"{name} is {text}, which is an example; set the network of the proxy's pods."
        elif network.num_addresses > MOST_ADDRESSES:
            yield (
                f"{name} trusts {text}, {network.num_addresses:,} addresses; name the pods of the proxy"
                f" alone, at most {MOST_ADDRESSES:,}."
            )


if __name__ == "__main__":
    sys.exit(main())
