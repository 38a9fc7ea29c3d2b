"""Certificates for one test run, made by the openssl program."""

import pathlib
import ssl
import subprocess


def _openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def trusting(authority, certificate=None):
    """How a client speaks TLS that trusts this PEM file, and shows a certificate, if any."""
    context = ssl.create_default_context(cafile=authority)
    if certificate:
        context.load_cert_chain(certificate.crt, certificate.key)
    return context


class Certificate:
    """`crt` and `key` are paths of PEM files."""

    def __init__(self, folder, name):
        self.crt = pathlib.Path(folder) / f"{name}.crt"
        self.key = pathlib.Path(folder) / f"{name}.key"


class Authority(Certificate):
    """Signs itself, and issues certificates below `folder`."""

    def __init__(self, folder, name="ca"):
        super().__init__(folder, name)
        self.folder = pathlib.Path(folder)
        _openssl(*self._request(self, f"/CN={name}"), "-x509", "-days", 2)

    @staticmethod
    def _request(certificate, subject):
        return ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", certificate.key, "-out", certificate.crt, "-subj", subject]

    def issue(self, name, *sans, usage=None, rsa=False):
        """A certificate with these names ("DNS:x", "IP:1.2.3.4", ...) and extended key usage."""
        made = Certificate(self.folder, name)
        command = self._request(made, f"/CN={name}")
        if rsa:
            command[1:5] = ["-newkey", "rsa:2048"]
        for extension, value in (("subjectAltName", ",".join(sans)), ("extendedKeyUsage", usage)):
            if value:
                command += ["-addext", f"{extension}={value}"]
        _openssl(*command, "-x509", "-days", 2, "-CA", self.crt, "-CAkey", self.key)
        return made

    def issue_for_server(self, name="server", **options):
        return self.issue(name, "DNS:localhost", "IP:127.0.0.1", usage="serverAuth", **options)

    def client(self, certificate=None):
        return trusting(self.crt, certificate)
