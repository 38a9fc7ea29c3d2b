"""Methods times paths: which are routes, what the others answer, and redirects."""

from scenario import Request, Scenario

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO", "CONNECT", "get")

PATHS = """/ /metrics /metrics?name[]=m /metrics/job/a /metrics/job/a/b /metrics/job/a/b/c /metrics/job@base64/YQ /metrics/job /metrics/job/ /metrics/job@base64/ /metrics/jobs/a
    /-/healthy /-/ready /-/quit /-/ /- /-/healthy/x /-/nope /status /status/x /static/nope /api /api/ /api/v1/status /api/v1/metrics /api/v1/admin/wipe /api/v1/admin /api/v1/ /api/v1/x /api/v1/x/y
    /api/v2/status /apiv1 /nope /metricsx /metrics/x /favicon.ico /index.html /metrics%2fjob%2fa /%6detrics /-%2Fready /api%2Fv1%2Fstatus /api/v1%2Fstatus /metrics;x /metrics?x=%zz /-/ready? /-/ready?x""".split()

# Cleaned by the original's first router, whatever the method.
UNCLEAN = """// //metrics /./metrics /x/../metrics /metrics/. /metrics/.. /metrics/../metrics /../metrics /../../metrics /metrics/./job/a /metrics/job/a/../b /metrics/job//a/b /metrics/job/a//b /metrics/job/a/x//y/1 /metrics/job/a/x//
    /metrics//job/a /metrics/job/%2Fa /metrics/job/a%2F%2Fb /metrics/job/. /metrics/job/.. /metrics/job/a/x/.. /metrics/job/a/x/. /metrics/job/a/x/%2e%2e /%2e/metrics /%2e%2e/metrics /api/v1//status /api//v1/status //api/v1/status /api/v1/./status /api/v1/../metrics /api/v1/x/../status
    //-/ready /-//ready /static//x /static/../metrics //metrics?a=b&c=d //x%20y //x%3Fy /api/v1 /api/v1?x=y ///a//b/ /metrics/job/a%2F..%2Fb //é /a/./ /metrics// /static/../nope2x""".split()

# Mended by the second router where that makes a route for the method: slash and case.
NEAR = """/metrics/ /status/ /static /-/quit/ /-/healthy/ /-/ready/ /Metrics /METRICS /STATUS /-/READY /Static/x /Status/ /metrics/Job/a /metrics/JOB/a/b/c /metrics/job@BASE64/YQ /api/v1/status/ /api/v1/STATUS /api/v1/metrics/ /api/v1/admin/wipe/ /api/v1/Admin/wipe /API/v1/status /Api/v1/x
    /metrics/?a=b /Metrics?a=b /metrics/?a=b//c""".split()


def _each(area, paths, methods=METHODS):
    return [Scenario(f"{area}/{path}", *[Request(method, path, settles=method in ("PUT", "DELETE")) for method in methods], state=False)
            for path in paths]


def scenarios():
    found = _each("route", PATHS) + _each("redirect/near", NEAR)
    found += _each("redirect/clean", UNCLEAN, [m for m in METHODS if m != "CONNECT"])
    found += [
        Scenario("route/plain/wipe is not there", *[Request(method, "/api/v1/admin/wipe") for method in METHODS], server="plain", state=False),
        Scenario("route/quit is refused with a body", Request("PUT", "/-/quit", "some body"), Request("POST", "/-/quit", "x" * 70000), state=False),
        Scenario("redirect/clean/push is not taken", Request("PUT", "/metrics//job/a", "m 1\n"), Request("POST", "//metrics/job/a", "m 1\n")),
        Scenario("redirect/near/push is not taken", Request("PUT", "/metrics/Job/a", "m 1\n")),
    ]
    return found
