"""What the benchmark must show: one row for each figure wanted, judged by what was measured."""

from push_rate import KEEP_ALIVE, cpu_ratio, flatness, over_original, worst_ratio

FULL_STORE = 100_000   # groups; rows that speak of them cannot be judged with fewer
MIB = 1 << 20
IDLE_BYTES = 4 * MIB
STALL_MS = 5           # that a push may take more than the quiet worst
NEAR_IDLE_BYTES = 2 * MIB  # "near idle": this much more than before


class Row:
    """`measured` is None when the run did not measure it; `note` says where the figure comes from.

    `judged` is False when the store was too small to tell, `noisy` True when the machine was too busy.
    """

    def __init__(self, what, wanted, measured, at_least, unit="", note="", judged=True, noisy=False):
        self.what, self.wanted, self.measured, self.unit, self.note = what, wanted, measured, unit, note
        if measured is None:
            self.verdict = "not measured"
        elif not judged:
            self.verdict = "smaller store"
        elif noisy:
            self.verdict = "noise"
        else:
            good = measured >= wanted if at_least else measured <= wanted
            self.verdict = "met" if good else "NOT MET"
        self.at_least = at_least

    def wanted_text(self):
        return f"{'>=' if self.at_least else '<='} {_number(self.wanted)}{self.unit}"

    def measured_text(self):
        return "" if self.measured is None else _number(self.measured) + self.unit

    def as_dict(self):
        return {"what": self.what, "wanted": self.wanted, "at_least": self.at_least, "unit": self.unit.strip(),
                "measured": self.measured, "verdict": self.verdict, "note": self.note}


def _number(value):
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _where(cell):
    mode = {"close": "one connection per push", "single": "single pushes"}.get(
        cell["mode"], f"{cell['mode']} connections")
    return f"{cell['form']}, {mode}, {_groups(cell['groups'])}"


def _groups(number):
    return "1 group" if number == 1 else f"{number:,} groups"


def _over_ceiling(what, cells, judged, **where):
    found = worst_ratio(cells, "ceiling", **where)
    row = _from_cell(what, 0.85, found, judged)
    if found and cpu_ratio(found[1]):
        row.note += f"; by CPU time {cpu_ratio(found[1]):.2f}"
    return row


def _from_cell(what, wanted, found, judged=True):
    """A row from (ratio, cell); the note names the cell, the worst of its kind."""
    value, note = (found[0], _where(found[1])) if found else (None, "")
    return Row(what, wanted, value, True, note=note, judged=judged)


def make_rows(figures, big):
    return [*_push_rows(figures.get("push_rate") or [], big), *_latency_rows(figures.get("latency"), big),
            *_scrape_rows(figures.get("scrape"), big), *_memory_rows(figures.get("memory"), big),
            *_start_rows(figures.get("start"), big), *_wipe_rows(figures.get("wipe"), big),
            *_micro_rows(figures.get("micro"))]


def _push_rows(cells, big):
    full = big >= FULL_STORE
    counts = sorted({cell["groups"] for cell in cells})
    all_counts = full and FULL_STORE in counts
    for size, text in (("small", "small bodies"), ("large", "1,000 series")):
        yield _over_ceiling(f"push rate / ceiling, {text}", cells, all_counts, size=size, mode=KEEP_ALIVE)
    yield _from_cell(f"push rate at {_groups(big)} / at 1", 0.9, flatness(cells, 1, big), full)
    for groups, wanted in ((1, 15), (1_000, 200), (10_000, 4_000), (FULL_STORE, 100_000)):
        yield _from_cell(f"push rate / original, {_groups(groups)}", wanted, over_original(cells, groups))
    yield _over_ceiling("one connection per push / ceiling", cells, all_counts, size="small", mode="close")


