"""A Debian of our own, booted with systemd in namespaces, to install packages on.

debootstrap makes it once, below the build folder; each test gets a copy. systemd-nspawn boots it with a network
of its own, where nothing else listens; commands enter through its first process.
"""

import pathlib
import shutil
import subprocess

from harness.waiting import until
from ship_support import run

PACKAGES = "systemd,systemd-sysv,init-system-helpers,curl"


def mirror():
    """Where this machine gets bookworm from."""
    listing = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    return next(line.split()[0] for line in listing.splitlines() if line.split()[1:] == ["bookworm", "main"])


def debian(folder):
    """The root of a minimal Debian 12, made if it is not there."""
    root, made = folder / "debian", folder / "debian.made"
    if not made.exists():
        shutil.rmtree(root, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", root, mirror(), timeout=900)
        made.touch()
    return root


class Machine:
    """`root` is a copy that the test may change. Off at first: commands run in a chroot."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.keeper = None
        self.enter = ["chroot", str(root)]

    def run(self, *command, timeout=300):
        return run(*self.enter, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                   *command, timeout=timeout)

    def sh(self, script):
        return self.run("sh", "-c", script)

    def succeeds(self, script):
        done = subprocess.run([*self.enter, "sh", "-c", script], capture_output=True, timeout=60)
        return done.returncode == 0

    def install(self, package):
        """With what it depends on."""
        shutil.copy(package, self.root / "root")
        self.sh(f"apt-get -qq update && apt-get -y --no-install-recommends install /root/{package.name}")

    def __enter__(self):
        self.log = open(self.root.parent / "boot.log", "wb")
        self.keeper = subprocess.Popen(
            ["systemd-nspawn", f"--directory={self.root}", "--boot", "--private-network", "--register=no", "--keep-unit",
             "--resolv-conf=off", "--console=pipe"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            pid = until(self.first_process, "the machine's first process")
            self.enter = ["nsenter", f"--target={pid}", "--all", "--"]
            until(lambda: self.succeeds("systemctl is-active --quiet multi-user.target"), "the machine to be up", 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def first_process(self):
        assert self.keeper.poll() is None, (self.root.parent / "boot.log").read_text()
        children = pathlib.Path(f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children").read_text().split()
        # Another child may be there, that helps it to make namespaces.
        inits = [pid for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() in ("systemd", "init")]
        return inits[0] if inits else None

    def __exit__(self, *exc):
        self.keeper.terminate()  # nspawn halts the machine in an orderly way
        try:
            self.keeper.wait(60)
        except subprocess.TimeoutExpired:
            self.keeper.kill()
            self.keeper.wait()
        self.log.close()
        self.enter = ["chroot", str(self.root)]
