"""What is pushed: bodies small and large, text and protobuf."""

import os
import tempfile

from harness import metrics_proto as proto
from harness.build_families import family, metric

PATH_PREFIX = "/metrics/job/bench/instance/host-"  # and six digits
SMALL_FAMILIES = 3
SERIES_PER_GROUP = SMALL_FAMILIES + 2  # and the two push times
LARGE_GROUPS = 100  # large bodies go into no more groups than these: 1,000 series each

CONTENT_TYPES = {
    "text": "text/plain; version=0.0.4",
    "protobuf": "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                "encoding=delimited",
}


SMALL_NAMES = (
    ("bench_job_duration_seconds", "How long the last run of the job took."),
    ("bench_job_last_success_timestamp_seconds", "When the job last ended well."),
    ("bench_job_records_processed", "Records that the last run went through."),
)


def small_families(number):
    """What a job pushes at its end; `number` makes its values."""
    values = (round(0.37 + number * 0.00173, 5), 1.7e9 + number, float(number * 7 % 10007))
    return [family(name, proto.GAUGE, metric(gauge={"value": value}), help=text)
            for (name, text), value in zip(SMALL_NAMES, values)]


def large_families():
    """1,000 series: 10 families of 100, with two labels each."""
    return [family(f"bench_table_{f:02d}_rows", proto.GAUGE,
                   *(metric({"schema": f"schema_{m % 10}", "table": f"table_{m:04d}"},
                            gauge={"value": float(f * 1000 + m)}) for m in range(100)),
                   help="Rows of each table.")
            for f in range(10)]


def as_text(families):
    """The text format, for gauges."""
    lines = []
    for each in families:
        name = each.name.decode()
        lines += [f"# HELP {name} {each.help.decode()}", f"# TYPE {name} gauge"]
        for sample in each.metric:
            labels = ",".join(f'{l.name.decode()}="{l.value.decode()}"' for l in sample.label)
            lines.append(f"{name}{{{labels}}} {sample.gauge.value!r}" if labels
                         else f"{name} {sample.gauge.value!r}")
    return ("\n".join(lines) + "\n").encode()


def make(size, form):
    families = small_families(0) if size == "small" else large_families()
    return as_text(families) if form == "text" else proto.delimited(*families)


_TEMPLATE = "".join(f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {{}}\n"
                    for name, text in SMALL_NAMES)


def small_text(number):
    """as_text(small_families(number)), 20 times as fast."""
    return _TEMPLATE.format(round(0.37 + number * 0.00173, 5), 1.7e9 + number,
                            float(number * 7 % 10007)).encode()


class BodyFiles:
    """The bodies as files, for the tools. Used in a `with` block."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        for size in ("small", "large"):
            for form in CONTENT_TYPES:
                with open(self.path(size, form), "wb") as file:
                    file.write(make(size, form))
        return self

    def __exit__(self, *exc):
        self._folder.cleanup()

    def path(self, size, form):
        return os.path.join(self._folder.name, f"{size}.{form}")
