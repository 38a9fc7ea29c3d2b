"""50,000 series within 64 MiB, while they are pushed anew, scraped and saved.

The long form: SHIP_LOAD_SECONDS=300 ./dev ship -k memory -s
"""

import http.client
import os
import random
import signal
import threading
import time

import pytest
from confined import AddressSpace, Cgroup, anonymous, gateway, ways
from ship_support import BUILD

from harness import Gateway

MIB = 1 << 20
LIMIT = 64 * MIB
GROUPS, SERIES = 5000, 10
SECONDS = float(os.environ.get("SHIP_LOAD_SECONDS", 6))
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"


def push(number):
    """Ten series with three labels of their own, in three families, the values new each time."""
    value = random.random
    lines = ["# HELP batch_step_duration_seconds How long each step took.", "# TYPE batch_step_duration_seconds gauge"]
    lines += [f'batch_step_duration_seconds{{step="step-{step}",stage="transform",host="worker-{number % 50}"}} {value()}'
              for step in range(SERIES - 2)]
    lines += ["# TYPE batch_records_total counter", f"batch_records_total {number + value()}",
              "# TYPE batch_last_success_timestamp_seconds gauge", f"batch_last_success_timestamp_seconds {time.time()}"]
    body = ("\n".join(lines) + "\n").encode()
    head = f"PUT /metrics/job/etl-{number % 100}/instance/worker-{number} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Load:
    """Clients that go on until told to stop; what went wrong is kept."""

    def __init__(self, running, limit):
        self.running, self.limit = running, limit
        self.over = threading.Event()
        self.failures, self.pushes, self.scrapes, self.most = [], 0, 0, 0

    def keep_pushing(self):
        with self.running.connect(timeout=30) as connection:
            while not self.over.is_set():
                connection.send(push(random.randrange(GROUPS)))
                reply = connection.read_response()
                if reply.status != 200:
                    self.failures.append(reply)
                self.pushes += 1

    def keep_scraping(self):
        headers = [{"Accept-Encoding": "gzip"}, {"Accept": PROTOBUF, "Accept-Encoding": "gzip"}, {}]
        while not self.over.wait(1):
            reply = self.running.get("/metrics", headers=headers[self.scrapes % 3], timeout=30)
            if reply.status != 200 or len(reply.body) < 100000:
                self.failures.append(reply)
            self.scrapes += 1

    def keep_looking(self):
        while not self.over.wait(0.05):
            self.most = max(self.most, self.limit.used(self.running.pid))

    def run(self, seconds):
        def guarded(work):
            try:
                work()
            except Exception as error:  # a thread's fault must not get lost
                self.failures.append(error)

        work = [self.keep_pushing, self.keep_pushing, self.keep_scraping, self.keep_looking]
        threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
        for thread in threads:
            thread.start()
        time.sleep(seconds)  # the duration is what is asked for
        self.over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("program", ["pushgateway", "pushgateway-static"])
def test_idle(program):
    """The allocator's first pages must be small ones: three huge ones are six MiB."""
    with Gateway(str(BUILD / program)) as running:
        assert running.get("/-/ready").status == 200
        used = anonymous(running.pid)
        print(f"\n{program}: {used / MIB:.1f} MiB idle, besides the program's own pages")
        assert used < 2 * MIB


@pytest.mark.parametrize("way", ways())
def test_50000_series_in_64_mib(tmp_path, way):
    with gateway(way, LIMIT, tmp_path, f"--persistence.file={tmp_path}/metrics", "--persistence.interval=2s") as (running, limit):
        with running.connect(timeout=30) as connection:
            for number in range(GROUPS):
                connection.send(push(number))
                assert connection.read_response().status == 200
        filled = limit.used(running.pid)
        load = Load(running, limit)
        load.run(SECONDS)
        own = running.get("/metrics", timeout=30).text
        (series,) = [line for line in own.splitlines() if line.startswith("pushgateway_series ")]
        (failed,) = [line for line in own.splitlines() if line.startswith("pushgateway_persistence_failures_total ")]
        print(f"\n{way.__name__}: {SECONDS:.0f} s: {load.pushes} pushes, {load.scrapes} scrapes; {series}; memory of the processes: "
              f"{filled / MIB:.1f} MiB filled, {load.most / MIB:.1f} MiB at most")
        assert not load.failures
        assert load.pushes > 100 and load.scrapes > 1
        assert int(series.split()[1]) >= GROUPS * SERIES
        assert failed.endswith(" 0")
        assert (tmp_path / "metrics").stat().st_size > MIB


@pytest.mark.parametrize("way", ways())
def test_the_limit_is_held(tmp_path, way):
    """What takes more is killed or, where it is told, says that there is none, or the test above would tell nothing."""
    too_little = {Cgroup: 4 * MIB, AddressSpace: 24 * MIB}[way]
    statuses = set()
    try:
        with gateway(way, too_little, tmp_path) as (running, _):
            for number in range(4 * GROUPS):
                body = push(number).partition(b"\r\n\r\n")[2]
                statuses.add(running.put(f"/metrics/job/a/n/{number}", body).status)
                if statuses - {200}:
                    break
    except (OSError, http.client.HTTPException):
        statuses.add(running.process.returncode)
    assert statuses - {200} == {-signal.SIGKILL if way is Cgroup else 503}
