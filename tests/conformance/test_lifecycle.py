"""Stopping by request: the answer, and that the process ends well."""

import pytest

from harness import Gateway, gateway_binary, http1, oracle_binary

FLAGS = [((), ""), (("--web.route-prefix=/pg",), "/pg")]


def _quit(binary, flags, prefix, method):
    """(what the requests answer, exit code)"""
    gateway = Gateway(binary, "--web.enable-lifecycle", *flags, prefix=prefix)
    with gateway:
        answers = []
        for verb, path in (("GET", prefix + "/-/quit"), ("GET", "/-/quit"), ("DELETE", prefix + "/-/quit"), (method, prefix + "/-/quit")):
            reply = http1.request(gateway.host, gateway.port, verb, path)
            answers.append((verb, path, reply.status, reply.header("Allow"), reply.header("Content-Type"), reply.header("X-Content-Type-Options"), reply.body))
        return answers, gateway.process.wait(10)


def _quit_of_original(flags, prefix, method):
    """The original may exit before its answer is out: then it is started again."""
    for _ in range(20):
        try:
            return _quit(oracle_binary(), flags, prefix, method)
        except (http1.Incomplete, OSError):
            continue
    raise AssertionError("the original never answers")


@pytest.mark.parametrize("flags,prefix", FLAGS)
@pytest.mark.parametrize("method", ("PUT", "POST"))
def test_quit(pairs, same_program, method, flags, prefix):
    ours = _quit_of_original(flags, prefix, method) if same_program else _quit(gateway_binary(), flags, prefix, method)
    assert ours == _quit_of_original(flags, prefix, method)
    assert ours[1] == 0


def test_quit_that_is_not_enabled_does_not_stop(pairs):
    pair = pairs("default")
    for side in (pair.ours, pair.oracle):
        assert side.gateway.put("/-/quit").status == 403
        assert not side.has_died()
