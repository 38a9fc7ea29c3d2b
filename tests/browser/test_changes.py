"""What changes the store: deleting one group, the selected ones, everything; and lines for the shell."""

import json
import subprocess

from contents import fail, push


def stored(gateway):
    return sorted(group["labels"]["job"] for group in json.loads(gateway.get("/api/v1/groups?limit=1000").body)["data"]["groups"])


def some(gateway, jobs="abcd"):
    for job in jobs:
        push(gateway, f"job/{job}", 'm{l="1"} 1\nm{l="2"} 1\n')


def select(browser, *jobs):
    for job in jobs:
        browser.row(f'job="{job}"').find_element("css selector", "input").click()


def test_delete_one(browser, gateway):
    some(gateway)
    browser.open(gateway)
    browser.row('job="b"').find_element("css selector", ".quiet-button").click()
    said = browser.answer("Cancel")
    assert 'job="b"' in said and "2 series" in said and 'job="a"' not in said
    assert stored(gateway) == list("abcd")
    browser.toggle('job="c"')
    browser.panel()
    browser.button("Delete group", ".panel").click()
    assert 'job="c"' in browser.answer("Delete group")
    browser.wait_for_rows('job="a"', 'job="b"', 'job="d"')
    assert stored(gateway) == list("abd") and browser.notice("Deleted 1 group.")
    assert "open=" not in browser.address()


def test_labels_that_a_path_cannot_hold_are_deleted_too(browser, start):
    gateway = start("--push.enable-utf8-names")
    push(gateway, "job@base64/YS9iPyM/instance@base64/=/U__l_2e_x/..%25")
    browser.open(gateway)
    browser.wait_for_rows('job="a/b?#" instance="" "l.x"="..%"')
    browser.one(".group .quiet-button").click()
    browser.answer("Delete group")
    browser.until(lambda: "Nothing has been pushed yet" in browser.text(".empty"), "empty list")
    assert stored(gateway) == []


def test_delete_the_selected(browser, gateway):
    some(gateway)
    browser.open(gateway)
    assert not browser.texts(".selection")
    select(browser, "a", "c")
    assert browser.texts(".selection strong") == ["2 groups selected"]
    browser.button("Delete selected").click()
    said = browser.answer("Delete 2 groups")
    assert "Delete 2 groups?" in said and 'job="a"' in said and 'job="c"' in said and "4 series" in said and 'job="b"' not in said
    browser.wait_for_rows('job="b"', 'job="d"')
    assert stored(gateway) == ["b", "d"] and not browser.texts(".selection")


def test_a_selection_lasts_over_pages(browser, gateway):
    for i in range(120):
        push(gateway, f"job/j{i:03}")
    browser.open(gateway)
    browser.one("[aria-label='Select all groups on this page']").click()
    assert browser.texts(".selection strong") == ["50 groups selected"]
    browser.button("Next").click()
    browser.until(lambda: browser.rows()[:1] == ['job="j050"'], "second page")
    select(browser, "j050")
    browser.button("Previous").click()
    browser.until(lambda: browser.texts(".selection strong") == ["51 groups selected"] and browser.rows()[0] == 'job="j000"', "selection")
    select(browser, "j000")
    browser.button("Delete selected").click()
    assert "and 38 more" in browser.answer("Delete 50 groups")
    browser.until(lambda: browser.texts(".counts") == ["1–50 of 70"], "rest")
    assert stored(gateway) == ["j000"] + [f"j{i:03}" for i in range(51, 120)]


def test_all_that_match_are_selected(browser, gateway):
    for i in range(130):
        push(gateway, f"job/j{i:03}")
    some(gateway)
    browser.open(gateway, "/?q=j0")
    browser.until(lambda: browser.texts(".counts") == ["1–50 of 100, 134 stored"], "result")
    browser.one("[aria-label='Select all groups on this page']").click()
    browser.button("Select all 100 that match").click()
    browser.until(lambda: browser.texts(".selection strong") == ["100 groups selected"], "selection")
    browser.button("Delete selected").click()
    browser.answer("Delete 100 groups")
    browser.until(lambda: "No group matches." in browser.text(".empty"), "empty list")
    assert stored(gateway) == list("abcd") + [f"j{i}" for i in range(100, 130)]


def test_wipe(browser, gateway):
    some(gateway)
    fail(gateway, "job/broken")
    browser.open(gateway, "/?q=a")
    browser.button("Delete everything").click()
    assert "All 5 groups that are stored will be deleted" in browser.answer("Cancel")
    assert len(stored(gateway)) == 5
    browser.button("Delete everything").click()
    browser.answer("Delete all 5 groups")
    browser.until(lambda: "Nothing has been pushed yet" in browser.text(".empty"), "empty list")
    assert stored(gateway) == [] and not browser.button("Delete everything").is_enabled()


def test_no_wipe_without_the_admin_api(browser, start):
    gateway = start()
    some(gateway)
    browser.open(gateway)
    browser.toggle('job="a"')
    browser.panel()  # by then the flags are known
    assert not any("everything" in text for text in browser.texts("button"))


def test_a_refused_deletion_is_told(browser, gateway):
    some(gateway, "a")
    browser.open(gateway)
    browser.script("""const ask = window.fetch;
        window.fetch = (url, how) => how?.method === 'DELETE' ? Promise.resolve(new Response('not today\\n', { status: 503 })) : ask(url, how);""")
    browser.one(".group .quiet-button").click()
    browser.answer("Delete group")
    assert "1 group not deleted: not today" in browser.notice("1 group not deleted")
    assert stored(gateway) == ["a"]


def test_lines_for_the_shell_do_what_they_say(browser, gateway):
    push(gateway, "job/it%27s%20%24HOME/instance@base64/YS9i")
    browser.open(gateway)
    browser.one(".group .open").click()
    browser.panel()
    browser.cdp("Browser.grantPermissions", origin=gateway.url, permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])

    def copy(index):
        browser.driver.find_elements("css selector", ".copyable button")[index].click()
        browser.notice("Copied.")
        browser.script("document.getElementById('notice').textContent = ''")
        line = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        assert line == browser.texts(".copyable code")[index]
        return line

    subprocess.run(["bash", "-c", copy(0)], check=True, timeout=20)
    assert b"some_metric" in gateway.get("/metrics").body and stored(gateway) == ["it's $HOME"]
    subprocess.run(["bash", "-c", copy(1)], check=True, timeout=20)
    assert stored(gateway) == []
