"""Every example of the tutorial "How to Implement Pushgateway in Prometheus" works.

The files of tutorial/ are its examples, letter by letter. They speak to
`pushgateway:9091`, which a sandbox provides.
"""

import contextlib
import os
import pathlib
import re
import signal
import time

import pytest
from harness import Gateway, gateway_binary
from harness.waiting import until

import golang
import prometheus_server
from client_support import (
    HERE,
    families,
    group,
    grouping_keys,
    groups,
    pushed_families,
    run,
    value_of,
)
from prometheus_server import Prometheus
from sandbox import FOLDER as SANDBOX_FOLDER
from sandbox import Sandbox, View

TUTORIAL = HERE / "tutorial"
PYTHON = "/usr/bin/python3"


def text_of(name):
    return (TUTORIAL / name).read_text()


def commands_of(name):
    """The commands of a shell example, which stand apart by an empty line."""
    return text_of(name).strip().split("\n\n")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as entered:
        yield entered


@pytest.fixture
def gateway(sandbox):
    with sandbox.gateway() as running:
        yield running


@pytest.fixture(scope="module")
def go_program(tmp_path_factory):
    """The Go example at its work, which takes some 15 s: (process, gateway)."""
    program = golang.build(TUTORIAL / "main.go")
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox, sandbox.gateway() as running:
        process = sandbox.start(program)
        yield process, running
        process.kill()
        process.communicate()


def test_the_go_program_compiles(go_program):
    """First, so that it works while the other tests run; the last test looks at it."""
    assert go_program


# Installing


@contextlib.contextmanager
def container(sandbox, docker_command):
    """The server, started by the command and stopped as docker stops: the gateway."""
    done = sandbox.bash(docker_command)
    assert done.returncode == 0, done.stderr
    process_id = int(done.stdout)
    try:
        until(sandbox.ready, "the container")
        yield View(sandbox)
    finally:
        os.kill(process_id, signal.SIGTERM)
        until(lambda: has_ended(process_id), "the container's end")


def has_ended(process_id):
    """Whether the process, which is nobody's child any more, is gone or waits to be reaped."""
    try:
        return pathlib.Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_docker(sandbox):
    plain, persistent = commands_of("docker.sh")
    with container(sandbox, plain) as gateway:
        push(sandbox, "job/forgotten", "m 1\n")
        assert grouping_keys(gateway) == [{"job": "forgotten"}]
    with container(sandbox, persistent) as gateway:
        assert grouping_keys(gateway) == []
        push(sandbox, "job/kept", "m 1.5\n")
    with container(sandbox, persistent) as gateway:
        assert value_of(gateway, "m", job="kept") == 1.5


def test_kubernetes(sandbox):
    text = text_of("pushgateway-deployment.yaml")
    flags = re.findall(r"^ +- '(--.*)'$", text, re.MULTILINE)
    assert flags == ["--persistence.file=/data/metrics", "--persistence.interval=5m"]
    assert set(re.findall(r"(?:containerPort|port|targetPort): (\d+)", text)) == {"9091"}

    with sandbox.gateway(*flags):
        done = sandbox.bash(commands_of("push.sh")[1])
        assert (done.returncode, done.stdout) == (0, "")
    with sandbox.gateway(*flags) as restarted:
        key = {"job": "etl_pipeline", "instance": "server1"}
        assert grouping_keys(restarted) == [key]
        assert value_of(restarted, "batch_job_duration_seconds", **key) == 42.5


# Pushing


def test_curl_single_metric(sandbox, gateway):
    done = sandbox.bash(commands_of("push.sh")[0])
    assert (done.returncode, done.stdout) == (0, "")
    assert value_of(gateway, "batch_job_duration_seconds", job="etl_pipeline") == 42.5


def test_curl_multiple_metrics(sandbox, gateway):
    before = int(time.time())
    done = sandbox.bash(commands_of("push.sh")[1])
    assert (done.returncode, done.stdout) == (0, "")
    key = {"job": "etl_pipeline", "instance": "server1"}
    stored = group(gateway, **key)
    assert {name: stored[name]["type"] for name in pushed_families(stored)} == {
        "batch_job_duration_seconds": "GAUGE",
        "batch_job_records_processed": "COUNTER",
        "batch_job_last_success_timestamp": "GAUGE",
    }
    assert value_of(gateway, "batch_job_duration_seconds", **key) == 42.5
    # Asked here, because the Python library's parser adds "_total" to its name.
    assert stored["batch_job_records_processed"]["metrics"][0]["value"] == "15000"
    assert before <= value_of(gateway, "batch_job_last_success_timestamp", **key) <= time.time()


