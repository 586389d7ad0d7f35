"""Debian's Chromium on a page of another origin sends what Segment's and RudderStack's browser SDKs send."""

import http.server
import threading

from browser import BrowserCase
from server import bearer, wait_for

PAGE = b"<!doctype html><meta charset=utf-8><title>Shop</title><h1>Shop</h1>"

# What analytics-next's dispatcher does: fetch with keepalive, text/plain and the key in the header, so that the
# browser asks first (OPTIONS). Its retries also bring X-Retry-Count.
DISPATCH = """
async ([url, key, body, headers]) => {
  try {
    const answer = await fetch(url, {
      keepalive: true, method: 'POST', priority: 'high', body: JSON.stringify(body),
      headers: {'Content-Type': 'text/plain', ...(key ? {'Authorization': 'Basic ' + btoa(key + ':')} : {}), ...headers},
    })
    return {status: answer.status, ok: answer.ok, text: await answer.text(),
            sequence: answer.headers.get('throughline-sequence'), retryAfter: answer.headers.get('retry-after')}
  } catch (error) { return {error: String(error)} }
}
"""

# What older builds of analytics.js did: no header of their own, so no preflight.
XHR = """
([url, body]) => new Promise((done) => {
  const request = new XMLHttpRequest()
  request.open('POST', url, true)
  request.setRequestHeader('Content-Type', 'text/plain')
  request.onload = () => done({status: request.status, text: request.responseText})
  request.onerror = () => done({error: 'refused'})
  request.send(JSON.stringify(body))
})
"""


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


