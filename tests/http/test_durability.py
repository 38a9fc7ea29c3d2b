"""--persistence.durability=push: what has been answered is on disk."""

import glob
import os
import re
import resource
import select
import subprocess
import threading

import pytest
import sync_gate
from harness import Gateway, gateway_binary
from harness.waiting import until
from wire import put, samples

PUSH = "--persistence.durability=push"
ADMIN = "--web.enable-admin-api"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "metrics"


@pytest.fixture
def run(file):
    """Starts a durable gateway on the file; it is killed after the test unless it has ended."""
    running = []

    def start(*flags, durability=PUSH):
        running.append(Gateway(gateway_binary(), f"--persistence.file={file}", durability, ADMIN, *flags).start())
        return running[-1]

    yield start
    for gateway in running:
        gateway.kill()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return sync_gate.build(tmp_path_factory.mktemp("gate"))


@pytest.fixture
def gate(library, tmp_path):
    gate = sync_gate.Gate(library, tmp_path)
    yield gate
    gate.close()


@pytest.fixture
def gated(gate, file):
    """A durable gateway that syncs as the gate lets it. It holds nothing and will not save for some minutes."""
    gate.let("yyy")  # the first segment, the wipe, the segment that the save after it begins
    with gate.gateway(f"--persistence.file={file}", PUSH, ADMIN) as gateway:
        assert gateway.put("/api/v1/admin/wipe").status == 202
        until(lambda: metric(gateway, "journal_syncs_total") == 2, what="the second segment")
        yield gateway
        gate.open_for_good()
        gateway.kill()


def journals(file):
    return sorted(glob.glob(f"{file}.journal.*"))


def metric(gateway, name):
    return float(re.search(rf"^pushgateway_persistence_{name} (\S+)$", gateway.get("/metrics").text, re.M)[1])


def of_groups(gateway):
    """Lines of the exposition about what was pushed, the times of pushes and help included."""
    return [line for line in gateway.get("/metrics").text.splitlines() if "job=" in line or "Help." in line]


def has_reply(connection):
    return bool(select.select([connection.sock], [], [], 0)[0])


def send(gateway, request):
    connection = gateway.connect(timeout=30)
    connection.send(request)
    return connection


DELETE_A = b"DELETE /metrics/job/a HTTP/1.1\r\nHost: x\r\n\r\n"
WIPE = b"PUT /api/v1/admin/wipe HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


# --- The flag


def test_it_needs_a_file():
    ended = subprocess.run([gateway_binary(), PUSH], capture_output=True, text=True, timeout=10)
    assert ended.returncode == 1
    assert "--persistence.durability=push needs a --persistence.file" in ended.stderr


def test_a_second_server_does_not_start(run, file):
    run()
    ended = subprocess.run([gateway_binary(), "--web.listen-address=127.0.0.1:0", f"--persistence.file={file}", PUSH],
                           capture_output=True, text=True, timeout=10)
    assert ended.returncode == 1
    assert "is in use by another process" in ended.stderr


# --- Replies


def test_the_reply_waits_for_the_disk(gate, gated):
    with send(gated, put("/metrics/job/a", b"m 1\n")) as c:
        until(lambda: 'm{instance="",job="a"} 1' in samples(gated), what="the push in a scrape")
        assert gated.get("/-/ready").status == 200
        assert not has_reply(c)
        gate.let("y")
        assert c.read_response().status == 200


@pytest.mark.parametrize("request_bytes, status", [
    (put("/metrics/job/b", b"m 1 1\n"), 400), (DELETE_A, 202), (WIPE, 202),
    (put("/metrics/job/b", b"m 1\n", b"Connection: close"), 200),
    (put("/metrics/job/b", b"m 1\n", version="HTTP/1.0"), 200),
])
def test_every_change_waits(gate, gated, request_bytes, status):
    gate.let("y")
    assert gated.put("/metrics/job/a", b"m 1\n").status == 200
    before = of_groups(gated)
    with send(gated, request_bytes) as c:
        until(lambda: of_groups(gated) != before, what="the change in a scrape")
        assert not has_reply(c)
        gate.let("y")
        assert c.read_response().status == status