def test_curl_additional_labels(sandbox, gateway):
    done = sandbox.bash(commands_of("push.sh")[2])
    assert (done.returncode, done.stdout) == (0, "")
    key = {"job": "backup", "instance": "db-primary", "database": "users"}
    assert grouping_keys(gateway) == [key]
    assert value_of(gateway, "backup_size_bytes", **key) == 1073741824


def test_curl_block_in_one_go(sandbox, gateway):
    """The first push leaves the type open, so the second, which says gauge, contradicts it:
    the original refuses that, and so must a server that takes its place."""
    done = sandbox.bash(text_of("push.sh"))
    assert done.returncode == 0
    refusal = "pushed metrics are invalid or inconsistent with existing metrics: "
    assert re.fullmatch(refusal + r".* is not a (GAUGE|UNTYPED)\n", done.stdout), done.stdout
    succeeded = [one["labels"] for one in groups(gateway) if one["last_push_successful"]]
    assert sorted(key["job"] for key in succeeded) == ["backup", "etl_pipeline"]


def test_python_program(sandbox, gateway):
    quick = {"PYTHONPATH": str(SANDBOX_FOLDER / "python")}
    done = sandbox.run(PYTHON, TUTORIAL / "push_metrics.py", env=quick)
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.fullmatch(r"Processed (\d+) records in [\d.]+s\nMetrics pushed successfully\n", done.stdout)
    assert said, done.stdout
    records = int(said[1])
    assert 1000 <= records <= 5000

    key = {"job": "etl_pipeline", "instance": "worker-1"}
    assert grouping_keys(gateway) == [key]
    assert value_of(gateway, "batch_job_records_processed_total", **key) == records
    assert value_of(gateway, "batch_job_record_processing_seconds_count", **key) == records
    assert value_of(gateway, "batch_job_record_processing_seconds_bucket", le="+Inf", **key) == records
    bounds = [
        sample.labels["le"]
        for sample in families(gateway)["batch_job_record_processing_seconds"].samples
        if sample.name.endswith("_bucket")
    ]
    assert bounds == ["0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "+Inf"]
    assert value_of(gateway, "batch_job_duration_seconds", **key) > 0
    assert value_of(gateway, "batch_job_last_success_timestamp", **key) > 1.7e9


@pytest.mark.parametrize("fails", ["", "yes"], ids=["backup succeeds", "backup fails"])
def test_backup_script(sandbox, gateway, fails):
    done = sandbox.run("bash", TUTORIAL / "backup_job.sh", env={"PG_DUMP_FAILS": fails})
    assert done.returncode == 0
    status = 1 if fails else 0
    said = re.fullmatch(rf"Backup completed: status={status}, size=(\d+), duration=([\d.]+)s\n", done.stdout)
    assert said, done.stdout + done.stderr

    key = {"job": "database_backup", "instance": "db-primary"}
    assert grouping_keys(gateway) == [key]
    assert value_of(gateway, "backup_duration_seconds", **key) == float(said[2])  # bc says ".0123"
    assert value_of(gateway, "backup_size_bytes", **key) == int(said[1])
    assert value_of(gateway, "backup_success", **key) == 1 - status
    assert value_of(gateway, "backup_last_completion_timestamp", **key) > 1.7e9
    duration = families(gateway)["backup_duration_seconds"]
    assert (duration.type, duration.documentation) == ("gauge", "Time taken to complete backup")


def test_groups_as_the_diagram_shows_them(sandbox, gateway):
    pushes = {
        "job/etl_pipeline/instance/worker-1": ["batch_job_duration_seconds", "batch_job_records_processed"],
        "job/etl_pipeline/instance/worker-2": ["batch_job_duration_seconds", "batch_job_records_processed"],
        "job/backup/instance/db-primary": ["backup_duration_seconds", "backup_size_bytes"],
    }
    for path, names in pushes.items():
        body = "".join(f"{name} 1\n" for name in names)
        push(sandbox, path, body)
    found = {
        f"job/{one['labels']['job']}/instance/{one['labels']['instance']}": sorted(pushed_families(one))
        for one in groups(gateway)
    }
    assert found == pushes


def push(sandbox, path, body):
    url = f"http://pushgateway:9091/metrics/{path}"
    done = sandbox.run("curl", "-sS", "--fail-with-body", "--data-binary", body, url)
    assert done.returncode == 0, done.stdout + done.stderr


# Deleting


def test_deletes(sandbox, gateway):
    keys = [
        {"job": "etl_pipeline"},
        {"job": "etl_pipeline", "instance": "worker-1"},
        {"job": "backup", "instance": "db-primary", "database": "users"},
    ]
    other = {"job": "etl_pipeline", "instance": "worker-2"}
    for key in [*keys, other]:
        push(sandbox, "/".join(f"{name}/{value}" for name, value in key.items()), "m 1\n")

    for command, key in zip(commands_of("delete.sh"), keys, strict=True):
        assert key in grouping_keys(gateway)
        done = sandbox.bash(command)
        assert (done.returncode, done.stdout) == (0, "")
        assert key not in grouping_keys(gateway)
    assert grouping_keys(gateway) == [other]


def test_cleanup_by_cron(sandbox, gateway):
    push(sandbox, "job/old_job", "m 1\n")
    (line,) = [line for line in text_of("cleanup.cron").splitlines() if not line.startswith("#")]
    command = line.split(maxsplit=5)[5]
    assert sandbox.bash(command).returncode == 0
    assert groups(gateway) == []


# The best practices' fragments, which need something around them to run


def run_fragment(sandbox, name, before="", after=""):
    program = "\n".join(
        [
            "import functools, time, prometheus_client",
            "from prometheus_client import CollectorRegistry, Counter, Gauge, REGISTRY",
            before,
            f"exec(open({str(TUTORIAL / name)!r}).read())",
            after,
        ]
    )
    return sandbox.run(PYTHON, "-c", program)


def test_completion_timestamp(sandbox, gateway):
    push_it = "prometheus_client.push_to_gateway('pushgateway:9091', 'etl_pipeline', REGISTRY)"
    done = run_fragment(sandbox, "completion_timestamp.py", after=push_it)
    assert done.returncode == 0, done.stderr
    assert value_of(gateway, "batch_job_last_success_timestamp", job="etl_pipeline") > 1.7e9


SUCCESS_OR_FAILURE = """
registry = CollectorRegistry()
job_success = Gauge('batch_job_success', 'Whether it went well', registry=registry)
job_error_message = Gauge('batch_job_error', 'What went wrong', ['error'], registry=registry)
def process_batch():
    {work}
def push_to_gateway(what_was_left_out):
    prometheus_client.push_to_gateway('pushgateway:9091', 'etl_pipeline', registry)
"""


def test_push_on_success(sandbox, gateway):
    done = run_fragment(sandbox, "success_and_failure.py", before=SUCCESS_OR_FAILURE.format(work="pass"))
    assert done.returncode == 0, done.stderr
    assert value_of(gateway, "batch_job_success", job="etl_pipeline") == 1


def test_push_on_failure(sandbox, gateway):
    work = "raise ValueError('no \"such\" table,\\nsorry')"
    done = run_fragment(sandbox, "success_and_failure.py", before=SUCCESS_OR_FAILURE.format(work=work))
    assert done.returncode == 0, done.stderr
    assert value_of(gateway, "batch_job_success", job="etl_pipeline") == 0
    assert value_of(gateway, "batch_job_error", job="etl_pipeline", error='no "such" table,\nsorry') == 1


def test_unique_grouping_keys(sandbox, gateway):
    for run_id in ("2024-05-01T12:00", "2024-05-02T12:00"):
        before = (
            "push_to_gateway = functools.partial(prometheus_client.push_to_gateway, registry=REGISTRY)\n"
            f"hostname, run_id = 'host-1.example', {run_id!r}"
        )
        done = run_fragment(sandbox, "unique_grouping_key.py", before=before)
        assert done.returncode == 0, done.stderr
    assert sorted(key["run_id"] for key in grouping_keys(gateway)) == ["2024-05-01T12:00", "2024-05-02T12:00"]


def test_pushadd_leaves_other_families_alone(sandbox, gateway):
    push(sandbox, "job/etl_pipeline", "other 1\n")
    for count in (5, 7):
        before = (
            "registry = CollectorRegistry()\n"
            f"Counter('records', 'Records', registry=registry).inc({count})"
        )
        done = run_fragment(sandbox, "pushadd.py", before=before)
        assert done.returncode == 0, done.stderr
        # It replaces the family: contrary to the text, nothing is summed up.
        assert value_of(gateway, "records_total", job="etl_pipeline") == count
    assert value_of(gateway, "other", job="etl_pipeline") == 1


# Scraping and alerting


def test_the_configuration_is_valid():
    run(["promtool", "check", "config", TUTORIAL / "prometheus.yml"])
    run(["promtool", "check", "rules", TUTORIAL / "pushgateway_alerts.yml"])


QUICK = f"""
global:
  scrape_interval: 300ms
  scrape_timeout: 300ms
  evaluation_interval: 300ms
rule_files:
  - {TUTORIAL / "pushgateway_alerts.yml"}
"""


def version_of(binary):
    return "-".join(map(str, prometheus_server.version(binary)))


@pytest.mark.parametrize("binary", prometheus_server.binaries(), ids=version_of)
def test_prometheus_with_the_alerts(sandbox, tmp_path, binary):
    """The printed configuration, made quick, and the printed rules. A `for: 5m` alert gets
    as far as pending here; that it fires is the next test's matter."""
    with Prometheus(binary, text_of("prometheus.yml") + QUICK, tmp_path, inside=sandbox.inside) as prometheus:
        with sandbox.gateway():
            two_hours_ago = int(time.time()) - 7200
            body = (
                "# TYPE batch_job_success gauge\nbatch_job_success 0\n"
                "# TYPE batch_job_last_success_timestamp gauge\n"
                f"batch_job_last_success_timestamp {two_hours_ago}\n"
            )
            push(sandbox, "job/etl_pipeline/instance/worker-1", body)
            push(sandbox, "job/fine", "# TYPE batch_job_success gauge\nbatch_job_success 1\n")

            prometheus.wait_for('up{job="pushgateway",instance="pushgateway:9091"} == 1')
            (success,) = prometheus.wait_for('batch_job_success{instance="worker-1"}')
            assert success["metric"] == {
                "__name__": "batch_job_success",
                "job": "etl_pipeline",
                "instance": "worker-1",
            }
            alerts = wait_for_alerts(prometheus, "BatchJobFailed", "BatchJobNotRunning")
            assert sorted((one["labels"]["alertname"], one["state"]) for one in alerts) == [
                ("BatchJobFailed", "firing"),
                ("BatchJobNotRunning", "pending"),
            ]
            texts = {one["labels"]["alertname"]: one["annotations"]["summary"] for one in alerts}
            assert texts == {
                "BatchJobFailed": "Batch job etl_pipeline failed",
                "BatchJobNotRunning": "Batch job etl_pipeline hasn't run in over an hour",
            }

        (down,) = wait_for_alerts(prometheus, "PushgatewayDown")
        assert down["state"] == "pending" and down["labels"]["severity"] == "critical"


def wait_for_alerts(prometheus, *names):
    """The alerts, once they are just those of these names."""

    def just_those():
        alerts = prometheus.ask("/api/v1/alerts")["alerts"]
        return sorted(one["labels"]["alertname"] for one in alerts) == sorted(names) and alerts

    return until(just_those, f"alerts {names}")


RULE_TEST = """\
rule_files:
  - {rules}
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
{series}
      - series: 'up{{job="pushgateway",instance="pushgateway:9091"}}'
        values: '1x60 0x60'
    alert_rule_test:
      - eval_time: 0m
        alertname: BatchJobFailed
        exp_alerts:
          - exp_labels: {{severity: critical, job: etl_pipeline, instance: worker-1}}
            exp_annotations: {{summary: "Batch job etl_pipeline failed"}}
      - eval_time: 65m
        alertname: BatchJobNotRunning
        exp_alerts: []
      - eval_time: 66m
        alertname: BatchJobNotRunning
        exp_alerts:
          - exp_labels: {{severity: warning, job: etl_pipeline, instance: worker-1}}
            exp_annotations: {{summary: "Batch job etl_pipeline hasn't run in over an hour"}}
      - eval_time: 65m
        alertname: PushgatewayDown
        exp_alerts: []
      - eval_time: 66m
        alertname: PushgatewayDown
        exp_alerts:
          - exp_labels: {{severity: critical, job: pushgateway, instance: "pushgateway:9091"}}
            exp_annotations: {{summary: "Pushgateway is down"}}
"""


def test_every_alert_fires(tmp_path):
    """promtool's clock starts at 0, and so does the job's last success. The series are the
    lines that a scrape of the gateway gave."""
    with Gateway(gateway_binary()) as gateway:
        body = b"batch_job_success 0\nbatch_job_last_success_timestamp 0\n"
        gateway.put("/metrics/job/etl_pipeline/instance/worker-1", body)
        lines = [line for line in gateway.get("/metrics").text.splitlines() if line.startswith("batch_job")]
    series = []
    for line in lines:
        name, value = line.rsplit(" ", 1)
        series.append(f"      - series: '{name}'\n        values: '{value}x120'")
    assert len(series) == 2

    file = tmp_path / "rules_test.yml"
    rules = TUTORIAL / "pushgateway_alerts.yml"
    file.write_text(RULE_TEST.format(rules=rules, series="\n".join(series)))
    run(["promtool", "test", "rules", file])


# At last


def test_go_program(go_program):
    process, gateway = go_program
    _, log = process.communicate(timeout=90)
    assert process.returncode == 0, log
    assert b"Metrics pushed successfully" in log
    records = int(re.search(rb"Processed (\d+) records in ", log)[1])

    key = {"job": "etl_pipeline", "instance": "worker-1"}
    stored = group(gateway, **key)
    assert pushed_families(stored) == {
        "batch_job_duration_seconds",
        "batch_job_records_processed_total",
        "batch_job_last_success_timestamp",
    }
    assert value_of(gateway, "batch_job_records_processed_total", **key) == records
    assert value_of(gateway, "batch_job_duration_seconds", **key) > 0
    assert value_of(gateway, "batch_job_last_success_timestamp", **key) > 1.7e9
