"""Starting on the persistence file of the original: what it held is there, and its file is kept."""

import copy
import json
import os
import shutil
import time

import pytest

import normalise
from cases.native_histograms import HISTOGRAMS, counted
from cases.protobuf_bodies import MESSAGES
from harness import Gateway, every_kind, gateway_binary, old_oracle_binary, oracle_binary
from harness.build_families import family, metric
from harness.metrics_proto import HISTOGRAM, delimited
from pair import ALLOW_UTF8_PROTO, ALLOW_UTF8_TEXT

OUR_MAGIC = b"PGWSNAP"


class ExactClock:
    """Times as they are: a restart must not change them."""

    @staticmethod
    def name(seconds):
        return repr(seconds)


@pytest.fixture(params=["old", "new"])
def original(request):
    """The original of some years ago, and the newest."""
    binary = old_oracle_binary() if request.param == "old" else oracle_binary()
    assert binary, "PUSHGATEWAY_ORACLE or PUSHGATEWAY_OLD_ORACLE is not set: tests/harness/fetch-original gets them"
    return binary


@pytest.fixture
def path(tmp_path):
    """The persistence file. Nothing but what a test expects is left beside it."""
    return tmp_path / "metrics"


def start(binary, path, *flags):
    return Gateway(binary, f"--persistence.file={path}", *flags, env={"TZ": "UTC"})


def sorted_metrics(member):
    """A family of the JSON with its metrics in one order; what else is there of a group as it is."""
    if isinstance(member, dict) and "metrics" in member:
        member["metrics"].sort(key=json.dumps)
    return member


def is_empty(member):
    """Of a family without metrics the original remembers that it was pushed; we do not."""
    return isinstance(member, dict) and member.get("metrics") == []


def told(gateway):
    """All that a server tells of its groups, with times to the nanosecond."""
    groups = json.loads(gateway.get("/api/v1/metrics", timeout=60).text)["data"]
    members = [(sorted(group["labels"].items()), name, sorted_metrics(member))
               for group in groups for name, member in group.items() if not is_empty(member)]
    text = gateway.get("/metrics", headers={"Accept": ALLOW_UTF8_TEXT}, timeout=60)
    protobuf = gateway.get("/metrics", headers={"Accept": ALLOW_UTF8_PROTO}, timeout=60)
    assert (text.status, protobuf.status) == (200, 200)
    return {
        "json": members,
        "text": normalise.text_families(text.text, ExactClock, ordered=False),
        "protobuf": normalise.proto_families(protobuf.body, ExactClock, ordered=False),
    }


def check_same(ours, original):
    """Equality, shown item by item."""
    for part in original:
        missing = [item for item in original[part] if item not in ours[part]]
        added = [item for item in ours[part] if item not in original[part]]
        assert not missing and not added, f"{part}:\n- {missing[:3]}\n+ {added[:3]}"
        assert len(ours[part]) == len(original[part])


def in_folder(path):
    """{name: how the file begins} of what lies in the folder."""
    return {name: (path.parent / name).read_bytes()[:len(OUR_MAGIC)] for name in os.listdir(path.parent)}


def left_by(original, path, *flags, pushes=every_kind.push_all):
    """Has the original write its file; returns what the newest original tells of that.

    What the older one tells itself is less: it shows float histograms as whole numbers.
    """
    with start(original, path, *flags) as gateway:
        pushes(gateway)
        assert gateway.stop() == 0
    seen = path.with_name("seen")
    shutil.copy(path, seen)
    with start(oracle_binary(), seen) as gateway:
        was = told(gateway)
        assert gateway.stop() == 0
    seen.unlink()
    return was


def test_every_kind(original, path):
    was = left_by(original, path)
    file = path.read_bytes()
    with start(gateway_binary(), path) as gateway:
        check_same(told(gateway), was)
        assert gateway.stop() == 0
    assert in_folder(path) == {path.name: file[:7]}, "nothing has changed, so nothing is saved"

    with start(gateway_binary(), path) as gateway:
        assert gateway.put("/metrics/job/ours", b"ours 1\n").status == 200
        now = told(gateway)
        assert gateway.stop() == 0
        assert "level=error" not in gateway.stderr()
    assert in_folder(path) == {path.name: OUR_MAGIC, path.name + ".gob": file[:7]}
    assert (path.parent / (path.name + ".gob")).read_bytes() == file

    with start(gateway_binary(), path) as gateway:
        check_same(told(gateway), now)
        assert "Go Pushgateway" not in gateway.stderr()
        gateway.delete("/metrics/job/ours")
        check_same(told(gateway), was)
        assert gateway.stop() == 0
    assert in_folder(path) == {path.name: OUR_MAGIC, path.name + ".gob": file[:7]}


def bodies():
    """The protobuf bodies of the scenarios, each with families of its own and a group of its own."""
    shown_otherwise = ("help not utf-8", "label name with colon") # so that no scrape breaks
    messages = [families for name, families in MESSAGES.items() if name not in shown_otherwise]
    natives = [[family("m", HISTOGRAM, metric(histogram=counted(fields)))] for fields in HISTOGRAMS.values()]
    for number, families in enumerate(messages + natives):
        families = copy.deepcopy(families)
        for pushed in families:
            if not pushed.name.startswith(b"push_"):
                pushed.name = b"b%d_" % number + pushed.name
        yield f"/metrics/job/b{number}", delimited(*families)


