"""What a scenario is: named steps sent alike to both servers.

The files of cases/ hold them as tables; each has a function `scenarios()` giving a list.
"""

import importlib
import pkgutil

from harness.metrics_proto import delimited

PROTOBUF = ("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
            "encoding=delimited")
JOB = "/metrics/job/t"


class Request:
    """One request on a connection of its own, parsed reply compared.

    `path` may hold bytes that are no valid URL; `settles` marks what the original does
    after it has answered, so that its state is awaited rather than read at once.
    """

    def __init__(self, method, path, body=b"", headers=(), settles=False):
        self.method = method
        self.path = path
        self.body = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
        self.headers = list(headers.items()) if isinstance(headers, dict) else list(headers)
        self.settles = settles

    def __repr__(self):
        return f"{self.method} {self.path} {dict(self.headers) or ''} {self.body[:2000]!r}"


class Raw:
    """Exact bytes on a fresh connection.

    `replies` are the methods of the requests whose replies are read, in order. Afterwards
    a probe finds out whether the server keeps the connection, unless `half_close` ended
    our side of it or `probe` is off.
    """

    settles = False

    def __init__(self, data, replies=("GET",), half_close=False, probe=True):
        self.data = data.encode() if isinstance(data, str) else data
        self.replies = replies
        self.half_close = half_close
        self.probe = probe and not half_close

    def __repr__(self):
        return f"raw {self.data[:2000]!r}"


class Server:
    """A set of flags, and where the routes are under them."""

    def __init__(self, *flags, prefix="", telemetry="/metrics"):
        self.flags = flags
        self.prefix = prefix
        self.telemetry = telemetry
        self.admin = ADMIN in flags


ADMIN = "--web.enable-admin-api"

# One pair of processes is started for each of these that a selected scenario names.
SERVERS = {
    "default": Server(ADMIN),
    "plain": Server(),
    "utf8": Server(ADMIN, "--push.enable-utf8-names"),
    "unchecked": Server(ADMIN, "--push.disable-consistency-check"),
    "route-prefix": Server(ADMIN, "--web.route-prefix=/pg", prefix="/pg"),
    "bare-prefix": Server(ADMIN, "--web.route-prefix=a/b/", prefix="/a/b"),
    "encoded-prefix": Server(ADMIN, "--web.route-prefix=/x y/ü", prefix="/x%20y/%C3%BC"),
    "root-prefix": Server(ADMIN, "--web.route-prefix=/", "--web.external-url=http://proxy/x"),
    "external-url": Server(ADMIN, "--web.external-url=http://proxy.example/some/path/",
                           prefix="/some/path"),
    "both-prefixes": Server(ADMIN, "--web.external-url=http://proxy/x/", "--web.route-prefix=/y",
                            prefix="/y"),
    "telemetry": Server(ADMIN, "--web.telemetry-path=/tele/scrape", telemetry="/tele/scrape"),
    "telemetry-not-clean": Server(ADMIN, "--web.telemetry-path=/a/./b/..//tele", telemetry="/a/tele"),
    "telemetry-prefix": Server(ADMIN, "--web.telemetry-path=tele", "--web.route-prefix=/pg",
                               prefix="/pg", telemetry="/tele"),
}


class Scenario:
    """Named steps for one server of SERVERS. Without `state` only the replies are compared."""

    def __init__(self, name, *steps, server="default", state=True):
        self.name = name
        self.steps = steps
        self.server = server
        self.state = state


def put(body="", path=JOB, **kw):
    return Request("PUT", path, body, **kw)


def post(body="", path=JOB, **kw):
    return Request("POST", path, body, **kw)


def delete(path=JOB, **kw):
    return Request("DELETE", path, settles=True, **kw)


def get(path="/metrics", accept=None, **kw):
    return Request("GET", path, headers={"Accept": accept} if accept is not None else {}, **kw)


def put_proto(*families, path=JOB, method="PUT", content_type=PROTOBUF, **kw):
    """A push of families, or of serialised ones, as delimited protobuf."""
    return Request(method, path, delimited(*families), {"Content-Type": content_type}, **kw)


def put_bytes(body, path=JOB, content_type=PROTOBUF, **kw):
    """A push of exact bytes labelled as protobuf."""
    return Request("PUT", path, body, {"Content-Type": content_type}, **kw)


def short(data, limit=70):
    """Bytes or text as an ASCII name for a scenario."""
    if isinstance(data, bytes):
        data = data.decode("latin-1")
    name = data.encode("unicode_escape").decode()
    return name if len(name) <= limit else name[:limit] + f"...{len(name)}"


def push_each(area, bodies, **kw):
    """A scenario for each text body: one push of it."""
    return [Scenario(f"{area}/{short(body)}", put(body), **kw) for body in bodies]


def load_all():
    """Every scenario of cases/, names checked to be unique."""
    import cases
    found = {}
    for info in pkgutil.iter_modules(cases.__path__):
        for scenario in importlib.import_module(f"cases.{info.name}").scenarios():
            if scenario.name in found:
                raise ValueError(f"two scenarios are called {scenario.name!r}")
            found[scenario.name] = scenario
    return list(found.values())
