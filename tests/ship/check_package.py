"""The Debian package on a Debian with systemd. Takes some minutes, so only `./dev package` runs it.

PACKAGE is the file, BUILD_DIR a folder where the Debian is kept.
"""

import os
import pathlib
import re
import shutil

import pytest
from harness.waiting import until
from machine import Machine, debian
from ship_support import needs_root, put_web_configuration, run

PACKAGE = pathlib.Path(os.environ.get("PACKAGE", "no package"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A machine that is on, with the package installed while it was off."""
    needs_root()
    source = debian(pathlib.Path(os.environ["BUILD_DIR"]))
    root = tmp_path_factory.mktemp("machine") / "root"
    run("cp", "-a", "--reflink=auto", source, root)
    machine = Machine(root)
    machine.install(PACKAGE)
    put_web_configuration(root / "root" / "web")
    with machine:
        yield machine
    shutil.rmtree(root)


def curl(machine, *arguments):
    return machine.run("curl", "-sS", "--fail-with-body", *arguments)


def shown(machine, *properties):
    """Properties of the service."""
    said = machine.run("systemctl", "show", "pushgateway.service", *(f"--property={name}" for name in properties))
    return dict(line.split("=", 1) for line in said.splitlines())


def is_ready(machine):
    return machine.succeeds("curl -sf http://localhost:9091/-/ready")


def test_lintian_finds_no_error():
    said = run("lintian", "--fail-on", "error", "--display-info", PACKAGE)
    assert "E: " not in said
    print(said)


def test_it_depends_on_shared_libraries(machine):
    depends = machine.run("dpkg-query", "--show", "--showformat=${Depends}", "pushgateway")
    for library in ("libc6", "libevent-core", "libevent-extra", "libjemalloc2", "libprotobuf-c1", "zlib1g"):
        assert library in depends


def test_it_was_started_at_boot_as_its_user(machine):
    until(lambda: is_ready(machine), "the service")
    service = shown(machine, "ActiveState", "SubState", "MainPID", "NRestarts", "WatchdogUSec")
    assert (service["ActiveState"], service["SubState"], service["NRestarts"]) == ("active", "running", "0")
    assert service["WatchdogUSec"] == "1min"
    assert machine.run("stat", "--format=%U", f"/proc/{service['MainPID']}").strip() == "pushgateway"


def test_it_is_confined(machine):
    """By what the kernel says of the process, not by what the unit says."""
    status = machine.sh("cat /proc/$(systemctl show --value --property=MainPID pushgateway)/status")
    status = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    mounts = machine.sh("cat /proc/$(systemctl show --value --property=MainPID pushgateway)/mounts")
    root = [line for line in mounts.splitlines() if line.split()[1] == "/"][-1]
    assert "ro" in root.split()[3].split(",")


def test_metrics_outlive_a_restart(machine):
    machine.sh("echo 'kept 1.5' | curl -sf --data-binary @- http://localhost:9091/metrics/job/a")
    machine.run("systemctl", "restart", "pushgateway")
    assert 'kept{instance="",job="a"} 1.5\n' in curl(machine, "http://localhost:9091/metrics")
    assert machine.run("stat", "--format=%U %a", "/var/lib/pushgateway/metrics").split() == ["pushgateway", "600"]
    assert machine.run("stat", "--format=%U %a", "/var/lib/pushgateway").split() == ["pushgateway", "750"]


def test_flags_come_from_the_file_of_defaults(machine):
    machine.sh("sed -i 's|^ARGS=.*|ARGS=\"--persistence.file=/var/lib/pushgateway/metrics --web.enable-lifecycle --log.format=json\"|' "
               "/etc/default/pushgateway")
    machine.run("systemctl", "restart", "pushgateway")
    assert '"web.enable-lifecycle":"true"' in curl(machine, "http://localhost:9091/api/v1/status").replace(" ", "")


def test_passwords_are_checked_as_the_unit_confines_it(machine):
    """With TLS, from a folder that the service may only read; the process that checks is confined and made unimportant."""
    machine.sh("mkdir -p /etc/pushgateway && cp /root/web/* /etc/pushgateway && cd /etc/pushgateway && "
               "chgrp pushgateway server.key && chmod 640 server.key && "
               "sed -i 's|^ARGS=\"|&--web.config.file=/etc/pushgateway/web.yml |' /etc/default/pushgateway")
    machine.run("systemctl", "restart", "pushgateway")
    ask = "curl -s -o /dev/null -w '%{http_code}' --cacert /etc/pushgateway/ca.crt https://localhost:9091/-/ready"
    assert [machine.sh(f"{ask} {user}") for user in ("", "-u a:no", "-u a:pw")] == ["401", "401", "200"]
    pid = shown(machine, "MainPID")["MainPID"]
    checker = machine.run("cat", f"/proc/{pid}/task/{pid}/children").strip()
    nice = machine.run("cat", f"/proc/{checker}/stat").rsplit(")", 1)[1].split()[19 - 3]
    assert nice == "19"
    machine.sh("sed -i 's|--web.config.file=[^ ]* ||' /etc/default/pushgateway && rm -r /etc/pushgateway")
    machine.run("systemctl", "restart", "pushgateway")


def test_the_watchdog_restarts_a_loop_that_hangs(machine):
    machine.sh("mkdir -p /run/systemd/system/pushgateway.service.d && "
               "printf '[Service]\\nWatchdogSec=3s\\n' >/run/systemd/system/pushgateway.service.d/quick.conf && systemctl daemon-reload")
    machine.run("systemctl", "restart", "pushgateway")
    before = shown(machine, "MainPID")["MainPID"]
    machine.sh(f"kill -STOP {before}")  # the shell's: there is no other
    until(lambda: shown(machine, "MainPID")["MainPID"] not in ("0", before) and is_ready(machine), "a new process", 60)
    assert shown(machine, "NRestarts")["NRestarts"] == "1"
    machine.sh("rm -r /run/systemd/system/pushgateway.service.d && systemctl daemon-reload && systemctl restart pushgateway")


def test_socket_activation(machine):
    """Connections wait in systemd's socket while the server is away."""
    machine.run("systemctl", "stop", "pushgateway")
    machine.sh("sed -i 's|^ARGS=.*|ARGS=\"--persistence.file=/var/lib/pushgateway/metrics --web.systemd-socket\"|' /etc/default/pushgateway")
    machine.run("systemctl", "start", "pushgateway.socket")
    assert shown(machine, "ActiveState")["ActiveState"] == "inactive"
    assert 'kept{instance="",job="a"} 1.5\n' in curl(machine, "http://localhost:9091/metrics")
    assert shown(machine, "ActiveState")["ActiveState"] == "active"
    machine.run("systemctl", "restart", "pushgateway")
    assert is_ready(machine)
    machine.run("systemctl", "stop", "pushgateway.socket", "pushgateway.service")


def test_installing_again_restarts_it(machine):
    machine.sh("sed -i 's|^ARGS=.*|ARGS=--persistence.file=/var/lib/pushgateway/metrics|' /etc/default/pushgateway")
    machine.run("systemctl", "start", "pushgateway")
    before = shown(machine, "MainPID")["MainPID"]
    machine.sh(f"dpkg --force-confold --install /root/{PACKAGE.name}")
    assert shown(machine, "MainPID")["MainPID"] != before
    assert is_ready(machine)
    assert "kept" in curl(machine, "http://localhost:9091/metrics")


def test_removing_stops_it_and_keeps_the_data(machine):
    machine.run("dpkg", "--remove", "pushgateway")
    assert not is_ready(machine)
    assert machine.succeeds("test -e /var/lib/pushgateway/metrics && test -e /etc/default/pushgateway")
    assert not machine.succeeds("test -e /usr/bin/pushgateway || systemctl is-active --quiet pushgateway")


def test_it_can_be_installed_again_and_serves_what_was_kept(machine):
    machine.run("dpkg", "--install", f"/root/{PACKAGE.name}")
    until(lambda: is_ready(machine), "the service")
    assert "kept" in curl(machine, "http://localhost:9091/metrics")


def test_purging_leaves_nothing(machine):
    machine.run("dpkg", "--purge", "pushgateway")
    left = machine.run("find", "/etc", "/usr", "/var", "/lib", "-xdev", "-name", "*pushgateway*", "-not", "-path", "/var/log/*")
    assert left.split() == []
    assert re.search(r"^pushgateway:", machine.run("getent", "passwd", "pushgateway"))