class BrowserTest(BrowserCase):
    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.page_key = self.throughline.source("page", trust="anonymous")
        self.server_key = self.throughline.source("shop")
        self.agent = self.throughline.key()
        shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        self.addCleanup(shop.server_close)
        self.addCleanup(shop.shutdown)
        self.page = self.browser.new_page()
        self.addCleanup(self.page.close)
        self.requests, self.console = [], []
        self.page.on("request", lambda request: self.requests.append((request.method, request.url)))
        self.page.on("console", lambda message: self.console.append(message.text))
        # A name and a port of its own: another origin, and another site.
        self.page.goto(f"http://localhost:{shop.server_port}/")

    def dispatch(self, path, body, key=None, headers=None):
        return self.page.evaluate(DISPATCH, [self.throughline.url + path, key, body, headers or {}])

    def event(self, kind, message, **fields):
        return {"type": kind, "anonymousId": "an-1", "userId": None, "messageId": message, "properties": {"path": "/"},
                "integrations": {}, "context": {"page": {"url": self.page.url, "title": "Shop"}},
                "timestamp": "2026-01-02T03:04:05.000Z", "sentAt": "2026-01-02T03:04:05.000Z",
                "_metadata": {"bundled": ["Segment.io"], "unbundled": [], "bundledIds": []}, **fields}

    def preflights(self):
        """How many times the browser has asked for leave."""
        samples = self.throughline.get("/metrics").body.decode().splitlines()
        return sum(int(line.split()[-1]) for line in samples if "http_requests_total" in line and '"OPTIONS"' in line)

    def events(self):
        return self.throughline.timeline("anonymous_id:an-1", self.agent)

    def test_analytics_next_one_by_one(self):
        for letter, kind, fields in [
            ("p", "page", {"name": "Home"}), ("i", "identify", {"traits": {"email": "ann@example.test"}, "userId": "u-1"}),
            ("t", "track", {"event": "Product Viewed"}), ("s", "screen", {"name": "Cart"}),
            ("g", "group", {"groupId": "g-1"}), ("a", "alias", {"userId": "u-1", "previousId": "an-1"}),
        ]:
            answer = self.dispatch(
                f"/v1/{letter}", self.event(kind, f"ajs-next-{letter}", writeKey=self.page_key, **fields), self.page_key)
            self.assertEqual(answer.get("status"), 200, (answer, self.console))
            self.assertIn('"success":true', answer["text"])
            self.assertNotIn("cus_", answer["text"])
            self.assertGreater(int(answer["sequence"]), 0)
        self.assertGreater(self.preflights(), 0)
        self.assertEqual({event["type"] for event in self.events()},
                         {"page", "identify", "track", "screen", "group", "alias"})

    def test_analytics_next_in_batches(self):
        batch = [self.event("track", f"ajs-next-{n}", event="Scrolled") for n in range(20)]
        body = {"writeKey": self.page_key, "batch": batch, "sentAt": "2026-01-02T03:04:05.000Z"}
        for tries in range(2):
            answer = self.dispatch("/v1/b", body, self.page_key, {"X-Retry-Count": str(tries)} if tries else {})
            self.assertEqual(answer.get("status"), 200, (answer, self.console))
        self.assertEqual(len(self.events()), 20)

    def test_older_analytics_js_asks_no_leave(self):
        answer = self.page.evaluate(
            XHR, [self.throughline.url + "/v1/t", self.event("track", "ajs-1", event="Old", writeKey=self.page_key)])
        self.assertEqual(answer.get("status"), 200, (answer, self.console))
        self.assertEqual(self.preflights(), 0)
        self.assertEqual([event["event"] for event in self.events()], ["Old"])

    def test_a_beacon_when_the_page_is_left(self):
        body = {"batch": [self.event("track", "b-1", event="Left")], "sentAt": "2026-01-02T03:04:05.000Z"}
        self.page.evaluate(
            """([url, body]) => addEventListener('pagehide', () => navigator.sendBeacon(url, JSON.stringify(body)))""",
            [f"{self.throughline.url}/beacon/v1/batch?writeKey={self.page_key}", body])
        self.page.goto("about:blank")
        sent = 'throughline_events_total{status="accepted"}'
        wait_for(lambda: self.throughline.metric(sent) == 1, "the beacon")
        self.assertEqual([event["event"] for event in self.events()], ["Left"])
        self.assertEqual(self.preflights(), 0)

    def test_a_verified_key_in_a_page_is_refused(self):
        """With and without a preflight; the page reads why, so that its developer sees it."""
        event = self.event("track", "x-1", event="Refused", userId="u-1", writeKey=self.server_key)
        for answer in [
            self.dispatch("/v1/t", event, self.server_key), self.dispatch("/v1/b", {"batch": [event]}, self.server_key),
            self.dispatch("/v1/t", event), self.dispatch("/v1/t", event, self.server_key, {"Content-Type": "application/json"}),
            self.page.evaluate(XHR, [self.throughline.url + "/v1/t", event]),
            self.dispatch(f"/beacon/v1/batch?writeKey={self.server_key}", {"batch": [event]}),
        ]:
            self.assertEqual(answer.get("status"), 403, answer)
            self.assertIn("verified", answer["text"])
        self.assertEqual(self.throughline.get("/v1/customers/user_id:u-1", self.agent).status, 404)

    def settings(self, key):
        """As analytics-next asks its CDN's host, which the page names."""
        return self.page.evaluate(
            """async (url) => {
                 try {
                   const answer = await fetch(url)
                   return {status: answer.status, body: await answer.json()}
                 } catch (error) { return {error: String(error)} }
               }""", f"{self.throughline.url}/v1/projects/{key}/settings")

    def test_the_sdk_asks_where_to_send(self):
        answer = self.settings(self.page_key)
        self.assertEqual(answer.get("status"), 200, (answer, self.console))
        told = answer["body"]["integrations"]["Segment.io"]
        # The SDK's own rule (plugins/segmentio): protocol, host, and the first letter of the type.
        answer = self.page.evaluate(DISPATCH, [
            f'{told["protocol"]}://{told["apiHost"]}/t', told["apiKey"],
            self.event("track", "s-1", event="Told Where", writeKey=told["apiKey"]), {}])
        self.assertEqual(answer.get("status"), 200, (answer, self.console))
        self.assertEqual([event["event"] for event in self.events()], ["Told Where"])
        # Without this it would report on itself to Segment.
        self.assertEqual(told["unbundledIntegrations"], [])
        self.assertEqual(self.settings(self.page_key)["body"]["metrics"]["sampleRate"], 0)
        # The answer is kept: asked twice, sent once.
        asked = 'route="/v1/projects/{writeKey}/settings"'
        samples = self.throughline.get("/metrics").body.decode().splitlines()
        self.assertEqual(sum(int(line.split()[-1]) for line in samples if asked in line and "http_requests_total" in line), 1)

    def test_settings_that_are_refused_are_readable(self):
        for key, status in (self.server_key, 403), ("wk_wrong", 404):
            answer = self.settings(key)
            self.assertEqual(answer.get("status"), status, answer)
            self.assertIn("key", answer["body"]["detail"])

    def test_errors_are_readable(self):
        event = self.event("track", "e-1", event="E")
        for key, body, status in [("wk_wrong", event, 401), (self.page_key, self.event("track", "e-2"), 400)]:
            answer = self.dispatch("/v1/t", body, key)
            self.assertEqual(answer.get("status"), status, answer)
            self.assertIn('"detail"', answer["text"])

    def test_a_limit_is_readable(self):
        """The SDK waits as long as Retry-After says, which a page may only read where it is exposed."""
        document = {"name": "page", "channel": "web", "trust": "anonymous", "eventsPerSecond": 1}
        admin = self.throughline.key("admin")
        self.throughline.call("PUT", "/v1/documents/source/page", document, bearer(admin))
        answers = [self.dispatch("/v1/b", {"batch": [self.event("track", f"l-{n}-{m}", event="E") for m in range(10)]},
                                 self.page_key) for n in range(2)]
        self.assertEqual([answer.get("status") for answer in answers], [200, 429])
        self.assertGreater(int(answers[1]["retryAfter"]), 1)

    def test_no_page_reads_a_customer(self):
        self.throughline.post("/v1/track", {"userId": "u-1", "event": "E"}, self.server_key)
        answer = self.page.evaluate(
            """([url, key]) => fetch(url, {headers: {Authorization: 'Bearer ' + key}}).then((a) => a.text(), (e) => 'refused')""",
            [self.throughline.url + "/v1/customers/user_id:u-1", self.agent])
        self.assertEqual(answer, "refused")
