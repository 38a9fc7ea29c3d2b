"""Chromium, driven by its WebDriver, in the words of the page's users.

Debian's python3-selenium is told where Debian's chromedriver is, so that nothing is downloaded.
"""

import json
import os
import pathlib
import shutil
import subprocess
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", HERE.parents[1] / "build")).resolve() / "browser"
WITHIN = 20.0  # seconds for whatever should appear; a busy machine, a sanitized server

OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
           "--no-first-run", "--disable-background-networking", "--force-device-scale-factor=1", "--lang=en"]


def axe_source():
    """axe-core, installed below the build folder the first time."""
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]["axe-core"]
    package = BUILD / "node_modules" / "axe-core"
    if not package.exists() or json.loads((package / "package.json").read_text())["version"] != wanted:
        BUILD.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", BUILD)
        subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"],
                       cwd=BUILD, check=True, capture_output=True, timeout=300)
    return (package / "axe.min.js").read_text()


class Browser:
    """One browser for all tests; clear() makes it as new for the next."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        for option in OPTIONS:
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.axe = axe_source()
        self.clear()

    def quit(self):
        self.driver.quit()

    def clear(self):
        self.driver.get("about:blank")
        self.size(1280, 900)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        self.cdp("Emulation.setScriptExecutionDisabled", value=False)
        self.complaints()

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def size(self, width, height, mobile=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def dark(self):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def complaints(self):
        """What the browser has written to its console since it was asked last: errors, also of the
        Content-Security-Policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    # --- Looking -------------------------------------------------------------------------------------

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def until(self, condition, what):
        """Asks until there is something true, and returns that."""
        deadline = time.monotonic() + WITHIN
        while True:
            try:
                found = condition()
            except Exception as error:  # an element that has just been replaced
                found, last = None, error
                if time.monotonic() > deadline:
                    raise AssertionError(f"no {what}") from last
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what}; the page is\n{self.text()}")
            time.sleep(0.02)

    def text(self, selector="body"):
        return self.script("return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText).join('\\n')", selector)

    def texts(self, selector):
        """The text of each element that is shown, in one line."""
        return self.script("""return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility())
            .map((e) => e.innerText.replace(/\\s+/g, ' ').trim())""", selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def button(self, name, inside="body"):
        """The button whose text begins with a name."""
        return self.until(lambda: self.script("""return [...document.querySelectorAll(arguments[1] + ' button')].find(
            (b) => b.checkVisibility() && b.innerText.trim().startsWith(arguments[0]))""", name, inside), f"button {name}")

    def focused(self):
        return self.script("return document.activeElement.innerText.replace(/\\s+/g, ' ').trim() || document.activeElement.id")

    # --- The page ------------------------------------------------------------------------------------

    def open(self, gateway, path="/"):
        """Goes to an address and waits until the page has its answer."""
        self.driver.get(gateway.url + path)
        self.until(lambda: self.script("return document.documentElement.dataset.refreshed"), "answer")

    def address(self):
        return self.script("return decodeURIComponent(location.pathname + location.search)")

    def rows(self):
        """The labels of the groups that are shown."""
        return self.texts(".group .open .labels")

    def wait_for_rows(self, *wanted):
        self.until(lambda: self.rows() == list(wanted), f"rows {wanted}, there are {self.rows()}")

    def search(self, text):
        field = self.one("#q")
        field.clear()
        field.send_keys(text)

    def toggle(self, labels):
        """Opens or closes the group of these labels."""
        self.row(labels).find_element(By.CSS_SELECTOR, ".open").click()

    def row(self, labels):
        return self.until(lambda: self.script("""return [...document.querySelectorAll('.group')].find(
            (g) => g.querySelector('.labels').innerText.replace(/\\s+/g, ' ').trim() === arguments[0])""", labels), f"group {labels}")

    def panel(self):
        """The text of the opened groups once they are loaded."""
        self.until(lambda: self.texts(".panel") and not any("Loading" in text for text in self.texts(".panel")), "opened group")
        return self.text(".panel")

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def answer(self, choice):
        """Reads the dialog, presses a button of it, and waits until it is gone."""
        said = self.until(lambda: self.text("dialog[open]"), "dialog")
        self.button(choice, "dialog[open]").click()
        self.until(lambda: not self.texts("dialog"), "end of the dialog")
        return said

    def notice(self, beginning):
        return self.until(lambda: self.text("#notice").startswith(beginning) and self.text("#notice"), f"notice {beginning}")

    def picture(self, name):
        BUILD.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(BUILD / f"{name}.png"))

    def faults_of_access(self, *rules):
        """What axe-core finds wrong for people who cannot see, or see badly, or have no mouse; by all
        rules unless some are named."""
        self.script(self.axe)
        self.driver.set_script_timeout(60)
        every = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = self.driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'], runOnly: { type: arguments[1], values: arguments[0] } })
                .then((result) => done(result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(' | ')}`)))
                .catch((error) => done([String(error)]));""", list(rules) or every, "rule" if rules else "tag")
        return found

    def overflows(self):
        """Whether the page is wider than the screen."""
        return self.script("return document.documentElement.scrollWidth > document.documentElement.clientWidth")


__all__ = ["BUILD", "Browser", "Keys"]
