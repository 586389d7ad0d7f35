"""Bodies and headers at their limits, the answers to pages of other origins, metrics, and random requests."""

import contextlib
import gzip
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import zlib

from contract import Contract
from server import ServerTest, basic, bearer, track

LONGEST = 4 << 20
ORIGIN = "https://shop.test"


def nested(depth):
    """An event whose properties make it that deep in all."""
    inner = "[" * (depth - 2) + "]" * (depth - 2)
    return f'{{"userId":"u","event":"Deep","properties":{{"a":{inner}}}}}'.encode()


class BodiesTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.write_key = self.throughline.source("shop")
        self.page_key = self.throughline.source("page", trust="anonymous")
        self.agent = self.throughline.key()
        self.admin = self.throughline.key("admin", name="root")

    def post(self, body, path="/v1/track", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.throughline.call("POST", path, body, {**basic(self.write_key), **headers})

    # JSON.

    def test_text_that_is_no_json(self):
        good = b'{"userId":"u","event":"E","x":%s}'
        for text in [
            b"", b" ", b"{", b"nonsense", b"{'userId':'u'}", b'{"userId":"u",}', b'{"a":1}{"b":2}', b"NaN",
            '{"userId":"u","event":"E"}'.encode("utf-16"), '{"userId":"u","event":"E"}'.encode("utf-16-le"),
            '{"userId":"u","event":"E"}'.encode("utf-32"), b"\xef\xbb\xbf" + good % b"1", good % b'"\xff"',
            good % b'"\xc0\x80"', good % b'"\xed\xa0\x80"', good % b'"\\ud800"', good % b'"\x01"', good % b"01",
            good % b"1.", good % b"+1", good % b"Infinity", good % b'1,"x":2', b'{"userId":"u","userId":"v","event":"E"}',
            good % b'1,"\\u0078":2', "Привет".encode("cp1251"), b"\x00" * 100, b"[" * 100_000,
        ]:
            with self.subTest(text[:40]):
                self.assertProblem(self.post(text), 400, "")
                self.assertProblem(self.post(text, "/v1/batch"), 400, "")

    def test_a_call_that_cannot_be_read_is_kept_for_the_one_who_mends_it(self):
        many = json.dumps({"batch": [track("u", f"m{number}") for number in range(2501)]}).encode()
        for path, body, status in [
            ("/v1/track", b'{"userId":"u",', 400), ("/v1/batch", b'{"batch":[]}', 400), ("/v1/batch", many, 413),
            ("/v1/track", b"\x00\xff", 400),
        ]:
            self.assertProblem(self.post(body, path), status)
        self.assertEqual(self.throughline.call("POST", "/v1/track", b"{", basic("wk_none_none")).status, 401)
        database = f"file:{self.throughline.data}/throughline.db?mode=ro"
        with contextlib.closing(sqlite3.connect(database, uri=True)) as base:
            letters = base.execute("SELECT source, reason, length(body) FROM dead_letter ORDER BY number").fetchall()
        self.assertEqual(len(letters), 4, letters)
        self.assertIn("/batch has no events", letters[1][1])
        self.assertTrue(all(length <= 4096 for _, _, length in letters), letters)
        self.assertProblem(self.throughline.get("/v1/dead-letters", self.agent), 403)
        told, path = [], "/v1/dead-letters?source=shop&limit=3"
        while path:
            answer = self.throughline.get(path, self.admin)
            told += answer.json["data"]
            path = answer.json["next"] and f"/v1/dead-letters?source=shop&limit=3&cursor={answer.json['next']}"
        self.assertEqual([(letter["source"], letter["reason"]) for letter in reversed(told)], [row[:2] for row in letters])
        self.assertEqual(told[-1]["body"], '{"userId":"u",')
        self.assertEqual(self.throughline.get("/v1/dead-letters?source=till", self.admin).json["data"], [])
        rows = self.throughline.get("/v1/audit?actor=root", self.admin).json["data"]
        self.assertIn(("GET /v1/dead-letters", "source:shop"), [(row["action"], row["customer"]) for row in rows])

    def test_depth(self):
        self.assertEqual(self.post(nested(64)).status, 200)
        self.assertProblem(self.post(nested(65)), 400, "")
        self.assertEqual(len(self.throughline.timeline("user_id:u", self.agent)), 1)

    def test_what_came_is_what_is_shown(self):
        raw = '{"a":1e400,"b":100.10,"c":123456789012345678901234567890,"d":"\\u041f\\ud83d\\ude00\\/","e":-0.0}'
        body = f'{{"userId":"ю","event":"Заказ","properties":{raw}}}'.encode()
        self.assertEqual(self.post(body).status, 200)
        answer = self.throughline.get("/v1/customers/user_id:%D1%8E/timeline", self.agent)
        self.assertIn(raw.encode(), answer.body)
        self.assertEqual(answer.json["data"][0]["event"], "Заказ")

    def batch_of(self, size):
        """A batch of exactly that many bytes of events that are each within their limit."""
        items = [track("u-1", f"m-{n}", x="x" * 30_000) for n in range(size // 30_200)]
        whole = len(json.dumps({"batch": items, "pad": ""}).encode())
        return json.dumps({"batch": items, "pad": "x" * (size - whole)}).encode()

    def test_the_longest_body(self):
        body = self.batch_of(LONGEST)
        self.assertEqual(len(body), LONGEST)
        answer = self.post(body, "/v1/batch")
        self.assertEqual(answer.status, 200, answer.body[:200])
        self.assertEqual({result["status"] for result in answer.json["results"]}, {"accepted"})
        self.assertEqual({r["status"] for r in self.post(gzip.compress(body, 1), "/v1/batch", Content_Encoding="gzip").json["results"]},
                         {"duplicate"})
        longer = body + b" "
        self.assertProblem(self.post(longer, "/v1/batch"), 413)
        self.assertProblem(self.post(gzip.compress(longer, 1), "/v1/batch", Content_Encoding="gzip"), 413)

    def test_the_longest_event(self):
        for size, status in (32 << 10, 200), ((32 << 10) + 1, 400):
            body = json.dumps(track("u-1", f"m-{size}", x="")).encode()
            self.assertEqual(self.post(body.replace(b'"x": ""', b'"x": "' + b"x" * (size - len(body)) + b'"')).status, status)

    # Encodings.

    def test_packed_bodies(self):
        event = json.dumps({"userId": "u-1", "event": "E"}).encode()
        for packed, name in [
            (gzip.compress(event), "gzip"), (gzip.compress(event), "GZIP"), (gzip.compress(event), "x-gzip"),
            (zlib.compress(event), "deflate"), (event, "identity"),
            (gzip.compress(event[:5]) + gzip.compress(event[5:]), "gzip"),
        ]:
            with self.subTest(name):
                self.assertEqual(self.post(packed, Content_Encoding=name).status, 200)
        for packed, name, status in [
            (event, "gzip", 400), (gzip.compress(event)[:-4], "gzip", 400), (gzip.compress(event)[:-12], "gzip", 400),
            (gzip.compress(event) + b"more", "gzip", 400), (b"", "gzip", 400), (event, "br", 415),
            (gzip.compress(gzip.compress(event)), "gzip, gzip", 415), (gzip.compress(event)[:-8] + b"\0" * 8, "gzip", 400),
        ]:
            with self.subTest(name, status=status, packed=packed[:20]):
                self.assertProblem(self.post(packed, Content_Encoding=name), status)

    def test_curl_sends_in_its_own_ways(self):
        """It asks first with a long body (Expect: 100-continue), or sends chunks, packed or not."""
        file = self.directory / "batch.json"
        file.write_bytes(self.batch_of(LONGEST))
        (self.directory / "batch.json.gz").write_bytes(gzip.compress(file.read_bytes(), 1))
        for options in [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue", "--http1.0"],
                        ["-H", "Transfer-Encoding: chunked", "-H", "Content-Encoding: gzip"]]:
            body = f"@{file}.gz" if "Content-Encoding: gzip" in options else f"@{file}"
            done = subprocess.run(
                ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-u", f"{self.write_key}:", "--data-binary", body,
                 "-H", "Content-Type: application/json", *options, self.throughline.url + "/v1/batch"],
                capture_output=True, text=True, timeout=60)
            self.assertEqual((done.stdout, done.stderr), ("200", ""), options)

    def test_a_bomb_is_not_unpacked(self):
        """One gigabyte of blanks in a megabyte is refused after its first four, and costs no memory."""
        before = self.memory()
        for coding, window in ("gzip", 31), ("deflate", 15), ("deflate", -15):
            packer = zlib.compressobj(9, wbits=window)
            bomb = b"".join([packer.compress(b" " * (1 << 20)) for _ in range(1024)] + [packer.flush()])
            for _ in range(3):
                self.assertProblem(self.post(bomb, "/v1/batch", Content_Encoding=coding), 413)
        self.assertLess(self.memory() - before, 40 << 20)

    def memory(self):
        status = pathlib.Path(f"/proc/{self.throughline.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) << 10

    # Pages of other origins.

    def test_a_preflight(self):
        for path in "/v1/t", "/v1/batch", "/v1/identify", "/beacon/v1/batch":
            answer = self.throughline.call("OPTIONS", path, headers={
                "Origin": ORIGIN, "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,x-retry-count"})
            self.assertIn(answer.status, (200, 204))
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], ORIGIN)
            self.assertIn("POST", answer.headers["Access-Control-Allow-Methods"])
            allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
            self.assertLessEqual({"authorization", "content-type", "x-retry-count"}, allowed)
            self.assertGreater(int(answer.headers["Access-Control-Max-Age"]), 0)
            self.assertIn("Origin", ", ".join(answer.headers.get_all("Vary")))
            self.assertIsNone(answer.headers["Access-Control-Allow-Credentials"])

    def test_every_answer_to_a_page_can_be_read(self):
        event = {"anonymousId": "an-1", "event": "E", "writeKey": self.page_key}
        for body, headers, status in [
            (event, {}, 200), ({**event, "event": None}, {}, 400), ({**event, "writeKey": "wk_no"}, {}, 401),
            ({**event, "writeKey": self.write_key}, {}, 403), (b"{", basic(self.page_key), 400), (b"x", {"Content-Encoding": "br"}, 415),
            (b" " * (LONGEST + 1), {}, 413),
        ]:
            with self.subTest(status):
                answer = self.throughline.call("POST", "/v1/t", body, {"Origin": ORIGIN, **headers})
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(answer.headers["Access-Control-Allow-Origin"], ORIGIN)
                self.assertIn("Origin", ", ".join(answer.headers.get_all("Vary")))
                exposed = answer.headers["Access-Control-Expose-Headers"] or ""
                self.assertIn("retry-after", exposed.lower())

    def test_no_page_reads_a_customer(self):
        self.post({"userId": "u-1", "event": "E"})
        # A customer's own page reads what is his with his token, not with a key (test_tokens).
        for path in "/v1/customers/user_id:u-1", "/v1/customers/user_id:u-1/timeline", "/v1/customers?q=u-1", \
                "/v1/documents/source", "/v1/reviews", "/metrics":
            answer = self.throughline.call("GET", path, headers={"Origin": ORIGIN, **bearer(self.agent)})
            self.assertIsNone(answer.headers["Access-Control-Allow-Origin"])

    # Metrics.

    def test_metrics_are_prometheus_text(self):
        self.post({"userId": "u-1", "event": "E"})
        self.throughline.post("/v1/batch", {"batch": [{"type": "track"}, {"type": "track"}]}, self.write_key)
        self.throughline.get("/no/such/path?secret=1")
        self.throughline.get("/v1/customers/email:ann%40example.test", self.agent)
        answer = self.throughline.get("/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        text = answer.body.decode()
        self.assertNotIn("ann", text)
        self.assertNotIn("secret", text)
        samples = parse_metrics(text)
        self.assertEqual(samples["throughline_events_total", (("status", "accepted"),)], 1)
        self.assertEqual(samples["throughline_events_total", (("status", "invalid"),)], 2)
        self.assertEqual(
            samples["throughline_http_requests_total", (("method", "GET"), ("route", "/v1/customers/{customer}"), ("status", "404"))], 1)

    # Anything at all.

    def test_random_requests(self):
        """Schemathesis makes requests from the document for a bounded time: no 5xx, no status that is not told."""
        admin = self.throughline.key("admin")
        self.post({"userId": "u-1", "event": "E"})
        tool = pathlib.Path(sys.executable).with_name("schemathesis")
        # A method that nobody knows is answered 501, as RFC 9110 wants; these are known and not taken everywhere.
        settings = self.directory / "schemathesis.toml"
        settings.write_text('[phases.coverage]\nunexpected-methods = ["DELETE", "PATCH", "PUT"]\n')
        document = self.throughline.get("/openapi.json").json
        till = self.throughline.made(
            "source", "create", "--name", "till", "--kind", "till", "--channel", "store", "--trust", "verified")
        keys = {"events": self.write_key, "hooks": till, "tokens": self.throughline.key("storefront")}
        # A stream has no end to judge: test_live.py.
        tags = [tag["name"] for tag in document["tags"] if tag["name"] != "live"]
        self.assertLess(set(keys), set(tags))
        # One run for each key: what starts one takes as long as many requests.
        runs = {key: [tag for tag in tags if keys.get(tag, admin) == key] for key in (*keys.values(), admin)}
        for key, tags in runs.items():
            with self.subTest(tags):
                done = subprocess.run(
                    [tool, "--config-file", settings, "run", self.throughline.url + "/openapi.json",
                     "--header", f"Authorization: Bearer {key}", *(word for tag in tags for word in ("--include-tag", tag)),
                     "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "7",
                     "--max-failures", "5", "--no-color", "--generation-database", "none", "--workers", "1",
                     "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"],
                    cwd=self.directory, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONUTF8": "1"})
                self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])


SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)')


def parse_metrics(text):
    """Reads Prometheus' text format (0.0.4) and forgives nothing; returns the samples by name and labels."""
    assert text.endswith("\n")
    samples, family, done, kinds = {}, None, set(), {}
    for line in text.splitlines():
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            assert word in ("HELP", "TYPE"), line
            if name != family:
                assert name not in done, f"{name} is scattered"
                done.add(name)
                family = name
            if word == "TYPE":
                assert rest in ("counter", "gauge", "histogram", "summary", "untyped") and name not in kinds, line
                kinds[name] = rest
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line}"
        name, labels, value = match.groups()
        assert name == family or kinds[family] == "histogram" and name.startswith(family), f"{name} under {family}"
        assert kinds[family] != "counter" or name.endswith("_total"), f"a counter's name ends with _total: {name}"
        labels = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")))
        assert (name, labels) not in samples, f"twice: {line}"
        samples[name, labels] = float(value)
        assert kinds[family] != "counter" or samples[name, labels] >= 0, line
    return samples
