import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
# The clients' helpers serve here too; modules of the same names are not among those used.
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "clients")]

from harness import Gateway, gateway_binary  # noqa: E402
from harness.certificates import Authority  # noqa: E402


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Has issued a certificate to "server"."""
    made = Authority(tmp_path_factory.mktemp("ca"))
    made.issue_for_server()
    return made


@pytest.fixture
def folder(tmp_path, authority):
    """Where a test writes its configuration: the server's certificate and the authority's are there."""
    for name in ("server.crt", "server.key", "ca.crt"):
        (tmp_path / name).write_bytes((authority.folder / name).read_bytes())
    return tmp_path


@pytest.fixture
def start(folder):
    """start(configuration, ...): a gateway with that web configuration; it must end with 0."""
    running = []

    def start_one(configuration, *flags, binary=None, **options):
        (folder / "web.yml").write_text(configuration)
        gateway = Gateway(binary or gateway_binary(), f"--web.config.file={folder}/web.yml", *flags, **options)
        running.append(gateway.start())
        return gateway

    yield start_one
    for gateway in running:
        assert gateway.stop() == 0, gateway.stderr()
