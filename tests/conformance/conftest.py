import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness import StartFailed, gateway_binary, oracle_binary  # noqa: E402
from pair import Pair  # noqa: E402


@pytest.fixture(scope="session")
def pairs():
    """Gives the pair of servers for a name of SERVERS, started when first asked for."""
    if oracle_binary() is None:
        pytest.exit("PUSHGATEWAY_ORACLE is not set: tests/harness/fetch-original gets the original", returncode=1)
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
