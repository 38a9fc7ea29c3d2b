"""Runs a program from the root file system of an image, as a container engine would, without one.

What an engine does that matters here: namespaces for mounts and processes, so that the program is PID 1; the
image's user and no capabilities; a root that can only be read, volumes aside; /proc, and an /etc/hosts.
The network is this machine's, or the tests could not reach it.
"""

import pathlib
import subprocess

from harness import free_port, http1
from harness.waiting import until

USER = 65534
START = """
set -e
root=$1 volume=$2 at=$3
shift 3
mount --bind "$root" "$root"
mount --bind "$volume" "$root$at"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs unshare --pid --fork --kill-child --mount-proc=/proc \\
    --root="$root" --wd=/pushgateway --setuid={user} --setgid={user} "$@"
"""


class Container:
    """`docker run -v VOLUME:AT IMAGE FLAGS` for the time of a `with` block. It is asked with `tls` and `headers`."""

    def __init__(self, root, volume, *flags, at="/pushgateway", tls=None, headers=()):
        self.tls, self.headers = tls, headers
        self.port = free_port()
        self.host = "127.0.0.1"
        for folder in ("proc", "etc", at[1:]):
            (root / folder).mkdir(exist_ok=True)
        (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n127.0.0.1 pushgateway\n")
        self.command = ["unshare", "--mount", "bash", "-c", START.format(user=USER), "bash", root, volume, at,
                        "/bin/pushgateway", f"--web.listen-address=pushgateway:{self.port}", *flags]

    def __enter__(self):
        self.engine = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={})
        try:
            until(lambda: self.engine.poll() is not None or self.answers(), "the container")
            assert self.engine.poll() is None, self.engine.communicate()[0].decode()
            self.pid = self.find_pid()
        except BaseException:
            self.engine.kill()
            raise
        return self

    def __exit__(self, *exc):
        self.stop()

    def answers(self):
        try:
            return self.ask("GET", "/-/ready").status == 200
        except OSError:
            return False

    def ask(self, method, path, body=b""):
        return http1.request(self.host, self.port, method, path, body=body, headers=self.headers, tls=self.tls)

    def find_pid(self):
        """The program, as this machine numbers it: at the end of the line of those that made room for it."""
        pid = self.engine.pid
        while pathlib.Path(f"/proc/{pid}/comm").read_text() != "pushgateway\n":
            (pid,) = map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return pid

    def status(self):
        """/proc/PID/status as a dict."""
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines)

    def stop(self):
        """As `docker stop`: SIGTERM to PID 1. Its exit status, and what it wrote."""
        if self.engine.poll() is None:
            subprocess.run(["kill", str(self.pid)], check=True)
        output = self.engine.communicate(timeout=20)[0].decode()
        assert self.engine.returncode == 0, output
        return output
