#!/usr/bin/python3
"""Measures the server beside the original and beside a bare evhttp server. See README.md.

$PUSHGATEWAY is ours, build/pushgateway if unset; $PUSHGATEWAY_ORACLE the original, left out if unset.
The report goes to stdout, progress to stderr, all figures to a JSON file.
"""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import durable  # noqa: E402
import push_rate  # noqa: E402
from big_store import BigStore  # noqa: E402
from bodies import BodyFiles  # noqa: E402
from drive import run_micro  # noqa: E402
from harness import REPO_ROOT, gateway_binary, oracle_binary  # noqa: E402
from report import as_text, machine  # noqa: E402
from rows import make_rows  # noqa: E402
from servers import Binaries  # noqa: E402

SECTIONS = ("micro", "push-rate", "durable", "latency", "scrape", "memory", "start", "wipe")


class Plan:
    """How much is measured. The full plan takes half an hour or so, the quick one three minutes."""

    original_from_file = 1_000   # groups from which the original starts from a file
    original_wrk_until = 1_000   # groups up to which wrk can drive it

    def __init__(self, quick, big=None, counts=None):
        self.quick = quick
        self.big = big or (10_000 if quick else 100_000)
        self.counts = counts or ((1, 1_000, self.big) if quick else (1, 100, 1_000, 10_000, self.big))
        self.large_at = (self.counts[0],) if quick else (self.counts[0], self.counts[-1])
        self.runs, self.original_runs = (3, 1) if quick else (5, 3)
        self.wrk_seconds = 1 if quick else 2
        self.probes, self.probe_seconds = (3, 2) if quick else (5, 5)
        self.starts = 3 if quick else 7

    def single_pushes(self, groups):
        return 3 if groups > 10_000 else 10

    def starts_loaded(self, name):
        return self.starts if name == "ours" else min(self.starts, 3)

    def scrapes(self, name):
        return (5 if self.quick else 9) if name == "ours" else 3

    def wipe_runs(self, name):
        return (3 if self.quick else 5) if name == "ours" else 1

    def wipes(self, name):
        return name == "ours" or not self.quick


def number_list(text):
    return tuple(int(part.replace("_", "")) for part in text.split(","))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures the server.")
    parser.add_argument("--quick", action="store_true", help="three minutes, fewer groups and shorter runs")
    parser.add_argument("--only", metavar="LIST", help=f"some of {','.join(SECTIONS)}")
    parser.add_argument("--counts", type=number_list, metavar="LIST", help="numbers of groups for push-rate")
    parser.add_argument("--big", type=int, metavar="N", help="groups of the large store (100000)")
    parser.add_argument("--json", metavar="FILE", help="where all figures go (build/bench.json)")
    parser.add_argument("--tools", metavar="FOLDER", default=os.path.join(REPO_ROOT, "build"),
                        help="where ceiling, probe and micro were built (build)")
    parser.add_argument("--no-original", action="store_true", help="leave the original out")
    given = parser.parse_args()
    given.sections = given.only.split(",") if given.only else list(SECTIONS)
    unknown = set(given.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    return given


def measure(sections, plan, binaries, bodies, folder):
    store = BigStore(plan, binaries, bodies, folder)
    ways = {
        "micro": lambda: run_micro(binaries),
        "push-rate": lambda: push_rate.measure(plan, binaries, bodies, folder),
        "durable": lambda: durable.measure(plan, binaries, bodies, folder),
        "latency": store.measure_latency,
        "scrape": store.measure_scrapes,
        "memory": store.measure_memory,
        "start": store.measure_start,
        "wipe": store.measure_wipe,
    }
    return {section.replace("-", "_"): ways[section]() for section in SECTIONS if section in sections}


def main():
    given = parse_arguments()
    plan = Plan(given.quick, given.big, given.counts)
    binaries = Binaries(gateway_binary(), None if given.no_original else oracle_binary(), given.tools)
    report = {
        "date": datetime.date.today().isoformat(), "machine": machine(), "load_before": os.getloadavg()[0],
        "mode": ", quick" if plan.quick else "",
        "versions": {name: binaries.version(name) for name in ("ours", "original")},
    }
    began = time.monotonic()
    # Not below /tmp, which may be in memory: flushes are to meet a disk.
    with BodyFiles() as bodies, tempfile.TemporaryDirectory(prefix="bench-", dir=given.tools) as folder:
        report["figures"] = measure(given.sections, plan, binaries, bodies, folder)
    report["minutes"] = (time.monotonic() - began) / 60
    report["rows"] = make_rows(report["figures"], plan.big)
    print(as_text(report), end="")
    report["rows"] = [row.as_dict() for row in report["rows"]]
    with open(given.json or os.path.join(given.tools, "bench.json"), "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
