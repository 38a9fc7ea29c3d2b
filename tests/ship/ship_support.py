"""What the tests of what is shipped share: the folders, running programs."""

import os
import pathlib
import subprocess

from harness import REPO_ROOT, gateway_binary
from harness.certificates import Authority

ROOT = pathlib.Path(REPO_ROOT)
DEPLOY = ROOT / "server" / "deploy"
# What is built and fetched for these tests.
BUILD = pathlib.Path(gateway_binary()).resolve().parent


def run(*command, timeout=120, **options):
    """Runs a program to its end and fails, with what it printed, unless it exits 0; its stdout."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options)
    assert done.returncode == 0, f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def put_web_configuration(folder):
    """TLS, and a user "a" with the password "pw". Returns the authority."""
    folder.mkdir(exist_ok=True)
    authority = Authority(folder)
    authority.issue_for_server()
    (folder / "web.yml").write_text("tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
                                    "basic_auth_users: {a: $2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW}\n")
    return authority


def needs_root():
    """These tests make namespaces and change users; they do not skip, so they say what they lack."""
    assert os.geteuid() == 0, "this test needs root"
