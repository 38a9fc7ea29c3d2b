"""Random pushes, valid and slightly broken, to both servers.

CONFORMANCE_RANDOM says how many scenarios, CONFORMANCE_SEED where their numbers begin. A
failure names the seed in its test id: CONFORMANCE_SEED=<n> CONFORMANCE_RANDOM=1 repeats it.
"""

import os

import pytest

import random_pushes

COUNT = int(os.environ.get("CONFORMANCE_RANDOM", "300"))
FIRST = int(os.environ.get("CONFORMANCE_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_random(seed, pairs):
    scenario = random_pushes.scenario(seed)
    try:
        pairs(scenario.server).run(scenario)
    except AssertionError as failure:
        steps = "\n".join(repr(step) for step in scenario.steps)
        raise AssertionError(f"seed {seed}; the pushes:\n{steps}\n{failure}") from None
