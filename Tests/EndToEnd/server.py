"""The built server for tests: a data directory of its own, sources and keys by the command line, requests, a clean end.

A test case derives from `ServerTest` and calls `self.server()`. After each test every server is stopped with SIGTERM,
which must end it with 0, and `throughline verify` and `throughline replay` must find nothing wrong.
"""

import base64
import dataclasses
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

BINARY = os.environ.get("THROUGHLINE", str(pathlib.Path(__file__).parents[2] / ".build/debug/throughline"))
PATIENCE = 20


def wait_for(condition, what, seconds=PATIENCE):
    """Waits until `condition()` is true and returns its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for: {what}")


def run(*words, timeout=60, **options):
    """Runs a command of the binary to its end."""
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=timeout, **options)


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def basic(key):
    """The header by which SDKs bring a write key."""
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def track(user, message, event="Product Viewed", **fields):
    return {"type": "track", "userId": user, "messageId": message, "event": event, **fields}


class Server:
    """One `throughline serve`, which may be ended and started again on the same directory and port."""

    def __init__(self, data, *, prefix=(), flags=(), environment=None, port=0):
        self.data = pathlib.Path(data)
        self.prefix, self.flags, self.environment = list(prefix), list(flags), environment or {}
        self.port, self.process, self.scheme = port, None, "http"
        self.log_path = self.data.with_name(self.data.name + ".log")

    def start(self, *, stderr=None, **environment):
        """Starts it and waits until it listens; its log goes to a file beside the directory, or to `stderr`."""
        command = [*self.prefix, BINARY, "serve", "--data", str(self.data), "--port", str(self.port), *self.flags]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=stderr or log, text=True,
                env={**os.environ, **self.environment, **environment})
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise AssertionError(f"did not start ({self.process.wait(PATIENCE)}): {self.log()[-2000:]}")
        url = urllib.parse.urlsplit(line.split()[-1])
        self.port, self.scheme = url.port, url.scheme
        return self

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self):
        """Ends it as a power cut would: nothing is finished."""
        self.process.kill()
        self.ended()

    def stop(self):
        """Ends it as an operator does.

        It must finish and exit with 0.
        """
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        code = self.ended()
        assert code == 0, f"the server ended with {code}: {self.log()[-2000:]}"

    def ended(self):
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.stdout.close()

    def source(self, name, channel="web", trust="verified"):
        """Makes a source and returns its write key."""
        return self.made("source", "create", "--name", name, "--channel", channel, "--trust", trust)

    def key(self, role="agent", **flags):
        words = [word for name, value in flags.items() for word in (f"--{name}", value)]
        return self.made("key", "create", "--role", role, *words)

    def made(self, *words):
        done = run(*words, "--data", self.data)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def call(self, method, path, body=None, headers=(), timeout=PATIENCE):
        """One request on a connection of its own; a body that is no bytes goes as JSON."""
        headers = dict(headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def post(self, path, body, key, **options):
        return self.call("POST", path, body, basic(key), **options)

    def get(self, path, key=None, **options):
        return self.call("GET", path, None, bearer(key) if key else {}, **options)

    def customer(self, name, key):
        answer = self.get("/v1/customers/" + urllib.parse.quote(name, safe=""), key)
        assert answer.status == 200, answer.body
        return answer.json

    def timeline(self, name, key, **query):
        """Every event of a customer, newest first, page by page."""
        events, path = [], "/v1/customers/" + urllib.parse.quote(name, safe="") + "/timeline"
        query = {"limit": 500, **query}
        while True:
            answer = self.get(path + "?" + urllib.parse.urlencode(query), key)
            assert answer.status == 200, answer.body
            events += answer.json["data"]
            if not (cursor := answer.json["next"]):
                return events
            query["cursor"] = cursor

    def metric(self, sample):
        """The value of one sample, named with its labels."""
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(sample + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def check(self):
        """What always holds must hold, and the tables must be what the log says."""
        for command in "verify", "replay":
            done = run(command, "--data", self.data)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


class ServerTest(unittest.TestCase):
    """Each test has a directory, and servers in it that are stopped and checked after it."""

    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="throughline-"))
        self.servers = []
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.addCleanup(self.end)

    def end(self):
        """Stops and checks every server; whatever comes of it, none is left behind."""
        try:
            for server in self.servers:
                if server.is_running:
                    server.stop()
                if (server.data / "throughline.db").exists():
                    server.check()
        finally:
            for server in self.servers:
                if server.is_running:
                    server.kill()

    def server(self, name="data", start=True, **options):
        server = Server(self.directory / name, **options)
        self.servers.append(server)
        return server.start() if start else server

    def assertProblem(self, answer, status, *pointers):
        """Asserts an RFC 9457 problem of that status, with a fault at each of the pointers."""
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["title"])
        self.assertTrue(problem["detail"])
        found = [fault["pointer"] for fault in problem.get("errors", [])]
        for pointer in pointers:
            self.assertIn(pointer, found, problem)
        return problem
