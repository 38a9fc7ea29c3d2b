"""Pushes a second at every number of groups: ours, the ceiling and the original in turn."""

import contextlib
import os
import statistics
import sys

from drive import load_groups, run_wrk, time_pushes
from scrape import check_groups
from servers import UNCHECKED

KEEP_ALIVE = ("8", "64")
MODES = (*KEEP_ALIVE, "close")
FORMS = ("text", "protobuf")


def say(text):
    print(text, file=sys.stderr, flush=True)


def stored_file(binaries, name, groups, folder):
    """A persistence file with this many groups, written by the server that is to read it.

    They are pushed unchecked: checked ones would take the original a day.
    """
    file = os.path.join(folder, f"{name}-{groups}")
    with binaries.start(name, UNCHECKED, file=file) as server:
        load_groups(server, range(groups))
        server.stop()
    return file


def start_loaded(binaries, name, groups, folder, plan):
    """A checking server that stores this many groups."""
    if name == "original" and groups >= plan.original_from_file:
        server = binaries.start(name, file=stored_file(binaries, name, groups, folder))
    else:
        server = binaries.start(name)
        load_groups(server, range(groups))
    check_groups(server, groups)
    return server


def measure(plan, binaries, bodies, folder):
    """A list of cells; each holds the runs and the median of each server."""
    cells = []
    for groups in plan.counts:
        say(f"push rate at {groups} groups: loading")
        with contextlib.ExitStack() as stack:
            servers = {"ours": stack.enter_context(start_loaded(binaries, "ours", groups, folder, plan)),
                       "ceiling": stack.enter_context(binaries.start_ceiling())}
            original = None
            if binaries.has("original"):
                original = stack.enter_context(start_loaded(binaries, "original", groups, folder, plan))
            for size in ("small", "large"):
                if size == "large" and groups not in plan.large_at:
                    continue
                cells += _measure_size(plan, bodies, groups, size, servers, original)
            if original and groups > plan.original_wrk_until:
                cells.append(_single_pushes(plan, original, groups))
    return cells


def _measure_size(plan, bodies, groups, size, servers, original):
    if original and groups <= plan.original_wrk_until and (size == "small" or groups == 1):
        servers = {**servers, "original": original}
    for form in FORMS:
        for mode in MODES:
            cell = {"groups": groups, "size": size, "form": form, "mode": mode, "servers": {}}
            _measure_cell(plan, bodies, cell, servers)
            say(f"  {size} {form} {mode}: " + ", ".join(
                f"{name} {found['median']:.0f}/s" for name, found in cell["servers"].items()))
            yield cell


def _measure_cell(plan, bodies, cell, servers):
    runs = {name: [] for name in servers}
    for number in range(plan.runs):
        # Whoever goes first meets another machine than who goes last.
        order = list(servers) if number % 2 == 0 else list(servers)[::-1]
        for name in order:
            if name == "original" and number >= plan.original_runs:
                continue
            runs[name].append(run_wrk(servers[name], bodies, cell["size"], cell["form"], cell["mode"],
                                      cell["groups"], plan.wrk_seconds))
    for name, found in runs.items():
        cell["servers"][name] = {
            "runs": [round(rate, 1) for rate, _ in found],
            "median": round(statistics.median(rate for rate, _ in found), 1),
            "cpu_us": round(statistics.median(cpu for _, cpu in found), 2)}


def _single_pushes(plan, original, groups):
    """The original where wrk would see no reply in time: one push after the other."""
    taken = time_pushes(original, groups, plan.single_pushes(groups))
    median = 1 / statistics.median(taken)
    say(f"  original, single pushes: {median:.2f}/s")
    return {"groups": groups, "size": "small", "form": "text", "mode": "single",
            "servers": {"original": {"runs": [round(1 / t, 3) for t in taken], "median": median}}}


# --- Reading the cells --------------------------------------------------------------------------

def ratio(cell, over):
    """Ours over another server in one cell; None when one of them is missing."""
    found = cell["servers"]
    if "ours" not in found or over not in found:
        return None
    return found["ours"]["median"] / found[over]["median"]


def cpu_ratio(cell):
    """CPU time of the ceiling for a push over ours; moves less with the machine than rates do."""
    times = [cell["servers"].get(name, {}).get("cpu_us") for name in ("ceiling", "ours")]
    return times[0] / times[1] if all(times) else None


def worst_ratio(cells, over, **where):
    """The cell where ours is least in proportion, as (ratio, cell); None without cells.

    `where` gives the values a cell may have: size="small", mode=("8", "64").
    """
    fitting = [(ratio(cell, over), cell) for cell in select(cells, **where)]
    fitting = [pair for pair in fitting if pair[0] is not None]
    return min(fitting, key=lambda pair: pair[0], default=None)


def select(cells, **where):
    return [cell for cell in cells if all(
        cell[name] in (wanted if isinstance(wanted, tuple) else (wanted,))
        for name, wanted in where.items())]


def over_original(cells, groups):
    """The least of ours over the original at this many groups; single pushes where that is all."""
    single = select(cells, groups=groups, mode="single")
    if not single:
        return worst_ratio(cells, "original", groups=groups, size="small", mode=KEEP_ALIVE)
    ours = select(cells, groups=groups, size="small", mode=KEEP_ALIVE)
    if not ours:
        return None
    least = min(ours, key=lambda cell: cell["servers"]["ours"]["median"])
    return least["servers"]["ours"]["median"] / single[0]["servers"]["original"]["median"], least


def flatness(cells, few, many):
    """The least of (rate at `many` groups) / (rate at `few`), as (ratio, cell at `many`)."""
    found = []
    for cell in select(cells, groups=many, size="small", mode=KEEP_ALIVE):
        for other in select(cells, groups=few, size="small", mode=cell["mode"], form=cell["form"]):
            if "ours" in cell["servers"] and "ours" in other["servers"]:
                found.append((cell["servers"]["ours"]["median"] / other["servers"]["ours"]["median"], cell))
    return min(found, key=lambda pair: pair[0], default=None)
