"""The manifests: valid by the schemas of Kubernetes and of the Prometheus operator, and true of the server."""

import copy
import json
import pathlib
import shutil

import pytest
import yaml
from container import USER, Container
from ship_support import BUILD, DEPLOY, ROOT, run

HERE = pathlib.Path(__file__).resolve().parent
MANIFESTS = DEPLOY / "kubernetes"
TUTORIAL = ROOT / "tests" / "clients" / "tutorial" / "pushgateway-deployment.yaml"


def documents(path):
    return list(yaml.safe_load_all(path.read_text()))


def of_kind(kind, path=MANIFESTS / "pushgateway.yaml"):
    (found,) = [document for document in documents(path) if document["kind"] == kind]
    return found


@pytest.fixture(scope="session")
def faults():
    """A function that tells what is wrong with manifests: a list for each."""
    folder = BUILD / "ship" / "kubernetes"
    folder.mkdir(parents=True, exist_ok=True)
    for source in (HERE / "kubernetes").iterdir():
        shutil.copy(source, folder)
    for name, wanted in json.loads((folder / "package.json").read_text())["dependencies"].items():
        installed = folder / "node_modules" / name / "package.json"
        if not installed.exists() or json.loads(installed.read_text())["version"] != wanted:
            run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder, timeout=300)

    def told(*manifests):
        return json.loads(run("node", "validate.js", cwd=folder, input=json.dumps(manifests)))

    return told


@pytest.mark.parametrize("path", [MANIFESTS / "pushgateway.yaml", MANIFESTS / "servicemonitor.yaml", TUTORIAL],
                         ids=lambda path: path.name)
def test_the_manifests_are_valid(faults, path):
    manifests = documents(path)
    assert faults(*manifests) == [[] for _ in manifests]


def test_wrong_manifests_would_be_seen(faults):
    misspelt, mistyped, unknown = (copy.deepcopy(of_kind("Deployment")) for _ in range(3))
    misspelt["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    mistyped["spec"]["replicas"] = "one"
    unknown["kind"] = "Deploymant"
    assert faults(misspelt, mistyped, unknown) == [
        ["unknown field Deployment.spec.template.spec.containers.0.readynessProbe"],
        ["data/spec/replicas must be integer"], ["no schema for apps/v1 Deploymant"]]


def test_the_parts_find_each_other():
    deployment, service, claim = (of_kind(kind) for kind in ("Deployment", "Service", "PersistentVolumeClaim"))
    monitor = of_kind("ServiceMonitor", MANIFESTS / "servicemonitor.yaml")
    pod = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert service["spec"]["ports"][0]["targetPort"] in {port["name"] for port in container(deployment)["ports"]}
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    assert monitor["spec"]["jobLabel"] in service["metadata"]["labels"]
    assert monitor["spec"]["endpoints"][0]["honorLabels"] is True


def container(deployment):
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return only


@pytest.mark.parametrize("path", [MANIFESTS / "pushgateway.yaml", TUTORIAL], ids=["ours", "the tutorial's"])
def test_the_image_runs_as_the_manifest_has_it(image, volume, path):
    """Its flags, its volume, its probes; stopped and started again."""
    wanted = container(of_kind("Deployment", path))
    (mount,) = wanted["volumeMounts"]
    probes = [wanted[kind]["httpGet"]["path"] for kind in ("startupProbe", "readinessProbe", "livenessProbe") if kind in wanted]
    assert probes or path == TUTORIAL
    for value in (b"1", b"2"):
        with Container(image, volume, *wanted["args"], at=mount["mountPath"]) as running:
            assert [running.ask("GET", probe).status for probe in probes] == [200] * len(probes)
            if value == b"2":
                assert 'm{instance="",job="a"} 1\n' in running.ask("GET", "/metrics").text
            assert running.ask("PUT", "/metrics/job/a", b"m " + value + b"\n").status == 200


def test_the_pod_is_confined():
    """What the "restricted" standard of pod security asks for, and a root that cannot be written."""
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == USER == pod["securityContext"]["fsGroup"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(of_kind("Deployment"))["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert pod["automountServiceAccountToken"] is False


def test_there_is_never_a_second_server():
    deployment = of_kind("Deployment")["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})


def test_the_chart_gets_what_the_manifest_has():
    """The chart itself is not at hand here: its values are held against our manifest."""
    values = yaml.safe_load((MANIFESTS / "helm-values.yaml").read_text())
    wanted = container(of_kind("Deployment"))
    assert f'{values["image"]["repository"]}:{values["image"]["tag"]}' == wanted["image"]
    assert values["containerSecurityContext"] == wanted["securityContext"]
    assert values["resources"] == wanted["resources"]
    assert values["extraArgs"] == [flag.replace("/pushgateway/", "/data/") for flag in wanted["args"]]
    assert values["serviceMonitor"]["honorLabels"] is True


def test_compose_has_the_same():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert services["pushgateway"]["command"] == container(of_kind("Deployment"))["args"]
    assert services["pushgateway"]["ports"] == ["9091:9091"]
    assert services["pushgateway"]["volumes"] == ["pushgateway_data:/pushgateway"]
    assert (DEPLOY / services["pushgateway"]["build"] / "Dockerfile").exists()
    for source in (volume.split(":")[0] for volume in services["prometheus"]["volumes"]):
        assert (DEPLOY / source).exists(), source
