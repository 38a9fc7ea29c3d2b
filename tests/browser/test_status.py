"""The status of the server itself."""

import re

from contents import push


def rows(browser, caption):
    return dict(browser.script("""const table = [...document.querySelectorAll('table')].find((t) => t.caption.innerText === arguments[0]);
        return [...(table?.rows ?? [])].map((r) => [...r.cells].map((c) => c.innerText))""", caption))


def tiles(browser):
    return dict(browser.script("return [...document.querySelectorAll('.tile')].map((t) => [t.firstChild.innerText, t.lastChild.innerText])"))


def test_status(browser, start, tmp_path):
    gateway = start(f"--persistence.file={tmp_path / 'metrics'}", "--persistence.interval=0s", "--log.level=debug")
    push(gateway, "job/a", 'm{l="1"} 1\nm{l="2"} 1\n')
    gateway.put("/metrics/job/a", b"m 1 1\n")
    gateway.put("/metrics/job/a", b"nonsense\n")
    browser.open(gateway, "/status")
    shown = browser.until(lambda: len(browser.texts(".card")) == 5 and tiles(browser), "status")
    assert shown["Groups"] == "1\n1 failed last"
    assert shown["Series"].startswith("4\n")
    assert re.match(r"[\d.]+ MiB\n", shown["Memory"]) and shown["Pushes"].endswith("3 since the start")
    browser.until(lambda: re.match(r"(just now|\d+ s ago)\ntook ", tiles(browser)["Saved"]), "last save")
    assert list(rows(browser, "Rejected pushes").values()) == ["1", "1"]
    runtime, flags = rows(browser, "Runtime"), rows(browser, "Flags")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", runtime["Started"]) and runtime["Version"] and "gcc" in runtime["Compiler"]
    assert flags["--log.level"] == "debug" and flags["--web.external-url"] == "–"
    assert f"{gateway.url}/metrics/job/some_job" in browser.text(".card")


def test_pushes_are_plotted(browser, start):
    gateway = start()
    push(gateway, "job/a")
    browser.open(gateway)
    for _ in range(200):
        push(gateway, "job/a")
    browser.one("nav a[data-view=status]").click()
    browser.until(lambda: tiles(browser), "figures")
    browser.button("Pause").click()
    browser.button("Resume").click()  # which asks at once
    plot = browser.until(lambda: browser.script("return [...document.querySelectorAll('.plots svg')].map((s) => s.getAttribute('aria-label')).find((l) => l.startsWith('Pushes'))"), "plot")
    assert re.fullmatch(r"Pushes a second: [\d.]+ k? ?now, [\d.]+ k? ?at most", plot), plot
    assert float(plot.split("now, ")[1].split()[0]) > 0
