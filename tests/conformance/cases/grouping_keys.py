"""Grouping keys: how a path becomes labels, and what is no grouping key."""

from harness.build_families import family, metric
from harness.metrics_proto import GAUGE
from scenario import Request, Scenario, delete, post, put, put_proto

PATHS = """
/metrics/job/a /metrics/job/a/ /metrics/job/a/b /metrics/job/a/b/ /metrics/job/a/b/c /metrics/job/a/b/c/ /metrics/job/a/b/c/d /metrics/job/a/b/c/d/e /metrics/job/a/b/1/c/2/d/3
/metrics/job/a/b/1/b/2 /metrics/job/a/job/b /metrics/job/a/job/b/job/c /metrics/job/a/c/2/b/1 /metrics/job/a/instance/i /metrics/job/a/instance/ /metrics/job/a/instance@base64/=
/metrics/job/a+b/x/1%2B2+3 /metrics/job/a%20b/x/c%20d /metrics/job/%20 /metrics/job/a%2Fb /metrics/job/a%2Fb%2Fc /metrics/job/a%2fb%2f /metrics%2Fjob/a /metrics/job/a/x/y%2Fz
/metrics/job/a%3Fx/ /metrics/job/a%23b /metrics/job/a%25b /metrics/job/a%252Fb /metrics/job/a?x=y /metrics/job/a? /metrics/job/a;b /metrics/job/a,b /metrics/job/a=b /metrics/job/a&b /metrics/job/a:b /metrics/job/a@b
/metrics/job/a*b /metrics/job/:job /metrics/job/*labels /metrics/job/{a} /metrics/job/"a" /metrics/job/<a> /metrics/job/a|b /metrics/job/a^b /metrics/job/a`b /metrics/job/a\\b /metrics/job/~ /metrics/job/%7E
/metrics/job/a%zz /metrics/job/a% /metrics/job/a%2 /metrics/job/a%00b /metrics/job/a%0Ab /metrics/job/a%0D%0Ab /metrics/job/a%09b /metrics/job/a%7Fb /metrics/job/ü/x/%F0%9F%98%80 /metrics/job/%C3%BC /metrics/job/é%2Fx/1 /metrics/job/a%E2%80%A8
/metrics/job/... /metrics/job/a.b /metrics/job/.a /metrics/job/a. /metrics/job/..a /metrics/job/a/x/... /metrics/job/metrics/job/b /metrics/job/job/job/job
/metrics/job/a/__x/1 /metrics/job/a/__name__/1 /metrics/job/a/_x/1 /metrics/job/a/__/1 /metrics/job/a/_/1 /metrics/job/a/1x/1 /metrics/job/a/x-y/1 /metrics/job/a/x.y/1 /metrics/job/a/x:y/1 /metrics/job/a/:x/1 /metrics/job/a/é/1 /metrics/job/a/%ff/1 /metrics/job/a/x%00/1
/metrics/job/a/b%20c/1 /metrics/job/a/%22b%22/1 /metrics/job/a/%20/1 /metrics/job/a/x%0A/1 /metrics/job/a/b%5Cc/1 /metrics/job/a/%E2%80%A8/1 /metrics/job/a/%F0%9F%98%80/1 /metrics/job/a/%7F/1 /metrics/job/a/%C2%A0/1 /metrics/job/a/U__x_2e_y/1 /metrics/job/a/le/1 /metrics/job/a/quantile/0.5 /metrics/job/a/le/x
/metrics/job@base64/YQ /metrics/job@base64/YQ= /metrics/job@base64/YQ== /metrics/job@base64/YQ=== /metrics/job@base64/YQ/ /metrics/job@base64/YQ/x/1 /metrics/job@base64/= /metrics/job@base64/== /metrics/job@base64/=/x/1 /metrics/job@base64/=/__x/1 /metrics/job@base64/ /metrics/job@base64
/metrics/job@base64/YQ=Y /metrics/job@base64/=YQ /metrics/job@base64/Y /metrics/job@base64/YW /metrics/job@base64/YWI /metrics/job@base64/YWJj /metrics/job@base64/YWJjZ /metrics/job@base64/YR /metrics/job@base64/YWJ /metrics/job@base64/YW$I /metrics/job@base64/YWJj$ /metrics/job@base64/YWI+ /metrics/job@base64/YWI%2F
/metrics/job@base64/YWJj%ff /metrics/job@base64/YQ%0A /metrics/job@base64/Y%0D%0AQ /metrics/job@base64/Y%20Q /metrics/job@base64/YWJj*YWJj /metrics/job@base64/YWJjYWJj*YWJj /metrics/job@base64/L19h /metrics/job@base64/fn4_ /metrics/job@base64/fn4- /metrics/job@base64/c29tZSBqb2IvMQ== /metrics/job@base64/w7w /metrics/job@base64/YQBi
/metrics/job@base64/8J-YgA /metrics/job@base64/Cg /metrics/job@base64/%59%51 /metrics/job@base64/YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo /metrics/job@base64/IiIi* /metrics/job@base64/gICA*
/metrics/job/a/b@base64/YQ /metrics/job/a/b@base64/YQ== /metrics/job/a/b@base64/= /metrics/job/a/b@base64/ /metrics/job/a/b@base64 /metrics/job/a/b@base64/* /metrics/job/a/b@base64/Y /metrics/job/a/b@base64/YWJj%22 /metrics/job/a/b@base64/YWJj%ff /metrics/job/a/b@base64/L3Zhci90bXA
/metrics/job/a/b@base64/YQ/c@base64/Yg/d/e /metrics/job/a/b@base64/YQ/b/c /metrics/job/a/b/c/b@base64/YQ /metrics/job/a/b@base64@base64/YQ /metrics/job/a/b@BASE64/YQ /metrics/job/a/@base64/YQ /metrics/job/a/__x@base64/YQ /metrics/job/a/b%40base64/YQ /metrics/job%40base64/YQ /metrics/job@BASE64/YQ
/metrics/job@base64/YQ/job@base64/Yg /metrics/job/a/x-y@base64/* /metrics/job@base64/*/x-y/1 /metrics/job/a/x@base64/*/odd /metrics/job/a/instance@base64/aQ
/metrics/job/ /metrics/job /metrics /metrics/ /metrics/jobs/a /metrics/JOB/a /Metrics/job/a /metrics/job/A /metrics/jo%62/a /metrics/job%2Fa/b/c
""".split()

