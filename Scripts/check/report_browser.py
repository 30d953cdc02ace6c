"""Looks at reports in headless Chromium and fails if one does what a report must not.

usage: report_browser.py SLUICE FOLDER [--smoke]
"""

import base64
import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from report_inputs import HOSTILE, crowd, hostile

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")


def axe_source():
    """The script of axe-core; the package that carries it is not imported, as it needs Playwright."""
    package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
    return next(Path(package).rglob("axe.min.js")).read_text()


def browser():
    options = Options()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
    ):
        options.add_argument(argument)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.set_capability("unhandledPromptBehavior", "ignore")
    return webdriver.Chrome(options, Service("/usr/bin/chromedriver"))


class Look:
    def __init__(self, driver, axe, shots):
        self.driver, self.axe, self.shots = driver, axe, shots
        self.faults = []

    def expect(self, truth, what):
        if not truth:
            self.faults.append(what)

    def page(self, path, name, texts=()):
        driver, url = self.driver, path.resolve().as_uri()
        for width in WIDTHS:
            for scheme in SCHEMES:
                where = f"{name}, {width} px, {scheme}"
                driver.get_log("browser"), driver.get_log("performance")
                driver.execute_cdp_cmd(
                    "Emulation.setDeviceMetricsOverride",
                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
                )
                driver.execute_cdp_cmd(
                    "Emulation.setEmulatedMedia",
                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
                )
                driver.get(url)
                self.quiet(url, where)
                self.structure(where)
                self.accessible(where)
                self.shot(f"{name}-{width}-{scheme}")
        self.inert(name, texts)
        # The printed page is kept for people to look at.
        pdf = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        (self.shots / f"{name}.pdf").write_bytes(base64.b64decode(pdf["data"]))

    def quiet(self, url, where):
        for entry in self.driver.get_log("browser"):
            self.expect(False, f"{where}: console: {entry['message']}")
        requested = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                requested.add(message["params"]["request"]["url"])
        # That the page itself is among them shows that requests are seen.
        self.expect(requested == {url}, f"{where}: requested {sorted(requested)}")

    def structure(self, where):
        wide = self.driver.execute_script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        self.expect(wide[0] <= wide[1], f"{where}: {wide[0]} px wide in a window of {wide[1]}")
        foreign = self.driver.execute_script(
            """return [...document.querySelectorAll('*')].flatMap(e => [
                 ...(/^(script|img|iframe|object|embed|link|form|input|button|textarea|base|video|audio|b)$/.test(e.localName)
                     && !(e.localName == 'b' && e.closest('.tiles, .lane, figcaption')) ? [e.outerHTML] : []),
                 ...[...e.attributes].filter(a => /^on|^style$|^srcdoc$/.test(a.name)).map(a => a.name)]).slice(0, 5)"""
        )
        self.expect(not foreign, f"{where}: elements that the page does not have: {foreign}")
        links = self.driver.execute_script(
            "return [...document.querySelectorAll('[href]')].map(e => [e.getAttribute('href'), e.rel])"
        )
        bad = [link for link in links if not (link[0].startswith("#") or is_vendor(link))]
        self.expect(not bad, f"{where}: links {bad[:5]}")
        lost = self.driver.execute_script(
            """return [...document.querySelectorAll('a[href^="#"]')].map(e => e.getAttribute('href'))
                 .filter(h => !document.getElementById(h.slice(1)))"""
        )
        self.expect(not lost, f"{where}: links to nothing {lost[:5]}")
        levels = self.driver.execute_script(
            "return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(e => +e.localName[1])"
        )
        steps = [b - a for a, b in itertools.pairwise(levels)]
        self.expect(levels[:1] == [1] and max(steps, default=0) <= 1, f"{where}: headings out of order {levels[:20]}")

    def accessible(self, where):
        self.driver.execute_script(self.axe)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document).then(r => done([r.violations, r.passes.length]))"
        )
        violations, passes = found
        self.expect(passes > 10, f"{where}: axe looked at nothing")
        for violation in violations:
            nodes = violation["nodes"]
            said = f"{violation['id']}: {violation['help']} ({len(nodes)}): {nodes[0]['html'][:200]}"
            self.expect(False, f"{where}: axe: {said}")

    def inert(self, name, texts):
        """What the log holds is there as text, whatever it looks like."""
        shown = self.driver.execute_script("return document.body.textContent")
        for text in texts:
            self.expect(text in shown, f"{name}: not shown as text: {text!r}")
        invisible = [hex(ord(c)) for c in shown if (ord(c) < 32 and c != "\n") or ord(c) in HOSTILE.invisible]
        self.expect(not invisible, f"{name}: invisible characters {invisible[:5]}")
        self.expect(self.driver.execute_script("return window.hit") is None, f"{name}: a text ran")

    def shot(self, name):
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": False})
        (self.shots / f"{name}.png").write_bytes(base64.b64decode(data["data"]))


def is_vendor(link):
    hosts = ("docs.datadoghq.com", "github.com", "research.splunk.com")
    return link[0].startswith(tuple(f"https://{host}/" for host in hosts)) and set(link[1].split()) == {
        "noreferrer",
        "noopener",
    }


def report(sluice, folder, name, *arguments):
    path = folder / f"{name}.html"
    done = subprocess.run([sluice, "scan", "--format", "html", "--quiet", "--output", path, *arguments], check=False)
    if done.returncode not in (0, 2):
        sys.exit(f"the scan for {name} failed with status {done.returncode}")
    return path


def main():
    sluice, folder = sys.argv[1], Path(sys.argv[2])
    is_smoke = "--smoke" in sys.argv
    shots = folder / "shots"
    for part in (shots, folder / "in"):
        part.mkdir(parents=True, exist_ok=True)
    archive, rules, texts = hostile(folder / "in")
    pages = [("hostile", report(sluice, folder, "hostile", archive, "--rules", rules), texts)]
    if not is_smoke:
        attacks = folder / "in" / "attacks"
        if not attacks.exists():
            subprocess.run([sluice, "generate", "--events", "200000", "--seed", "1", "--output", attacks], check=True)
        nothing = folder / "in" / "nothing.json"
        nothing.write_text("")
        pages += [
            ("attacks", report(sluice, folder, "attacks", attacks / "archive"), ()),
            ("nothing", report(sluice, folder, "nothing", nothing), ()),
            ("crowd", report(sluice, folder, "crowd", crowd(folder / "in")), ("are left out of this page",)),
        ]
        size = (folder / "crowd.html").stat().st_size
        if size > 4_000_000:
            sys.exit(f"the report of a crowd has {size} bytes")
    driver = browser()
    try:
        look = Look(driver, axe_source(), shots)
        for name, path, texts in pages:
            look.page(path, name, texts)
    finally:
        driver.quit()
    for fault in look.faults:
        print(fault, file=sys.stderr)
    print(f"{len(pages)} reports, {len(pages) * len(WIDTHS) * len(SCHEMES)} views, {len(look.faults)} faults")
    sys.exit(1 if look.faults else 0)


if __name__ == "__main__":
    main()
