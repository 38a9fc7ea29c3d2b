"""A configuration that cannot be used: one line that says where, and exit status 1."""

import subprocess

import pytest
from common import HASHES, TLS

from harness import gateway_binary


def run(folder, configuration=None, name="web.yml"):
    path = folder / name
    if configuration is not None:
        path.write_text(configuration)
    return subprocess.run([gateway_binary(), "--web.listen-address=127.0.0.1:0", f"--web.config.file={path}", "--persistence.file="],
                          capture_output=True, text=True, timeout=30)


BAD = [
    ("- a\n", "line 1: expected a mapping, found a list"),
    ("tls_server_config:\n  cert_filse: x\n", 'line 2: unknown key \\"cert_filse\\" in tls_server_config'),
    ("basic_auth_users:\n  john: doe\n", 'line 2: the password of \\"john\\" is not a bcrypt hash: too short'),
    ("\n\nrate_limit:\n\tburst: 1\n", "line 4: found character that cannot start any token"),
    ("http_server_config:\n  headers:\n    X-Frame-Options: maybe\n", "line 3: invalid value for X-Frame-Options"),
    (TLS + "  client_auth_type: foo\n", "line 4: invalid client_auth_type: foo"),
    (TLS.replace("server.crt", "gone.crt"), "failed to read cert_file: {folder}/gone.crt: No such file or directory"),
    (TLS.replace("server.key", "/gone.key"), "failed to read key_file: /gone.key: No such file or directory"),
    (TLS.replace("server.key", "."), "failed to read key_file: {folder}/.: not a regular file"),
    (TLS.replace("server.crt", "web.yml"), "web.yml: cannot use the certificate: no start line"),
    (TLS.replace("server.key", "server.crt"), "server.crt: cannot use the key: "),
    (TLS.replace("server.crt", "ca.crt"), "the key"),
    (TLS.replace("server.key", "locked.key"), "locked.key: cannot use the key: "),
    (TLS + "  client_ca_file: web.yml\n  client_auth_type: RequireAndVerifyClientCert\n", "no certificate in the client CA"),
    (TLS + "  client_ca: junk\n  client_auth_type: RequireAndVerifyClientCert\n", "no certificate in the client CA"),
    (TLS + "  client_ca_file: broken.crt\n  client_auth_type: RequireAndVerifyClientCert\n", "broken.crt: cannot use the client CA: "),
    ("tls_server_config:\n  cert: junk\n  key_file: server.key\n", "cannot use the certificate: no start line"),
]


@pytest.mark.parametrize("configuration, reason", BAD)
def test_one_line_and_status_1(folder, configuration, reason):
    (folder / "broken.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    subprocess.run(["openssl", "ec", "-aes128", "-passout", "pass:x", "-in", folder / "server.key", "-out", folder / "locked.key"],
                   check=True, capture_output=True, timeout=30)
    ended = run(folder, configuration)
    assert ended.returncode == 1
    errors = [line for line in ended.stderr.splitlines() if "level=error" in line]
    assert len(errors) == 1, ended.stderr
    assert f"Cannot load the web configuration\" err=\"{folder}/web.yml: " in errors[0]
    assert reason.format(folder=folder) in errors[0]
    assert "Listening on" not in ended.stderr


def test_a_missing_file(folder):
    ended = run(folder, name="missing.yml")
    assert ended.returncode == 1
    assert f"{folder}/missing.yml: No such file or directory" in ended.stderr


def test_hashes_are_not_shown(folder):
    ended = run(folder, "basic_auth_users:\n  john: " + HASHES["pw"][:-2] + "\n")
    assert ended.returncode == 1 and HASHES["pw"][7:30] not in ended.stderr


@pytest.mark.parametrize("configuration", ["", "# nothing\n", "{}\n", "basic_auth_users:\n", "tls_server_config:\n"])
def test_nothing_in_it_is_fine(start, configuration):
    gateway = start(configuration)
    assert gateway.get("/-/ready").status == 200
    assert 'msg="TLS is disabled."' in gateway.stderr()


def test_a_relative_path(folder):
    """Of the file itself: to the working folder; of what it names: to the file's."""
    ended = subprocess.run([gateway_binary(), "--web.config.file=sub/web.yml", "--persistence.file="], cwd=_sub(folder),
                           capture_output=True, text=True, timeout=30)
    assert "failed to read cert_file: sub/gone.crt: No such file" in ended.stderr


def _sub(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "web.yml").write_text(TLS.replace("server.crt", "gone.crt"))
    return folder
