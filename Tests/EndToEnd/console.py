"""The agents' console in Debian's Chromium, before a shop that was made by posting events."""

import pathlib

from playwright.sync_api import expect

from browser import PICTURES, WIDTHS, BrowserCase
from server import bearer

FILES = pathlib.Path(__file__).parents[2] / "Sources/CConsole/files"
# What somebody may call himself to break a page.
HOSTILE = {
    "script": "<script>window.broken = 1</script>",
    "image": "<img src=x onerror='window.broken = 1'>",
    "override": "\u202egnihtemos\u2066 else",
    "long": "x" * 5000,
    "prototype": "__proto__",
    "constructor": "constructor",
}
RECEIPT = {"name": "till", "channel": "store", "trust": "verified", "proves": ["user_id", "phone", "card"]}


class ConsoleCase(BrowserCase):
    """A page that is signed out, on a server with a shop. After each test the page must have broken no policy, thrown
    nothing and loaded nothing from elsewhere."""

    # Options of the browser's context, and those that a test case adds.
    options = {}

    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.backend = self.throughline.source("shop")
        self.agent = self.throughline.key("agent", name="Ann")
        self.complaints, self.elsewhere = [], []
        self.context = self.browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **self.options})
        self.addCleanup(self.context.close)
        self.page = self.new_page()

    def look(self, name):
        """At three widths, light and dark: nothing runs out of the page, and axe-core finds nothing serious."""
        for scheme in "light", "dark":
            self.page.emulate_media(color_scheme=scheme)
            for width, height in WIDTHS.items():
                with self.subTest(name, width=width, scheme=scheme):
                    self.page.set_viewport_size({"width": width, "height": height})
                    self.assertFits()
                    self.assertAccessible()
                    if PICTURES:
                        self.page.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)

    def new_page(self):
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complain(message))
        page.on("request", lambda request: self.request(request.url))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', "
            "(event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))")
        return page

    def complain(self, message):
        # A refused request is no defect of the page; the browser says so of each.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def request(self, url):
        if not url.startswith((self.throughline.url, "data:")):
            self.elsewhere.append(url)

    def tearDown(self):
        self.assertEqual(self.complaints, [])
        self.assertEqual(self.elsewhere, [])
        self.assertIsNone(self.page.evaluate("window.broken ?? null"))
        super().tearDown()

    # The shop.

    def identify(self, user, key=None, path="/v1/identify", **fields):
        answer = self.throughline.post(path, {"userId": user, **fields}, key or self.backend)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"][0]["customer"]

    def shop(self):
        """Ann and Bob, whom a till takes for one when they give one phone; what Ann did at several doors."""
        admin = self.throughline.key("admin", name="Root")
        till = self.throughline.source("till", channel="store")
        self.throughline.call("PUT", "/v1/documents/source/till", RECEIPT, bearer(admin))
        self.ann = self.identify("u-1", anonymousId="an-1", traits={
            "name": "Ann Lee", "email": "ann@example.test", "phone": "+12015552345", "city": "Boston"},
            context={"consent": {"categoryPreferences": {"marketing": True}}})
        self.bob = self.identify("u-2", traits={"name": "Bob Stone", "email": "bob@example.test"})
        self.throughline.call(
            "PUT", "/v1/customers/user_id:u-1/consents", [{"purpose": "marketing", "channel": "email", "state": "granted"}],
            bearer(admin))
        self.throughline.call(
            "PUT", "/v1/customers/user_id:u-1/state/film", {"value": {"second": 17}, "device": "tv"}, bearer(admin))
        self.throughline.call(
            "PATCH", "/v1/customers/user_id:u-1/traits", {"traits": {"city": "Cambridge"}}, bearer(self.agent))
        for number in range(60):
            self.identify("u-1", path="/v1/track", event=f"Product Viewed", properties={"sku": f"sku-{number}", "price": 12.5},
                          timestamp=f"2026-01-{1 + number // 10:02}T10:{number % 60:02}:00Z", messageId=f"v-{number}")
        self.identify("u-1", till, path="/v1/track", event="Order Completed", messageId="o-1",
                      properties={"order_id": "A-77", "total": 99, "products": [{"sku": "sku-1", "quantity": 2}]})
        for user in "u-3", "u-4":
            self.identify(user, till, traits={"name": f"Twin {user}", "phone": "+12015552399"})

    def sign_in(self, key=None, hash="", page=None):
        page = page or self.page
        page.goto(self.throughline.url + "/" + hash)
        page.get_by_label("Your key").fill(key or self.agent)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#main")).to_be_visible()

    def open(self, customer, page=None):
        page = page or self.page
        page.goto(f"{self.throughline.url}/#/customers/{customer}")
        expect(page.locator(".head h1")).to_be_visible()

    def cookie(self):
        return next((cookie for cookie in self.context.cookies() if "session" in cookie["name"]), None)