UTF8_PATHS = """
/metrics/job/a/U__x_2e_y/1 /metrics/job/a/U__x__y/1 /metrics/job/a/U__/1 /metrics/job/a/U___/1 /metrics/job/a/U____/1 /metrics/job/a/U____x/1 /metrics/job/a/U__x_/1 /metrics/job/a/U__x_2/1 /metrics/job/a/U__x_2e/1 /metrics/job/a/U__x_zz_y/1 /metrics/job/a/U__x_2E_/1
/metrics/job/a/U__x_110000_/1 /metrics/job/a/U__x_10FFFF_/1 /metrics/job/a/U__x_D800_/1 /metrics/job/a/U__x_DFFF_/1 /metrics/job/a/U__x_1F600_/1 /metrics/job/a/U__x_e9_/1 /metrics/job/a/U__x_0_/1 /metrics/job/a/U__x_00002e_/1 /metrics/job/a/U__x_000002e_/1 /metrics/job/a/U__x_FFFD_/1 /metrics/job/a/U__x_0a_/1
/metrics/job/a/U___5f__x/1 /metrics/job/a/U___5f_x/1 /metrics/job/a/U__x_2e_y@base64/YQ /metrics/job/a/U__x_2e_y/1/x.y/2 /metrics/job/a/x.y/2/U__x_2e_y/1 /metrics/job/a/U__job/b /metrics/job/a/U__x-y/1 /metrics/job/a/U__x.y/1 /metrics/job/a/U__%20/1 /metrics/job/a/U__é/1 /metrics/job/a/u__x_2e_y/1 /metrics/job/a/U_x_2e_y/1
/metrics/job/a/U__x_-1_/1 /metrics/job/a/U__x_+1_/1 /metrics/job/a/U__x_0x2e_/1 /metrics/job/a/U___2e_/1 /metrics/job/a/U__2e/1 /metrics/job/a/U____name____/1 /metrics/job/a/__x/1 /metrics/job/a/x.y/1 /metrics/job/a/é/1 /metrics/job/a/%20/1 /metrics/job/a/%ff/1 /metrics/job/a/%00/1 /metrics/job/a/@base64/YQ
/metrics/job/U__a_2e_b /metrics/job/a/x/U__a_2e_b /metrics/job/a/%22/1 /metrics/job/a/b%5Cc/1 /metrics/job/a/x%0A/1 /metrics/job/a/1x/1 /metrics/job/a/x-y/1 /metrics/job/a/:x/1
""".split()


