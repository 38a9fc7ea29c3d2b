"""The comparison itself: what it has to let pass, and what it must not."""

import pytest

import normalise
from harness.build_families import family, gauge, metric
from harness.metrics_proto import GAUGE, delimited

NOW = 1700000000.0
HEAD = "# HELP m x\n# TYPE m gauge\n"
A, B = 'm{instance="",job="a"} 1\n', 'm{instance="",job="b"} 2\n'
TIME = "# HELP push_time_seconds h\n# TYPE push_time_seconds gauge\npush_time_seconds{job=\"a\"} %s\n"
OWN = "# TYPE go_goroutines gauge\ngo_goroutines 7\n"
BUCKETS = 'h_bucket{job="a",le="1"} 1\nh_bucket{job="a",le="2"} 2\n'

SAME_TEXT = [
    (HEAD + A + B, HEAD + B + A),
    (HEAD + A + OWN, HEAD + A),
    (TIME % "1.7e+09", TIME % "1.70000000001e+09"),
]
OTHER_TEXT = [
    (HEAD + A, HEAD + B), (HEAD + A, HEAD), (HEAD + A, A), (HEAD + A, HEAD.replace("x", "y") + A), (HEAD + A, HEAD + A.replace(" 1", " 1.0")),
    (HEAD + A, HEAD + A + A), (HEAD + A, "# TYPE m gauge\n# HELP m x\n" + A), (HEAD + A, HEAD + A.replace("job=", " job=")),
    ("# TYPE n gauge\nn 1\n" + HEAD + A, HEAD + A + "# TYPE n gauge\nn 1\n"), (TIME % "1.7e+09", TIME % "0"), (TIME % "1.7e+09", TIME % "1.699e+09"),
    ("# TYPE h histogram\n" + BUCKETS, "# TYPE h histogram\n" + "\n".join(reversed(BUCKETS.split("\n")))),
    (HEAD + A + 'go_x{job="a"} 1\n', HEAD + A),
]


def _clock():
    clock = normalise.Clock()
    clock.begin(NOW - 0.01)
    clock.end(NOW + 0.01)
    return clock


def _text(text, ordered=False):
    return normalise.text_families(text, _clock(), ordered)


@pytest.mark.parametrize("one,two", SAME_TEXT)
def test_text_that_is_the_same(one, two):
    assert _text(one) == _text(two)


@pytest.mark.parametrize("one,two", OTHER_TEXT)
def test_text_that_differs(one, two):
    assert _text(one) != _text(two)


def test_one_group_keeps_its_order():
    assert _text(HEAD + A + B, ordered=True) != _text(HEAD + B + A, ordered=True)


def test_one_group_may_order_ties():
    one, two = 'm{a="x",job="j"} 1\n', 'm{b="x",job="j"} 1\n'
    assert _text(HEAD + one + two, ordered=True) == _text(HEAD + two + one, ordered=True)
    assert _text(HEAD + one + two, ordered=True) != _text(HEAD + one, ordered=True)


def test_help_in_dispute():
    helps = normalise.disputed_helps(['{"labels":{},"m":{"help":"x","metrics":[]}}', '{"labels":{},"m":{"metrics":[]},"n":{"metrics":[]}}'])
    assert helps == {"m": {"x", ""}}
    with_help, without, other = HEAD + A, HEAD.split("\n", 1)[1] + A, HEAD.replace("x", "y") + A
    shown = [normalise.text_families(text, _clock(), False, helps) for text in (with_help, without, other)]
    assert shown[0] == shown[1] != shown[2]


def _proto(*families):
    return normalise.proto_families(delimited(*families), _clock(), False)


def test_protobuf():
    one, two = metric({"job": "a"}, gauge={"value": 1}), metric({"job": "b"}, gauge={"value": 1})
    whole = _proto(family("m", GAUGE, one, two))
    assert whole == _proto(family("m", GAUGE, two, one))
    assert whole == _proto(family("go_x", GAUGE, metric(gauge={"value": 1})), family("m", GAUGE, one, two))
    for other in (family("m", GAUGE, one), family("n", GAUGE, one, two), family("m", GAUGE, one, two, help=""), family("m", None, one, two), family("m", 3, one, two),
                  family("m", GAUGE, one, two, unit="s"), family("m", GAUGE, one, metric({"job": "b"}, gauge={}))):
        assert whole != _proto(other)
    assert _proto(gauge("push_time_seconds", NOW)) == _proto(gauge("push_time_seconds", NOW + 0.001))
    assert _proto(gauge("push_time_seconds", NOW)) != _proto(gauge("push_time_seconds", NOW + 5))


def test_unknown_protobuf_fields_count():
    known = gauge("m", 1, {"job": "a"}).SerializeToString()
    assert _proto(known) != _proto(known + b"\xa2\x06\x01x")


GROUPS = '{"status":"success","data":[%s]}'
ONE = '{"labels":{"job":"a}"},"last_push_successful":true,"push_time_seconds":{"time_stamp":"2023-11-14T22:13:20.001Z","type":"GAUGE","help":"h","metrics":[{"labels":{"job":"a}"},"value":"1.700000000001e+09"}]}}'
TWO = '{"labels":{"job":"b"},"last_push_successful":true}'


def _json(body):
    return normalise.json_body(body, _clock())


def test_json():
    whole = _json(GROUPS % f"{ONE},{TWO}")
    assert whole == _json(GROUPS % f"{TWO},{ONE}")
    assert whole == _json(GROUPS % f"{ONE.replace('20.001Z', '20Z').replace('000001e', 'e')},{TWO}")
    for other in (ONE, ONE.replace("true", "false") + "," + TWO, ONE.replace("20.001Z", "30.001Z") + "," + TWO, ONE.replace("1.700000000001e+09", "0") + "," + TWO,
                  ONE.replace("20.001Z", "20.0010Z") + "," + TWO, ONE.replace('"a}"', '"a\\u007d"') + "," + TWO, f"{ONE},{TWO},{TWO}", f"{ONE}, {TWO}"):
        assert whole != _json(GROUPS % other)


def _message(text):
    return normalise.message(text, _clock())


def test_messages():
    assert _message('x { label:{name:"a"  value:"b"}  gauge:{value:1.7000000000001e+09}} y') == \
        _message('x { label:{name:"a" value:"b"} gauge:{value:1.70000000001e+09}} y')
    assert _message("p: 2 error(s) occurred:\n* b\n* a\n") == _message("p: 2 error(s) occurred:\n* a\n* b\n")
    assert _message("p: 2 error(s) occurred:\n* b\n* a\n") != _message("p: 2 error(s) occurred:\n* a\n* c\n")
    assert _message('value:"a  b"') != _message('value:"a b"')
    assert _message("proto:\u00a0x") == _message("proto: x")
    assert _message("a\n") != _message("a")
