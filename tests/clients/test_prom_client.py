"""prom-client, the library of node: chunked bodies, kept connections, its own escaping."""

import json
import re
import shutil

import pytest

from client_support import BUILD, HERE, families, group, grouping_keys, groups, pushed_families, run, value_of

EVERY_FAMILY = {"runs_total", "level", "latency_seconds", "size_bytes"}


@pytest.fixture(scope="session")
def folder():
    """The build folder's copy of tests/clients/node with its packages installed."""
    target = BUILD / "node"
    target.mkdir(parents=True, exist_ok=True)
    for source in (HERE / "node").iterdir():
        if source.is_file():
            shutil.copy(source, target)
    wanted = json.loads((target / "package.json").read_text())["dependencies"]["prom-client"]
    installed = target / "node_modules" / "prom-client" / "package.json"
    if not installed.exists() or json.loads(installed.read_text())["version"] != wanted:
        quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        run(["npm", "install", *quiet], cwd=target)
    return target


@pytest.fixture
def prom_client(folder, gateway):
    """A function that has prom-client call methods; it returns what became of each."""

    def calls(*method_and_params, **options):
        order = {
            "url": gateway.url,
            "options": options,
            "calls": [{"method": method, "params": params} for method, params in method_and_params],
        }
        done = run(["node", "pusher.js"], cwd=folder, input=json.dumps(order).encode())
        return [json.loads(line) for line in done.stdout.splitlines()]

    return calls


def test_push_push_add_and_delete_on_one_connection(gateway, prom_client):
    key = {"jobName": "j", "groupings": {"instance": "a"}}
    push, add, delete, again = prom_client(
        ("push", key), ("pushAdd", key), ("delete", key), ("push", key)
    )
    assert [one["status"] for one in (push, add, delete, again)] == [200, 200, 202, 200]
    assert [one["body"] for one in (push, add, delete, again)] == [""] * 4
    assert push["sent"].startswith("PUT /metrics/job/j/instance/a HTTP/1.1")
    assert add["sent"].startswith("POST ") and delete["sent"].startswith("DELETE ")
    assert [one["reused"] for one in (push, add, delete, again)] == [False, True, True, True]
    assert grouping_keys(gateway) == [{"job": "j", "instance": "a"}]


def test_the_body_is_chunked_and_without_content_type(gateway, prom_client):
    (push,) = prom_client(("push", {"jobName": "j"}))
    assert "transfer-encoding: chunked" in push["sent"].lower()
    assert "content-length" not in push["sent"].lower()
    assert "content-type" not in push["sent"].lower()
    assert pushed_families(group(gateway, job="j")) == EVERY_FAMILY


def test_gzip(gateway, prom_client):
    (push,) = prom_client(("push", {"jobName": "j"}), headers={"Content-Encoding": "gzip"})
    assert push["status"] == 200
    assert pushed_families(group(gateway, job="j")) == EVERY_FAMILY


def test_every_type(gateway, prom_client):
    prom_client(("push", {"jobName": "j"}))
    scraped = families(gateway)
    assert scraped["runs"].documentation == "Runs,\nin two lines."
    runs = {sample.labels["kind"]: sample.value for sample in scraped["runs"].samples}
    assert runs == {'with "quotes", \\ and\na new line': 1e6, "ü": 1}
    (level,) = scraped["level"].samples
    assert level.value == -2.5e-7
    latency = {(s.name, s.labels.get("le")): s.value for s in scraped["latency_seconds"].samples}
    assert latency == {
        ("latency_seconds_bucket", "0.1"): 1,
        ("latency_seconds_bucket", "1"): 2,
        ("latency_seconds_bucket", "2.5"): 3,
        ("latency_seconds_bucket", "+Inf"): 4,
        ("latency_seconds_sum", None): 101.55,
        ("latency_seconds_count", None): 4,
    }
    size = {(s.name, s.labels.get("quantile")): s.value for s in scraped["size_bytes"].samples}
    assert size == {("size_bytes", "0.5"): 2, ("size_bytes_sum", None): 6, ("size_bytes_count", None): 3}


AWKWARD = {
    "blank": "a b",
    "plus": "1+1",
    "percent": "100%",
    "percent escape": "%2F",
    "UTF-8": "Grüße, 世界 🚚",
    "quotes": "\"double\"'single'",
    "backslash": "C:\\temp",
    "newline": "one\ntwo",
    "query and fragment": "?a=b&c#d",
    "semicolons": "a;b:c@d",
}


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD.keys())
def test_names_that_escape_well(gateway, prom_client, name):
    key = {"jobName": name, "groupings": {"a": name, "z": "last"}}
    (push,) = prom_client(("push", key))
    assert push["status"] == 200
    expected = {"job": name, "a": name, "z": "last"}
    assert grouping_keys(gateway) == [expected]
    assert value_of(gateway, "level", **expected) == -2.5e-7
    (delete,) = prom_client(("delete", key))
    assert delete["status"] == 202 and groups(gateway) == []


def test_a_slash_in_the_job_splits_it(gateway, prom_client):
    """prom-client sends %2F, which is decoded before routing: one part too many."""
    (push,) = prom_client(("push", {"jobName": "a/b"}))
    assert push["error"].startswith("push failed with status 400")
    assert 'odd number of components in label string "/b"' in push["error"]
    assert groups(gateway) == []


def test_a_slash_in_a_grouping_value_splits_it(gateway, prom_client):
    (push,) = prom_client(("push", {"jobName": "j", "groupings": {"k": "x/y"}}))
    assert push["error"].startswith("push failed with status 400")
    assert groups(gateway) == []


def test_two_slashes_make_another_label(gateway, prom_client):
    (push,) = prom_client(("push", {"jobName": "a/b/c"}))
    assert push["status"] == 200
    assert grouping_keys(gateway) == [{"job": "a", "b": "c"}]


def test_an_empty_last_grouping_value(gateway, prom_client):
    (push,) = prom_client(("push", {"jobName": "j", "groupings": {"k": ""}}))
    assert push["status"] == 200
    assert grouping_keys(gateway) == [{"job": "j", "k": ""}]


def test_an_empty_grouping_value_within_the_path_is_redirected(gateway, prom_client):
    """The path holds "//". prom-client takes the redirect for success; nothing is stored."""
    (push,) = prom_client(("push", {"jobName": "j", "groupings": {"k": "", "z": "last"}}))
    assert re.match(r"30[17]$", str(push["status"]))
    assert groups(gateway) == []


def test_without_a_job_the_telemetry_path_is_hit(gateway, prom_client):
    (push,) = prom_client(("push", {}), requireJobName=False)
    assert push["error"].startswith("push failed with status 405")


def test_a_refusal_carries_the_reason(gateway, prom_client):
    gateway.put("/metrics/job/other", b"# TYPE level counter\nlevel 1\n")
    (push,) = prom_client(("push", {"jobName": "j"}))
    assert "pushed metrics are invalid or inconsistent with existing metrics" in push["error"]
