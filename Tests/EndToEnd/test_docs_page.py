"""The API's reference in Debian's Chromium, without a key: it shows what the server's own document says, all of it."""

import json
import re
import subprocess

from playwright.sync_api import expect

from browser import PICTURES, WIDTHS
from console import ConsoleCase


class DocsCase(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.document = self.throughline.get("/openapi.json").json
        self.operations = [
            (method, path, operation) for path, methods in self.document["paths"].items()
            for method, operation in methods.items()]
        self.visit()

    def visit(self, place=""):
        self.page.goto("about:blank")
        self.page.goto(f"{self.throughline.url}/docs{place}")
        expect(self.page.locator(".operation")).to_have_count(len(self.operations))

    def section(self, operation_id):
        return self.page.locator(f'[id="{operation_id}"]')


class ReferenceTest(DocsCase):
    def test_every_operation_is_shown(self):
        self.assertGreater(len(self.operations), 90)
        shown = self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('.operation')].map((one) => [one.id,
                 {title: one.querySelector('h3').innerText, text: one.innerText, line: one.querySelector('pre').innerText,
                  parameters: [...one.querySelectorAll('h4')].some((h) => h.innerText === 'Parameters')
                    ? [...one.querySelector('.fields').children].map((row) => row.querySelector('code').innerText) : []}]))""")
        self.assertEqual(sorted(shown), sorted(operation["operationId"] for _, _, operation in self.operations))
        for method, path, operation in self.operations:
            with self.subTest(f"{method} {path}"):
                one = shown[operation["operationId"]]
                self.assertEqual(one["title"], f"{method.upper()} {path}")
                self.assertIn(operation["summary"].replace("`", ""), one["text"])
                self.assertEqual(one["parameters"], [each["name"] for each in operation.get("parameters", [])])
                for role in operation.get("x-roles", []):
                    self.assertRegex(one["text"], rf"May call:.*\b{role}\b")
                for status, answer in operation["responses"].items():
                    self.assertIn(f"{status}\n\n{answer['description'].replace('`', '')}", one["text"])
                self.assertIn(re.sub(r"\{\w+\}", "", path).split("//")[0], one["line"])
                content = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
                if "example" in content:
                    body = one["line"].split("-d '", 1)[1].rstrip("'").replace("'\\''", "'")
                    self.assertEqual(json.loads(body), content["example"])
        entries = self.page.locator("#contents li a").evaluate_all("all => all.map((one) => one.getAttribute('href').slice(1))")
        self.assertEqual(set(shown) - set(entries), set())

    def test_a_copied_line_works(self):
        event = self.section("post-v1-identify").locator("pre").inner_text()
        health = self.section("get-health").locator("pre").inner_text()
        customer = self.section("get-customer").locator("pre").inner_text()
        lines = [event.replace("WRITE_KEY", self.backend), health,
                 customer.replace("KEY", self.agent).replace("CUSTOMER", "user_id:u-17")]
        for line in lines:
            done = subprocess.run(["bash", "-c", line.replace("curl", "curl -fsS", 1)], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, (line, done.stderr))
        self.assertEqual(json.loads(done.stdout)["identifiers"][0]["value"], "u-17")

    def test_the_button_copies_the_line(self):
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        section = self.section("post-v1-track")
        section.get_by_role("button", name="Copy: POST /v1/track").click()
        expect(self.page.get_by_text("Copied.")).to_be_visible()
        self.assertEqual(self.page.evaluate("navigator.clipboard.readText()"), section.locator("pre").inner_text())

    def test_a_link_leads_to_an_operation(self):
        self.visit("#get-timeline")
        section = self.section("get-timeline")
        expect(section.locator("h3")).to_be_focused()
        expect(section.locator("h3")).to_be_in_viewport()
        self.assertLess(section.bounding_box()["y"], 120)
        # One that the filter hides is shown again.
        self.page.locator("#find").fill("metrics")
        expect(section).to_be_hidden()
        self.page.evaluate("location.hash = '#post-v1-batch'")
        expect(self.section("post-v1-batch").locator("h3")).to_be_focused()
        expect(section).to_be_visible()
        for place in "#nowhere", "#%", "#__proto__", "#%3Cscript%3E":
            self.visit(place)

    def test_the_filter(self):
        page = self.page
        page.keyboard.press("/")
        find = page.locator("#find")
        expect(find).to_be_focused()
        page.keyboard.type("customers export")
        expect(page.locator("#count")).to_have_text(f"1 of {len(self.operations)}")
        shown = page.locator(".operation:visible")
        expect(shown).to_have_count(1)
        expect(shown).to_have_attribute("id", "post-export")
        expect(page.locator("#contents .group li:visible")).to_have_count(1)
        expect(page.locator("section.group:visible")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(shown.locator("h3")).to_be_focused()
        self.assertTrue(page.url.endswith("#post-export"))
        page.keyboard.press("/")
        page.keyboard.press("Escape")
        expect(find).to_have_value("")
        expect(page.locator(".operation:visible")).to_have_count(len(self.operations))
        # WCAG 2.1.4: speech would press it.
        page.get_by_label("jumps here").uncheck()
        page.locator("#main").focus()
        page.keyboard.press("/")
        expect(find).not_to_be_focused()

    def test_a_schema_within_itself_ends(self):
        """Opens every schema, and what opens in it, until nothing is closed."""
        document = json.loads(json.dumps(self.document))
        document["components"]["schemas"]["Problem"]["properties"]["cause"] = {"$ref": "#/components/schemas/Problem"}
        document["components"]["schemas"]["Problem"]["properties"]["<b>bold</b>"] = {"type": "string", "description": "<img src=x>"}
        self.page.route("**/openapi.json", lambda route: route.fulfill(json=document))
        self.visit()
        for _ in range(12):
            closed = self.page.evaluate(
                """() => { const all = [...document.querySelectorAll('main details:not([open])')]
                   for (const one of all) one.open = true
                   return all.length }""")
            if closed == 0:
                break
            self.page.wait_for_timeout(100)
        self.assertEqual(closed, 0)
        expect(self.page.locator("#problem").get_by_text("(as above)")).to_have_count(1)
        expect(self.page.locator("#problem").get_by_text("<b>bold</b>")).to_be_visible()
        self.assertEqual(self.page.locator("main img, main b").count(), 0)
        self.assertFits()

    def test_a_document_that_does_not_come(self):
        self.page.route("**/openapi.json", lambda route: route.fulfill(status=503, body=""))
        self.page.goto("about:blank")
        self.page.goto(self.throughline.url + "/docs")
        expect(self.page.get_by_role("alert")).to_contain_text("503")

    def test_headings_stand_in_order(self):
        levels = self.page.locator("h1, h2, h3, h4, h5, h6").evaluate_all("all => all.map((one) => Number(one.tagName[1]))")
        self.assertEqual(levels.count(1), 1)
        for before, after in zip(levels, levels[1:]):
            self.assertLessEqual(after, before + 1)
        identifiers = self.page.locator("[id]").evaluate_all("all => all.map((one) => one.id)")
        self.assertEqual(len(identifiers), len(set(identifiers)))

    def test_the_console_leads_here(self):
        self.page.goto(self.throughline.url)
        self.page.get_by_role("link", name="API reference").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("API reference")
        self.sign_in()
        expect(self.page.get_by_role("navigation").get_by_role("link", name="API reference")).to_be_visible()
        self.assertEqual(self.page.locator("nav [aria-current]").count(), 0)


class LookTest(DocsCase):
    # axe-core is no part of the page; the policy would rightly keep it out.
    options = {"bypass_csp": True}

    def test_at_every_width(self):
        for width, height in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.visit()
            for scheme in "light", "dark":
                with self.subTest(width=width, scheme=scheme):
                    self.page.emulate_media(color_scheme=scheme)
                    self.assertFits()
                    if scheme == "light" and PICTURES:
                        self.page.screenshot(path=f"{PICTURES}/docs-top-{width}.png")
                    if PICTURES:
                        self.page.evaluate("document.getElementById('put-consents').scrollIntoView()")
                        self.page.screenshot(path=f"{PICTURES}/docs-{width}-{scheme}.png")
                    # Tags of every kind are in some; all ninety take axe half a minute each.
                    self.page.locator("#find").fill("customers post")
                    self.assertAccessible()
                    self.page.locator("#find").fill("")
