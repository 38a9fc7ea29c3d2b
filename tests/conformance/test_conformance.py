"""Every scenario of cases/, on both servers."""

import pytest

import differences
import scenario

SCENARIOS = scenario.load_all()


@pytest.mark.parametrize("case", SCENARIOS, ids=[s.name for s in SCENARIOS])
def test_scenario(case, pairs, same_program):
    meant = differences.find(case)
    if meant and same_program:
        pytest.skip("a meant difference, and the original is compared with itself")
    pairs(case.server).run(case, meant)


def test_every_difference_names_scenarios():
    for difference in differences.DIFFERENCES:
        for pattern, step in difference.where:
            alone = differences.Difference(difference.reason, (pattern, step))
            assert any(alone.step_of(case) is not None for case in SCENARIOS), \
                f"no scenario is called {pattern!r}"
