"""A receiver of webhooks for tests, and a shop that tells it something."""

import collections
import http.server
import json
import threading
import time

from contract import ContractCase
from server import bearer, track, wait_for

ALLOWED = {"THROUGHLINE_WEBHOOKS_PRIVATE_ADDRESSES": "true"}


class Receiver:
    """A web server that notes what it is told, and answers as it is set to."""

    def __init__(self):
        self.taken, self.answers, self.delays = [], collections.deque(), 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, fields = receiver.answers.popleft() if receiver.answers else (204, {})
                receiver.taken.append((dict(self.headers), body, status, self.path))
                if status == "hang":
                    time.sleep(fields)
                    return
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def ids(self):
        return [headers["webhook-id"] for headers, _, _, _ in self.taken]

    @property
    def messages(self):
        """What it has taken with success."""
        return [json.loads(body) for _, body, status, _ in self.taken if status == 204]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class WebhookCase(ContractCase):
    def setUp(self):
        super().setUp()
        self.admin_key = bearer(self.admin)

    def receiver(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        return receiver

    def admin_ask(self, method, path, body=None):
        return self.ask(method, path, body, self.admin_key)

    def make(self, name, url, **fields):
        answer = self.admin_ask("POST", "/v1/webhooks", {"name": name, "url": url, **fields})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json["secret"]

    def state(self, name):
        answer = self.admin_ask("GET", f"/v1/webhooks/{name}")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def send(self, number, **fields):
        return self.post("/v1/track", track("u-1", f"m-{number}", **fields)).json["sequence"]

    def wait(self, receiver, count):
        wait_for(lambda: len(receiver.messages) >= count, f"{count} messages, not {len(receiver.messages)}", 30)
        return receiver.messages
