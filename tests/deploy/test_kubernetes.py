"""The files for Kubernetes, rendered as they are applied; without kubectl as far as that goes."""

import shutil
import subprocess
import sys
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


def base_policies() -> dict[str, Manifest]:
    """Name to specification of each network policy of the base."""
    found = yaml.safe_load_all((ROOT / "k8s" / "base" / "network.yaml").read_text())
    return {policy["metadata"]["name"]: policy["spec"] for policy in found}


def test_every_pod_says_who_may_connect() -> None:
    """Every pod has a policy, every open port names its clients, and gRPC has the gateway alone."""
    policies = base_policies()
    pods = {
        manifest["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for manifest in built(ROOT / "k8s" / "overlays" / "production")
        if manifest["kind"] in ("Deployment", "Job")
    }
    chosen = [spec["podSelector"]["matchLabels"] for spec in policies.values()]
    assert {labels["app.kubernetes.io/name"] for labels in chosen} == pods
    clients: dict[tuple[str, str], list[Manifest]] = {}
    for name, spec in policies.items():
        assert spec["policyTypes"] == ["Ingress"]
        for rule in spec["ingress"]:
            assert rule["from"], f"{name} is open to everybody"
            assert all(any(each.values()) for each in rule["from"])
            for port in rule["ports"]:
                clients[name, port["port"]] = rule["from"]
    gateway = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "gateway"}}}
    assert clients["serve", "grpc"] == [gateway]
    assert clients.keys() == {
        *(("serve", "grpc"), ("serve", "metrics")),
        *(("gateway", "http"), ("gateway", "metrics"), ("worker", "metrics")),
    }


def test_production_trusts_no_wide_network() -> None:
    """The template trusts addresses that nobody has, and each of its values must be set."""
    findings = "\n".join(findings_of(ROOT / "k8s" / "overlays" / "production"))
    for setting in ("HOWMUCH_GRPC__TRUSTED_PROXIES", "HOWMUCH_HTTP__TRUSTED_PROXIES"):
        assert f"{setting} is 192.0.2." in findings
    assert "the image howmuch has no digest" in findings


def findings_of(overlay: Path) -> list[str]:
    """Of `make overlay-check`, which fails if there is one."""
    command: list[str | Path] = [sys.executable, ROOT / "tools" / "check_overlay.py", overlay]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if done.stderr else 0)
    return done.stderr.splitlines()


def overlay_of(**changes: str) -> Manifest:
    """An overlay that is ready, with some settings changed. image: its digest."""
    settings = {
        "HOWMUCH_GRPC__TRUSTED_PROXIES": "10.1.0.0/16",
        "HOWMUCH_MAIL__PUBLIC_URL": "https://trips.example.org",
        **{name: value for name, value in changes.items() if name.isupper()},
    }
    return {
        "images": [{"name": "howmuch", "digest": changes.get("digest", f"sha256:{'ab' * 32}")}],
        "configMapGenerator": [
            {"name": "howmuch", "literals": [f"{name}={value}" for name, value in settings.items()]}
        ],
    }


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({}, None),
        ({"digest": ""}, "has no digest"),
        ({"digest": "sha256:abc"}, "has no digest"),
        ({"HOWMUCH_GRPC__TRUSTED_PROXIES": "10.1.0.0/16,10.0.0.0/8"}, "trusts 10.0.0.0/8"),
        ({"HOWMUCH_HTTP__TRUSTED_PROXIES": "0.0.0.0/0"}, "trusts 0.0.0.0/0"),
        ({"HOWMUCH_HTTP__TRUSTED_PROXIES": "::/0"}, "trusts ::/0"),
        ({"HOWMUCH_MAIL__SMTP__HOST": "smtp.example.com"}, "is an example"),
    ],
    ids=["ready", "no digest", "short digest", "cluster", "everybody", "IPv6", "host"],
)
def test_overlay_is_checked_before_it_is_applied(
    changes: dict[str, str], finding: str | None, tmp_path: Path
) -> None:
    """An overlay that is ready has no finding; any other names the value."""
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay_of(**changes)))
    findings = findings_of(tmp_path)
    if finding is None:
        assert findings == []
    else:
        assert [finding in each for each in findings] == [True]


# Of PostgreSQL's defaults: max_connections without superuser_reserved_connections.
CONNECTIONS = 97


def test_connections_of_all_pods_fit_into_postgresql() -> None:
    """The largest number of processes, each with a whole pool: as docs/sizing.md says, and not too many."""
    manifests = rendered("production")
    [config] = [each for each in manifests if each["kind"] == "ConfigMap"]
    pool_size = int(config["data"]["HOWMUCH_DATABASE__POOL_SIZE"])
    scaled = {
        each["metadata"]["name"]: each["spec"]["maxReplicas"]
        for each in manifests
        if each["kind"] == "HorizontalPodAutoscaler"
    }
    pods = 0
    for each in manifests:
        # The gateway has no connection.
        if each["kind"] == "Deployment" and each["metadata"]["name"] in ("serve", "worker"):
            spec = each["spec"]
            surge = spec["strategy"]["rollingUpdate"]["maxSurge"]
            pods += scaled.get(each["metadata"]["name"], spec["replicas"]) + surge
    most = pods * pool_size + 1
    assert most <= CONNECTIONS
    page = " ".join((ROOT / "docs" / "sizing.md").read_text().split())
    assert f"set `pool_size` to {pool_size}." in page
    assert f"at most {most} connections" in page
    assert f"With {scaled['serve']} pods of `serve`" in page
