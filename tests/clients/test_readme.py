"""The README's examples work as printed, in their order, and its tables name what there is."""

import pathlib
import re

import pytest
from harness import gateway_binary

from client_support import run
from sandbox import Sandbox

README = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
# Those about TLS are played in tests/web_config.
PLAIN = re.sub(r"\n## TLS and passwords\n.*?(?=\n## )", "", README, flags=re.DOTALL)
EXAMPLES = re.findall(r"```bash\n(.*?)```", PLAIN, re.DOTALL)


@pytest.fixture(scope="module")
def readme_gateway(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox, sandbox.gateway() as running:
        yield sandbox, running


def play(readme_gateway, number):
    sandbox, gateway = readme_gateway
    done = sandbox.bash("set -e -o pipefail\n" + EXAMPLES[number])
    assert done.returncode == 0, done.stderr
    return done.stdout, gateway.get("/metrics").body.decode()


def test_push_and_look(readme_gateway):
    shown, _ = play(readme_gateway, 0)
    assert shown == '# TYPE some_metric untyped\nsome_metric{instance="",job="some_job"} 3.14\n'


def test_push_with_types(readme_gateway):
    answered, exposition = play(readme_gateway, 1)
    assert answered == ""
    assert 'backup_size_bytes{database="users",instance="db1",job="backup"} 1.073741824e+09\n' in exposition
    assert "# HELP backup_duration_seconds How long the last backup took.\n" in exposition


def test_delete(readme_gateway):
    answered, exposition = play(readme_gateway, 2)
    assert answered == ""
    assert "backup_" not in exposition
    assert "some_metric" in exposition


def test_every_example_is_played():
    assert len(EXAMPLES) == 3


def test_flags_are_those_of_help():
    """Each flag has a row with its default, and each row a flag."""
    help_text = run([gateway_binary(), "--help"]).stdout.decode()
    of_help = set(re.findall(r"^\s+--(?:\[no-\])?([a-z0-9.-]+)", help_text, re.MULTILINE))
    of_readme = set(re.findall(r"^\| `--([a-z0-9.-]+)`", README, re.MULTILINE))
    not_in_readme = {"help", "help-long", "help-man", "version"}
    assert of_help - not_in_readme == of_readme
