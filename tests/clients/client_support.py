"""What the client tests share: where things are built, and how to look into a gateway.

A gateway is looked at the way its users do: `/metrics` through the parser of
python3-prometheus-client, and `/api/v1/metrics`.
"""

import json
import os
import pathlib
import subprocess

from prometheus_client.parser import text_string_to_metric_families

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Everything that is compiled or installed for the tests goes below this folder.
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build")).resolve() / "clients"

# Families the gateway adds on its own account.
PUSH_TIMES = {"push_time_seconds", "push_failure_time_seconds"}


def run(command, **options):
    """Runs a program to its end and fails, with what it printed, unless it exits 0."""
    done = subprocess.run(
        command, capture_output=True, timeout=900, **options  # a cold cache compiles much of Go
    )
    assert done.returncode == 0, (
        f"{command[0]} exited {done.returncode}\n"
        f"{_as_text(done.stdout)}\n{_as_text(done.stderr)}"
    )
    return done


def _as_text(output):
    return output.decode(errors="replace") if isinstance(output, bytes) else output


def address(gateway):
    """host:port, as most client libraries want it."""
    return f"{gateway.host}:{gateway.port}"


def families(gateway):
    """name -> metric family of python3-prometheus-client, of all that a scrape gives."""
    reply = gateway.get("/metrics")
    assert reply.status == 200, reply
    assert reply.header("Content-Type").startswith("text/plain; version=0.0.4"), reply.headers
    text = reply.body.decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def series(gateway, **with_labels):
    """(name, labels as sorted pairs) -> value, of all samples that carry the given labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families(gateway).values()
        for sample in family.samples
        if with_labels.items() <= sample.labels.items()
    }


def values(gateway, **with_labels):
    """name -> value of the samples that carry the given labels; no two may share a name."""
    found = series(gateway, **with_labels)
    by_name = {name: value for (name, _), value in found.items()}
    assert len(by_name) == len(found), found
    return by_name


def value_of(gateway, name, **labels):
    """The value of the one sample of exactly these labels; no instance means instance=""."""
    key = tuple(sorted({"instance": "", **labels}.items()))
    return series(gateway)[(name, key)]


def groups(gateway):
    """The groups of /api/v1/metrics: a list of objects."""
    reply = gateway.get("/api/v1/metrics")
    assert (reply.status, reply.header("Content-Type")) == (200, "application/json"), reply
    document = json.loads(reply.body)
    assert document["status"] == "success"
    return document["data"]


def group(gateway, **labels):
    """The one group of exactly these labels."""
    found = [one for one in groups(gateway) if one["labels"] == labels]
    assert len(found) == 1, [one["labels"] for one in groups(gateway)]
    return found[0]


def grouping_keys(gateway):
    return [one["labels"] for one in groups(gateway)]


def pushed_families(one_group):
    """The names of what a client pushed into a group of /api/v1/metrics."""
    return set(one_group) - PUSH_TIMES - {"labels", "last_push_successful"}
