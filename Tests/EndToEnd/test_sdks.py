"""The SDKs that shops have in use, unmodified from pip, post to the server."""

import datetime
import http.server
import logging
import socket
import threading
import time
import urllib.request

import rudderstack.analytics.client
import segment.analytics.client

from server import ServerTest, wait_for

for name in "segment", "rudderstack", "backoff":
    logging.getLogger(name).setLevel(logging.CRITICAL)


def segment_client(server, key, **options):
    return segment.analytics.client.Client(key, host=server.url, upload_interval=0.1, **options)


def rudder_client(server, key, **options):
    return rudderstack.analytics.client.Client(key, host=server.url, upload_interval=0.1, **options)


def say_everything(client, timestamp=None):
    """The six calls, as the README of either SDK has them."""
    client.identify("u-17", {"email": "Ann@Example.test", "phone": "+12015552345", "first_name": "Ann"})
    client.track("u-17", "Product Added", {"product_id": "p1", "price": 19.5}, timestamp=timestamp, anonymous_id="an-1")
    client.page("u-17", "Shop", "Home", {"url": "https://shop.test/"})
    client.screen("u-17", "App", "Cart", {"lines": 2})
    client.group("u-17", "g-1", {"name": "Friends"})
    client.alias("an-0", "u-17")
    client.flush()
    client.join()


