"""The files for Kubernetes, rendered as they are applied; without kubectl as far as that goes."""

import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml

from howmuch.config import items, load
from tests.deploy.settings import settings_of

ROOT = Path(__file__).parents[2]
OVERLAYS = sorted(path.name for path in (ROOT / "k8s" / "overlays").iterdir())
VERSION = "1.33"

Manifest = dict[str, Any]


def rendered(overlay: str) -> list[Manifest]:
    """All manifests of an overlay."""
    if shutil.which("kubectl") is None:
        return built(ROOT / "k8s" / "overlays" / overlay)
    done = subprocess.run(
        ["kubectl", "kustomize", ROOT / "k8s" / "overlays" / overlay],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def built(overlay: Path) -> list[Manifest]:
    """Without kubectl: the manifests as they are in the files, unpatched, with the overlay's settings."""
    base = overlay.parents[1] / "base"
    manifests = [
        manifest
        for name in yaml.safe_load((base / "kustomization.yaml").read_text())["resources"]
        for manifest in yaml.safe_load_all((base / name).read_text())
    ]
    for file in (base, overlay):
        kustomization = yaml.safe_load((file / "kustomization.yaml").read_text())
        for kind, generator in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
            for made in kustomization.get(generator, []):
                data = dict(line.split("=", 1) for line in made["literals"])
                manifests.append(
                    {
                        "apiVersion": "v1",
                        "kind": kind,
                        "metadata": {"name": made["name"]},
                        "data" if kind == "ConfigMap" else "stringData": data,
                    }
                )
    return manifests


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_manifests_are_valid(overlay: str) -> None:
    """To the schemas of Kubernetes, strictly: a field that there is not is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import kubernetes_validate
    manifests = rendered(overlay)
    assert {each["kind"] for each in manifests} >= {"Deployment", "Job", "Service", "Ingress"}
    for manifest in manifests:
        kubernetes_validate.validate(manifest, VERSION, strict=True)


def containers(overlay: str) -> list[tuple[Manifest, Manifest]]:
    """Pairs of a pod's specification and its container."""
    return [
        (pod, container)
        for manifest in rendered(overlay)
        if manifest["kind"] in ("Deployment", "Job")
        for pod in [manifest["spec"]["template"]["spec"]]
        for container in pod["containers"]
    ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_restricted(overlay: str) -> None:
    """As the Pod Security Standard `restricted` asks, and with a root that cannot be written."""
    for pod, container in containers(overlay):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False, "HOWMUCH_... of services are no settings"
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_variable_is_a_setting(overlay: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its value one that it takes; the drain fits into the grace period."""
    variables: dict[str, str] = {}
    for manifest in rendered(overlay):
        if manifest["kind"] == "ConfigMap":
            variables |= manifest["data"]
        if manifest["kind"] == "Secret":
            variables |= settings_of(manifest)
    assert variables
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT / "k8s")
    loaded = load({})
    assert dict(items(loaded.settings))["log.format"] == "json"
    with_grace = 0
    for pod, container in containers(overlay):
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        grace = pod.get("terminationGracePeriodSeconds")
        if grace is not None:
            assert pause + loaded.settings.shutdown_timeout_seconds < grace
            with_grace += 1
    assert with_grace >= 3  # serve, gateway, worker


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_part_can_be_scraped(overlay: str) -> None:
    """Annotations, port and network policy of serve, gateway and worker name what `metrics.listen` is."""
    manifests = rendered(overlay)
    (config,) = (each["data"] for each in manifests if each["kind"] == "ConfigMap")
    port = config["HOWMUCH_METRICS__LISTEN"].rpartition(":")[2]
    policies = {
        each["metadata"]["name"]: each for each in manifests if each["kind"] == "NetworkPolicy"
    }
    parts = [each for each in manifests if each["kind"] == "Deployment"]
    names = {each["metadata"]["name"] for each in parts}
    assert {"serve", "gateway", "worker"} <= names & policies.keys()
    for part in parts:
        if part["metadata"]["name"] not in policies:
            continue
        pod = part["spec"]["template"]
        annotations = pod["metadata"]["annotations"]
        assert annotations["prometheus.io/scrape"] == "true"
        assert annotations["prometheus.io/port"] == port
        (container,) = pod["spec"]["containers"]
        assert {"name": "metrics", "containerPort": int(port)} in container["ports"]
        policy = policies[part["metadata"]["name"]]
        allowed = [entry for rule in policy["spec"]["ingress"] for entry in rule["ports"]]
        assert "metrics" in [entry["port"] for entry in allowed]
