"""Adds up what the test runners wrote as JUnit XML: a line for each file, and the sum at the end.

    python3 tests/harness/summary.py build/results/*.xml

A test that was skipped or not run counts as failed, and so does a file without tests.
"""

import pathlib
import sys
import xml.etree.ElementTree


def passed(case):
    return case.get("status") in (None, "run") and not any(
        case.find(tag) is not None for tag in ("failure", "error", "skipped")
    )


def count(path):
    """(passed, failed) of one file."""
    if not path.exists():
        return 0, 1
    results = [passed(case) for case in xml.etree.ElementTree.parse(path).iter("testcase")]
    return sum(results), len(results) - sum(results) if results else 1


def main(paths):
    sums = {path.stem: count(path) for path in map(pathlib.Path, paths)}
    for name, (good, bad) in sums.items():
        print(f"{name}: {good} passed, {bad} failed")
    good = sum(one for one, _ in sums.values())
    bad = sum(one for _, one in sums.values())
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