class Faulty(http.server.BaseHTTPRequestHandler):
    """Stands before the server and answers in its place as long as `answers` has some; "cut" hears the server's
    answer and tells the client nothing of it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        first = self.server.answers.pop(0) if self.server.answers else None
        self.server.seen.append(first)
        if isinstance(first, tuple):
            return self.tell(first[0], first[1], b"")
        request = urllib.request.Request(self.server.target + self.path, body, dict(self.headers))
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if first == "cut":
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        self.tell(status, {}, text)

    def tell(self, status, headers, text):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class SDKTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.write_key = self.throughline.source("shop")
        self.agent = self.throughline.key()
        self.errors = []

    def on_error(self, error, items):
        self.errors.append((error, items))

    def faulty(self, *answers):
        """A door before the server that does these things first; its URL goes to an SDK."""
        door = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
        door.target, door.answers, door.seen = self.throughline.url, list(answers), []
        door.url = f"http://127.0.0.1:{door.server_port}"
        threading.Thread(target=door.serve_forever, daemon=True).start()
        self.addCleanup(door.server_close)
        self.addCleanup(door.shutdown)
        return door

    def check_everything(self):
        customer = self.throughline.customer("user_id:u-17", self.agent)
        self.assertTrue(customer["known"])
        self.assertEqual(
            {(i["type"], i["value"], i["verified"]) for i in customer["identifiers"]},
            {("user_id", "u-17", True), ("anonymous_id", "an-1", False), ("anonymous_id", "an-0", False),
             ("email", "ann@example.test", False), ("phone", "+12015552345", False)})
        traits = {name: trait["value"] for name, trait in customer["traits"].items()}
        self.assertEqual(traits, {"email": "Ann@Example.test", "phone": "+12015552345", "firstName": "Ann"})
        events = self.throughline.timeline("user_id:u-17", self.agent)
        self.assertEqual(len(events), 6)
        by_type = {event["type"]: event for event in events}
        self.assertEqual(set(by_type), {"identify", "track", "page", "screen", "group", "alias"})
        self.assertEqual(by_type["track"]["event"], "Product Added")
        self.assertEqual(by_type["track"]["properties"], {"product_id": "p1", "price": 19.5})
        self.assertEqual((by_type["page"]["name"], by_type["screen"]["name"]), ("Home", "Cart"))
        self.assertEqual(by_type["group"]["properties"], {"name": "Friends"})
        self.assertEqual(by_type["identify"]["properties"]["email"], "Ann@Example.test")
        self.assertEqual(by_type["alias"]["properties"], {})
        for event in events:
            self.assertEqual((event["source"], event["channel"]), ("shop", "web"))
            self.assertEqual(event["customer"], customer["id"])
            self.assertTrue(event["sentAt"])
        # An old event keeps its place in time, corrected by the sender's clock, which is ours.
        self.assertTrue(by_type["track"]["timestamp"].startswith("2026-01-02T03:04:0"), by_type["track"]["timestamp"])
        self.assertEqual(by_type["track"]["originalTimestamp"], "2026-01-02T03:04:05.000Z")
        for former in "an-1", "an-0":
            self.assertEqual(
                self.throughline.customer(f"anonymous_id:{former}", self.agent)["id"], customer["id"])

    OLD = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)

    def test_segment_says_everything(self):
        say_everything(segment_client(self.throughline, self.write_key, on_error=self.on_error), self.OLD)
        self.assertEqual(self.errors, [])
        self.check_everything()

    def test_segment_says_everything_packed(self):
        say_everything(segment_client(self.throughline, self.write_key, gzip=True, on_error=self.on_error), self.OLD)
        self.assertEqual(self.errors, [])
        self.check_everything()

    def test_rudder_says_everything(self):
        """It packs by default, and puts traits into the context."""
        say_everything(rudder_client(self.throughline, self.write_key, on_error=self.on_error), self.OLD)
        self.assertEqual(self.errors, [])
        self.check_everything()

    def test_rudder_says_everything_unpacked(self):
        say_everything(rudder_client(self.throughline, self.write_key, gzip=False, on_error=self.on_error), self.OLD)
        self.assertEqual(self.errors, [])
        self.check_everything()

    # What a server's bad day does to an SDK's events.

    def fill(self, client, count):
        for number in range(count):
            client.track("u-1", "Counted", {"number": number, "padding": "x" * 2000})

    def assert_each_once(self, count):
        events = self.throughline.timeline("user_id:u-1", self.agent)
        self.assertEqual(sorted(event["properties"]["number"] for event in events), list(range(count)))

    def killed_in_a_flush(self, make):
        """The server dies when a part of a flush is in its log, and comes back at the same port."""
        count = 1500
        client = make(self.throughline, self.write_key, on_error=self.on_error, upload_size=20, max_retries=30)
        self.fill(client, count)
        accepted = 'throughline_events_total{status="accepted"}'
        wait_for(lambda: self.throughline.metric(accepted) > 100, "the flush to begin")
        self.throughline.kill()
        time.sleep(0.3)
        self.throughline.start()
        client.flush()
        client.join()
        self.assertEqual(self.errors, [])
        self.assert_each_once(count)
        self.assertGreater(self.throughline.metric(accepted), 0, "the kill came after the flush")

    def test_segment_outlives_a_kill(self):
        self.killed_in_a_flush(segment_client)

    def test_rudder_outlives_a_kill(self):
        self.killed_in_a_flush(rudder_client)

    def test_overload_and_failures_lose_nothing(self):
        """429, 503 and 500 from a proxy, and an answer that was lost on its way: each event is there once."""
        for make in segment_client, rudder_client:
            with self.subTest(make.__name__):
                door = self.faulty((429, {"Retry-After": "1"}), (503, {"Retry-After": "1"}), (500, {}), "cut")
                client = make(door, self.write_key, on_error=self.on_error, upload_size=50)
                user = "u-" + make.__name__
                for number in range(100):
                    client.track(user, "Counted", {"number": number})
                client.flush()
                client.join()
                self.assertEqual(self.errors, [])
                self.assertGreaterEqual(len(door.seen), 6)
                events = self.throughline.timeline("user_id:" + user, self.agent)
                self.assertEqual(sorted(event["properties"]["number"] for event in events), list(range(100)))
        self.assertGreaterEqual(self.throughline.metric('throughline_events_total{status="duplicate"}'), 100)

    def test_the_limit_of_a_source_loses_nothing(self):
        """A source beyond its events a second gets our own 429 and comes back with all of them."""
        admin = self.throughline.key("admin")
        document = {"name": "shop", "channel": "web", "trust": "verified", "eventsPerSecond": 40}
        put = self.throughline.call(
            "PUT", "/v1/documents/source/shop", document, {"Authorization": f"Bearer {admin}"})
        self.assertEqual(put.status, 200, put.body)
        client = segment_client(self.throughline, self.write_key, on_error=self.on_error, upload_size=30)
        self.fill(client, 120)
        client.flush()
        client.join()
        self.assertEqual(self.errors, [])
        self.assert_each_once(120)
        refused = 'throughline_http_requests_total{route="/v1/batch",method="POST",status="429"}'
        self.assertGreater(self.throughline.metric(refused), 0)

    # What an SDK must not try again.

    def refused_at_once(self, make, key):
        client = make(self.throughline, key, on_error=self.on_error, max_retries=10)
        client.track("u-1", "Refused")
        wait_for(lambda: self.errors, "the SDK to give up", 3)
        client.join()
        self.assertEqual(len(self.errors), 1)
        error, _ = self.errors.pop()
        self.assertEqual(type(error).__name__, "APIError", error)
        self.assertEqual(error.status, 401)

    def test_segment_gives_up_a_wrong_key_at_once(self):
        self.refused_at_once(segment_client, "wk_wrong")

    def test_rudder_gives_up_a_wrong_key_at_once(self):
        """It reads `code` and `message` of an error, and where they are missing it tries again for minutes."""
        self.refused_at_once(rudder_client, "wk_wrong")
