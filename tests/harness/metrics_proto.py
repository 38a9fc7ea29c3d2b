"""The io.prometheus.client messages, declared by hand and built at import.

Field numbers are the published ones of client_model's metrics.proto. Two types differ,
on purpose and compatibly on the wire: strings are `bytes`, so that tests can hold text
that is not UTF-8, and the metric type is an int32, so that they can hold unknown ones.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM, GAUGE_HISTOGRAM = range(6)

_PACKAGE = "io.prometheus.client.test"

# message: {field: (number, type)}; a trailing * means repeated, a capital a message.
_MESSAGES = {
    "Timestamp": {"seconds": (1, "int64"), "nanos": (2, "int32")},
    "LabelPair": {"name": (1, "bytes"), "value": (2, "bytes")},
    "Gauge": {"value": (1, "double")},
    "Counter": {"value": (1, "double"), "exemplar": (2, "Exemplar"),
                "created_timestamp": (3, "Timestamp")},
    "Quantile": {"quantile": (1, "double"), "value": (2, "double")},
    "Summary": {"sample_count": (1, "uint64"), "sample_sum": (2, "double"),
                "quantile": (3, "Quantile*"), "created_timestamp": (4, "Timestamp")},
    "Untyped": {"value": (1, "double")},
    "Histogram": {
        "sample_count": (1, "uint64"), "sample_sum": (2, "double"), "bucket": (3, "Bucket*"),
        "sample_count_float": (4, "double"), "schema": (5, "sint32"),
        "zero_threshold": (6, "double"), "zero_count": (7, "uint64"),
        "zero_count_float": (8, "double"), "negative_span": (9, "BucketSpan*"),
        "negative_delta": (10, "sint64*"), "negative_count": (11, "double*"),
        "positive_span": (12, "BucketSpan*"), "positive_delta": (13, "sint64*"),
        "positive_count": (14, "double*"), "created_timestamp": (15, "Timestamp"),
        "exemplars": (16, "Exemplar*")},
    "Bucket": {"cumulative_count": (1, "uint64"), "upper_bound": (2, "double"),
               "exemplar": (3, "Exemplar"), "cumulative_count_float": (4, "double")},
    "BucketSpan": {"offset": (1, "sint32"), "length": (2, "uint32")},
    "Exemplar": {"label": (1, "LabelPair*"), "value": (2, "double"), "timestamp": (3, "Timestamp")},
    "Metric": {"label": (1, "LabelPair*"), "gauge": (2, "Gauge"), "counter": (3, "Counter"),
               "summary": (4, "Summary"), "untyped": (5, "Untyped"), "timestamp_ms": (6, "int64"),
               "histogram": (7, "Histogram")},
    "MetricFamily": {"name": (1, "bytes"), "help": (2, "bytes"), "type": (3, "int32"),
                     "metric": (4, "Metric*"), "unit": (5, "bytes")},
}


def _build():
    field_type = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="tests/metrics.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind) in fields.items():
            field = message.field.add(name=field_name, number=number)
            field.label = (field_type.LABEL_REPEATED if kind.endswith("*")
                           else field_type.LABEL_OPTIONAL)
            kind = kind.rstrip("*")
            if kind[0].isupper():
                field.type = field_type.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{kind}"
            else:
                field.type = getattr(field_type, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {name: factory.GetPrototype(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
            for name in _MESSAGES}


CLASSES = _build()
MetricFamily = CLASSES["MetricFamily"]
Metric = CLASSES["Metric"]


def varint(number):
    """A number as a protobuf varint; negative ones as 64-bit two's complement."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data, pos):
    """(number, next position); raises ValueError when the data ends within."""
    number = shift = 0
    while True:
        if pos >= len(data):
            raise ValueError("truncated varint")
        byte = data[pos]
        number |= (byte & 0x7F) << shift
        shift += 7
        pos += 1
        if byte < 0x80:
            return number, pos


def delimited(*messages):
    """Messages, or their bytes, each preceded by its length."""
    out = b""
    for message in messages:
        raw = message if isinstance(message, bytes) else message.SerializeToString()
        out += varint(len(raw)) + raw
    return out


def read_delimited(data):
    """The MetricFamily messages of a delimited exposition."""
    families, pos = [], 0
    while pos < len(data):
        size, pos = read_varint(data, pos)
        if pos + size > len(data):
            raise ValueError("truncated message")
        families.append(MetricFamily.FromString(data[pos:pos + size]))
        pos += size
    return families
