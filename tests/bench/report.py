"""The report as text, and the machine it was made on."""

import os

from push_rate import cpu_ratio, ratio
from rows import MIB


def machine():
    """The machine's shape: nothing that names it."""
    model, memory = "unknown", 0
    with open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            if line.startswith(("model name", "Model")):
                model = line.partition(":")[2].strip()
                break
    with open("/proc/meminfo") as meminfo:
        memory = int(meminfo.readline().split()[1]) * 1024
    return {"cores": len(os.sched_getaffinity(0)), "cpu": model, "memory_gib": round(memory / (1 << 30), 1)}


def table(header, lines, text=(0,)):
    """Columns as wide as need be; those numbered in `text` are aligned to the left."""
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]

    def row(cells):
        return "  ".join(cell.ljust(width) if i in text else cell.rjust(width)
                         for i, (cell, width) in enumerate(zip(cells, widths))).rstrip()
    return "\n".join([row(header), row(["-" * width for width in widths]), *map(row, lines)])


def as_text(report):
    """The whole report; `report` is what bench.py writes as JSON, with Row objects in "rows"."""
    shape, versions = report["machine"], report["versions"]
    parts = [
        f"{report['date']}; {shape['cores']} cores, {shape['cpu']}, {shape['memory_gib']} GiB; "
        f"load before {report['load_before']:.1f}; {report['minutes']:.0f} minutes{report['mode']}\n"
        + "\n".join(f"{name}: {version}" for name, version in versions.items() if version),
        rows_table(report["rows"])]
    sections = (("push_rate", push_table), ("durable", durable_table), ("latency", latency_table), ("scrape", scrape_table),
                ("memory", memory_table), ("start", start_table), ("wipe", wipe_table),
                ("micro", micro_table))
    for name, make in sections:
        if report["figures"].get(name):
            parts.append(make(report["figures"][name]))
    return "\n\n".join(parts) + "\n"


def rows_table(rows):
    return table(("what", "wanted", "measured", "", "where"),
                 [(row.what, row.wanted_text(), row.measured_text(), row.verdict, row.note)
                  for row in rows], text=(0, 3, 4))


def push_table(cells):
    def rate(cell, name):
        found = cell["servers"].get(name)
        return f"{found['median']:,.0f}" if found and found["median"] >= 100 else (
            f"{found['median']:.2f}" if found else "")

    def cpu(cell, name):
        found = cell["servers"].get(name, {})
        return f"{found['cpu_us']:.1f}" if "cpu_us" in found else ""

    def cpu_over(cell):
        found = cpu_ratio(cell)
        return f"{found:.2f}" if found is not None else ""

    def over(cell, name):
        found = ratio(cell, name)
        return f"{found:.2f}" if found is not None else ""

    header = ("body", "connections", "groups", "ours/s", "ceiling/s", "original/s", "ours/ceiling",
              "ours/original", "CPU us ours", "ceiling", "ceiling/ours")
    return "Pushes a second (medians), and CPU time of the server for each\n" + table(header, [
        (f"{cell['size']} {cell['form']}", cell["mode"], f"{cell['groups']:,}", rate(cell, "ours"),
         rate(cell, "ceiling"), rate(cell, "original"), over(cell, "ceiling"), over(cell, "original"),
         cpu(cell, "ours"), cpu(cell, "ceiling"), cpu_over(cell)) for cell in cells], text=(0, 1))


def durable_table(found):
    return ("Pushes a second answered at once and saved at intervals, and answered when on disk (medians; CPU us for each)\n"
            f"The disk does {found['syncs_per_second']:,.0f} appends with a sync a second, one after the other.\n"
            + table(("connections", "interval/s", "push/s", "push/interval", "pushes/sync", "CPU us interval", "push"), [
                (str(cell["connections"]), f"{cell['interval']['median']:,.0f}", f"{cell['push']['median']:,.0f}",
                 f"{cell['push']['median'] / cell['interval']['median']:.2f}", f"{cell['pushes_per_sync']:.1f}",
                 f"{cell['interval']['cpu_us']:.1f}", f"{cell['push']['cpu_us']:.1f}") for cell in found["cells"]]))


LATENCY_STATES = (
    ("quiet", "ours, quiet"), ("scrapes_identity", "ours, back to back"),
    ("scrapes_gzip", "ours, gzip back to back"), ("flush", "ours, one each second"),
    ("ceiling_quiet", "ceiling, quiet"),
    ("ceiling_beside_scrapes", "ceiling, while ours is scraped back to back"),
)


def _latency_line(name, found):
    for what in ("scrapes", "flushes"):
        if what in found:
            name += f" ({found[what]} {what})"
    return (name, f"{found['median_us']:.0f}", f"{found['p99_us']:.0f}", f"{found['worst_us']:.0f}",
            f"{max(run['worst_us'] for run in found['runs']):.0f}")


def latency_table(found):
    return "Latency of one push every 2 ms, us (medians over runs; and the worst of all)\n" + table(
        ("state", "median", "p99", "worst", "of all"),
        [_latency_line(text, found[name]) for name, text in LATENCY_STATES])


def scrape_table(found):
    kinds = (("identity", "identity"), ("protobuf", "protobuf"), ("gzip_first", "gzip, first"),
             ("gzip", "gzip, again"), ("gzip_changed", "gzip, 1% changed"))
    return "Scrapes: seconds and bytes on the wire\n" + table(("kind", "server", "seconds", "bytes"), [
        (text, server, f"{figures[kind]['median']:.4f}", f"{figures[kind]['bytes']:,}")
        for kind, text in kinds for server, figures in found.items()], text=(0, 1))


def memory_table(found):
    states = (("idle", "idle"), ("loaded", "loaded"), ("after_scrapes", "after scrapes"),
              ("after_wipe", "after a wipe"))
    header = ("state", "server", "all", "anonymous")
    return "Resident memory, MiB (and what of it is not from files)\n" + table(header, [
        (text, server, f"{figures[state]['resident'] / MIB:.1f}", f"{figures[state]['anonymous'] / MIB:.1f}")
        for state, text in states for server, figures in found.items() if state in figures], text=(0, 1))


def start_table(found):
    return "Start to ready, seconds\n" + table(("store", "server", "seconds"), [
        (state, server, f"{figures[state]['median']:.4f}")
        for state in ("empty", "loaded") for server, figures in found.items()], text=(0, 1))


def wipe_table(found):
    lines = [(server, f"{found[server]['median']:.4f}") for server in ("ours", "original") if found.get(server)]
    pushes = found["pushes_meanwhile"]
    return "Wipe, seconds to its reply\n" + table(("server", "seconds"), lines) + "\n\n" + \
        "Latency of pushes around it, us\n" + table(
            ("state", "median", "p99", "worst", "of all"),
            [_latency_line("before", pushes["quiet"]), _latency_line("during", pushes["during"])])


def micro_table(found):
    return "Readers and writers on one core, MB/s\n" + table(("codec", "body", "bytes", "best", "median"), [
        (codec, body, f"{figures['bytes']:,}", f"{figures['best']:.0f}", f"{figures['median']:.0f}")
        for codec, bodies in found.items() for body, figures in bodies.items()], text=(0, 1))