def test_what_changes_nothing_waits_for_what_it_saw(gate, gated):
    missing = DELETE_A.replace(b"/a", b"/missing")
    with send(gated, missing) as c:
        assert c.read_response().status == 202
    with send(gated, put("/metrics/job/a", b"m 1\n")) as c, gated.connect() as other:
        until(lambda: samples(gated), what="the push in a scrape")
        other.send(missing)
        other.send(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert gated.get("/-/ready").status == 200
        assert not has_reply(other)
        gate.let("y")
        assert c.read_response().status == 200
        assert other.read_response().status == 202
        assert other.read_response().status == 200


def test_what_is_refused_at_once_need_not_wait(gated):
    assert gated.put("/metrics/job/a", b"not metrics").status == 400
    assert gated.put("/metrics/job", b"m 1\n").status in (400, 404, 405)


def test_one_sync_for_all_that_wait(gate, gated):
    syncs, records = metric(gated, "journal_syncs_total"), metric(gated, "journal_records_total")
    connections = [send(gated, put(f"/metrics/job/j{n}", b"m 1\n")) for n in range(64)]
    until(lambda: len(samples(gated)) == 64, what="all pushes in a scrape")
    assert not any(has_reply(c) for c in connections)
    gate.let("y")
    gate.let("y")
    for c in connections:
        assert c.read_response().status == 200
        c.close()
    assert metric(gated, "journal_syncs_total") == syncs + 2
    assert metric(gated, "journal_records_total") == records + 64


def test_clients_that_do_not_wait(gate, gated):
    for n in range(8):
        send(gated, put(f"/metrics/job/gone{n}", b"m 1\n")).close()
    with send(gated, put("/metrics/job/half", b"m 1\n")) as half:
        half.shutdown_write()
        until(lambda: len(samples(gated)) == 9, what="all pushes in a scrape")
        gate.open_for_good()
        assert half.read_response().status == 200
    assert gated.put("/metrics/job/a", b"m 1\n").status == 200
    assert gated.stop() == 0


def test_pipelined_pushes(gate, gated):
    with send(gated, b"".join(put(f"/metrics/job/p{n}", b"m 1\n") for n in range(3))) as c:
        for n in range(3):
            until(lambda n=n: len(samples(gated)) == n + 1, what="the next push in a scrape")
            assert not has_reply(c)
            gate.let("y")
            assert c.read_response().status == 200


def test_expect_continue(gate, gated):
    request = put("/metrics/job/a", b"m 1\n", b"Expect: 100-continue")
    gate.let("y")
    with gated.connect() as c:
        c.send(put("/metrics/job/first", b"m 1\n"))
        assert c.read_response().status == 200
        c.send(request)  # without waiting for the 100
        until(lambda: len(samples(gated)) == 2, what="the push in a scrape")
        assert c.read_response().status == 100
        assert not has_reply(c)
        gate.let("y")
        assert c.read_response().status == 200
        head, body = request[:-4], request[-4:]
        c.send(head)
        assert c.read_response().status == 100
        c.send(body)
        gate.let("y")
        assert c.read_response().status == 200


def test_the_time_of_the_disk_counts(gate, gated):
    with send(gated, put("/metrics/job/a", b"m 1\n")) as c:
        until(lambda: samples(gated), what="the push in a scrape")
        count = 'pushgateway_http_push_duration_seconds_count{method="put"}'
        assert count not in gated.get("/metrics").text
        gate.let("y")
        assert c.read_response().status == 200
    assert f"{count} 1\n" in gated.get("/metrics").text


def test_stopping_waits_for_replies(gate, gated, file):
    with send(gated, put("/metrics/job/a", b"m 1\n")) as c:
        until(lambda: samples(gated), what="the push in a scrape")
        gated.process.terminate()
        gate.let("y")
        reply = c.read_response()
        assert (reply.status, reply.header("Connection")) == (200, "close")
    gate.open_for_good()
    assert gated.process.wait(10) == 0
    assert not journals(file)


# --- When the disk fails


@pytest.mark.parametrize("word, why", [("e", "Input/output error"), ("s", "No space left on device")])
def test_a_sync_that_fails(gate, gated, run, file, word, why):
    failures = metric(gated, "journal_failures_total")
    with send(gated, put("/metrics/job/a", b"m 1\n")) as c:
        gate.let(word)
        reply = c.read_response()
        assert reply.status == 503
        assert why in reply.text
    assert gated.get("/metrics").status == 200
    # Until it works again nothing is taken.
    reply = gated.put("/metrics/job/b", b"m 2\n")
    assert (reply.status, "nothing is taken" in reply.text) == (503, True)
    assert gated.delete("/metrics/job/a").status == 503
    assert gated.put("/api/v1/admin/wipe").status == 503
    assert 'm{instance="",job="b"} 2' not in samples(gated)
    gate.open_for_good()
    until(lambda: gated.put("/metrics/job/c", b"m 3\n").status == 200, what="a push that is taken")
    assert metric(gated, "journal_failures_total") > failures
    shown = samples(gated)
    log = gated.stderr()
    assert len(re.findall("error writing the journal", log)) == 1, log
    assert len(re.findall("the journal works again", log)) == 1, log
    gated.kill()
    assert samples(run()) == shown == {'m{instance="",job="a"} 1', 'm{instance="",job="c"} 3'}


def test_a_full_disk(run, file):
    """Nothing can be written, neither journal nor file, until there is room again."""
    gateway = run()
    assert gateway.put("/metrics/job/a", b"m 1\n").status == 200
    limits = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (20, limits[1]))
    reply = gateway.put("/metrics/job/a", b"m 2\n")
    # The save after the first push may have met the limit before this one.
    assert reply.status == 503 and re.search("File too large|cannot be written at present", reply.text), reply.text
    assert gateway.get("/metrics").status == 200
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, limits)
    until(lambda: gateway.put("/metrics/job/b", b"m 3\n").status == 200, what="a push that is taken")
    gateway.kill()
    assert 'm{instance="",job="b"} 3' in samples(run())


