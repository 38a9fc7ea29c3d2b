import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness import StartFailed, gateway_binary, oracle_binary  # noqa: E402
from pair import Pair  # noqa: E402


def pytest_collection_modifyitems(items):
    """Without the original there is nothing to compare with: skip, and say how to get it."""
    if oracle_binary() is None:
        skip = pytest.mark.skip(reason="PUSHGATEWAY_ORACLE is not set (tests/harness/fetch-original)")
        for item in items:
            if "pairs" in getattr(item, "fixturenames", ()):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def pairs():
    """Gives the pair of servers for a name of SERVERS, started when first asked for."""
    for binary in (gateway_binary(), oracle_binary()):
        if not os.access(binary, os.X_OK):
            pytest.exit(f"{binary} is no program to run", returncode=1)
    started, failed = {}, {}

    def pair_for(name):
        if name in failed:
            pytest.fail(f"the servers for {name!r} did not start: {failed[name]}")
        if name not in started:
            try:
                started[name] = Pair(gateway_binary(), oracle_binary(), name)
            except StartFailed as failure:
                failed[name] = failure
                raise
        return started[name]

    yield pair_for
    for pair in started.values():
        pair.stop()


@pytest.fixture(scope="session")
def same_program():
    """Whether the original is compared with itself, to prove the suite."""
    return oracle_binary() is not None and os.path.realpath(gateway_binary()) == os.path.realpath(oracle_binary())
