"""Pushes that are answered when they are on disk, beside pushes that are saved at intervals."""

import os
import re
import statistics
import time
import urllib.request

from drive import load_groups, run_wrk
from push_rate import say

CONNECTIONS = (1, 8, 64, 512)
GROUPS = 1_000
MODES = ("interval", "push")
RECORD = b"x" * 300  # about what a small push takes in the journal


def measure(plan, binaries, bodies, folder):
    """The disk's syncs, and a list of cells: one for each number of connections, with both modes."""
    found = {"syncs_per_second": _syncs_per_second(folder), "cells": []}
    servers = {mode: binaries.start("ours", f"--persistence.durability={mode}", file=os.path.join(folder, f"durable-{mode}"))
               for mode in MODES}
    try:
        for server in servers.values():
            load_groups(server, range(GROUPS))
        for connections in CONNECTIONS:
            found["cells"].append(_measure_cell(plan, bodies, servers, connections))
    finally:
        for server in servers.values():
            server.__exit__()
    return found


def _measure_cell(plan, bodies, servers, connections):
    runs = {mode: [] for mode in MODES}
    before = _counted(servers["push"])
    for number in range(plan.runs):
        for mode in MODES if number % 2 == 0 else MODES[::-1]:
            runs[mode].append(run_wrk(servers[mode], bodies, "small", "text", str(connections), GROUPS, plan.wrk_seconds))
    after = _counted(servers["push"])
    cell = {"connections": connections, "pushes_per_sync": (after[0] - before[0]) / (after[1] - before[1])}
    for mode, told in runs.items():
        cell[mode] = {"runs": [round(rate, 1) for rate, _ in told],
                      "median": round(statistics.median(rate for rate, _ in told), 1),
                      "cpu_us": round(statistics.median(cpu for _, cpu in told), 2)}
    say(f"  durable, {connections} connections: " + ", ".join(f"{mode} {cell[mode]['median']:.0f}/s" for mode in MODES))
    return cell


def _counted(server):
    """Records and syncs of the journal so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=60) as reply:
        text = reply.read().decode()
    return [float(re.search(rf"^pushgateway_persistence_journal_{name}_total (\S+)$", text, re.M)[1])
            for name in ("records", "syncs")]


def _syncs_per_second(folder, seconds=1.0):
    """What one process gets that appends a record and syncs it, again and again."""
    path = os.path.join(folder, "syncs")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        os.write(fd, RECORD)
        os.fdatasync(fd)
        count += 1
    taken = time.perf_counter() - began
    os.close(fd)
    os.unlink(path)
    return count / taken