def test_a_full_segment_is_left_behind(run):
    """The journal cannot grow, but a picture of the store fits: it goes on in a new segment."""
    gateway = run("--persistence.interval=1h")
    body = b"x{n=\"%s\"} 1\n" % (b"a" * 1000)
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (6000, 6000))
    statuses = [gateway.put("/metrics/job/a", body).status for _ in range(10)]
    assert set(statuses) == {200, 503}
    until(lambda: gateway.put("/metrics/job/b", b"m 1\n").status == 200, what="a push that is taken")
    gateway.kill()
    assert len(samples(run())) == 2


# --- Crashes


def test_what_was_answered_survives(run):
    gateway = run()
    assert gateway.put("/metrics/job/a", b"# TYPE m counter\n# HELP m Help.\nm{l=\"1\"} 1\nm{l=\"2\"} 2\n").status == 200
    assert gateway.post("/metrics/job/a", b"h_sum 1\nh_count 2\n# TYPE s summary\ns{quantile=\"0.5\"} 1\n").status == 200
    assert gateway.put("/metrics/job/b", b"# TYPE m gauge\nm 1\n").status == 400
    assert gateway.put("/metrics/job/c/x/y", b"n 1\n").status == 200
    assert gateway.delete("/metrics/job/c/x/y").status == 202
    shown = of_groups(gateway)
    groups = gateway.get("/api/v1/metrics").text
    for flags in ((), ("--persistence.interval=1h",), ()):
        gateway.kill()
        gateway = run(*flags)
        assert of_groups(gateway) == shown
        assert gateway.get("/api/v1/metrics").text == groups
    assert gateway.put("/api/v1/admin/wipe").status == 202
    gateway.kill()
    assert not samples(run())


def test_lower_limits_lose_nothing(run):
    gateway = run()
    for job in range(3):
        assert gateway.put(f"/metrics/job/{job}", b"m 1\nn 1\n").status == 200
    was = of_groups(gateway)
    gateway.kill()
    gateway = run("--limit.groups=2", "--limit.series=3", "--limit.series-per-group=3")
    assert of_groups(gateway) == was
    assert gateway.put("/metrics/job/3", b"m 1\n").status == 429


