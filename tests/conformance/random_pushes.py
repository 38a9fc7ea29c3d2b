"""Makes scenarios from a seed: a few pushes and deletes on few groups and names.

Names and labels are drawn from small sets, so that conflicts happen. What the original
answers by chance, or breaks on, is left out (see differences.py): no gauge histograms
beside other types, no schemas or spans beyond what it can read.
"""

import random

from harness.build_families import family, gauge, metric
from harness.metrics_proto import COUNTER, GAUGE, HISTOGRAM, SUMMARY, UNTYPED, delimited
from scenario import Scenario, delete, post, put, put_bytes

GROUPS = ("/metrics/job/a", "/metrics/job/a/instance/i", "/metrics/job/b/x/1", "/metrics/job@base64/Yg/y/2/x/1")
NAMES = ("m", "n", "m_count", "n_sum", "m_bucket", "o_total", "x:y", "m_sum_count")
LABELS = ("a", "b", "x", "instance", "job", "zz", "A")
VALUES = ("", "1", "2", "é", "a\"b\\c\nd", "x y", "{}", "😀")
TYPES = ("counter", "gauge", "untyped", "summary", "histogram", None)
NUMBERS = ("0", "1", "-1", "2.5", "1e9", "1e-9", "NaN", "+Inf", "-Inf", "123456789", "0.1", "1e21", "-0", "3", "17")


def scenario(seed):
    rng = random.Random(seed)
    steps = [_step(rng) for _ in range(rng.randint(1, 4))]
    return Scenario(f"random/{seed}", *steps, server="utf8" if rng.random() < 0.15 else "default")


def _step(rng):
    path = rng.choice(GROUPS)
    draw = rng.random()
    if draw < 0.08:
        return delete(path)
    if draw < 0.60:
        body = _text(rng)
        if rng.random() < 0.35:
            body = _mutate(rng, body)
        return rng.choice((put, post))(body, path)
    body = delimited(*[_family(rng) for _ in range(rng.randint(0, 3))])
    if rng.random() < 0.3 and body:
        body = _mutate_proto(rng, body)
    step = put_bytes(body, path)
    step.method = rng.choice(("PUT", "POST"))
    return step


# Text

def _labels(rng):
    names = rng.sample(LABELS, rng.choice((0, 0, 1, 1, 2, 3)))
    return [(name, rng.choice(VALUES)) for name in names]


def _escape(value):
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _braces(rng, labels):
    if not labels:
        return rng.choice(("", "", "{}", "{ }"))
    comma = rng.choice((",", ", ", " ,", "\t,"))
    end = rng.choice(("", "", ",", " "))
    return "{" + comma.join(f'{name}="{_escape(value)}"' for name, value in labels) + end + "}"


def _line(rng, name, labels, value):
    return f"{name}{_braces(rng, labels)}{rng.choice((' ', ' ', '  ', chr(9)))}{value}\n"


def _text(rng):
    return "".join(_text_family(rng) for _ in range(rng.randint(0, 4)))


def _text_family(rng):
    name, kind = rng.choice(NAMES), rng.choice(TYPES)
    lines = []
    if rng.random() < 0.3:
        lines.append(f"# HELP {name} {rng.choice(('Help.', 'a  b', '', 'q' + chr(92) * 2, 'é'))}\n")
    if kind:
        lines.append(f"# TYPE {name} {rng.choice((kind, kind, kind.upper()))}\n")
    if rng.random() < 0.1:
        lines.append(rng.choice(("\n", "# comment\n", "  \n", "#\n")))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        labels = _labels(rng)
        if kind == "summary":
            lines += _summary_lines(rng, name, labels)
        elif kind == "histogram":
            lines += _histogram_lines(rng, name, labels)
        else:
            lines.append(_line(rng, name, labels, rng.choice(NUMBERS)))
    return "".join(lines)


def _summary_lines(rng, name, labels):
    lines = [_line(rng, name, labels + [("quantile", q)], rng.choice(NUMBERS))
             for q in rng.sample(("0.5", "0.9", "0.99", "1", "NaN"), rng.randint(0, 3))]
    lines += [_line(rng, name + "_sum", labels, rng.choice(NUMBERS)), _line(rng, name + "_count", labels, rng.choice(("0", "1", "17", "1e6", "2.7")))]
    rng.shuffle(lines)
    return lines[:rng.randint(1, len(lines))]


def _histogram_lines(rng, name, labels):
    lines = [_line(rng, name + "_bucket", [("le", le)] + labels, rng.choice(("0", "1", "2", "5", "9", "2.5")))
             for le in rng.sample(("0.1", "1", "1.0", "2.5", "10", "+Inf", "1e3"), rng.randint(0, 4))]
    lines += [_line(rng, name + "_sum", labels, rng.choice(NUMBERS)), _line(rng, name + "_count", labels, rng.choice(("0", "1", "17", "1e6")))]
    rng.shuffle(lines)
    return lines[:rng.randint(1, len(lines))]


