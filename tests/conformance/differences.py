"""Where we answer otherwise than the original, on purpose: each with its reason.

A difference names steps of scenarios and says what OUR answer has to be: an expectation,
not a licence. Whatever is not listed here has to be equal. When the original is compared
with itself the scenarios named here are left out.
"""

import fnmatch
import re

PUSH_REFUSED = r"pushed metrics are invalid or inconsistent with existing metrics: .*\n"


class Difference:
    """`where` names scenarios (with * as in file names) or (scenario, step) pairs; a bare
    name means its last step.

    `answer` holds what our answer must have: a field's value, a tuple of values it may
    have, or for "body" a pattern; a function gives the whole answer from the original's.
    None: the answers are equal, only what is stored differs.

    `state` says how it goes on: "same" compares as always; "usable" ends the scenario and
    asks only that our server still serves; "empty" that it holds nothing, too; a function
    gets our state's JSON text and says whether it is right.
    """

    def __init__(self, reason, *where, answer=None, state="same"):
        self.reason = reason
        self.where = [place if isinstance(place, tuple) else (place, None) for place in where]
        self.answer = answer
        self.state = state

    def step_of(self, scenario):
        """The step of a scenario this is about, None if it is not; ALL for each."""
        for pattern, step in self.where:
            if pattern == scenario.name or "*" in pattern and fnmatch.fnmatchcase(scenario.name, pattern):
                return len(scenario.steps) - 1 if step is None else step
        return None

    def check_answer(self, ours, oracle, where):
        if callable(self.answer):
            want = self.answer(oracle)
            assert ours == want, f"{where}\nmeant difference ({self.reason}):\nshould be\n{want}\nis\n{ours}"
            return
        last = ours["raw"][0] if "raw" in ours else ours
        for field, want in self.answer.items():
            got = last.get(field)
            if field == "body":
                ok = isinstance(got, str) and re.fullmatch(want, got, re.DOTALL)
            elif isinstance(want, tuple):
                ok = got in want
            else:
                ok = got == want
            assert ok, f"{where}\nmeant difference ({self.reason}):\n{field} should be {want!r}, is\n{ours}"

    def check_state(self, ours, where):
        for kind, answer in ours.items():
            assert callable(self.state) or answer.get("status") == 200, \
                f"{where}\nafter a meant difference ({self.reason}) {kind} fails: {answer}"
        if callable(self.state):
            assert self.state(str(ours["json"])), f"{where}\nmeant difference ({self.reason}): {ours['json']}"
        elif self.state == "empty":
            assert ours["json"]["body"][1] == [], \
                f"{where}\nafter a meant difference ({self.reason}) something is stored: {ours['json']}"


ALL = -1


# Our errors say more behind the original's words. A pattern is taken off ours before comparing.
REFINEMENTS = [
    ("a protobuf error says where it is", r" \(family \d+ \".*\"(?:, metric \d+)?, byte \d+\)(?=\n$)"),
]


def unrefined(text):
    """One of our error bodies in the words of the original."""
    for _, pattern in REFINEMENTS:
        text = re.sub(pattern, "", text)
    return text


def find(scenario):
    """{step index: Difference} of a scenario."""
    found = {}
    for difference in DIFFERENCES:
        step = difference.step_of(scenario)
        if step == ALL:
            found.update({index: difference for index in range(len(scenario.steps))})
        elif step is not None:
            found[step] = difference
    return found


def _redirect_307(oracle):
    """The original's redirect with the status that keeps method and body."""
    if oracle.get("status") != 301:
        return oracle
    ours = {**oracle, "status": 307}
    if oracle["body"]:
        ours["body"] = oracle["body"].replace("Moved Permanently", "Temporary Redirect")
    return ours


