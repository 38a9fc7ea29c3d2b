"""What is installed beside the program: the man page, the completion, the units' places."""

import pathlib
import re
import subprocess

import pytest
from ship_support import BUILD, ROOT, run

from harness import gateway_binary

TEXTS = BUILD / "server" / "deploy"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """`cmake --install` of the build under test."""
    folder = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", BUILD, env={"DESTDIR": str(folder), "PATH": "/usr/bin:/bin"})
    return folder / "usr" / "local"


def flags_of_help():
    """As --help has them, with the --no- of switches."""
    found = set()
    for no, name in re.findall(r"^ {2,6}(?:-\w, )?--(\[no-\])?([a-z0-9.-]+)", run(gateway_binary(), "--help"), re.MULTILINE):
        found |= {name, f"no-{name}"} if no else {name}
    return found


def test_what_is_installed(installed):
    assert {str(path.relative_to(installed)) for path in installed.rglob("*")
            if path.is_file() and "examples" not in path.parts} == {
        "bin/pushgateway",
        "etc/default/pushgateway",
        "lib/systemd/system/pushgateway.service",
        "lib/systemd/system/pushgateway.socket",
        "lib/sysusers.d/pushgateway.conf",
        "share/bash-completion/completions/pushgateway",
        "share/man/man1/pushgateway.1",
    }


def test_the_service_starts_what_was_installed(installed):
    unit = (installed / "lib/systemd/system/pushgateway.service").read_text()
    assert "\nExecStart=/usr/local/bin/pushgateway $ARGS\n" in unit
    assert "\nEnvironmentFile=-/usr/local/etc/default/pushgateway\n" in unit


def test_the_installed_program_runs(installed):
    assert run(installed / "bin" / "pushgateway", "--version") == run(gateway_binary(), "--version")


# The man page


@pytest.mark.parametrize("page", ["installed", "by --help-man"])
def test_mandoc_has_nothing_to_say(installed, tmp_path, page):
    file = installed / "share/man/man1/pushgateway.1"
    if page != "installed":
        file = tmp_path / "pushgateway.1"
        # It knows no date: that of a page is when it was written.
        file.write_text(run(gateway_binary(), "--help-man").replace('1 ""', '1 "2026-01-01"', 1))
    assert run("mandoc", "-Tlint", "-Wstyle", file) == ""


def test_mandoc_would_say_it(tmp_path):
    (tmp_path / "bad.1").write_text(".TH bad 1\n.XX\n")
    assert subprocess.run(["mandoc", "-Tlint", tmp_path / "bad.1"], capture_output=True, timeout=20).returncode != 0


def test_each_flag_is_in_the_man_page(installed):
    shown = run("mandoc", "-Tutf8", installed / "share/man/man1/pushgateway.1")
    shown = re.sub(".\b", "", shown)  # bold is overstruck
    names = set()
    for no, name in re.findall(r"^\s+(?:-\w, )?--(\[no-\])?([a-z0-9.-]+)", shown, re.MULTILINE):
        names |= {name, f"no-{name}"} if no else {name}
    missing = flags_of_help() - names
    assert not missing
    assert len(flags_of_help()) > 15
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SIGNALS", "EXIT STATUS", "FILES", "EXAMPLES"):
        assert re.search(rf"^{section}$", shown, re.MULTILINE), shown


# The completion


def complete(installed, *words):
    """What bash offers when the cursor stands behind the last word."""
    script = f"""
        source {installed}/share/bash-completion/completions/pushgateway
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        $(complete -p pushgateway | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{pathlib.Path(installed) / 'bin'}:/usr/bin:/bin"
    return set(run("bash", "-c", script, "bash", *words, env={"PATH": path}).split())


def test_bash_completes_flags(installed):
    assert complete(installed, "pushgateway", "--log.") == {"--log.level", "--log.format"}
    assert complete(installed, "pushgateway", "--log.level=info", "--no-web.enable") == {
        "--no-web.enable-lifecycle", "--no-web.enable-admin-api"}


def test_bash_completes_all_flags(installed):
    assert complete(installed, "pushgateway", "--") == {f"--{name}" for name in flags_of_help()}


def test_the_guides_are_not_lost():
    """README.md leads to each of the guides, and to no other file that is not there."""
    for readme in [ROOT / "README.md", *(ROOT / "server").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", readme.read_text()):
            assert "://" in link or (readme.parent / link).exists(), f"{readme}: {link}"
