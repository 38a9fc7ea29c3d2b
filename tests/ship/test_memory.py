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
from confined import gateway
from ship_support import needs_root

MIB = 1 << 20
LIMIT = 64 * MIB
GROUPS, SERIES = 5000, 10
SECONDS = float(os.environ.get("SHIP_LOAD_SECONDS", 8))
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

    def __init__(self, running, cgroup):
        self.running, self.cgroup = running, cgroup
        self.over = threading.Event()
        self.failures, self.pushes, self.scrapes, self.anonymous = [], 0, 0, 0

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
            self.anonymous = max(self.anonymous, self.cgroup.anonymous())

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


def test_50000_series_in_64_mib(tmp_path):
    needs_root()
    with gateway(LIMIT, tmp_path, f"--persistence.file={tmp_path}/metrics", "--persistence.interval=2s") as (running, cgroup):
        with running.connect(timeout=30) as connection:
            for number in range(GROUPS):
                connection.send(push(number))
                assert connection.read_response().status == 200
        filled = cgroup.anonymous()
        load = Load(running, cgroup)
        load.run(SECONDS)
        own = running.get("/metrics", headers={"Accept-Encoding": "identity"}, timeout=30).text
        (series,) = [line for line in own.splitlines() if line.startswith("pushgateway_series ")]
        (failed,) = [line for line in own.splitlines() if line.startswith("pushgateway_persistence_failures_total ")]
        print(f"\n{SECONDS:.0f} s: {load.pushes} pushes, {load.scrapes} scrapes; {series}; memory of the processes: "
              f"{filled / MIB:.1f} MiB filled, {load.anonymous / MIB:.1f} MiB at most; with pages of files {cgroup.peak() / MIB:.1f} MiB")
        assert not load.failures
        assert load.pushes > 100 and load.scrapes > 1
        assert int(series.split()[1]) >= GROUPS * SERIES
        assert failed.endswith(" 0")
        assert (tmp_path / "metrics").stat().st_size > MIB


def test_the_limit_is_held(tmp_path):
    """What takes more is killed, or the test above would tell nothing."""
    needs_root()
    with pytest.raises((OSError, http.client.HTTPException)):
        with gateway(4 * MIB, tmp_path) as (running, _):
            for number in range(GROUPS):
                running.put(f"/metrics/job/a/n/{number}", push(number).partition(b"\r\n\r\n")[2])
    assert running.process.returncode == -signal.SIGKILL
