"""Rules, alerts and dashboards: sound, and about metrics that are there when a real Prometheus has scraped."""

import itertools
import json
import re

import prometheus_server
import pytest
import yaml
from prometheus_server import Prometheus
from ship_support import DEPLOY, ROOT, run

from harness import Gateway, gateway_binary
from harness.waiting import until

MONITORING = DEPLOY / "monitoring"
RULES = [MONITORING / "recording_rules.yaml", MONITORING / "alerts.yaml"]
RULE_TESTS = sorted(MONITORING.glob("rules_test*.yaml"))
DASHBOARDS = sorted((MONITORING / "dashboards").glob("*.json"))
TUTORIAL = ROOT / "tests" / "clients" / "tutorial"


def rules_of(path):
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries():
    """(where, expression) of all dashboards, the variables filled in."""
    fill = {"$__rate_interval": "5s", "$job": ".*", "$instance": ".*"}
    for path in DASHBOARDS:
        for panel in panels(json.loads(path.read_text())):
            for target in panel["targets"]:
                expression = target["expr"]
                for name, value in fill.items():
                    expression = expression.replace(name, value)
                assert "$" not in expression
                yield f"{path.name}: {panel['title']}", expression


# Sound


def test_promtool_accepts_the_rules():
    run("promtool", "check", "rules", *RULES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_promtool_runs_the_tests_of_the_rules(path):
    run("promtool", "test", "rules", path)


def test_each_alert_is_tested_to_fire_and_not_to_fire():
    fires, silent = set(), set()
    for path in RULE_TESTS:
        for test in yaml.safe_load(path.read_text())["tests"]:
            for case in test.get("alert_rule_test", []):
                (fires if case["exp_alerts"] else silent).add(case["alertname"])
    alerts = {rule["alert"] for rule in rules_of(RULES[1])}
    assert (fires, silent) == (alerts, alerts)


def test_each_alert_says_what_and_how_bad():
    for rule in rules_of(RULES[1]):
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["alert"] in (MONITORING / "README.md").read_text()


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_the_panels_of_a_dashboard_stand_beside_each_other(path):
    dashboard = json.loads(path.read_text())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])

    def fields(panel):
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

    for one, other in itertools.combinations(dashboard["panels"], 2):
        assert not fields(one) & fields(other), (one["title"], other["title"])
    for panel in panels(dashboard):
        assert panel["title"] and panel["targets"] and panel["datasource"]["uid"] == "${datasource}"


def test_the_configuration_of_prometheus(tmp_path):
    """With the rules where the compose file mounts them."""
    text = (DEPLOY / "prometheus.yml").read_text().replace("/etc/prometheus/pushgateway", str(MONITORING))
    (tmp_path / "prometheus.yml").write_text(text)
    said = run("promtool", "check", "config", tmp_path / "prometheus.yml")
    assert "2 rule files found" in said or said.count("rules found") == 2, said


# True of the server


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Prometheus with our rules and configuration, made quick, that has seen all that can happen to a server."""
    folder = tmp_path_factory.mktemp("prometheus")
    binary = prometheus_server.binaries()[-1]
    with Gateway(gateway_binary(), f"--persistence.file={folder}/metrics", "--persistence.interval=100ms") as gateway:
        config = (DEPLOY / "prometheus.yml").read_text()
        config = config.replace("/etc/prometheus/pushgateway", str(MONITORING)).replace("pushgateway:9091", f"127.0.0.1:{gateway.port}")
        config = config.replace("scrape_interval: 15s", "scrape_interval: 200ms\n  scrape_timeout: 200ms\n  evaluation_interval: 200ms")
        with Prometheus(binary, config, folder) as running:
            running.wait_for('up{job="pushgateway"} == 1')
            happen(gateway)
            until(lambda: (folder / "metrics").exists(), "a save")
            before = running.wait_for('pushgateway_persistence_last_success_timestamp_seconds > 0')
            assert before
            happen(gateway)
            running.wait_for('rate(pushgateway_http_requests_total{handler="push"}[5s]) > 0')
            running.wait_for("instance:pushgateway_pushes:rate5m > 0")
            yield running


def happen(gateway):
    body = b"".join(name + b" 1\n" for name in sorted(job_metrics()))
    for method in ("PUT", "POST"):
        assert gateway.request(method, "/metrics/job/etl_pipeline/instance/worker-1", body).status == 200
    assert gateway.put("/metrics/job/broken", b"m 1 1\n").status == 400
    assert gateway.put("/metrics/job/broken", b"no metrics").status == 400
    assert gateway.delete("/metrics/job/gone").status == 202


def job_metrics():
    """What jobs are asked to push: the names in the table of README.md."""
    text = (MONITORING / "README.md").read_text()
    return {name.encode() for name in re.findall(r"^\| `(batch_job_\w+)` \|", text, re.MULTILINE)}


def test_jobs_push_these_names():
    """All of them but ours are what a widespread tutorial has jobs push."""
    of_tutorial = "".join(path.read_text() for path in TUTORIAL.iterdir())
    unknown = {name.decode() for name in job_metrics() if name.decode() not in of_tutorial}
    assert unknown == {"batch_job_interval_seconds"}
    assert len(job_metrics()) > 4


@pytest.mark.parametrize("where, expression", queries())
def test_a_panel_shows_something(prometheus, where, expression):
    assert prometheus.wait_for(expression), where


def test_a_query_of_a_metric_that_is_not_there_would_be_seen(prometheus):
    assert prometheus.query("pushgateway_grops") == []


@pytest.mark.parametrize("name", [rule["record"] for rule in rules_of(RULES[0])])
def test_a_recording_rule_records(prometheus, name):
    assert prometheus.wait_for(name)


def test_alerts_are_about_metrics_that_are_there(prometheus):
    """By their names, since most alerts do not fire here."""
    known = set(prometheus.ask("/api/v1/label/__name__/values"))
    # Some are shown with certain flags only: the server's own table has them.
    known |= set(re.findall(r'"((?:pushgateway|process)_\w+)"', (ROOT / "server" / "own_families.c").read_text()))
    for rule in rules_of(RULES[1]):
        missing = metric_names(rule["expr"]) - known
        assert not missing, rule["alert"]


def metric_names(expression):
    """The identifiers of an expression that name metrics."""
    words = {"and", "or", "unless", "offset", "bool", "inf", "nan"}
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\boffset\s+\w+", " ", bare)
    return {name for name in re.findall(r"[a-zA-Z_:][\w:]*(?![\w:]*\s*\()", bare) if name not in words}


def test_the_names_are_found_in_expressions():
    assert metric_names('sum by (job) (rate(a_total{x="b"}[5m])) > 2 * (c:d offset 1w) and on (e) max(f)') == {"a_total", "c:d", "f"}


def test_the_alerts_that_should_fire_do(prometheus):
    """A push was refused, a job is overdue and says that it failed."""
    def pending_or_firing():
        return {alert["labels"]["alertname"] for alert in prometheus.ask("/api/v1/alerts")["alerts"]}

    expected = {"BatchJobPushFailed", "BatchJobNotRun"}
    until(lambda: expected <= pending_or_firing(), "the alerts")
