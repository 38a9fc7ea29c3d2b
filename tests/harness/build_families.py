"""Short notation for metric families, for tests that push protobuf.

    family("h", HISTOGRAM, metric({"a": "b"}, histogram={"sample_count": 3}), help="Help.")

Message fields are given as dicts, repeated ones as lists of them; text may be str or
bytes (that need not be UTF-8). Labels are a dict, or a list of pairs to repeat a name.
"""

from .metrics_proto import Metric, MetricFamily


def _bytes(value):
    return value.encode() if isinstance(value, str) else value


def fill(message, fields):
    """Sets the fields of a message from a dict, messages within from dicts and lists."""
    message.SetInParent()
    for name, value in fields.items():
        if isinstance(value, dict):
            fill(getattr(message, name), value)
        elif isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, dict):
                    fill(getattr(message, name).add(), item)
                else:
                    getattr(message, name).append(item)
        else:
            setattr(message, name, _bytes(value))
    return message


def metric(labels=(), timestamp_ms=None, **values):
    """A metric; `values` name its value messages: gauge={"value": 1}."""
    made = Metric()
    for name, value in labels.items() if isinstance(labels, dict) else labels:
        made.label.add(name=_bytes(name), value=_bytes(value))
    for kind, fields in values.items():
        fill(getattr(made, kind), fields)
    if timestamp_ms is not None:
        made.timestamp_ms = timestamp_ms
    return made


def family(name, kind=None, *metrics, help=None, unit=None):
    """A family; what is None is left out of the message."""
    made = MetricFamily(metric=metrics)
    for field, value in (("name", name), ("type", kind), ("help", help), ("unit", unit)):
        if value is not None:
            setattr(made, field, _bytes(value))
    return made


def gauge(name, value=1.0, labels=()):
    """A gauge family with one metric."""
    return family(name, 1, metric(labels, gauge={"value": value}))