@pytest.mark.parametrize("interval", ["1h", "1ms"])
def test_many_clients_and_a_crash(run, file, interval):
    """Each counts up; what was answered last, or what came behind it, is there afterwards."""
    gateway = run(f"--persistence.interval={interval}")
    answered = [0] * 64
    enough = threading.Event()

    def count_up(n):
        try:
            with gateway.connect(timeout=30) as c:
                for i in range(1, 1_000_000):
                    c.send(put(f"/metrics/job/j{n}", b"m %d\n" % i))
                    if c.read_response().status != 200:
                        return
                    answered[n] = i
                    if i == 20:
                        enough.set()
        except Exception:  # the crash
            return

    for _ in range(3):
        threads = [threading.Thread(target=count_up, args=(n,)) for n in range(64)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        gateway.kill()
        for thread in threads:
            thread.join()
        enough.clear()
        gateway = run(f"--persistence.interval={interval}")
        kept = dict(re.findall(r'^m{instance="",job="j(\d+)"} (\d+)$', gateway.get("/metrics").text, re.M))
        for n, last in enumerate(answered):
            assert int(kept.get(str(n), 0)) in (last, last + 1), n
        answered[:] = [0] * 64
        assert gateway.put("/api/v1/admin/wipe").status == 202
    until(lambda: len(journals(file)) == 1, what="the end of old segments")


def test_the_journal_is_cut_by_each_save(run, file):
    gateway = run("--persistence.interval=1ms")
    for n in range(5):
        before = journals(file)
        assert gateway.put("/metrics/job/a", b"m %d\n" % n).status == 200
        until(lambda before=before: len(journals(file)) == 1 and journals(file) != before, what="another segment")
    assert metric(gateway, "journal_size_bytes") < 200
    assert gateway.stop() == 0
    assert os.listdir(file.parent) == [file.name]
    assert samples(run()) == {'m{instance="",job="a"} 4'}


def test_back_to_saving_at_intervals(run, file):
    gateway = run()
    assert gateway.put("/metrics/job/a", b"m 1\n").status == 200
    gateway.kill()
    gateway = run(durability="--persistence.durability=interval")
    assert samples(gateway) == {'m{instance="",job="a"} 1'}
    until(lambda: not journals(file), what="a save that holds the journal")
    gateway.kill()
    assert samples(run()) == {'m{instance="",job="a"} 1'}


# --- Damage


def crashed_with_three(run, file):
    """Kills a gateway that has three pushes in its last segment; returns that segment's path."""
    gateway = run("--persistence.interval=1h")
    assert gateway.put("/metrics/job/first", b"m 1\n").status == 200
    # The first change is saved at once; what follows is in one segment.
    until(lambda: file.exists() and len(journals(file)) == 1 and journals(file)[0].endswith(".2"), what="the first save")
    for n in (1, 2, 3):
        assert gateway.put(f"/metrics/job/j{n}", b"m 1\n").status == 200
    gateway.kill()
    return journals(file)[0]


def jobs(gateway):
    return sorted(re.search(r'job="(\w+)"', line)[1] for line in samples(gateway))


def test_a_write_that_was_cut_off(run, file):
    segment = crashed_with_three(run, file)
    os.truncate(segment, os.path.getsize(segment) - 1)
    gateway = run()
    assert jobs(gateway) == ["first", "j1", "j2"]
    assert len(re.findall("the last write to the journal was cut off", gateway.stderr())) == 1
    assert gateway.put("/metrics/job/j4", b"m 1\n").status == 200
    gateway.kill()
    gateway = run()
    assert jobs(gateway) == ["first", "j1", "j2", "j4"]
    assert "damaged" not in gateway.stderr()


def test_a_damaged_journal_is_kept(run, file):
    segment = crashed_with_three(run, file)
    data = bytearray(open(segment, "rb").read())
    data[len(data) // 2] ^= 1
    open(segment, "wb").write(data)
    gateway = run("--persistence.interval=1h")
    assert jobs(gateway) == ["first", "j1"]
    assert "journal is damaged" in gateway.stderr()
    kept = glob.glob(f"{segment}.damaged-*")
    assert len(kept) == 1 and open(kept[0], "rb").read() == data
    assert gateway.put("/metrics/job/j4", b"m 1\n").status == 200
    gateway.kill()
    assert jobs(run()) == ["first", "j1", "j4"]
    assert glob.glob(f"{segment}.damaged-*") == kept


def test_a_file_that_is_missing(run, file):
    segment = crashed_with_three(run, file)
    os.rename(file, f"{file}.gone")
    gateway = run()
    assert jobs(gateway) == []
    assert "does not follow" in gateway.stderr()
    assert glob.glob(f"{segment}.damaged-*") and not os.path.exists(segment)
    assert gateway.put("/metrics/job/new", b"m 1\n").status == 200
    gateway.kill()
    assert jobs(run()) == ["new"]


@pytest.mark.parametrize("place", [0, 7, 10, 20])
def test_a_damaged_file(run, file, place):
    """What verifies of the file and the journal is served, and what is pushed then is safe."""
    crashed_with_three(run, file)
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    gateway = run()
    verified = set(jobs(gateway))
    assert verified >= {"j1", "j2", "j3"} and ("first" in verified or place < 8)
    assert gateway.put("/metrics/job/j4", b"m 1\n").status == 200
    gateway.kill()
    assert set(jobs(run())) == verified | {"j4"}


def test_a_file_of_format_1(run, file):
    gateway = run()
    assert gateway.put("/metrics/job/a", b"m 1\n").status == 200
    assert gateway.stop() == 0
    data = file.read_bytes()
    assert data.startswith(b"PGWSNAP\x02")
    file.write_bytes(b"PGWSNAP\x01" + data[24:])
    gateway = run()
    assert jobs(gateway) == ["a"]
    assert gateway.put("/metrics/job/b", b"m 1\n").status == 200
    gateway.kill()
    assert jobs(run()) == ["a", "b"]