def taken(gateway, pushes):
    return [push for push in pushes if gateway.put(push[0], push[1], headers=every_kind.PROTOBUF).status == 200]


@pytest.fixture
def good_bodies():
    """Those that we take too: what would break a scrape is left out of a file (README, Differences)."""
    everything = list(bodies())
    with Gateway(gateway_binary()) as gateway:
        good = taken(gateway, everything)
        assert gateway.stop() == 0
    assert len(good) >= len(everything) - 5, "one of each kind that we refuse"
    return good


def test_all_protobuf_bodies(original, path, good_bodies):
    def push_bodies(gateway):
        pushed = taken(gateway, good_bodies)
        assert len(pushed) >= len(good_bodies) - 2, "the older original knows no names beyond the legacy ones"

    was = left_by(original, path, pushes=push_bodies)
    with start(gateway_binary(), path) as gateway:
        check_same(told(gateway), was)
        assert "left out" not in gateway.stderr()
        assert gateway.stop() == 0


def test_a_kept_file_is_not_overwritten(original, path):
    for number, name in enumerate([".gob", ".gob.1", ".gob.2"]):
        with start(original, path) as gateway:
            gateway.put("/metrics/job/a", b"m %d\n" % number)
            assert gateway.stop() == 0
        file = path.read_bytes()
        with start(gateway_binary(), path) as gateway:
            assert f'm{{instance="",job="a"}} {number}\n' in gateway.get("/metrics").text
            gateway.put("/metrics/job/ours", b"ours 1\n")
            assert gateway.stop() == 0
        assert (path.parent / (path.name + name)).read_bytes() == file
        path.unlink()


def test_going_back(path):
    """The kept file is the original's to start on."""
    was = left_by(oracle_binary(), path)
    with start(gateway_binary(), path) as gateway:
        gateway.put("/metrics/job/ours", b"ours 1\n")
        assert gateway.stop() == 0
    os.rename(f"{path}.gob", path)
    with start(oracle_binary(), path) as gateway:
        check_same(told(gateway), was)


def test_a_crash_after_the_first_save(original, path):
    was = left_by(original, path)
    file = path.read_bytes()
    with start(gateway_binary(), path, "--persistence.interval=1ms") as gateway:
        gateway.put("/metrics/job/ours", b"ours 1\n")
        gateway.delete("/metrics/job/ours")
        deadline = time.monotonic() + 30
        while not path.read_bytes().startswith(OUR_MAGIC):
            assert time.monotonic() < deadline, gateway.stderr()
        gateway.kill()
    assert (path.parent / (path.name + ".gob")).read_bytes() == file
    with start(gateway_binary(), path) as gateway:
        gateway.delete("/metrics/job/ours")
        check_same(told(gateway), was)
        assert gateway.stop() == 0


def leave_inconsistent(original, path):
    """Has the original take in, with its check off, what it cannot show then."""
    with start(original, path, "--push.disable-consistency-check") as gateway:
        for where, body in every_kind.INCONSISTENT:
            assert gateway.post(f"/metrics/job/{where}", body).status == 202
        assert gateway.stop() == 0


def test_unchecked_what_is_inconsistent_is_taken_in(original, path):
    leave_inconsistent(original, path)
    with start(gateway_binary(), path, "--push.disable-consistency-check") as gateway:
        assert gateway.get("/metrics").status == 500
        assert len(json.loads(gateway.get("/api/v1/metrics").text)["data"]) == 6
        assert "left out" not in gateway.stderr()
        assert gateway.stop() == 0


def test_what_is_inconsistent_is_left_out(original, path):
    leave_inconsistent(original, path)
    with start(gateway_binary(), path) as gateway:
        text = gateway.get("/metrics").text
        assert [f'fine{{instance="",job="{job}"}} {n}' in text for n, job in enumerate("abcde", 1)] == [True] * 5
        assert text.count("\ntype{") == 1 and "twice" not in text
        log = gateway.stderr()
        assert "groups of the persistence file are inconsistent" in log and "groups=1\n" in log
        assert "families of the persistence file are inconsistent" in log and "families=3 " in log
        assert gateway.stop() == 0


def test_a_damaged_file_is_set_aside(original, path):
    left_by(original, path)
    file = path.read_bytes()
    path.write_bytes(file[:-100])
    with start(gateway_binary(), path) as gateway:
        groups = json.loads(gateway.get("/api/v1/metrics").text)["data"]
        assert 0 < len(groups) < len({where for _, where, *_ in every_kind.PUSHES})
        assert "(byte " in gateway.stderr()
        assert gateway.stop() == 0
    (aside,) = [name for name in os.listdir(path.parent) if ".damaged-" in name]
    assert (path.parent / aside).read_bytes() == file[:-100]
