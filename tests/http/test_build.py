"""The build under test is the one that the run says it tests."""

import os
import re
import subprocess

from harness import gateway_binary


def test_the_sanitizers_are_those_of_the_run():
    """./dev gives PUSHGATEWAY_SANITIZERS: a run under sanitizers that has none would be green for nothing."""
    shown = subprocess.run([gateway_binary(), "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    found = re.search(r"^\s*sanitizers:\s*(\S+)$", shown, re.MULTILINE)
    assert (found[1] if found else "none") == os.environ.get("PUSHGATEWAY_SANITIZERS", "none"), shown
