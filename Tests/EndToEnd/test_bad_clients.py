"""Clients by the hundred that are slow, silent or rude, beside one that is neither; descriptors, memory, the log."""

# Runs alone: a good client must be answered promptly beside bad ones.

import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import struct
import threading
import time

from server import ServerTest, basic, bearer, track, wait_for

CROWD = 150
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
# A good client's answer must come in this time, whatever the others do; two busy cores are no reason.
PROMPT = 2.0


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) << 10


class BadClientsTest(ServerTest):
    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.crowd = []
        self.addCleanup(lambda: [client.close() for client in self.crowd])

    def started(self, **options):
        self.throughline = self.server(**options)
        self.write_key = self.throughline.source("shop")
        self.agent = self.throughline.key()
        return self.throughline

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.throughline.port), timeout=30)
        self.crowd.append(client)
        return client

    def good_client(self, rounds=40):
        """Posts and reads on connections of its own; each answer comes, and soon. Returns the slowest time."""
        slowest = 0.0
        for number in range(rounds):
            for call in (
                lambda: self.throughline.post("/v1/track", track("u-good", f"good-{number}"), self.write_key),
                lambda: self.throughline.get("/v1/customers/user_id:u-good", self.agent),
            ):
                began = time.monotonic()
                self.assertEqual(call().status, 200)
                slowest = max(slowest, time.monotonic() - began)
        self.assertLess(slowest, PROMPT)
        self.assertEqual(len(self.throughline.timeline("user_id:u-good", self.agent)), rounds)

    def beside(self, work):
        """Runs `work(stop)` on a thread of its own while the good client is served."""
        stop, failures = threading.Event(), []

        def guarded():
            try:
                work(stop)
            except OSError as error:
                failures.append(error)

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        try:
            self.good_client()
        finally:
            stop.set()
            thread.join(20)
        self.assertFalse(thread.is_alive())
        return failures

    # Rude clients.

    def test_silent_clients(self):
        self.started()
        for _ in range(CROWD):
            self.connect()
        self.good_client()
        # Who says nothing is let go, and not only when somebody asks.
        silent = self.crowd[0]
        silent.settimeout(15)
        self.assertEqual(silent.recv(1), b"")

    def test_slow_clients(self):
        """One byte of a head or a body at a time: they are told so and let go after the time for it."""
        self.started()
        head = b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"
        for index in range(CROWD):
            self.connect().sendall(b"GET /he" if index % 2 else head)

        def drip(stop):
            while not stop.is_set():
                for client in list(self.crowd):
                    with contextlib.suppress(OSError):
                        client.send(b"x")
                time.sleep(0.1)

        self.beside(drip)
        began = time.monotonic()
        answer = b""
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 20 and (part := self.crowd[1].recv(65536)):
                answer += part
        self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)

    def test_half_closed_clients(self):
        """Who closes his own side after the request still reads the answer."""
        self.started()
        for _ in range(CROWD):
            client = self.connect()
            client.sendall(HEALTH)
            client.shutdown(socket.SHUT_WR)
        self.good_client()
        for client in self.crowd:
            answer = b"".join(iter(lambda: client.recv(65536), b""))
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)

    def test_clients_that_reset(self):
        self.started()
        body = json.dumps({"batch": [track("u-reset", f"r-{n}") for n in range(5)]}).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in basic(self.write_key).items())
        request = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

        def reset(stop):
            count = 0
            while not stop.is_set() and count < 2000:
                client = socket.create_connection(("127.0.0.1", self.throughline.port))
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall([HEALTH, request, request[:len(request) // 2], request[:20]][count % 4])
                client.close()
                count += 1
                time.sleep(0.001)

        self.beside(reset)

    def test_flooding_clients(self):
        """Thousands of requests down one connection before the first answer is read; all are answered in order."""
        self.started()
        flood = HEALTH * 500

        def pour(stop):
            clients = [self.connect() for _ in range(20)]
            for client in clients:
                threading.Thread(target=client.sendall, args=[flood], daemon=True).start()
            for client in clients:
                answers = b""
                while answers.count(b"HTTP/1.1 200 ") < 500:
                    part = client.recv(1 << 20)
                    if not part:
                        raise ConnectionError("cut off")
                    answers += part

        self.assertEqual(self.beside(pour), [])

    def test_clients_that_never_read(self):
        """What they do not read is not heaped up for them."""
        self.started()
        before = memory(self.throughline.pid)
        for _ in range(CROWD):
            client = self.connect()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(50):
                    client.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        self.good_client()
        grown = memory(self.throughline.pid) - before
        self.assertLess(grown, CROWD * (300 << 10), f"{grown >> 20} MiB more")

    def test_nonsense(self):
        self.started()
        for text in [b"\x16\x03\x01\x02\x00\x01", b"\r\n" * 5000, b"GET / HTTP/9.9\r\n\r\n", b"\0" * 9000, os.urandom(5000),
                     b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
                     b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n"]:
            client = self.connect()
            client.sendall(text)
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                answer = client.recv(65536)
                self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 4") or answer.startswith(b"HTTP/1.1 5"), answer)
        self.good_client(5)

    # Descriptors.

    def keep_alive(self):
        """A good client that has its connection already."""
        connection = http.client.HTTPConnection("127.0.0.1", self.throughline.port, timeout=10)
        self.crowd.append(connection)

        def post(message):
            connection.request("POST", "/v1/track", json.dumps(track("u-1", message)), basic(self.write_key))
            answer = connection.getresponse()
            answer.read()
            return answer.status

        return post

    def crowd_out(self):
        post = self.keep_alive()
        self.assertEqual(post("first"), 200)
        for _ in range(300):
            client = self.connect()
            with contextlib.suppress(OSError):
                client.sendall(HEALTH)
        for number in range(50):
            began = time.monotonic()
            self.assertEqual(post(f"m-{number}"), 200)
            self.assertLess(time.monotonic() - began, PROMPT)
        for client in self.crowd[1:]:
            client.close()

        def is_open():
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.throughline.get("/v1/customers/user_id:u-1", self.agent).status == 200

        wait_for(is_open, "new clients to be let in again")

    def test_few_descriptors_from_the_start(self):
        self.started(prefix=["prlimit", "--nofile=200:200"])
        self.crowd_out()

    def test_no_descriptors_left(self):
        self.started()
        self.throughline.get("/readyz")
        has = len(list(pathlib.Path(f"/proc/{self.throughline.pid}/fd").iterdir()))
        _, hard = resource.prlimit(self.throughline.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.throughline.pid, resource.RLIMIT_NOFILE, (has + 30, hard))
        self.crowd_out()

    # Memory and the log.

    def test_memory_does_not_grow_with_events(self):
        self.started(environment={"THROUGHLINE_MEMORY": "16"})
        connection = http.client.HTTPConnection("127.0.0.1", self.throughline.port, timeout=60)
        self.crowd.append(connection)

        def post(first, count):
            for start in range(first, first + count, 500):
                batch = [track(f"u-{n % 1000}", f"m-{n}", properties={"sku": n}) for n in range(start, start + 500)]
                connection.request("POST", "/v1/batch", json.dumps({"batch": batch}), basic(self.write_key))
                answer = connection.getresponse()
                self.assertEqual((answer.status, len(answer.read()) > 0), (200, True))

        post(0, 10_000)
        before = memory(self.throughline.pid)
        post(10_000, 40_000)
        grown = memory(self.throughline.pid) - before
        self.assertLess(grown, 24 << 20, f"{grown >> 20} MiB more for 40,000 events")
        self.assertEqual(self.throughline.metric('throughline_events_total{status="accepted"}'), 50_000)

    def test_the_log_tells_nothing_personal(self):
        self.started(environment={"THROUGHLINE_LOG_LEVEL": "debug", "THROUGHLINE_ACCESS_LOG": "true"})
        person = {"email": "ann.secret@example.test", "phone": "+12015552345", "firstName": "Annabel"}
        self.throughline.post("/v1/identify", {"userId": "u-secret", "anonymousId": "an-secret", "traits": person}, self.write_key)
        self.throughline.post("/v1/track", {"userId": "u-secret", "event": "Event-secret", "messageId": "m-secret"}, self.write_key)
        self.throughline.post("/v1/track", {"userId": "u-secret", "event": "Other-secret", "messageId": "m-secret"}, self.write_key)
        self.throughline.post("/v1/batch", {"batch": [{"type": "secret", "userId": "u-secret"}]}, self.write_key)
        self.throughline.post("/v1/track", b'{"secret', self.write_key)
        self.throughline.post("/v1/track", {}, "wk_secret")
        self.throughline.call("POST", "/beacon/v1/batch?writeKey=wk_secret", {"batch": []})
        for path in ["/v1/customers/email:ann.secret%40example.test", "/v1/customers/user_id:u-secret/timeline?event=Event-secret",
                     "/v1/customers/phone:%2B12015552345", "/secret/path?secret=1", "/v1/customers/user_id:nobody-secret"]:
            self.throughline.get(path, self.agent)
        self.throughline.call("GET", "/v1/documents/source/shop", headers={**bearer("tk_secret"), "Cookie": "secret=1"})
        with contextlib.suppress(OSError):
            self.connect().sendall(b"GET /secret\xff HTTP/1.1\r\nHost: secret\r\n\r\n")
        time.sleep(0.2)
        self.throughline.stop()
        log = self.throughline.log()
        lines = [json.loads(line) for line in log.splitlines()]
        self.assertGreater(len(lines), 14)
        routes = {line["route"] for line in lines if line["message"] == "request"}
        self.assertIn("/v1/customers/{customer}/timeline", routes)
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(line["level"], ("debug", "info", "warning", "error"))
        for secret in ["secret", "2015552345", "Annabel", "example.test", "cus_", self.write_key, self.agent,
                       self.write_key.split("_")[1], self.agent.split("_")[1], "127.0.0.1:" + str(self.crowd[0].getsockname()[1])]:
            self.assertNotIn(secret, log)
