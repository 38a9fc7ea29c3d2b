"""promtool's linter has nothing to say about the exposition."""

import shutil
import subprocess

import pytest
from harness import Gateway, gateway_binary

# Everything a linter looks for is right here: names, units, help, types.
PUSHED = b"""\
# HELP backup_duration_seconds How long it took.
# TYPE backup_duration_seconds gauge
backup_duration_seconds 1.5
# HELP backup_runs_total How often it ran.
# TYPE backup_runs_total counter
backup_runs_total{kind="full"} 3
# HELP backup_file_size_bytes How large the files are.
# TYPE backup_file_size_bytes histogram
backup_file_size_bytes_bucket{le="1000"} 1
backup_file_size_bytes_bucket{le="+Inf"} 2
backup_file_size_bytes_sum 5000
backup_file_size_bytes_count 2
# HELP backup_wait_seconds How long it waited.
# TYPE backup_wait_seconds summary
backup_wait_seconds{quantile="0.5"} 0.1
backup_wait_seconds_sum 0.3
backup_wait_seconds_count 3
"""


def complaints(gateway):
    exposition = gateway.get("/metrics").body
    assert b"\npushgateway_build_info{" in exposition
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=exposition, capture_output=True, timeout=30
    )
    return (done.stdout + done.stderr).decode() or done.returncode


def test_promtool_is_there_and_lints(gateway):
    assert shutil.which("promtool"), "Debian's package prometheus has it"
    gateway.put("/metrics/job/j", b"without_help 1\n")
    assert complaints(gateway) == "without_help no help text\n"


def test_a_new_gateway(gateway):
    assert complaints(gateway) == 0


def test_after_pushes_failures_and_scrapes(gateway):
    """By now every metric of the gateway itself has values and labels."""
    assert gateway.put("/metrics/job/j/instance/a", PUSHED).status == 200
    assert gateway.post("/metrics/job/j/instance/b", PUSHED).status == 200
    assert gateway.put("/metrics/job/j", b"m 1 1\n").status == 400
    assert gateway.put("/metrics/job/j", b"no metrics").status == 400
    assert gateway.delete("/metrics/job/j/instance/b").status == 202
    for path in ("/", "/-/healthy", "/-/ready", "/api/v1/status", "/api/v1/metrics", "/metrics"):
        gateway.get(path)
    assert complaints(gateway) == 0


@pytest.mark.parametrize("flags", [["--persistence.file={}/metrics"], ["--persistence.file={}/metrics", "--persistence.durability=push"],
                                   ["--web.enable-admin-api"]])
def test_with_flags_that_may_add_metrics(tmp_path, flags):
    with Gateway(gateway_binary(), *[flag.format(tmp_path) for flag in flags]) as gateway:
        gateway.put("/metrics/job/j", PUSHED)
        gateway.put("/api/v1/admin/wipe")
        assert complaints(gateway) == 0
