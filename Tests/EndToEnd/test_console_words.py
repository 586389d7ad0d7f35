"""The console's languages say the same things, and every module finds the words that it asks for."""

import os
import re
import unittest

from playwright.sync_api import sync_playwright

from console import FILES


class DictionaryTest(unittest.TestCase):
    def setUp(self):
        self.words = {}
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            for name in "en", "ru":
                # The words that are loaded later go to the others, and replace none of them.
                first, later = [(FILES / path).read_text().replace("export default", f"window.{part} =")
                                for path, part in ((f"{name}.js", "words"), (f"shop.{name}.js", "later"))]
                page.evaluate(first)
                page.evaluate(later)
                self.assertEqual(page.evaluate("Object.keys(window.later).filter((key) => key in window.words)"), [])
                self.words[name] = page.evaluate(
                    """() => { const walk = (value, path) => typeof value === 'object' && !('one' in value)
                         ? Object.entries(value).flatMap(([key, item]) => walk(item, [...path, key]))
                         : [[path.join('.'), value]]
                       return Object.fromEntries(walk({...window.words, ...window.later}, [])) }""")
            browser.close()

    def test_both_languages_say_the_same_things(self):
        english, russian = self.words["en"], self.words["ru"]
        self.assertEqual(sorted(english), sorted(russian))
        self.assertGreater(len(english), 150)
        for key, words in english.items():
            with self.subTest(key):
                forms = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}
                for name, value in ("en", words), ("ru", russian[key]):
                    if isinstance(value, dict):
                        self.assertEqual(set(value), forms[name])
                places = [set(re.findall(r"\{\w+\}", str(value))) for value in (words, russian[key])]
                self.assertEqual(*places)
                self.assertTrue(words and russian[key])

    def test_every_word_that_a_module_asks_for_is_there(self):
        for path in FILES.glob("*.js"):
            for key in re.findall(r'\bt\("([^"$]+)"', path.read_text()):
                with self.subTest(path.name, key=key):
                    self.assertIn(key, self.words["en"])

    def test_no_module_makes_html_of_text(self):
        for path in FILES.glob("*.js"):
            self.assertNotRegex(path.read_text(), r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function")
