"""Takes out of an answer what two correct servers may differ in, and nothing else.

- Times of pushes become the number of the step that caused them.
- Own metrics of each program go; what jobs pushed under such a name stays.
- Metrics within a family are put in one order: in the expositions where several groups
  hold them, in the JSON always (the original's is that of the push).
- In protobuf, classic histograms come before native ones of their family, as ours do.
- Metrics of one group whose labels have the same values under other names are put in order.
- Where groups give a family different help texts, any of them may be shown.
- A family without a type is a counter: that is the type's default.
- Go's text form of a message has one or two blanks between fields, chosen by the build;
  protobuf errors have a no-break space in other builds.
"""

import calendar
import itertools
import json
import re
import time

from harness import exposition, metrics_proto

OWN_PREFIXES = ("go_", "process_", "promhttp_", "pushgateway_")
PUSH_TIMES = ("push_time_seconds", "push_failure_time_seconds")

# Flags that only one of the two has: Debian's patch, and what we add.
FLAGS_OF_ONE = ("web.local-assets", "web.max-request-size", "web.max-header-size", "web.max-buffered-size",
                "web.max-connections", "web.read-timeout", "web.idle-timeout",
                "limit.groups", "limit.series", "limit.series-per-group", "persistence.durability",
                "persistence.on-error")

# Until here an unstable sort of the original keeps the order of equal metrics.
STABLE_SORT = 12

_STRING = r'"(?:[^"\\]|\\.)*"'
_PUSH_TIME_VALUE = re.compile(
    r'("(?:push_time_seconds|push_failure_time_seconds)":\{[^{}]*\{"labels":\{'
    rf'(?:{_STRING}[:,]?)*\}},"value":")([^"]*)"')
_SECONDS = re.compile(r"\b1\.\d{6,}e\+09\b")


class Clock:
    """Tells from a time which step of the scenario caused it."""

    SLACK = 0.05

    def __init__(self):
        self.steps = []

    def begin(self, now):
        self.steps.append([now, now])

    def end(self, now):
        self.steps[-1][1] = now

    def name(self, seconds):
        if seconds == 0:
            return "never"
        best = min(range(len(self.steps)), default=None,
                   key=lambda i: self._distance(self.steps[i], seconds))
        if best is None or self._distance(self.steps[best], seconds) > self.SLACK:
            return f"no step ({seconds!r})"
        return f"step {best}"

    @staticmethod
    def _distance(span, seconds):
        return max(span[0] - seconds, seconds - span[1], 0)


def message(text, clock):
    """An error text: blanks, times and the order of several errors."""
    text = text.replace("\u00a0", " ")
    text = re.sub(r"(?<=[}\"\w])  (?=\w+:)", " ", text)
    text = _SECONDS.sub(lambda m: clock.name(float(m.group())), text)
    head, mark, rest = text.partition(" error(s) occurred:\n")
    if mark:
        text = head + mark + "\n".join(sorted(rest.rstrip("\n").split("\n"))) + "\n"
    return text


def _is_own(name):
    return name.strip('"').startswith(OWN_PREFIXES)


def _without_bounds(sample):
    """A sample line's series without its le and quantile: equal for the lines of one metric."""
    return re.sub(r'(?<=[{,])(?:le|quantile)="[^"]*",?', "", sample.rpartition(" ")[0])


def _values(sample):
    """A sample line's label values."""
    return re.findall(rf"=({_STRING})", _without_bounds(sample))


def _ties_sorted(items, place, name):
    """Neighbours of the same place put in the order of their names.

    The original places metrics by the values of their labels; which of those that differ in
    the names only comes first is nobody's intention.
    """
    result = []
    for _, tied in itertools.groupby(items, place):
        result += sorted(tied, key=name)
    return result


def disputed_helps(groups):
    """{family: the help texts that groups give it}, of those that do not agree on one."""
    found = {}
    for group in map(json.loads, groups):
        for name, family in group.items():
            if isinstance(family, dict) and "metrics" in family:
                found.setdefault(name, set()).add(family.get("help", ""))
    return {name: helps for name, helps in found.items() if len(helps) > 1}


def _settle_help(name, comments, helps):
    """The comments of a family, the help replaced where it is one of those in dispute."""
    told = [c for c in comments if c.startswith("# HELP ")]
    text = told[0].removeprefix(f"# HELP {name} ").replace("\\n", "\n").replace("\\\\", "\\") if told else ""
    if text not in helps.get(name.strip('"'), ()):
        return comments
    return ["# HELP of one of the groups"] + [c for c in comments if c not in told]


def text_families(text, clock, ordered, helps={}):
    """Text exposition -> list of (name, comments, samples)."""
    result = []
    for name, comments, samples in exposition.read_text(text):
        if _is_own(name):
            samples = [s for s in samples if 'job="' in s]
            if not samples:
                continue
        if name in PUSH_TIMES:
            samples = [f"{series} {clock.name(float(value))}"
                       for series, _, value in (s.rpartition(" ") for s in samples)]
        if not ordered or len(samples) > STABLE_SORT:
            samples = sorted(samples, key=_without_bounds)
        else:
            samples = _ties_sorted(samples, _values, _without_bounds)
        result.append((name, _settle_help(name, comments, helps), samples))
    return result


