"""The two servers side by side: sends a scenario to both and compares what they answer."""

import difflib
import gzip
import http.client
import json
import os
import pprint
import time

from harness import Gateway, http1

import differences
import normalise
from scenario import PROTOBUF, SERVERS, Raw

COMPARED_HEADERS = (
    "Content-Type", "Allow", "X-Content-Type-Options", "Location", "Content-Encoding",
    "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Cache-Control",
    "WWW-Authenticate",
)

# Where the original's answer hangs on Go's map order it is asked again, this often. One order
# of a small map is seen once in eight times only, one of two maps once in 64.
CHANCES = 500
STATE_CHANCES = 80
SETTLE_WITHIN = 3.0
RAW_TIMEOUT = 3.0

ALLOW_UTF8_TEXT = "text/plain;version=0.0.4;escaping=allow-utf-8"
ALLOW_UTF8_PROTO = PROTOBUF + ";escaping=allow-utf-8"


def _page_files(binary):
    """Debian's build of the original wants to be told where the files of its page are."""
    folder = os.path.join(os.path.dirname(os.path.dirname(binary)), "share/prometheus/pushgateway")
    return [f"--web.local-assets={folder}"] if os.path.isdir(folder) else []


class Side:
    """One server, and the clock of the scenario it is in."""

    def __init__(self, binary, server):
        self.server = server
        self.gateway = Gateway(binary, *server.flags, *_page_files(binary), prefix=server.prefix, env={"TZ": "UTC"}).start()
        self.clock = normalise.Clock()
        self.dirty = False
        self._state_connection = None

    def stop(self):
        self._close_state_connection()
        self.gateway.stop()

    def _close_state_connection(self):
        if self._state_connection:
            self._state_connection.close()
            self._state_connection = None

    def begin_scenario(self):
        if self.has_died():
            self._close_state_connection()
            self.gateway.start()
        elif self.dirty:
            self._empty()
        self.clock = normalise.Clock()
        self.dirty = True

    def has_died(self):
        return self.gateway.process.poll() is not None

    def _empty(self):
        if self.server.admin:
            self._request("PUT", self.server.prefix + "/api/v1/admin/wipe")
        else:
            for group in self._groups():
                path = "".join(f"/{k}/{v}" for k, v in group["labels"].items() if k != "job")
                self._request("DELETE", f"/metrics/job/{group['labels']['job']}{path}")
        deadline = time.monotonic() + SETTLE_WITHIN
        while not self._is_empty():
            assert time.monotonic() < deadline, "the store does not get empty"

    def _is_empty(self):
        """Also answers for an original that drops the connection over what it still holds."""
        try:
            return not self._groups()
        except (OSError, http1.Incomplete):
            return False

    def _request(self, method, path, body=b"", headers=()):
        return http1.request(self.gateway.host, self.gateway.port, method, path, body, headers)

    def _groups(self):
        return json.loads(self._request("GET", self.server.prefix + "/api/v1/metrics").text)["data"]

    def do(self, step, again=False):
        """Sends a step; its normalised answer."""
        if not again:
            self.clock.begin(time.time())
        try:
            return self._raw(step) if isinstance(step, Raw) else self._single(step)
        finally:
            self.clock.end(time.time())

    def _single(self, step):
        try:
            reply = self._request(step.method, step.path, step.body, step.headers)
        except (OSError, http1.Incomplete, ValueError) as failure:
            return {"no reply": type(failure).__name__}
        return self._answer(step.method, reply)

    def _raw(self, step):
        answers = []
        with http1.Connection(self.gateway.host, self.gateway.port, RAW_TIMEOUT) as conn:
            try:
                conn.send(step.data)
                if step.half_close:
                    conn.shutdown_write()
                for method in step.replies:
                    reply = conn.read_response(method)
                    while reply.status < 200:
                        answers.append({"status": reply.status})
                        reply = conn.read_response(method)
                    answer = self._answer(method, reply)
                    answer["line"] = f"{reply.version} {reply.status} {reply.reason}"
                    answer["Connection"] = (reply.header("Connection") or "").lower()
                    answers.append(answer)
                if step.probe:
                    answers.append(self._probe(conn))
            except (OSError, http1.Incomplete, ValueError) as failure:
                answers.append({"no reply": type(failure).__name__})
        return {"raw": answers}

    def _probe(self, conn):
        """Whether a further request on the connection is answered."""
        try:
            conn.send(b"GET %s/-/healthy HTTP/1.1\r\nHost: x\r\n\r\n" % self.server.prefix.encode())
            return "open" if conn.read_response().text == "OK" else "open, but out of step"
        except (OSError, http1.Incomplete, ValueError):
            return "closed"

    def _answer(self, method, reply):
        answer = {"status": reply.status}
        answer.update({h: reply.header(h) for h in COMPARED_HEADERS if reply.header(h) is not None})
        if reply.header("Date") is not None:
            answer["Date"] = "present"
        body = reply.body
        if reply.header("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer["body"] = self._body(reply, body)
        if method == "HEAD":
            answer["Content-Length"] = reply.header("Content-Length")
        elif reply.header("Content-Length") is not None and not _may_be_streamed(reply):
            answer["Content-Length"] = "present"
        return answer

    def _body(self, reply, body, ordered=False, helps={}):
        kind = reply.header("Content-Type") or ""
        text = body.decode("utf-8", "surrogateescape")
        if reply.status == 200 and kind.startswith("text/plain; version=0.0.4"):
            return normalise.text_families(text, self.clock, ordered, helps)
        if reply.status == 200 and "encoding=delimited" in kind:
            return normalise.proto_families(body, self.clock, ordered, helps)
        if reply.status == 200 and kind.startswith("text/html"):
            return "a page"
        if kind == "application/json":
            return normalise.json_body(text, self.clock)
        return normalise.message(text, self.clock)

    def state(self):
        """All the server would tell about its metrics, normalised."""
        groups = self._read("/api/v1/metrics")
        known = groups["body"][1] if isinstance(groups.get("body"), tuple) else None
        ordered = known is not None and len(known) <= 1
        helps = normalise.disputed_helps(known or [])
        return {
            "json": groups,
            "text": self._read(self.server.telemetry, ALLOW_UTF8_TEXT, ordered, helps),
            "protobuf": self._read(self.server.telemetry, ALLOW_UTF8_PROTO, ordered, helps),
        }

    def _read(self, path, accept="*/*", ordered=False, helps={}):
        if self._state_connection is None:
            self._state_connection = http.client.HTTPConnection(
                self.gateway.host, self.gateway.port, timeout=10)
        try:
            self._state_connection.request("GET", self.server.prefix + path, headers={"Accept": accept})
            got = self._state_connection.getresponse()
            reply = http1.Response(got.status, got.reason, "", got.getheaders(), got.read())
        except (OSError, http.client.HTTPException) as failure:
            self._state_connection.close()
            return {"no reply": type(failure).__name__}
        return {"status": reply.status, "Content-Type": reply.header("Content-Type"),
                "body": self._body(reply, reply.body, ordered, helps)}


class Pair:
    """Our server and the original, started with the same flags."""

    def __init__(self, ours, oracle, server_name):
        self.ours = Side(ours, SERVERS[server_name])
        try:
            self.oracle = Side(oracle, SERVERS[server_name])
        except BaseException:
            self.ours.stop()
            raise

    def stop(self):
        try:
            self.ours.stop()
        finally:
            self.oracle.stop()

    def run(self, scenario, differences=None):
        """Runs a scenario; raises AssertionError at the first step that is not as it ought to be.

        `differences` maps the index of a step to the Difference meant there.
        """
        self.ours.begin_scenario()
        self.oracle.begin_scenario()
        try:
            self._run_steps(scenario, differences or {})
        finally:
            assert not self.ours.has_died(), \
                f"our server died in {scenario.name}:\n{self.ours.gateway.stderr()[-4000:]}"

    def _run_steps(self, scenario, differences):
        for index, step in enumerate(scenario.steps):
            where = f"{scenario.name}, step {index}: {step!r}"
            difference = differences.get(index)
            self._compare_answers(step, difference, where)
            if not scenario.state:
                continue
            if difference and difference.state != "same":
                difference.check_state(self.ours.state(), where)
                return
            self._compare_states(step, where)

    def _compare_answers(self, step, difference, where):
        ours = self.ours.do(step)
        oracle = self.oracle.do(step)
        if difference and difference.answer is not None:
            difference.check_answer(ours, oracle, where)
            return
        for _ in range(CHANCES):
            if _equal(ours, oracle) or not _depends_on_map_order(oracle):
                break
            oracle = self.oracle.do(step, again=True)
        assert _equal(ours, oracle), _explain(where, "answers", ours, oracle)

    def _compare_states(self, step, where):
        deadline = time.monotonic() + (SETTLE_WITHIN if step.settles else 0)
        ours, oracle = self.ours.state(), self.oracle.state()
        tries = 0
        while ours != oracle and (tries < STATE_CHANCES or time.monotonic() < deadline):
            again, theirs = self.ours.state(), self.oracle.state()
            # What was equal once stays settled: each part may hang on chance by itself.
            for part in ours:
                if step.settles or ours[part] != oracle[part]:
                    ours[part], oracle[part] = again[part], theirs[part]
            tries += 1
        assert ours == oracle, _explain(where, "states", ours, oracle)


def _may_be_streamed(reply):
    """Bodies that a server may send in chunks of unknown number as well as whole."""
    return reply.status == 200 and len(reply.body) > 2


def _equal(ours, oracle):
    """Equality, but for a Date or a length that only ours gives: HTTP allows them always."""
    if "raw" in oracle and len(ours.get("raw", ())) == len(oracle["raw"]):
        return all(_equal(o, t) if isinstance(o, dict) and isinstance(t, dict) else o == t
                   for o, t in zip(ours["raw"], oracle["raw"]))
    ours = {k: v for k, v in ours.items() if k in oracle or k not in ("Date", "Content-Length")}
    if ours.get("status") == 400 and ours.get("body") != oracle.get("body"):
        ours["body"] = differences.unrefined(ours["body"])
    return ours == oracle


def _depends_on_map_order(answer):
    body = answer.get("body")
    if not isinstance(body, str):
        return isinstance(body, list)
    return body.startswith(("pushed metrics are invalid", "An error has occurred"))


def _explain(where, what, ours, oracle):
    lines = difflib.unified_diff(
        pprint.pformat(oracle, width=160).split("\n"), pprint.pformat(ours, width=160).split("\n"),
        "original", "ours", lineterm="", n=2)
    return f"{where}\n{what} differ:\n" + "\n".join(lines)
