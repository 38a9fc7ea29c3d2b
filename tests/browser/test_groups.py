"""The list of groups: shown, searched, paged, opened."""

import base64
import re

import pytest

from contents import BACKUP, HOSTILE, fail, push, push_native

B = 'job="backup"'


def numbered(gateway, count):
    for i in range(count):
        push(gateway, f"job/j/instance/{i:03}")


def row_of(i):
    return f'job="j" instance="{i:03}"'


def test_groups_are_listed(browser, gateway):
    push(gateway, "job/backup/instance/db1/zone/eu", BACKUP)
    push(gateway, "job/backup", "m 1\nn 2\n")
    fail(gateway, "job/broken")
    fail(gateway, "job/backup")
    browser.open(gateway)
    browser.wait_for_rows(B, f'{B} instance="db1" zone="eu"', 'job="broken"')
    assert browser.texts(".group .series") == ["2 series", "6 series", "0 series"]
    assert browser.texts(".group .badge") == ["last push failed"] * 2
    first, second, never = browser.texts(".group .pushed")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (just now|\d+ s ago)", first) and second[:13] == first[:13]
    assert never == "never"
    assert browser.texts(".counts") == ["1–3 of 3"] and browser.texts(".toggle .number") == ["2"]


def test_times_grow_old(browser, gateway):
    push(gateway, "job/a")
    browser.open(gateway)
    browser.button("Pause").click()
    for text in ("1 s ago", "2 s ago", "3 s ago"):
        browser.until(lambda: browser.texts(".group time") == [text], text)


def test_nothing_is_stored(browser, gateway):
    browser.open(gateway)
    assert "Nothing has been pushed yet" in browser.text(".empty")
    assert f"{gateway.url}/metrics/job/some_job" in browser.text(".empty")


SEARCHES = [
    ("alp", ["alpha", "alphabet"]),
    ("ALPHA db2", ["alphabet"]),
    ('job="alpha"', ["alpha"]),
    ("instance=db2", ["alphabet"]),
    ('{job!="alpha"} up', ["beta"]),
    ("up{}", ["alpha", "beta"]),
    ('up{job="beta"}', ["beta"]),
    ('"two words"', ["two words"]),
    ("only_here", ["two words"]),
    ("nobody", []),
]


@pytest.fixture
def some(gateway):
    push(gateway, "job/alpha/instance/db1", "up 1\n")
    push(gateway, "job/alphabet/instance/db2", "m 1\n")
    push(gateway, "job/beta/instance/db3", "up 1\n")
    push(gateway, "job/two%20words", "only_here 1\n")
    return gateway


def jobs(browser):
    return browser.texts(".group .job .value")


def test_groups_are_searched_while_typing(browser, some):
    browser.open(some)
    for text, wanted in SEARCHES:
        browser.search(text)
        browser.until(lambda: jobs(browser) == wanted and browser.address() == f"/?q={text.replace(' ', '+')}", f"result of {text}, but {jobs(browser)}")
    assert "No group matches." in browser.text(".empty") and browser.texts(".counts") == ["4 groups stored"]
    browser.search("alp")
    browser.until(lambda: browser.texts(".counts") == ["1–2 of 2, 4 stored"], "counts")


def test_a_search_that_is_wrong_says_why(browser, some):
    browser.open(some)
    browser.search('{job=~"a"}')
    assert "= or != should be at character 6" in browser.until(lambda: browser.texts(".refused"), "reason")[0]
    browser.search('{job="beta"}')
    browser.until(lambda: jobs(browser) == ["beta"] and not browser.texts(".refused"), "the group")
    assert all("400" in complaint for complaint in browser.complaints())


def test_only_failed(browser, some):
    fail(some, "job/beta/instance/db3")
    browser.open(some)
    browser.button("Failed").click()
    browser.until(lambda: jobs(browser) == ["beta"], "failed group")
    assert browser.address() == "/?failed=1"
    assert browser.button("Failed").get_attribute("aria-pressed") == "true"
    browser.driver.back()
    browser.until(lambda: len(jobs(browser)) == 4, "all groups")


def test_orders(browser, some):
    browser.open(some)
    push(some, "job/alphabet/instance/db2")
    sort = browser.one("#sort")
    sort.send_keys("New")
    browser.until(lambda: jobs(browser) == ["alphabet", "two words", "beta", "alpha"], "newest first")
    browser.open(some, "/?sort=oldest")
    assert jobs(browser) == ["alpha", "beta", "two words", "alphabet"]


