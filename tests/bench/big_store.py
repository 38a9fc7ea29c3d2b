"""What a large store does to everything but the push rate: latency, scrapes, memory, start, wipe.

Each section starts servers of its own, from a copy of a persistence file with all the groups.
"""

import contextlib
import http.client
import os
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from drive import load_groups, run_probe
from push_rate import say, stored_file
from scrape import BackToBack, FileWatch, Scrape, check_groups
from servers import ADMIN, copy_of

FLUSH_INTERVAL = "1s"   # of the server whose flushes are watched
WIPE_WITHIN = 600
WIPE_PROBE_SECONDS = 3.0
WIPE_AFTER_SECONDS = 1.0


class BigStore:
    """Measures with `plan.big` groups. Files of stored groups are made once and kept."""

    def __init__(self, plan, binaries, bodies, folder):
        self.plan, self.binaries, self.bodies, self.folder = plan, binaries, bodies, folder
        self.names = [name for name in ("ours", "original") if binaries.has(name)]
        self._files = {}

    @contextlib.contextmanager
    def file(self, name):
        """A file with all groups, for one server to start from and to write to."""
        if name not in self._files:
            say(f"  {name}: storing {self.plan.big} groups in a file")
            self._files[name] = stored_file(self.binaries, name, self.plan.big, self.folder)
        copy = copy_of(self._files[name], self.folder)
        try:
            yield copy
        finally:
            os.remove(copy)

    @contextlib.contextmanager
    def start(self, name, *flags):
        with self.file(name) as file, self.binaries.start(name, *flags, file=file) as server:
            yield server

    def _both(self, section, one):
        figures = {}
        for name in self.names:
            say(f"{section}: {name}")
            figures[name] = one(name)
        return figures

    # --- Start and memory -----------------------------------------------------------------------

    def measure_start(self):
        return self._both("start", self._start_of)

    def _start_of(self, name):
        return {"empty": _times(self._start_empty(name) for _ in range(self.plan.starts)),
                "loaded": _times(self._start_from_file(name) for _ in range(self.plan.starts_loaded(name)))}

    def _start_empty(self, name):
        with self.binaries.start(name) as server:
            return server.start_seconds

    def _start_from_file(self, name):
        with self.start(name) as server:
            check_groups(server, self.plan.big)
            return server.start_seconds

    def measure_memory(self):
        return self._both("memory", self._memory_of)

    def _memory_of(self, name):
        found = {}
        with self.binaries.start(name) as server:
            found["idle"] = server.settled_memory()
        # Ours as jobs fill it, not as a start does; the original would take too long for that.
        filling = self.binaries.start(name, ADMIN) if name == "ours" else self.start(name, ADMIN)
        with filling as server:
            if name == "ours":
                load_groups(server, range(self.plan.big))
            found["loaded"] = server.settled_memory()
            exposition = check_groups(server, self.plan.big)
            for kind in ("identity", "gzip", "protobuf", "identity", "gzip"):
                Scrape(server, kind)
            found["after_scrapes"] = server.settled_memory()
            if self.plan.wipes(name):
                _wipe(server)
                found["after_wipe"] = server.settled_memory()
        found["exposition_bytes"] = exposition
        return found

    # --- Scrapes --------------------------------------------------------------------------------

    def measure_scrapes(self):
        return self._both("scrapes", self._scrapes_of)

    def _scrapes_of(self, name):
        runs = self.plan.scrapes(name)
        found = {}
        with self.start(name) as server:
            found["gzip_first"] = _scrape_times(server, "gzip", 1)
            for kind in ("identity", "protobuf", "gzip"):
                found[kind] = _scrape_times(server, kind, runs)
            # The original keeps nothing from one scrape for the next: what changes is no matter.
            change = self._change if name == "ours" else None
            found["gzip_changed"] = _scrape_times(server, "gzip", runs, change)
        return found

    def _change(self, server, number):
        """Other values in 1% of the groups."""
        some = random.sample(range(self.plan.big), max(1, self.plan.big // 100))
        load_groups(server, some, salt=1 + number)

    # --- Latency --------------------------------------------------------------------------------

    def measure_latency(self):
        """The worst push in each state of our server, and of a server that shares its machine."""
        found = {}
        say("latency: ours")
        with self.start("ours") as server:
            found["quiet"] = self._probes(server)
            for kind in ("identity", "gzip"):
                with BackToBack(server, kind) as scrapes:
                    found[f"scrapes_{kind}"] = self._probes(server)
                found[f"scrapes_{kind}"]["scrapes"] = scrapes.count
            # How much of it is the machine's: a server that does not scrape, beside one that does.
            with self.binaries.start_ceiling() as ceiling:
                found["ceiling_quiet"] = self._probes(ceiling)
                with BackToBack(server, "identity"):
                    found["ceiling_beside_scrapes"] = self._probes(ceiling)
        found["flush"] = self._flush_latency()
        return found

    def _flush_latency(self):
        interval = f"--persistence.interval={FLUSH_INTERVAL}"
        with self.file("ours") as file, self.binaries.start("ours", interval, file=file) as server:
            with FileWatch(file) as watch:
                found = self._probes(server)
        if watch.count == 0:
            raise RuntimeError("no flush while it was to be measured")
        found["flushes"] = watch.count
        return found

    def _probes(self, server):
        runs = [run_probe(server, self.binaries, self.bodies, self.plan.big, self.plan.probe_seconds)
                for _ in range(self.plan.probes)]
        return _latencies(runs)

    # --- Wipe -----------------------------------------------------------------------------------

    def measure_wipe(self):
        found = self._both("wipe", self._wipe_of)
        say("wipe: ours, with pushes meanwhile")
        found["pushes_meanwhile"] = self._pushes_during_wipe()
        return found

    def _wipe_of(self, name):
        if not self.plan.wipes(name):
            return None
        return _times(self._wipe_once(name) for _ in range(self.plan.wipe_runs(name)))

    def _wipe_once(self, name):
        with self.start(name, ADMIN) as server:
            seconds = _wipe(server)
            if name == "ours":  # the original may go on after its reply
                check_groups(server, 0)
            return seconds

    def _pushes_during_wipe(self):
        quiet, during = [], []
        for _ in range(self.plan.wipe_runs("ours")):
            with self.start("ours", ADMIN) as server, ThreadPoolExecutor(1) as pool:
                probe = (server, self.binaries, self.bodies, self.plan.big, WIPE_PROBE_SECONDS)
                quiet.append(run_probe(*probe))
                running = pool.submit(run_probe, *probe)
                time.sleep(WIPE_AFTER_SECONDS)
                _wipe(server)
                during.append(running.result())
        return {"quiet": _latencies(quiet), "during": _latencies(during)}


def _wipe(server):
    """Seconds until the wipe is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WIPE_WITHIN)
    began = time.perf_counter()
    connection.request("PUT", "/api/v1/admin/wipe")
    reply = connection.getresponse()
    reply.read()
    seconds = time.perf_counter() - began
    connection.close()
    if reply.status != 202:
        raise RuntimeError(f"{server.name}: wipe answered {reply.status}")
    return seconds


def _times(runs):
    runs = list(runs)
    return {"runs": runs, "median": statistics.median(runs)}


def _scrape_times(server, kind, runs, before=None):
    done = []
    for number in range(runs):
        if before:
            before(server, number)
        done.append(Scrape(server, kind))
    return {"bytes": done[-1].bytes, **_times(scrape.seconds for scrape in done)}


def _latencies(runs):
    """Runs of the probe, with the medians over the runs of each figure."""
    return {"runs": runs, **{name: statistics.median(run[name] for run in runs)
                             for name in ("median_us", "p99_us", "worst_us")}}
