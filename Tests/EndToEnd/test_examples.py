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

from server import ServerTest

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "Scripts" / "examples"

VISIT = """
async ([url, key, token]) => {
  const {Page} = await import('/storefront.mjs')
  const page = new Page(url, key)
  await page.open()
  await page.track('Product Viewed', {sku: 'dress-9'})
  await page.save('checkout', {step: 2, street: 'Long Lane'})
  await page.signIn(token)
  const me = await page.me()
  return {me, checkout: await page.load('checkout')}
}
"""


class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".mjs": "text/javascript", "": "text/html"}

    def __init__(self, *words):
        super().__init__(*words, directory=EXAMPLES)

    def log_message(self, *_):
        pass


class ExamplesTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.agent = self.throughline.key()

    def test_the_shops_server(self):
        environment = {
            **os.environ, "THROUGHLINE_URL": self.throughline.url, "STOREFRONT_KEY": self.throughline.key("storefront"),
            "WRITE_KEY": self.throughline.source("shop", channel="site")}
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, EXAMPLES / "storefront.py"], env=environment, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["me"]["firstName"]["value"], "Ann")
        self.assertEqual(told["checkout"], {"step": 2, "street": "Long Lane"})
        customer = self.throughline.customer("email:ann@example.com", self.agent)
        self.assertEqual(len([event for event in customer["timeline"] if event.get("event") == "Order Completed"]), 2)

    def test_the_shops_page(self):
        shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        self.addCleanup(shop.server_close)
        self.addCleanup(shop.shutdown)
        front = self.throughline.key("storefront")
        token = self.throughline.call(
            "POST", "/v1/customers/user_id:17/tokens", {}, {"Authorization": f"Bearer {front}"}).json["token"]
        words = [self.throughline.url, self.throughline.source("page", trust="anonymous"), token]
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{shop.server_port}/")
            told = page.evaluate(VISIT, words)
            browser.close()
        self.assertEqual(told["checkout"], {"step": 2, "street": "Long Lane"})
        self.assertIn("Product Viewed", [event.get("event") for event in told["me"]["timeline"]])
        self.assertTrue(told["me"]["known"])


class ReadmeTest(ServerTest):
    def test_every_curl_line_works(self):
        """In the order in which they stand, with the keys that Scripts/run shows and a till's."""
        server = self.server()
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
                run = command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}").replace("curl", "curl -fsS", 1)
                for name, key in keys.items():
                    run = run.replace(name, key)
                done = subprocess.run(["bash", "-c", run], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                answers.append(json.loads(done.stdout))
                if {"points", "until"} <= answers[-1].keys():
                    keys["HOLD"] = answers[-1]["id"]
        told = json.dumps(answers)
        for word in "ann@example.com", "Product Viewed", '"accepted"', "dress-9":
            self.assertIn(word, told)
        self.assertNotIn('"invalid"', told)