def test_pages(browser, gateway):
    numbered(gateway, 120)
    browser.open(gateway)
    browser.until(lambda: browser.rows()[:1] == [row_of(0)] and len(browser.rows()) == 50, "first page")
    assert browser.texts(".counts") == ["1–50 of 120"] and not browser.button("Previous").is_enabled()
    for first, counts in ((50, "51–100 of 120"), (100, "101–120 of 120")):
        browser.button("Next").click()
        browser.until(lambda: browser.rows()[:1] == [row_of(first)] and browser.texts(".counts") == [counts], counts)
    assert not browser.button("Next").is_enabled()
    deep = browser.address()
    browser.button("Previous").click()
    browser.until(lambda: browser.rows()[:1] == [row_of(50)], "page before")
    browser.driver.back()
    browser.until(lambda: browser.rows()[:1] == [row_of(100)], "page that Back leads to")
    browser.button("First").click()
    browser.until(lambda: browser.rows()[:1] == [row_of(0)], "first page")
    browser.open(gateway, deep)
    assert browser.rows()[0] == row_of(100) and not browser.button("Previous").is_enabled()


def test_groups_are_opened_in_place(browser, gateway):
    push(gateway, "job/a")
    push(gateway, "job/backup/instance@base64/YS9iPw", BACKUP)
    push_native(gateway, "job/backup/instance@base64/YS9iPw")
    browser.open(gateway)
    browser.toggle(f'{B} instance="a/b?"')
    shown = browser.panel()
    assert browser.texts(".family h3") == ["backup_duration_seconds", "backup_last_success_timestamp_seconds", "backup_size_bytes", "chunk_seconds",
                                           "native_seconds", "upload_seconds", "push_failure_time_seconds", "push_time_seconds"]
    assert browser.texts(".family .type") == ["gauge"] * 3 + ["summary", "histogram", "histogram"] + ["gauge"] * 2
    assert "How long the last backup took." in shown and "7 series in 6 families" in shown
    assert browser.texts(".inline-value")[0] == "42.5" and re.fullmatch(r"1.7e\+09 \d years ago", browser.texts(".inline-value")[1])
    assert browser.texts(".metrics tbody tr") == ['database="users" 1.073741824e+09', 'database="orders", tier="cold" 8.25e+11']
    assert re.search(r"Last push\n\d{4}-.* ago|just now", shown)
    assert "open=job/backup/instance@base64/YS9iPw" in browser.address()
    # the address leads back to it, and Back closes it
    browser.open(gateway, browser.script("return location.pathname + location.search"))
    assert "42.5" in browser.panel()
    browser.driver.back()
    browser.until(lambda: not browser.texts(".panel"), "closed group")


def test_summaries_and_histograms_are_tables_and_plots(browser, gateway):
    push(gateway, "job/backup", BACKUP)
    push_native(gateway, "job/backup")
    browser.open(gateway, "/?open=job/backup")
    browser.panel()

    def table(caption):
        return browser.script("""return [...document.querySelectorAll('table')].filter((t) => t.caption.innerText === arguments[0])
            .map((t) => [...t.rows].map((r) => [...r.cells].map((c) => c.innerText).join(' ')))""", caption)

    def plot(name):
        return browser.script("""return [...document.querySelectorAll('svg')].filter((s) => s.getAttribute('aria-label').startsWith(arguments[0]))
            .map((s) => [...s.querySelectorAll('.bar-shape')].map((b) => b.height.baseVal.value))""", name)

    assert table("Quantiles") == [["quantile value", "0.5 0.2", "0.9 0.7", "0.99 2.1"]]
    native, classic = table("Buckets")
    assert native[1:] == ["1 6 6", "4 9 15", "+Inf 0 15"]
    assert classic == ["≤ in the bucket up to here", "0.05 18 18", "0.1 43 61", "0.25 79 140", "0.5 31 171", "1 9 180", "+Inf 2 182"]
    assert table("Native buckets") == [["native bucket holds", "[-2, -1) 3", "[-0.001, 0.001] 2", "(0.5, 1] 1", "(1, 2] 4", "(2, 4] 5"]]
    heights = plot("Buckets: 6 buckets, the fullest holds 79")[0]
    assert [round(height / max(heights) * 79) for height in heights] == [18, 43, 79, 31, 9, 2]
    heights = plot("Native buckets: 5 buckets")[0]
    assert [round(height / max(heights) * 5) for height in heights] == [3, 2, 1, 4, 5]
    assert browser.texts(".totals") == ["count 3700 sum 812 mean 0.2195", "count 15 sum 30.5 mean 2.033", "count 182 sum 30.7 mean 0.1687"]


