"""No push can break a scrape: whatever bytes are pushed, the next scrape parses in every format.

Random pushes, most of them injured, go to the running server. FUZZ_ROUNDS says how many rounds of
pushes each kind of server gets, FUZZ_SEED where their numbers begin; a failure names its own, and
FUZZ_SEED=<n> FUZZ_ROUNDS=1 repeats it.
"""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "conformance")]

import random_pushes  # noqa: E402
from harness import Gateway, exposition, gateway_binary  # noqa: E402
from scenario import PROTOBUF  # noqa: E402

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "100"))
FIRST = int(os.environ.get("FUZZ_SEED", "1"))
PUSHES = 6  # in a round, which begins with an empty store

FLAGS = {
    "default": [],
    "utf8": ["--push.enable-utf8-names"],
    "unchecked": ["--push.disable-consistency-check"],
}
PATHS = random_pushes.GROUPS + (
    "/metrics/job/a/le/5", "/metrics/job/a/quantile/5", "/metrics/job/a/instance@base64/=", "/metrics/job@base64/w6k",
    "/metrics/job/a/U__x_2e_y/1", "/metrics/job/a/x_y/1", "/metrics/job/a/%C3%A9/%00", "/metrics/job/%FF")
# Bytes that mean something in text or protobuf, or to those who read a scrape.
SPICE = [b"\0", b"\n", b'"', b"\\", b"{", b"}", b"=", b",", b"#", b" ", b"\t", b"\r", b".", b":", b"_", b"\xff", b"\xc3\xa9",
         b"\xed\xa0\x80", b"NaN", b"le", b"quantile", b"_count", b"_bucket", b"__name__", b"instance", b"# HELP m ", b"# TYPE m histogram\n",
         b"\x0a\x01m", b"\x12\x01\xff", b"\x18\x05", b"\x2a\x01s", b"\x22\x00", b"\x0a\x03\x0a\x01\x00", b"\x80\x80\x01"]


# Making pushes

def injure(rng, body, other):
    """A few injuries: bits, bytes, pieces moved or taken from another body, an early end."""
    data = bytearray(body)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        spot, how = rng.randint(0, len(data)), rng.randrange(6)
        if how == 0 and data:
            data[min(spot, len(data) - 1)] ^= 1 << rng.randrange(8)
        elif how == 1:
            data[spot:spot] = rng.choice(SPICE)
        elif how == 2:
            word = rng.choice(SPICE)
            data[spot:spot + len(word)] = word
        elif how == 3:
            start = rng.randint(0, len(other))
            data[spot:spot] = other[start:start + rng.randint(1, 40)]
        elif how == 4:
            del data[spot:spot + rng.randint(1, 12)]
        elif rng.random() < 0.3:
            del data[spot:]
    return bytes(data)


def make_push(rng):
    """(method, path, headers, body) like those of the random conformance tests, or injured."""
    steps = [step for step in random_pushes.scenario(rng.randrange(1 << 30)).steps if step.body]
    if not steps:
        return "POST", rng.choice(PATHS), {}, b""
    step, other = rng.choice(steps), rng.choice(steps)
    body = injure(rng, step.body, other.body) if rng.random() < 0.8 else step.body
    return rng.choice(("PUT", "POST")), rng.choice(PATHS), dict(step.headers), body


# Reading scrapes

def check_strings(message):
    """Every string of a protobuf message is UTF-8; the test's classes have them as bytes."""
    for field, value in message.ListFields():
        for one in value if field.label == field.LABEL_REPEATED else [value]:
            if field.type == field.TYPE_MESSAGE:
                check_strings(one)
            elif field.type == field.TYPE_BYTES:
                one.decode()


def check_promtool(text):
    """Debian's promtool reads it. Names that are one once escaped are told apart by nobody."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    error = re.search("error while linting: .*", said)
    assert not error or "second TYPE line" in error[0] or "second HELP line" in error[0], error[0]


def check_text(gateway):
    reply = gateway.get("/metrics")
    assert reply.status == 200, reply
    list(text_string_to_metric_families(reply.body.decode()))
    check_promtool(reply.body)
    assert gateway.get("/metrics", headers={"Accept": "text/plain;escaping=allow-utf-8"}).body.decode()


def check_protobuf(gateway):
    for escaping in ("allow-utf-8", "underscores", "values"):
        reply = gateway.get("/metrics", headers={"Accept": f"{PROTOBUF};escaping={escaping}"})
        assert reply.status == 200, reply
        families = exposition.read_delimited(reply.body)
        assert len(families) > 3
        for family in families:
            assert family.name
            check_strings(family)


def check_views(gateway):
    assert json.loads(gateway.get("/api/v1/metrics").body)["status"] == "success"
    assert gateway.get("/").status == 200


def check_all(gateway):
    check_text(gateway)
    check_protobuf(gateway)
    check_views(gateway)


# The tests

def run_round(gateway, seed, look):
    rng = random.Random(seed)
    done = []
    assert gateway.put("/api/v1/admin/wipe").status == 202
    try:
        for _ in range(PUSHES):
            method, path, headers, body = make_push(rng)
            done.append((method, path, body))
            assert gateway.request(method, path, body, headers).status in (200, 202, 400)
        look(gateway)
    except Exception as failure:
        pushes = "\n".join(map(repr, done))
        raise AssertionError(f"seed {seed}; the pushes:\n{pushes}\n{failure!r}") from failure


def run_rounds(kind, look):
    with Gateway(gateway_binary(), "--web.enable-admin-api", *FLAGS[kind]) as gateway:
        for seed in range(FIRST, FIRST + ROUNDS):
            run_round(gateway, seed, look)
        assert gateway.put("/api/v1/admin/wipe").status == 202
        check_all(gateway)
        assert gateway.stop() == 0, gateway.stderr()


@pytest.mark.parametrize("kind", ["default", "utf8"])
def test_every_scrape_parses(kind):
    assert shutil.which("promtool"), "Debian's package prometheus has it"
    run_rounds(kind, check_all)


def look_at_unchecked(gateway):
    """Here a scrape may fail, but says so; what is not about consistency must hold."""
    for accept in ("text/plain", PROTOBUF):
        reply = gateway.get("/metrics", headers={"Accept": accept})
        assert reply.status in (200, 500), reply
    check_views(gateway)


def test_an_unchecked_server_survives():
    run_rounds("unchecked", look_at_unchecked)