def _mutate(rng, text):
    """One to three small injuries."""
    data = bytearray(text.encode())
    for _ in range(rng.randint(1, 3)):
        spot = rng.randint(0, len(data))
        how = rng.random()
        if how < 0.4 and data:
            del data[min(spot, len(data) - 1)]
        elif how < 0.8:
            data.insert(spot, rng.choice(b' \t\n"\\{},=#.+-eE0159NaInf_:\xff\x00\r'))
        elif how < 0.9:
            del data[spot:]
        else:
            data[spot:spot] = data[max(0, spot - 12):spot]
    # Braces without a name before them drop the original's connection; its help may be no UTF-8.
    return b"m 1 x" if _nameless(bytes(data)) or _has_bad_help(bytes(data)) else bytes(data)


def _has_bad_help(data):
    return any(b"HELP" in line and b"\xff" in line for line in data.split(b"\n"))


def _nameless(data):
    return any(line.lstrip(b" \t").startswith(b"{") for line in data.split(b"\n"))


# Protobuf

def _number(rng):
    return float(rng.choice(NUMBERS))


def _family(rng):
    kind = rng.choice((COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM))
    metrics = [_metric(rng, kind) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    return family(rng.choice(NAMES + ("a.b",)), kind, *metrics, help=rng.choice((None, "Help.", "é\n")))


def _metric(rng, kind):
    labels = _labels(rng)
    rng.shuffle(labels)
    if kind == SUMMARY:
        value = {"summary": {"sample_count": rng.randint(0, 99), "sample_sum": _number(rng),
                             "quantile": [{"quantile": q, "value": _number(rng)} for q in rng.sample((0.5, 0.9, 1.0), rng.randint(0, 3))]}}
    elif kind == HISTOGRAM:
        value = {"histogram": _native(rng) if rng.random() < 0.5 else _classic(rng)}
    else:
        value = {{COUNTER: "counter", GAUGE: "gauge", UNTYPED: "untyped"}[kind]: {"value": _number(rng)}}
        if kind == COUNTER and rng.random() < 0.3:
            value["counter"]["exemplar"] = {"label": [{"name": "t", "value": rng.choice(VALUES)}], "value": 1.5, "timestamp": {"seconds": rng.randint(1, 9)}}
    return metric(labels, timestamp_ms=1 if rng.random() < 0.03 else None, **value)


def _classic(rng):
    count = 0
    buckets = []
    for bound in sorted(rng.sample((0.1, 1.0, 2.5, 10.0, float("inf")), rng.randint(0, 4))):
        count += rng.randint(0, 5)
        buckets.append({"upper_bound": bound, "cumulative_count": count})
    made = {"sample_count": count, "sample_sum": _number(rng), "bucket": buckets}
    if rng.random() < 0.3:
        made["created_timestamp"] = {"seconds": rng.randint(1, 2**31)}
    return made


def _native(rng):
    made = {"sample_sum": _number(rng), "schema": rng.randint(-4, 8), "zero_threshold": rng.choice((0.0, 1e-128, 0.001))}
    is_float = rng.random() < 0.4
    # A float histogram that counts nothing is taken for an integer one.
    total = made["zero_count_float" if is_float else "zero_count"] = rng.randint(1 if is_float else 0, 3)
    for sign in ("positive", "negative"):
        spans = [{"offset": rng.randint(-20 if n == 0 else 0, 20), "length": rng.randint(0, 3)} for n in range(rng.randint(0, 3))]
        made[sign + "_span"] = spans
        buckets = sum(span["length"] for span in spans)
        if is_float:
            counts = made[sign + "_count"] = [rng.choice((0.0, 0.5, 1.0, 3.25)) for _ in range(buckets)]
        else:
            counts = [rng.randint(0, 9) for _ in range(buckets)]
            made[sign + "_delta"] = [now - before for before, now in zip([0] + counts, counts)]
        total += sum(counts)
    made["sample_count_float" if is_float else "sample_count"] = total
    return made


def _mutate_proto(rng, body):
    """Cuts the stream or adds to it; never a random byte: what that makes of a length the
    original may die of."""
    if rng.random() < 0.5:
        return body[:rng.randint(0, len(body) - 1)]
    return body + rng.choice((b"\x01", b"\x02\x0a\x05", b"\x06\x0a\x01q\x22\x01\x0b", b"\x80", delimited(gauge("q", 1.0, {"a": "b"}))))
