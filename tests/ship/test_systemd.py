"""The service manager's side: sockets handed over, notifications, the unit files."""

import configparser
import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess

import pytest
from ship_support import DEPLOY, run

from harness import free_port, gateway_binary, http1
from harness.waiting import until

SERVICE = DEPLOY / "systemd" / "pushgateway.service"
SOCKET = DEPLOY / "systemd" / "pushgateway.socket"


class Manager:
    """A socket as systemd has one, named as NOTIFY_SOCKET names it."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.settimeout(20)

    def told(self):
        return self.socket.recv(4096).decode()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()


@contextlib.contextmanager
def server(*flags, **environment):
    """A server with variables of the service manager; it must stop cleanly."""
    process = subprocess.Popen([gateway_binary(), "--persistence.file=", *flags], env={**os.environ, **environment},
                               stderr=subprocess.DEVNULL)
    try:
        yield process
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_ready_and_stopping_are_told(tmp_path, kind):
    name = str(tmp_path / "notify") if kind == "path" else f"@pushgateway-test-{os.getpid()}"
    port = free_port()
    with Manager(name) as manager:
        with server(f"--web.listen-address=127.0.0.1:{port}", NOTIFY_SOCKET=name):
            assert manager.told() == "READY=1"
            assert http1.request("127.0.0.1", port, "GET", "/-/ready").status == 200, "told too early"
        assert manager.told() == "STOPPING=1"


def test_a_start_that_fails_is_never_ready(tmp_path):
    with Manager(str(tmp_path / "notify")) as manager:
        done = subprocess.run([gateway_binary(), "--web.listen-address=nonsense"], env={"NOTIFY_SOCKET": manager.name},
                              capture_output=True, timeout=20)
        assert done.returncode == 1
        manager.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.told()


def test_the_watchdog_is_fed_while_the_loop_runs(tmp_path):
    with Manager(str(tmp_path / "notify")) as manager:
        with server("--web.listen-address=127.0.0.1:0", NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="3000000") as process:
            assert [manager.told() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
            os.kill(process.pid, signal.SIGSTOP)  # a loop that hangs
            manager.socket.settimeout(2.5)
            with pytest.raises(TimeoutError):
                while True:
                    manager.told()
            os.kill(process.pid, signal.SIGCONT)


def test_activation_by_several_sockets():
    """systemd-socket-activate starts the server at the first connection and hands over all sockets."""
    ports = [free_port(), free_port()]
    process = subprocess.Popen(
        ["systemd-socket-activate", *(f"--listen=127.0.0.1:{port}" for port in ports),
         gateway_binary(), "--web.systemd-socket", "--persistence.file="], stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: listens(ports[1]), "systemd's socket")
        for port in reversed(ports):
            assert http1.request("127.0.0.1", port, "PUT", "/metrics/job/a", body=b"m 1\n").status == 200
    finally:
        process.terminate()
        log = process.communicate(timeout=20)[1]
    assert process.returncode == 0, log
    assert len(re.findall(r"Listening on", log)) >= len(ports), log


def listens(port):
    """Without connecting, which would be an activation."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in list(table)[1:])


# The unit files


def unit(path):
    """The settings of a unit; of those given several times the last."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(path)
    return parser


def verified(tmp_path, *units):
    """What systemd-analyze has to say of the units, the program being where they want it."""
    for source in units:
        text = source.read_text().replace("/usr/bin/pushgateway", os.path.abspath(gateway_binary()))
        (tmp_path / source.name).write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(tmp_path / source.name for source in units)],
                          capture_output=True, text=True, timeout=60)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "pushgateway" in line]
    return done.returncode, said


def test_systemd_reads_the_units(tmp_path):
    assert verified(tmp_path, SERVICE, SOCKET) == (0, [])


def test_a_wrong_unit_would_be_seen(tmp_path):
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / SERVICE.name).write_text(SERVICE.read_text().replace("NoNewPrivileges", "NoNewPrivilege"))
    assert verified(tmp_path, wrong / SERVICE.name)[1]


def test_the_service_is_hardened():
    """systemd's own measure: 0 is shut off from everything, 10 from nothing."""
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", SERVICE)
    exposure = float(re.search(r"Overall exposure level for pushgateway.service: ([\d.]+)", said)[1])
    assert exposure <= 1.5, said


def test_the_service_starts_with_its_default_flags(tmp_path):
    """What the file of defaults gives is what the server accepts, and keeps its file where the unit lets it."""
    (setting,) = re.findall(r"^ARGS=(.*)$", (DEPLOY / "systemd" / "pushgateway.default").read_text(), re.MULTILINE)
    (flags,) = shlex.split(setting)
    assert f'"ARGS={flags}"' == unit(SERVICE)["Service"]["Environment"]
    assert flags == "--persistence.file=/var/lib/pushgateway/metrics"
    assert unit(SERVICE)["Service"]["StateDirectory"] == "pushgateway"


def test_the_units_agree():
    assert unit(SOCKET)["Socket"]["ListenStream"] == "9091"
    assert unit(SERVICE)["Service"]["Type"] == "notify"
    users = (DEPLOY / "systemd" / "pushgateway.sysusers").read_text()
    assert re.search(rf"^u {unit(SERVICE)['Service']['User']} ", users, re.MULTILINE)
