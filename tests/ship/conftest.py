import os
import pathlib
import shutil
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
sys.path.append(str(HERE.parent / "clients"))  # its Prometheus

from container import USER  # noqa: E402
from ship_support import BUILD, DEPLOY, needs_root, run  # noqa: E402

from harness import Gateway, gateway_binary  # noqa: E402


@pytest.fixture(scope="module")
def gateway():
    """One gateway for the tests of a module; it must stop cleanly."""
    with Gateway(gateway_binary()) as running:
        yield running
        assert running.stop() == 0, running.stderr()


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The root file system of the image, a copy."""
    needs_root()
    root = tmp_path_factory.mktemp("image") / "root"
    built = os.environ.get("IMAGE")
    if built:
        shutil.copytree(pathlib.Path(built) / "rootfs", root, copy_function=shutil.copy2)
        os.chown(root / "pushgateway", USER, USER)
    else:
        run(DEPLOY / "image" / "lay-out", BUILD / "pushgateway-static", root)
    return root


@pytest.fixture
def volume(tmp_path):
    """An empty volume, as an engine makes one: with the owner of the folder it is mounted at."""
    folder = tmp_path / "volume"
    folder.mkdir()
    os.chown(folder, USER, USER)
    tmp_path.chmod(0o755)
    return folder
