"""What a newcomer copies works: the examples of a storefront, and every curl line of the README."""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

from playwright.sync_api import sync_playwright

from server import ServerTest, run

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "Scripts" / "examples"
sys.path.append(str(EXAMPLES))

import storefront

VISIT = """
async ([url, key, token]) => {
  const {Page} = await import('/storefront.mjs')
  const page = window.shop = new Page(url, key)
  await page.open()
  await page.track('Product Viewed', {sku: 'mug-12'})
  await page.put('mug-12', 2)
  await page.save('checkout', {step: 2, street: 'Long Lane'})
  await page.signIn(token)
  const me = await page.me()
  return {me, cart: await page.cart(), checkout: await page.load('checkout')}
}
"""
PAID = "async () => ({cart: await shop.cart(), points: await shop.points()})"


class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".mjs": "text/javascript", "": "text/html"}

    def __init__(self, *words):
        super().__init__(*words, directory=EXAMPLES)

    def log_message(self, *_):
        pass


class ExamplesTest(ServerTest):
    """In the practice shop, whose articles and stores the examples name."""

    def setUp(self):
        super().setUp()
        done = run("demo", "--people", 20, "--data", self.directory / "shop", timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.throughline = self.server("shop")
        self.agent = self.throughline.key()

    def test_a_cart_travels_from_the_site_to_the_till(self):
        environment = {
            **os.environ, "THROUGHLINE_URL": self.throughline.url, "STOREFRONT_KEY": self.throughline.key("storefront"),
            "STORE_KEY": self.throughline.key("store"), "WRITE_KEY": self.throughline.source("my-shop", channel="site")}
        shelf, points = [], 0
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, EXAMPLES / "storefront.py"], env=environment, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            told = json.loads(done.stdout)
            kettle, mugs = told["till"]
            self.assertEqual((kettle["name"], kettle["quantity"], mugs["name"], mugs["quantity"]), ("Electric kettle", 1, "Mug", 2))
            self.assertEqual(told["paid"]["amount"], kettle["total"]["amount"] + mugs["total"]["amount"])
            self.assertEqual(told["cart"], [])
            # A point for each euro.
            points += told["paid"]["amount"] // 100
            self.assertEqual(told["points"], points)
            shelf.append(mugs["stock"])
        self.assertEqual(shelf[0] - shelf[1], 2)
        customer = self.throughline.customer("user_id:17", self.agent)
        self.assertEqual(customer["traits"]["firstName"]["value"], "Ann")
        order = self.throughline.get(f"/v1/orders/{told['order']}", self.agent).json
        self.assertEqual((order["status"], order["fulfilment"]["store"], order["totals"]["paid"]), ("collected", "riga-1", told["paid"]))

    def test_the_shops_page(self):
        shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        self.addCleanup(shop.server_close)
        self.addCleanup(shop.shutdown)
        front = {"Authorization": f"Bearer {self.throughline.key('storefront')}"}
        token = self.throughline.call("POST", "/v1/customers/user_id:17/tokens", {}, front).json["token"]
        hers = {"lines": [{"sku": "kettle-3", "quantity": 1}]}
        self.assertEqual(self.throughline.call("PATCH", "/v1/customers/user_id:17/cart", hers, front).status, 200)
        words = [self.throughline.url, self.throughline.source("page", trust="anonymous"), token]
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{shop.server_port}/")
            told = page.evaluate(VISIT, words)
            # The same cart at the till, which is paid there.
            till = storefront.Till(self.throughline.url, self.throughline.key("store"), "riga-1")
            cart = till.cart("user_id:17")
            till.pay("user_id:17", cart)
            paid = page.evaluate(PAID)
            browser.close()
        self.assertEqual(told["checkout"], {"step": 2, "street": "Long Lane"})
        self.assertIn("Product Viewed", [event.get("event") for event in told["me"]["timeline"]])
        self.assertTrue(told["me"]["known"])
        # The two carts are one.
        self.assertEqual({line["sku"]: line["quantity"] for line in told["cart"]["lines"]}, {"kettle-3": 1, "mug-12": 2})
        self.assertEqual((cart["id"], cart["version"]), (told["cart"]["id"], told["cart"]["version"]))
        self.assertEqual((paid["cart"]["lines"], paid["points"]["balance"]), ([], 0))
        self.assertEqual(paid["points"]["pending"], cart["totals"]["due"]["amount"] // 100)


class ReadmeTest(ServerTest):
    def test_every_curl_line_works(self):
        """In the order in which they stand, in the practice shop, with the keys that Scripts/run shows and a till's."""
        done = run("demo", "--people", 20, "--data", self.directory / "shop", timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        server = self.server("shop")
        keys = {
            "WRITE_KEY": server.source("shop"), "AGENT_KEY": server.key(), "ADMIN_KEY": server.key("admin"),
            "STORE_KEY": server.key("store"), "TILL_KEY": server.made("source", "create", "--name", "till-1", "--kind", "till", "--channel", "store",
                                    "--trust", "verified")}
        text = (ROOT / "README.md").read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        commands = []
        for block in blocks:
            # A command goes on where a line ends with a backslash or a quotation is open.
            command = ""
            for line in block.splitlines(keepends=True):
                if command or line.startswith("curl"):
                    command += line
                if command and not line.endswith("\\\n") and command.count("'") % 2 == 0:
                    commands.append(command)
                    command = ""
        self.assertGreaterEqual(len(commands), 4)
        answers = []
        for command in commands:
            with self.subTest(command):
                line = command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}").replace("curl", "curl -fsS", 1)
                for name, key in keys.items():
                    line = line.replace(name, key)
                done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                answers.append(json.loads(done.stdout))
                if {"points", "until"} <= answers[-1].keys():
                    keys["HOLD"] = answers[-1]["id"]
        told = json.dumps(answers)
        for word in ("ann@example.com", "Product Viewed", '"accepted"', "dress-9", '"reserved"', "Riga, Old Town", "honey-27",
                     '"reason": "customer"'):
            self.assertIn(word, told)
        self.assertNotIn('"status": "invalid"', told)
