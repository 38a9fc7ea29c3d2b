"""The image: what it holds, and that what it holds runs as `prom/pushgateway` does.

Its files are laid out from the statically linked program, as the Dockerfile lays them out. `./dev image` has
built the image itself and points IMAGE at the folder with its root file system and its configuration.
"""

import base64
import json
import os
import pathlib
import re

import pytest
from container import USER, Container
from ship_support import ROOT, put_web_configuration, run

from harness import Gateway, oracle_binary
from harness.waiting import until

MIB = 1 << 20
LARGEST = 10 * MIB


def configuration():
    """What the image says of itself: as it was built, or as the last stage of the Dockerfile has it."""
    built = os.environ.get("IMAGE")
    if built:
        config = json.loads((pathlib.Path(built) / "config.json").read_text())["OCIv1"]["config"]
        return {"User": config["User"], "WorkingDir": config["WorkingDir"], "Entrypoint": config["Entrypoint"],
                "ExposedPorts": sorted(config["ExposedPorts"]), "Cmd": config.get("Cmd")}
    stage = (ROOT / "Dockerfile").read_text().split("\nFROM scratch\n")[1]
    said = dict(line.split(" ", 1) for line in stage.splitlines() if not line.startswith(" "))
    return {"User": said["USER"], "WorkingDir": said["WORKDIR"], "Entrypoint": json.loads(said["ENTRYPOINT"]),
            "ExposedPorts": [said["EXPOSE"] + "/tcp"], "Cmd": said.get("CMD")}


def test_it_takes_the_place_of_the_original():
    assert configuration() == {"User": f"{USER}:{USER}", "WorkingDir": "/pushgateway", "Cmd": None,
                               "Entrypoint": ["/bin/pushgateway"], "ExposedPorts": ["9091/tcp"]}


def test_the_readme_says_what_the_tutorial_says():
    """Its docker commands, with our image in the place of the original's."""
    said = re.findall(r"\$ (docker run(?:.*\\\n)*.*)", (ROOT / "README.md").read_text())
    tutorial = (ROOT / "tests" / "clients" / "tutorial" / "docker.sh").read_text()
    wanted = re.findall(r"^docker run(?:.*\\\n)*.*", tutorial.replace("prom/pushgateway", "pushgateway"), re.MULTILINE)
    assert [command.split() for command in said] == [command.split() for command in wanted] != []


def test_what_is_in_it(image):
    files = {str(path.relative_to(image)) for path in image.rglob("*") if path.is_file()}
    assert files == {"bin/pushgateway", "etc/passwd", "etc/group", "etc/nsswitch.conf"}
    assert (image / "pushgateway").stat().st_uid == USER
    size = sum((image / name).stat().st_size for name in files)
    print(f"the image holds {size / MIB:.2f} MiB")
    assert size <= LARGEST


def test_the_program_needs_no_other_file(image):
    said = run("readelf", "--program-headers", "--dynamic", image / "bin" / "pushgateway")
    assert "LOAD" in said
    assert "INTERP" not in said and "(NEEDED)" not in said
    assert "DYN (" in run("readelf", "--file-header", image / "bin" / "pushgateway"), "not position independent"


def test_it_runs_as_nobody_as_the_first_process_on_a_root_that_cannot_be_written(image, volume):
    with Container(image, volume, "--log.level=debug") as container:
        status = container.status()
        assert status["Uid"].split() == status["Gid"].split() == [str(USER)] * 4
        assert status["NSpid"].split()[-1] == "1"
        assert int(status["CapEff"], 16) == 0
        assert os.readlink(f"/proc/{container.pid}/cwd") == f"{image}/pushgateway"
        assert container.ask("PUT", "/metrics/job/a", b"m 1\n").status == 200
        assert 'm{instance="",job="a"} 1\n' in container.ask("GET", "/metrics").text
        log = container.stop()
    assert "HTTP server stopped" in log
    assert list(volume.iterdir()) == []


@pytest.mark.parametrize("file", ["/pushgateway/metrics", "metrics"])
def test_what_is_kept_on_a_volume(image, volume, file):
    """The tutorial's second docker command: stopped, replaced, started again on the same volume."""
    flags = [f"--persistence.file={file}", "--persistence.interval=5m"]
    with Container(image, volume, *flags) as container:
        assert container.ask("PUT", "/metrics/job/kept", b"m 1.5\n").status == 200
    assert (volume / "metrics").stat().st_uid == USER
    with Container(image, volume, *flags) as container:
        assert 'm{instance="",job="kept"} 1.5\n' in container.ask("GET", "/metrics").text


def test_the_image_is_swapped_on_the_volume_of_the_original(image, volume):
    """Same flags, same volume, same owner: what the original has saved is served, and its file is left for the way back."""
    oracle = oracle_binary()
    assert oracle, "PUSHGATEWAY_ORACLE names the original"
    with Gateway(oracle, f"--persistence.file={volume}/metrics") as original:
        assert original.put("/metrics/job/kept/instance/a", b"# TYPE m gauge\nm 1.5\n").status == 200
    (volume / "metrics").chmod(0o600)
    os.chown(volume / "metrics", USER, USER)
    saved = (volume / "metrics").read_bytes()
    for _ in range(2):
        with Container(image, volume, "--persistence.file=/pushgateway/metrics") as container:
            assert 'm{instance="a",job="kept"} 1.5\n' in container.ask("GET", "/metrics").text
            assert container.ask("PUT", "/metrics/job/new", b"n 1\n").status == 200
    assert (volume / "metrics.gob").read_bytes() == saved
    assert (volume / "metrics").read_bytes() != saved


def test_a_volume_that_cannot_be_written_is_told(image, volume):
    os.chown(volume, 0, 0)
    with pytest.raises(AssertionError, match="persistence file.*[Pp]ermission denied"):
        with Container(image, volume, "--persistence.file=/pushgateway/metrics"):
            pass


def test_tls_and_passwords(image, volume):
    """OpenSSL and bcrypt, linked in, from a folder as the README says to mount it."""
    authority = put_web_configuration(volume)
    os.chown(volume / "server.key", USER, USER)
    headers = [("Authorization", "Basic " + base64.b64encode(b"a:pw").decode())]
    with Container(image, volume, "--web.config.file=/web/web.yml", at="/web", tls=authority.client(), headers=headers) as container:
        assert container.ask("PUT", "/metrics/job/a", b"m 1\n").status == 200
        container.headers = []
        assert container.ask("GET", "/metrics").status == 401


def test_it_saves_while_it_runs(image, volume):
    """The child that writes is a child of PID 1, and leaves no zombie."""
    with Container(image, volume, "--persistence.file=metrics", "--persistence.interval=0s") as container:
        for value in range(3):
            before = (volume / "metrics").stat().st_mtime_ns if (volume / "metrics").exists() else 0
            assert container.ask("PUT", "/metrics/job/a", b"m %d\n" % value).status == 200
            until(lambda: (volume / "metrics").exists() and (volume / "metrics").stat().st_mtime_ns > before, "a save")
        until(lambda: not pathlib.Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text(), "no child")


def test_its_flags_and_version(image):
    program = image / "bin" / "pushgateway"
    assert "--persistence.file" in run(program, "--help")
    version = run(program, "--version")
    assert version.startswith("pushgateway, version ")
    if os.environ.get("IMAGE"):
        assert re.search(r"revision: [0-9a-f]{40}\)", version)


def test_the_builder_is_not_sent_what_was_built_here():
    """A build folder would be sent by the gigabyte."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()} & {"build", "build-*"}
    assert ignored | {".git"} <= set((ROOT / ".dockerignore").read_text().split())
