"""Every scenario of cases/, on both servers."""

import pytest

import differences
import scenario

SCENARIOS = scenario.load_all()


@pytest.mark.parametrize("case", SCENARIOS, ids=[s.name for s in SCENARIOS])
def test_scenario(case, pairs, same_program):
    meant = differences.find(case.name)
    if meant and same_program:
        pytest.skip("a meant difference, and the original is compared with itself")
    pairs(case.server).run(case, meant)


def test_every_difference_names_a_scenario():
    steps = {case.name: len(case.steps) for case in SCENARIOS}
    for difference in differences.DIFFERENCES:
        assert difference.reason
        for name, index in difference.steps:
            assert index < steps.get(name, 0), f"no step {index} of a scenario {name!r}"