def _is_native(metric):
    h = metric.histogram
    return bool(h.positive_span or h.negative_span or h.zero_threshold > 0 or h.zero_count > 0)


def _pushed(metric):
    return any(label.name == b"job" for label in metric.label)


def proto_families(data, clock, ordered, helps={}):
    """Delimited exposition -> list of (family without metrics, metrics), as text."""
    result = []
    for family in exposition.read_delimited(data):
        name = family.name.decode("utf-8", "replace")
        if _is_own(name):
            kept = [m for m in family.metric if _pushed(m)]
            if not kept:
                continue
            del family.metric[:]
            family.metric.extend(kept)
        ordered_here = ordered and len(family.metric) <= STABLE_SORT
        metrics = sorted(family.metric, key=_is_native)
        metrics = _ties_sorted(metrics, lambda m: (_is_native(m), [label.value for label in m.label]),
                               lambda m: m.SerializeToString())
        shown = [_show_metric(m, name in PUSH_TIMES, clock) for m in metrics]
        if not ordered_here:
            shown.sort()
        del family.metric[:]
        if family.help.decode("utf-8", "replace") in helps.get(name, ()):
            family.help = b"that of one of the groups"
        if not family.HasField("type"):
            family.type = metrics_proto.COUNTER
        result.append((show_proto(family), shown))
    return result


def _show_metric(metric, is_time, clock):
    if not is_time:
        return show_proto(metric)
    when = clock.name(metric.gauge.value)
    metric.gauge.Clear()
    return f"{show_proto(metric)} {when}"


def show_proto(msg):
    """A message as text, with fields this file does not know as bytes after it."""
    raw = msg.SerializeToString(deterministic=True)
    return f"{msg}".replace("\n", " ") + f"[{raw.hex()}]"


def json_body(body, clock):
    """A reply of the JSON API: groups or the status."""
    try:
        if body.startswith('{"status":"success","data":{'):
            return _json_status(body)
        return json_groups(body, clock)
    except (ValueError, KeyError, IndexError) as failure:
        return f"not the JSON expected ({failure!r}): {body}"


def _json_status(body):
    """/api/v1/status: the keys of the build, the flags both have, a start time that is one."""
    reply = json.loads(body)
    data = reply["data"]
    data["build_information"] = list(data["build_information"])
    data["flags"] = {name: value for name, value in data["flags"].items() if name not in FLAGS_OF_ONE}
    data["flags"]["web.listen-address"] = re.sub(r":\d+$", ":port", data["flags"]["web.listen-address"])
    data["start_time"] = "a time" if rfc3339(data["start_time"]) > 0 else data["start_time"]
    return json.dumps(reply)


def json_groups(body, clock):
    """/api/v1/metrics -> (bytes around the groups, each group's text), times replaced.

    Works on the text, so that the order of keys and the escaping count too.
    """
    prefix = '{"status":"success","data":['
    if not body.startswith(prefix):
        return body
    groups, pos = [], len(prefix)
    decoder = json.JSONDecoder()
    while body[pos] != "]":
        if body[pos] == ",":
            pos += 1
        _, end = decoder.raw_decode(body, pos)
        groups.append(_json_times(_sort_metrics(body[pos:end]), clock))
        pos = end
    return body[:len(prefix)], sorted(groups), body[pos:]


def _members(text):
    """[(key, the value's text)] of an object's text, in its order; [(None, text)] of an array's."""
    decoder = json.JSONDecoder()
    members, pos = [], 1
    while text[pos] not in "]}":
        pos += text[pos] == ","
        key = None
        if text[0] == "{":
            key, pos = decoder.raw_decode(text, pos)
            pos += 1
        _, end = decoder.raw_decode(text, pos)
        members.append((key, text[pos:end]))
        pos = end
    return members


def _sort_metrics(group):
    """A group's text with the metrics of each family in one order: JSON shows no other use of it."""
    for key, family in _members(group):
        if not family.startswith("{") or key == "labels":
            continue
        for name, metrics in _members(family):
            if name == "metrics":
                ordered = "[" + ",".join(sorted(text for _, text in _members(metrics))) + "]"
                group = group.replace(metrics, ordered, 1)
    return group


def _json_times(text, clock):
    def stamp(match):
        return f'"time_stamp":"{clock.name(rfc3339(match.group(1)))}"'

    def value(match):
        return f'{match.group(1)}{clock.name(float(match.group(2)))}"'

    text = re.sub(r'"time_stamp":"([^"]*)"', stamp, text)
    return _PUSH_TIME_VALUE.sub(value, text)


def rfc3339(text):
    """Seconds of an RFC 3339 time in UTC with up to nine digits of fraction, or -1."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z", text)
    if not match or (match.group(2) or "").endswith("0"):
        return -1
    return calendar.timegm(time.strptime(match.group(1), "%Y-%m-%dT%H:%M:%S")) + float(match.group(2) or 0)
