"""Where we answer otherwise than the original, on purpose: each with its reason.

A difference names the step of a scenario it applies to and says what OUR answer has to
be: a pattern, not a licence. Whatever is not listed here has to be equal.
"""

import re


class Difference:
    """`answer` holds what our answer must have: a field's value, or for "body" a pattern.

    None: the answers are equal, only the states differ. `state` says how it goes on:
    "same" compares as always; "usable" ends the scenario and asks only that our server
    still answers; "empty" that it holds nothing.
    """

    def __init__(self, reason, *steps, answer=None, state="same"):
        self.reason = reason
        self.steps = [step if isinstance(step, tuple) else (step, 0) for step in steps]
        self.answer = answer
        self.state = state

    def check_answer(self, ours, where):
        for field, want in self.answer.items():
            got = ours.get(field)
            if field == "body" and want is not None:
                ok = isinstance(got, str) and re.fullmatch(want, got, re.DOTALL)
            else:
                ok = got == want
            assert ok, f"{where}\nmeant difference ({self.reason}):\n{field} should be {want!r}, is\n{ours}"

    def check_state(self, ours, where):
        for kind, answer in ours.items():
            assert answer.get("status") == 200, \
                f"{where}\nafter a meant difference ({self.reason}) {kind} fails: {answer}"
        if self.state == "empty":
            assert ours["json"]["body"][1] == [], \
                f"{where}\nafter a meant difference ({self.reason}) something is stored: {ours['json']}"


def find(scenario_name):
    """{step index: Difference} of a scenario."""
    return {index: difference for difference in DIFFERENCES
            for name, index in difference.steps if name == scenario_name}


def all_named():
    return {name for difference in DIFFERENCES for name, _ in difference.steps}


DIFFERENCES = []
