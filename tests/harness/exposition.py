"""Readers of what a scrape answers.

They are for comparing and looking up, not for judging syntax: the text reader splits
lines into families and trusts the HELP and TYPE lines to come first.
"""

from . import metrics_proto


def read_text(text):
    """Text exposition -> list of (name, [comment lines], [sample lines]), in its order."""
    families = []
    for line in text.split("\n"):
        if not line:
            continue
        if line.startswith("# HELP ") or line.startswith("# TYPE "):
            name = _comment_name(line[7:])
            if not families or families[-1][0] != name:
                families.append((name, [], []))
            families[-1][1].append(line)
        else:
            if not families:
                families.append(("", [], []))
            families[-1][2].append(line)
    return families


def _comment_name(rest):
    if not rest.startswith('"'):
        return rest.split(" ", 1)[0]
    pos = 1
    while pos < len(rest) and rest[pos] != '"':
        pos += 2 if rest[pos] == "\\" else 1
    return rest[:pos + 1]


def samples(text):
    """Text exposition -> {series as written: value as written}."""
    found = {}
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            series, _, value = line.rpartition(" ")
            found[series] = value
    return found


def read_delimited(data):
    """Delimited protobuf exposition -> list of MetricFamily, in its order."""
    return metrics_proto.read_delimited(data)