def test_large_groups_are_shown_in_parts(browser, gateway):
    push(gateway, "job/wide", "".join(f"m{i:03} 1\n" for i in range(120)))
    push(gateway, "job/long", "".join(f'm{{i="{i:04}"}} {i}\n' for i in range(900)))
    browser.open(gateway, "/?open=job/wide")
    browser.panel()
    while len(browser.texts(".family h3")) < 122:
        shown = len(browser.texts(".family h3"))
        browser.button("Show more of 120 families").click()
        browser.until(lambda: len(browser.texts(".family h3")) > shown, "more families")
    assert len(set(browser.texts(".family h3"))) == 122
    browser.open(gateway, "/?open=job/long")
    browser.panel()
    for shown in (30, 530, 900):
        browser.until(lambda: len(browser.texts(".metrics tbody tr")) == shown, f"{shown} metrics")
        if shown < 900:
            browser.button("Show").click()
    assert browser.texts(".metrics tbody tr")[-1] == 'i="0899" 899'


def test_what_comes_and_goes_shows_by_itself(browser, gateway):
    push(gateway, "job/a", "m 1\n")
    push(gateway, "job/b", "m 1\n")
    browser.open(gateway, "/?open=job/a")
    assert "\n1\n" in browser.panel()
    push(gateway, "job/a", "m 77\n")
    gateway.delete("/metrics/job/b")
    push(gateway, "job/c", "m 1\n")
    browser.wait_for_rows('job="a"', 'job="c"')
    browser.until(lambda: "\n77\n" in browser.text(".panel"), "new value in the opened group")


def test_refreshing_is_paused(browser, gateway):
    push(gateway, "job/a")
    browser.open(gateway)
    browser.button("Pause").click()
    push(gateway, "job/b")
    # longer than a refresh would be away
    browser.until(lambda: browser.texts(".group time") == ["7 s ago"], "old row")
    assert browser.rows() == ['job="a"'] and browser.texts(".live span") == ["paused"]
    browser.button("Resume").click()
    browser.wait_for_rows('job="a"', 'job="b"')


def test_what_is_hostile_is_shown_and_not_run(browser, start):
    gateway = start("--push.enable-utf8-names")
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for text in HOSTILE]
    body = "".join(f'# HELP "{text}" {text}\n{{"{text}","l{text}"="{text}"}} 1\n' for text in quoted if "\\n" not in text)
    for text in HOSTILE:
        push(gateway, "job@base64/" + base64.urlsafe_b64encode(text.encode()).decode(), body if text == HOSTILE[0] else "m 1\n")
    browser.open(gateway)
    shown = browser.script("return [...document.querySelectorAll('.group .job .value')].map((e) => e.textContent)")
    assert sorted(shown) == sorted(HOSTILE)
    for row in browser.driver.find_elements("css selector", ".group .open"):
        row.click()
    browser.until(lambda: len(browser.texts(".detail")) == len(HOSTILE), "all groups opened")
    names = browser.script("return [...document.querySelectorAll('.family h3')].map((e) => e.textContent)")
    assert set(text for text in HOSTILE if "\n" not in text) <= set(names)
    browser.script("scrollTo(0, 0)")
    browser.one(".group .quiet-button").click()
    assert browser.until(lambda: browser.text("dialog[open] .named"), "dialog")
    assert not browser.script("return window.hacked || document.querySelector('main script, main img, dialog img, svg[onload]')")


def test_prefix_and_external_url(browser, start):
    gateway = start("--web.route-prefix=/deep/er", "--web.external-url=https://push.example.org/gate", prefix="/deep/er")
    push(gateway, "job/a")
    browser.open(gateway)
    browser.toggle('job="a"')
    assert "'https://push.example.org/gate/metrics/job/a'" in browser.panel()
    browser.one("nav a[data-view=status]").click()
    browser.until(lambda: "Flags" in browser.text("#status"), "status")
    assert browser.address() == "/deep/er/status"
    browser.one(".brand").click()
    browser.driver.get(browser.one("nav a:last-child").get_attribute("href"))
    assert "push_time_seconds" in browser.text()
    assert all("/favicon.ico" in complaint for complaint in browser.complaints())  # beside a text, the browser asks for it


def test_the_server_goes_away_and_comes_back(browser, start):
    gateway = start()
    push(gateway, "job/a")
    browser.open(gateway)
    browser.wait_for_rows('job="a"')
    port = gateway.port
    assert gateway.stop() == 0
    browser.notice("The server does not answer")
    assert browser.rows() == ['job="a"'] and browser.texts(".live span") == ["no answer"]
    again = start(f"--web.listen-address=127.0.0.1:{port}")
    push(again, "job/b")
    browser.wait_for_rows('job="b"')
    browser.complaints()


def test_without_scripts(browser, gateway):
    numbered(gateway, 130)
    fail(gateway, "job/j/instance/001")
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    browser.driver.get(gateway.url)
    rows = browser.driver.find_elements("css selector", "noscript tbody tr")
    assert len(rows) > 100 and "last push failed" in rows[1].text and "Status" in browser.one("body").text
    browser.driver.find_element("link text", "Next page").click()
    assert 'instance="129"' in browser.one("body").text