DIFFERENCES = [
    Difference(
        "a body that leaves the original unable to answer scrapes is refused",
        "protobuf/broken/name *", "protobuf/broken/message of length 0", "protobuf/broken/type *",
        "protobuf/broken/gauge histogram without histogram", "protobuf/broken/family name not utf-8",
        answer={"status": 400, "Content-Type": "text/plain; charset=utf-8", "body": r".+\n"}, state="usable"),
    Difference(
        "a native histogram that does not add up, or of an unknown schema: Prometheus drops the whole scrape over it, "
        "the original's JSON API the connection",
        "native/invalid/*", "native/short/*", *[f"native/schema out of range {schema}" for schema in (-5, -52, -54, 9, 127, -2147483648)],
        answer={"status": 400, "body": r".+ \(family 1 \"nh\", metric 1, byte \d+\)\n"}, state="usable"),
    Difference(
        "a known protobuf field of another wire type is an error; the original takes it for an unknown one and loses the value",
        "protobuf/unusual/wrong wire type *", "protobuf/unusual/timestamp of other wire type",
        answer={"status": 400, "body": r".+\n"}, state="usable"),
    Difference(
        "a family without metrics is nothing to keep; the original's JSON shows it",
        "protobuf/accepted/no metrics*", answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "and so it holds no type against other groups; in the original it does, by chance",
        ("consistency/family of no metrics*", 0), answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "a bucket index that does not fit 32 bits is a bucket at the end; the original's wraps around",
        "native/wraps/*", answer=None, state="usable"),
    Difference(
        "a field nobody knows inside a label is dropped, labels being kept as name and value",
        "protobuf/unusual/unknown field in a label", answer=None, state="usable"),
    Difference(
        "which label name a message shows when it stands there twice, and how an empty label looks in it",
        "protobuf/refused/grouping label twice in the body", "protobuf/unusual/empty label",
        answer={"status": 400, "body": PUSH_REFUSED}),
    Difference(
        "Prometheus drops the whole scrape over a help text that is not UTF-8: what is not becomes U+FFFD",
        "protobuf/accepted/help not utf-8", "text/help/# HELP m \\xff\\nm 1\\n", "text/utf8/help/# HELP m \\xff\\nm 1\\n",
        answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "Prometheus drops the whole scrape over a histogram with a label le of its own, which text then shows twice",
        "protobuf/accepted/histogram, le as label", "grouping/name of the summary's quantile",
        answer={"status": 400, "body": PUSH_REFUSED}, state="usable"),
    Difference(
        "... and over labels that have the same name once escaped for those who take legacy names only",
        "protobuf/accepted/label names alike when escaped", ("server/utf8/labels that collide when escaped", 0),
        answer={"status": 400, "body": PUSH_REFUSED}, state="usable"),
    Difference(
        "... and over a label that is a second __name__ once escaped",
        "protobuf/accepted/label name that is __name__ when escaped",
        answer={"status": 400, "body": PUSH_REFUSED}, state="usable"),
    Difference(
        "... and over a colon in a label name, which the original leaves there: it is escaped, or quoted",
        "protobuf/accepted/label name with colon", ("grouping/utf8//metrics/job/a/:x/1", 0),
        answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "... and Prometheus 3 over NUL in a name: refused",
        "protobuf/accepted/label name with NUL", ("grouping/utf8//metrics/job/a/U__x_0_/1", 0), ("grouping/utf8//metrics/job/a/%00/1", 0),
        answer={"status": 400, "body": r".+\n"}, state="usable"),
    Difference(
        "strings of the protobuf exposition are UTF-8, in exemplars too: some decoders refuse all of it otherwise",
        "protobuf/accepted/exemplar not utf-8", answer={"status": 400, "body": r".+\n"}, state="usable"),
    Difference(
        "a gauge histogram collides as a histogram does: as text it is one, and text that has both does not parse",
        *[f"consistency/suffix/gaugehistogram and {part}, one push" for part in ("_count", "_sum", "_bucket")],
        *[(f"consistency/suffix/gaugehistogram and {part}, stored {one}", 1) for part in ("_count", "_sum", "_bucket")
          for one in ("gaugehistogram", part)],
        *[(f"consistency/suffix/gaugehistogram and {part}, same group", 1) for part in ("_count", "_sum", "_bucket")],
        answer={"status": 400, "body": PUSH_REFUSED}, state="usable"),
    Difference(
        "a body is decoded whole before it is read, so an error of the encoding comes first",
        "encoding/gzip/second member cut later", "encoding/gzip/text error before the cut", "encoding/snappy/text error before the cut",
        answer={"status": 400, "body": r"(unexpected EOF|snappy: corrupt input)\n"}),
    Difference(
        "own metrics' help always wins; the original refuses another help for those it has counted nothing of when it starts",
        "consistency/own/pushgateway_http_requests_total as counter", "consistency/own/pushgateway_http_push_duration_seconds as summary",
        "consistency/own/pushgateway_http_push_size_bytes as summary",
        answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "... and words other conflicts of those by their help",
        *[f"consistency/own/{name} as {kind}" for name, own in (
            ("pushgateway_http_requests_total", "counter"), ("pushgateway_http_push_duration_seconds", "summary"), ("pushgateway_http_push_size_bytes", "summary"))
          for kind in ("counter", "gauge", "untyped", "summary", "histogram", "gaugehistogram") if kind != own],
        "consistency/own/pushgateway_http_*, other help",
        answer={"status": 400, "body": r"pushed metrics are .*: gathered metric family \w+ has type \w+ but should have (COUNTER|SUMMARY)\n"}),
    Difference(
        "unchecked, a gauge may hold a counter: the original's JSON shows its value, ours the gauge that is not there",
        ("server/unchecked/broken/wrong value", 0),
        answer=None, state=lambda text: '"value":"0"' in text),
    Difference(
        "a request that is cut off ends the connection, and the answer says so", "raw/body cut",
        answer={"status": 400, "body": r"unexpected EOF\n", "Connection": "close"}),
    Difference(
        "a claimed length is held against the limit: the original allocates it, drops the connection or dies",
        "protobuf/broken/length claims *",
        answer={"status": (400, 413), "body": r".+\n"}, state="usable"),
    Difference(
        "braces without a name make 1.11.2 drop the connection; 1.11.3 answers 400",
        *[f"text/{mode}quoted/{line}" for mode in ("", "utf8/")
          for line in ("{}", "{}\\n", "{} 1\\n", "{}1\\n", "{ } 1\\n", '{a="b",} 1\\n')],
        answer={"status": 400, "body": r"text format parsing error in line 1: .*invalid metric name.*\n"}, state="empty"),
    Difference(
        "a group that is the same series as another makes the original refuse all later pushes: no group comes to be",
        "grouping/empty instance is the same series/*",
        answer={"status": 400, "body": PUSH_REFUSED}, state="usable"),
    Difference(
        "a grouping value that is not UTF-8 makes the original refuse all later pushes: no group comes to be",
        "grouping/not utf-8/job", "grouping/not utf-8/value", "grouping/not utf-8/base64 *", "grouping/not utf-8/empty push", "grouping/raw bytes in the path",
        answer={"status": 400, "body": r".+\n"}, state="empty"),
    Difference(
        "the original lets a push set the group's failure time, except the first push",
        "sequence/pushed failure time later/*",
        answer={"status": 200, "body": ""}, state=lambda text: '"value":"never"' in text and '"last_push_successful":true' in text),
    Difference(
        "a gauge histogram and another type under one name: the original refuses or takes it by chance, and then fails scrapes by chance",
        *[(f"consistency/type/{one} then {two}", 1)
          for kind in ("counter", "gauge", "untyped", "summary", "histogram")
          for one, two in ((kind, "gaugehistogram"), ("gaugehistogram", kind))],
        "native/gauge histogram is another type",
        answer={"status": 400, "body": PUSH_REFUSED}, state="usable"),
    Difference(
        "301 makes clients drop the body of a push: 307, as builds with Go 1.26 answer",
        ("redirect/clean/*", ALL), ("server/*///metrics", ALL), ("server/*/prefix spelled otherwise", 2),
        answer=_redirect_307),
    Difference(
        "the unit of a family is kept for the next reader; the original drops it",
        "protobuf/lost/unit", answer=None, state="usable"),
    Difference(
        "prototext is a form for debugging in Go: the text format is answered",
        "accept/prototext/*",
        answer={"status": 200, "Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"}),
    Difference(
        "added: the block format of snappy is told apart from the framed one",
        "encoding/added/snappy block", answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "added: deflate and zstd are undone", "encoding/added/deflate", "encoding/added/zstd",
        answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "added: zstd for scrapes that take nothing else", "accept-encoding/zstd",
        answer={"status": 200, "Content-Encoding": "zstd"}),
    Difference(
        "added: ?name[]= keeps the named families only", "query/name[] picks families",
        answer={"status": 200}),
    Difference(
        "there is no Go runtime here, so its metrics may be pushed as any type", "consistency/go/*",
        answer={"status": 200, "body": ""}, state="usable"),
    Difference(
        "a length and a chunked body together are how requests are smuggled past a proxy", "raw/TE and length",
        answer={"status": 400, "Connection": "close"}, state="usable"),
]