def scenarios():
    found = [Scenario(f"grouping/{path}", put("m 1\n", path), delete(path)) for path in PATHS]
    found += [Scenario(f"grouping/utf8/{path}", put('{"m.x","l.y"="v"} 1\n', path), delete(path), server="utf8") for path in UTF8_PATHS]
    found += [
        Scenario("grouping/not utf-8/job", put("m 1\n", "/metrics/job/%ff")),
        Scenario("grouping/not utf-8/value", put("m 1\n", "/metrics/job/a/x/%ff")),
        Scenario("grouping/not utf-8/base64 job", put("m 1\n", "/metrics/job@base64/gIA")),
        Scenario("grouping/not utf-8/base64 value", put("m 1\n", "/metrics/job/a/x@base64/_4A")),
        Scenario("grouping/not utf-8/empty push", put("", "/metrics/job/%ff")),
        Scenario("grouping/not utf-8/delete", delete("/metrics/job/%ff")),
        Scenario("grouping/raw bytes in the path", Request("PUT", "/metrics/job/\udcff", "m 1\n")),
        Scenario("grouping/order does not matter", put("m 1\n", "/metrics/job/a/x/1/y/2"), post("n 1\n", "/metrics/job/a/y/2/x/1"), delete("/metrics/job/a/y@base64/Mg/x/1")),
        Scenario("grouping/value spelled otherwise", put("m 1\n", "/metrics/job/a/x/b"), post("n 1\n", "/metrics/job@base64/YQ/x@base64/Yg=="), delete("/metrics/job/%61/x/%62")),
        Scenario("grouping/values hold separators", put("m 1\n", "/metrics/job/a/x@base64/YS9i/y/c"), put("m 2\n", "/metrics/job/a/x@base64/YQ/y@base64/Yi9j")),
        Scenario("grouping/labels win over the body", put('m{job="x",instance="y",a="z",b="w"} 1\n', "/metrics/job/j/instance/i/a/1")),
        Scenario("grouping/empty values are labels", put('m{a="x"} 1\n', "/metrics/job/j/a@base64/=/b/")),
        Scenario("grouping/labels of protobuf are overridden too", put_proto(family("m", GAUGE, metric([("job", "x"), ("a", "y")], gauge={"value": 1})), path="/metrics/job/j/a/1")),
        Scenario("grouping/two spellings of a group do not collide", put("m 1\n", "/metrics/job/a"), put("m 2\n", "/metrics/job/a/")),
        Scenario("grouping/job next to job with instance", put("m 1\n", "/metrics/job/a"), put("m 2\n", "/metrics/job/a/instance/i")),
        Scenario("grouping/many labels", put("m 1\n", "/metrics/job/a" + "".join(f"/l{n}/{n}" for n in range(60)))),
        Scenario("grouping/long value", put("m 1\n", "/metrics/job/" + "x" * 3000)),
        Scenario("grouping/pushes of a bad path are not read", put("not a metric", "/metrics/job/a/b")),
        Scenario("grouping/empty instance is the same series/metrics", put("m 1\n", "/metrics/job/a"), put("m 2\n", "/metrics/job/a/instance/")),
        Scenario("grouping/empty instance is the same series/other way", put("m 1\n", "/metrics/job/a/instance@base64/="), put("n 2\n", "/metrics/job/a")),
        Scenario("grouping/empty instance is the same series/empty push", put("m 1\n", "/metrics/job/a"), put("", "/metrics/job/a/instance/")),
        Scenario("grouping/name of the summary's quantile", put("# TYPE s summary\ns_sum 1\n", "/metrics/job/a/quantile/1"), put("# TYPE h histogram\nh_sum 1\n", "/metrics/job/a/le/1")),
    ]
    return found
