"""Debian's Chromium, and what every page in it must hold to."""

import os
import pathlib

import axe_playwright_python
from playwright.sync_api import sync_playwright

from server import ServerTest

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Where the pictures go that a person looks at; nowhere if it is not set.
PICTURES = os.environ.get("PICTURES")
WIDTHS = {360: 740, 768: 1024, 1440: 900}


class BrowserCase(ServerTest):
    """A browser for the tests of a class, which open `page` in it."""

    @classmethod
    def setUpClass(cls):
        cls.driver = sync_playwright().start()
        cls.browser = cls.driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.driver.stop()

    def assertFits(self):
        """Nothing runs out of the page to the side, nor out of a dialog in it."""
        for wide, room in self.page.evaluate(
                "[document.documentElement, ...document.querySelectorAll('dialog')].map((one) => [one.scrollWidth, one.clientWidth])"):
            self.assertLessEqual(wide, room)

    def assertAccessible(self):
        """axe-core finds nothing serious. It is no part of the page: the context must have `bypass_csp`."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
        serious = [
            (one["id"], one["impact"], [node["html"][:150] for node in one["nodes"][:3]])
            for one in found["violations"] if one["impact"] in ("serious", "critical", "moderate")]
        self.assertEqual(serious, [])
