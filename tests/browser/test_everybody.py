"""For whoever has no mouse, does not see, or holds a phone."""

import pytest

from browser import Keys
from contents import BACKUP, fail, push, push_native

GROUP = "job/backup/instance/db1"


@pytest.fixture
def some(gateway):
    push(gateway, GROUP, BACKUP)
    push_native(gateway, GROUP)
    for i in range(12):
        push(gateway, f"job/nightly/instance/host-{i:02}.some.long.name.example.org/zone/eu-west-1")
    fail(gateway, "job/broken")
    return gateway


VIEWS = ["/", f"/?open={GROUP}", "/?q=nobody", "/status"]


def is_there(browser, view):
    if "open=" in view:
        browser.panel()
    elif view == "/status":
        browser.until(lambda: len(browser.texts(".card")) == 5, "status")


@pytest.mark.parametrize("screen,scheme", [("wide", "light"), ("wide", "dark"), ("narrow", "light")])
def test_nothing_stands_in_the_way(browser, some, screen, scheme):
    if scheme == "dark":
        browser.dark()
    if screen == "narrow":
        browser.size(360, 740, mobile=True)
    rules = ["color-contrast"] if scheme == "dark" else []  # nothing else is another in the dark
    for view in VIEWS:
        browser.open(some, view)
        is_there(browser, view)
        assert browser.faults_of_access(*rules) == [], view
        assert not browser.overflows(), view
        name = view.strip("/").partition("=")[0].strip("?") or "groups"
        browser.picture(f"{name}-{screen}-{scheme}")
    browser.open(some)
    browser.one("[aria-label='Select all groups on this page']").click()
    browser.button("Delete selected").click()
    browser.until(lambda: browser.texts("dialog[open]"), "dialog")
    assert browser.faults_of_access(*rules) == []
    browser.picture(f"dialog-{screen}-{scheme}")
    browser.answer("Cancel")


def luminance(browser, selector):
    color = browser.script("return getComputedStyle(document.querySelector(arguments[0])).backgroundColor", selector)
    return sum(int(part) for part in color[color.index("(") + 1:-1].split(",")[:3])


def test_dark_is_dark(browser, some):
    browser.open(some)
    assert luminance(browser, "body") > 650 and luminance(browser, ".groups") > 650
    browser.dark()
    assert luminance(browser, "body") < 150 and luminance(browser, ".groups") < 150


def test_all_is_done_by_the_keyboard(browser, some):
    browser.open(some)
    browser.press("/", "backup")
    browser.wait_for_rows('job="backup" instance="db1"')
    for _ in range(30):
        browser.press(Keys.TAB)
        if browser.focused().startswith('job="backup"'):
            break
    assert browser.focused() == 'job="backup" instance="db1"'
    browser.press(Keys.ENTER)
    assert "42.5" in browser.panel()
    browser.press(Keys.ENTER)
    browser.until(lambda: not browser.texts(".panel"), "closed group")
    # more of them
    browser.press(Keys.SHIFT, Keys.TAB, Keys.NULL, "/", Keys.BACKSPACE)
    browser.until(lambda: len(browser.rows()) == 14, "all groups")
    browser.one(".group .open").send_keys("j", Keys.ARROW_DOWN, "k", "x", "j", "x")
    assert browser.texts(".selection strong") == ["2 groups selected"]
    browser.press(Keys.DELETE)
    said = browser.until(lambda: browser.text("dialog[open]"), "dialog")
    assert "Delete 2 groups?" in said and browser.focused() == "Cancel"
    browser.press(Keys.ESCAPE)
    browser.until(lambda: not browser.texts("dialog"), "end of the dialog")
    assert browser.focused().startswith('job="')
    browser.press(Keys.DELETE)
    browser.until(lambda: browser.texts("dialog[open]"), "dialog")
    browser.press(Keys.TAB, Keys.ENTER)
    browser.notice("Deleted 2 groups.")
    browser.until(lambda: browser.texts(".counts") == ["1–12 of 12"], "rest")
    assert browser.focused() != ""


def test_what_a_screen_reader_says(browser, some):
    browser.open(some, f"/?q=db1&open={GROUP}")
    browser.panel()
    nodes = browser.cdp("Accessibility.getFullAXTree")["nodes"]
    said = {(node["role"]["value"], node["name"]["value"].strip()) for node in nodes if "name" in node and not node["ignored"]}
    for wanted in [("searchbox", "Search labels and metrics"), ("checkbox", 'Select group job="backup", instance="db1"'),
                   ("button", 'Delete group job="backup", instance="db1"'), ("region", 'Group job="backup", instance="db1"'),
                   ("heading", "upload_seconds"), ("button", "Pause refreshing"), ("navigation", "Pages"),
                   ("button", "Copy the line that deletes this group")]:
        assert wanted in said, wanted
    assert any(role in ("image", "img") and name.startswith("Buckets: 6 buckets") for role, name in said)


def test_a_long_value_does_not_widen_a_phone(browser, gateway):
    push(gateway, "job/" + "x" * 300 + "/instance/" + "long%20words%20" * 30, "m{l=\"" + "y" * 300 + "\"} 1\n")
    browser.size(360, 740, mobile=True)
    browser.open(gateway)
    browser.one(".group .open").click()
    browser.panel()
    assert not browser.overflows()


def test_the_picture_of_the_readme(browser, gateway):
    shown = "job/index_backup/instance/db1"
    push(gateway, shown, "".join(line + "\n" for line in BACKUP.splitlines() if "chunk" not in line and "last_success" not in line))
    for i, job in enumerate(["billing_export", "certificate_check", "etl", "etl", "log_rotation"]):
        push(gateway, f"job/{job}/instance/host-{i}")
    fail(gateway, "job/etl/instance/host-3")
    browser.size(1000, 830)
    browser.open(gateway, f"/?open={shown}")
    browser.panel()
    browser.picture("page")