def _stall_row(what, busy, quiet, judged, extra=""):
    """How much longer the worst push took. Nothing can be told when quiet ones take that long too."""
    if not busy:
        return Row(what, STALL_MS, None, False, " ms")
    busy_ms, quiet_ms = busy["worst_us"] / 1e3, quiet["worst_us"] / 1e3
    return Row(what, STALL_MS, busy_ms - quiet_ms, False, " ms",
               f"worst {busy_ms:.2f} ms, quiet {quiet_ms:.2f} ms{extra}", judged, quiet_ms > STALL_MS)


def _latency_rows(found, big):
    found = found or {}
    extra = f", ceiling quiet {found['ceiling_quiet']['worst_us'] / 1e3:.2f} ms" if found else ""
    for what, name in (("scrapes", "scrapes_identity"), ("gzip scrapes", "scrapes_gzip"), ("a flush", "flush")):
        yield _stall_row(f"worst push during {what}, over quiet", found.get(name), found.get("quiet"),
                         big >= FULL_STORE, extra)


def _scrape_rows(found, big):
    series = big * 5
    for what, name, wanted in (("identity", "identity", 50), ("gzip, 1% changed", "gzip_changed", 20)):
        factor = note = None
        if found and "original" in found:
            factor = found["original"][name]["median"] / found["ours"][name]["median"]
            note = (f"{found['original'][name]['median'] * 1e3:.0f} ms / "
                    f"{found['ours'][name]['median'] * 1e3:.1f} ms")
        yield Row(f"scrape of {series:,} series, original / ours, {what}", wanted, factor, True,
                  note=note or "", judged=big >= FULL_STORE)


def _memory_rows(found, big):
    full = big >= FULL_STORE
    share = note = idle = idle_note = wiped = wiped_note = None
    if found:
        ours = found["ours"]
        share = ours["after_scrapes"]["resident"] / ours["exposition_bytes"]
        note = f"{ours['after_scrapes']['resident'] / MIB:.0f} MiB"
        if "original" in found:
            other = found["original"]
            note += f"; original {other['after_scrapes']['resident'] / other['exposition_bytes']:.1f}"
        idle = ours["idle"]["resident"] / MIB
        idle_note = f"{ours['idle']['anonymous'] / MIB:.1f} MiB of it not from files"
        wiped = (ours["after_wipe"]["resident"] - ours["idle"]["resident"]) / MIB
        wiped_note = f"{ours['after_wipe']['resident'] / MIB:.1f} MiB"
    yield Row("memory after scrapes / bytes of exposition", 3, share, False, note=note or "", judged=full)
    yield Row("idle memory", IDLE_BYTES / MIB, idle, False, " MiB", idle_note or "")
    yield Row(f"memory after a wipe of {big:,} groups, over idle", NEAR_IDLE_BYTES / MIB, wiped, False,
              " MiB", wiped_note or "", full)


def _start_rows(found, big):
    factor = note = None
    if found and "original" in found:
        factor = found["original"]["loaded"]["median"] / found["ours"]["loaded"]["median"]
        note = f"{found['original']['loaded']['median']:.2f} s / {found['ours']['loaded']['median']:.3f} s"
    yield Row(f"start with {big:,} groups on disk, original / ours", 10, factor, True, note=note or "",
              judged=big >= FULL_STORE)


def _wipe_rows(found, big):
    full = big >= FULL_STORE
    pushes = found["pushes_meanwhile"] if found else {}
    took = found["ours"]["median"] * 1e3 if found else None
    yield Row(f"wipe of {big:,} groups", 50, took, False, " ms", judged=full)
    yield _stall_row("worst push during the wipe, over quiet", pushes.get("during"), pushes.get("quiet"), full)


def _micro_rows(found):
    for what, name, wanted in (("text reader", "text_reader", 400), ("protobuf reader", "delimited_reader", 600)):
        slowest = note = None
        if found:
            slowest = min(body["median"] for body in found[name].values())
            note = ", ".join(f"{body} {figures['median']:.0f}" for body, figures in found[name].items())
        yield Row(f"{what}, one core", wanted, slowest, True, " MB/s", note or "")
