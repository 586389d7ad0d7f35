"""The export of a person by a job, and the canonical export, through the public interface alone."""

import contextlib
import csv
import io
import json
import os
import pathlib
import re
import stat
import threading
import time

from contract import ContractCase
from server import basic, run, track, wait_for

ANN = "/v1/customers/user_id:ann"
PARTS = ["identifiers", "traits", "consents", "states", "points", "events"]


class ExportTest(ContractCase):
    def setUp(self):
        super().setUp()

    def furnish(self):
        post = lambda *words: self.assertEqual(self.throughline.post(*words).status, 200)
        post("/v1/identify", {"anonymousId": "an-1", "messageId": "m-0", "traits": {"city": "Riga"}}, self.page)
        post("/v1/identify", {
            "userId": "ann", "anonymousId": "an-1", "messageId": "m-1", "timestamp": "2026-01-01T00:00:01Z",
            "traits": {"name": "Änn", "email": "ann@example.test", "note": "=1+1", "total": 100.10}}, self.backend)
        post("/v1/identify", {
            "userId": "ann", "messageId": "m-2", "timestamp": "2026-01-01T00:00:02Z", "traits": {"name": "Ann, \"B\""}},
            self.throughline.source("till", "store"))
        post("/v1/track", track("ann", "m-3", properties={"sku": "d", "price": 49.90}, timestamp="2026-01-01T00:00:03Z"),
             self.backend)
        self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "channel": "email", "state": "granted",
                                             "proof": {"form": "7"}}])
        self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "channel": "email", "state": "withdrawn"}])
        self.ask("PUT", ANN + "/state/film", {"value": {"second": 17}, "device": "tv"})

    def done(self, job, key=None):
        def look():
            now = self.ask("GET", f"/v1/jobs/{job}", key=key).json
            return now if now["state"] not in ("queued", "running") else None
        return wait_for(look, "the job's end", 60)

    def export(self, body, path=ANN, key=None, **headers):
        """Asks for an export, waits for it and fetches it."""
        answer = self.ask("POST", path + "/export", body, key, **headers)
        self.assertEqual((answer.status, answer.headers["Location"]), (202, "/v1/jobs/" + answer.json["id"]), answer.body)
        job = self.done(answer.json["id"], key)
        self.assertEqual(job["state"], "done", job)
        result = self.ask("GET", job["result"], key=key)
        self.assertEqual((result.status, len(result.body)), (200, job["size"]))
        return job, result

    # A person's export.

    def test_all_that_is_kept_of_a_person(self):
        self.furnish()
        self.throughline.post("/v1/track", track("eve", "m-9", "Eve's own"), self.backend)
        job, result = self.export({"format": "json"})
        self.assertEqual(result.headers["Content-Disposition"], f'attachment; filename="{job["id"]}.json"')
        self.assertEqual(result.headers["Cache-Control"], "no-store")
        told = result.json
        picture = self.throughline.customer("user_id:ann", self.agent)
        self.assertEqual((told["id"], told["formerIds"]), (picture["id"], picture["formerIds"]))
        self.assertEqual(told["traits"], picture["traits"])
        self.assertEqual(
            {(i["type"], i["value"], i.get("verified", False), i["source"]) for i in told["identifiers"] + told["claims"]},
            {(i["type"], i["value"], i["verified"], i["source"]) for i in picture["identifiers"]})
        self.assertEqual(told["traits"]["name"]["lost"][0]["value"], "Änn")
        self.assertEqual([c["state"] for c in told["consents"]["history"]], ["withdrawn", "granted"])
        self.assertEqual(told["states"][0]["value"], {"second": 17})
        timeline = [event for kind in ("identify", "track", "consent", "state")
                    for event in self.throughline.timeline("user_id:ann", self.agent, type=kind)]
        self.assertEqual({e["messageId"] for e in told["events"]}, {e["messageId"] for e in timeline})
        self.assertEqual([e["timestamp"] for e in told["events"]], sorted(e["timestamp"] for e in told["events"]))
        self.assertIn(b'"price": 49.9', result.body)  # As it came.
        self.assertNotIn(b"Eve", result.body)
        self.assertNotIn(b"sequence", result.body)

    def test_tables_for_a_spreadsheet(self):
        self.furnish()
        tables = {}
        for part in PARTS:
            _, result = self.export({"format": "csv", "part": part})
            self.assertEqual(result.headers["Content-Type"], "text/csv; charset=utf-8")
            self.assertEqual(result.body[:3], b"\xef\xbb\xbf")
            text = result.body.decode("utf-8-sig")
            self.assertTrue(text.endswith("\r\n"))
            tables[part] = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        self.assertEqual(
            [(row["type"], row["value"], row["standing"], row["verified"]) for row in tables["identifiers"]],
            [("anonymous_id", "an-1", "own", "false"), ("user_id", "ann", "own", "true")])
        names = [(row["value"], row["source"], row["isCurrent"]) for row in tables["traits"] if row["name"] == "name"]
        self.assertEqual(names, [('Ann, "B"', "till", "true"), ("Änn", "shop", "false")])
        self.assertEqual([row["value"] for row in tables["traits"] if row["name"] == "note"], ["'=1+1"])
        self.assertEqual([row["value"] for row in tables["traits"] if row["name"] == "total"], ["100.1"])
        self.assertEqual([row["state"] for row in tables["consents"]], ["withdrawn", "granted"])
        self.assertEqual([(row["key"], json.loads(row["value"])) for row in tables["states"]], [("film", {"second": 17})])
        self.assertEqual(json.loads(next(r for r in tables["events"] if r["messageId"] == "m-3")["body"])["properties"]["sku"], "d")

    def test_who_may_export_and_what_is_refused(self):
        self.furnish()
        for role in "marketer", "store", "storefront", "readonly":
            key = self.throughline.key(role)
            self.assertProblem(self.ask("POST", ANN + "/export", {"format": "json"}, key), 403)
            self.assertProblem(self.ask("GET", "/v1/jobs/x", key=key), 403)
            self.assertProblem(self.ask("GET", "/v1/jobs/x/result", key=key), 403)
        for body, pointer in [
            ({}, "/format"), ([], ""), ({"format": "xml"}, "/format"), ({"format": "csv"}, "/part"),
            ({"format": "csv", "part": "orders"}, "/part"), ({"format": "json", "part": "events"}, "/part"),
            ({"format": "json", "more": 1}, "/more"),
        ]:
            self.assertProblem(self.ask("POST", ANN + "/export", body), 400, pointer)
        self.assertProblem(self.ask("POST", "/v1/customers/user_id:none/export", {"format": "json"}), 404)
        self.assertProblem(self.ask("POST", ANN + "/export", b'{"format": "json"' + b" " * 1024 + b"}"), 413)
        job, _ = self.export({"format": "json"})
        other = self.throughline.key("agent")
        for path in f"/v1/jobs/{job['id']}", job["result"], "/v1/jobs/none", "/v1/jobs/none/result":
            self.assertProblem(self.ask("GET", path, key=other), 404)
        self.assertEqual(self.ask("GET", job["result"], key=self.admin).status, 200)

    def test_a_request_counts_once_under_its_key(self):
        self.furnish()
        path = ANN + "/export"
        first = self.ask("POST", path, {"format": "json"}, Idempotency_Key="k").json["id"]
        self.assertEqual(self.ask("POST", path, {"format": "json"}, Idempotency_Key="k").json["id"], first)
        self.assertProblem(self.ask("POST", path, {"format": "csv", "part": "events"}, Idempotency_Key="k"), 422)
        self.done(first)

    def test_asking_and_fetching_are_audited(self):
        self.furnish()
        person = self.throughline.key("agent", name="auditee")
        job, _ = self.export({"format": "json"}, key=person, Throughline_Reason="article 15")
        rows = self.throughline.get("/v1/audit?actor=auditee", self.admin).json["data"]
        self.assertEqual(
            [(row["action"], row["reason"]) for row in rows],
            [("GET /v1/jobs/{id}/result", None), ("POST /v1/customers/{customer}/export", "article 15")])
        self.assertEqual({row["customer"] for row in rows}, {self.throughline.customer("user_id:ann", self.agent)["id"]})

    def test_a_result_is_its_owners_alone_and_ends(self):
        self.furnish()
        job, _ = self.export({"format": "json"})
        exports = self.throughline.data / "exports"
        file = exports / f"{job['id']}.json"
        self.assertEqual([stat.S_IMODE(os.stat(path).st_mode) for path in (exports, file)], [0o700, 0o600])
        stray = exports / "job_stray.partial"
        stray.write_text("half")
        file.unlink()
        self.assertProblem(self.ask("GET", job["result"]), 404)
        self.throughline.stop()
        self.throughline.start()
        self.assertEqual(wait_for(
            lambda: (now := self.ask("GET", f"/v1/jobs/{job['id']}").json)["state"] != "done" and now, "the end")["state"],
            "expired")
        wait_for(lambda: not stray.exists(), "the stray file's end")
        self.assertProblem(self.ask("GET", f"/v1/jobs/{job['id']}/result"), 404)

    def large(self, events):
        """A customer of so many events of about a kilobyte."""
        for start in range(0, events, 2000):
            batch = [
                track("big", f"m-{n}", properties={"sku": f"s-{n}", "text": "x" * 700},
                      timestamp=f"2026-01-{1 + n % 28:02}T00:{n // 60 % 60:02}:{n % 60:02}Z")
                for n in range(start, min(start + 2000, events))]
            for part in range(0, len(batch), 400):
                answer = self.throughline.call(
                    "POST", "/v1/batch", {"batch": batch[part:part + 400]}, basic(self.backend), timeout=60)
                self.assertEqual(answer.status, 200, answer.body)

    def memory(self):
        """Megabytes of the server's own; the pages of the database that it maps are the kernel's to take back."""
        status = pathlib.Path(f"/proc/{self.throughline.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) / 1024

    @contextlib.contextmanager
    def watched(self):
        """The server's memory at every hundredth of a second."""
        seen, end = [self.memory()], threading.Event()
        def watch():
            while not end.wait(0.01):
                seen.append(self.memory())
        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield seen
        finally:
            end.set()
            thread.join()

    def test_a_large_customer_needs_little_memory(self):
        count = int(os.environ.get("EXPORT_EVENTS", "20000"))
        self.large(count)
        with self.watched() as seen:
            start = time.monotonic()
            _, result = self.export({"format": "json"}, "/v1/customers/user_id:big")
            print(f"{time.monotonic() - start:.2f} s", end=", ", flush=True)
        self.assertEqual(len({event["messageId"] for event in result.json["events"]}), count)
        grown = max(seen) - seen[0]
        print(f"{count} events, {len(result.body) >> 20} MiB, the server grew by {grown:.1f} MiB", flush=True)
        self.assertLess(grown, 15)

    def test_a_job_that_a_kill_interrupts_is_begun_anew_and_given_up_after_three(self):
        self.large(2000)
        for point, path in ("job.writing:2", "user_id:big"), ("job.beforeDone", "user_id:big"):
            with self.subTest(point):
                self.throughline.stop()
                self.throughline.start(THROUGHLINE_CRASH_AT=point)
                job = self.ask("POST", f"/v1/customers/{path}/export", {"format": "json"}).json["id"]
                self.throughline.ended()
                self.throughline.start()
                told = self.done(job)
                self.assertEqual(told["state"], "done")
                self.assertEqual(len(self.ask("GET", told["result"]).json["events"]), 2000)
        self.throughline.stop()
        self.throughline.start(THROUGHLINE_CRASH_AT="job.writing:1")
        job = self.ask("POST", "/v1/customers/user_id:big/export", {"format": "json"}).json["id"]
        self.throughline.ended()
        for _ in range(2):
            server = self.throughline
            server.start(THROUGHLINE_CRASH_AT="job.writing:1")
            server.ended()
        self.throughline.start()
        told = self.done(job)
        self.assertEqual((told["state"], told["result"]), ("failed", None))
        self.assertIn("3 times", told["failure"])
        self.assertProblem(self.ask("GET", f"/v1/jobs/{job}/result"), 409)
        exports = self.throughline.data / "exports"
        wait_for(lambda: not list(exports.glob("*.partial")), "the end of what was left half written")

    # The canonical export.

    def canonical(self, *words):
        done = run("export", "--canonical", *words, "--data", self.throughline.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, done.stderr

    def test_the_canonical_export_is_one_text_for_one_state(self):
        self.furnish()
        served, told = self.canonical()
        self.assertIn("left out: audit", told)
        self.throughline.get(ANN, self.agent)
        self.export({"format": "json"})
        self.assertEqual(self.canonical()[0], served)
        backup = self.directory / "backup"
        self.assertEqual(run("backup", backup, "--data", self.throughline.data).returncode, 0)
        other = self.directory / "other"
        self.assertEqual(run("restore", backup, "--data", other).returncode, 0)
        self.assertEqual(run("export", "--canonical", "--data", other).stdout, served)
        file = self.directory / "canonical.jsonl"
        self.assertEqual(self.canonical("--out", file)[0], "")
        self.assertEqual((file.read_text(), stat.S_IMODE(file.stat().st_mode)), (served, 0o600))
        self.throughline.post("/v1/track", track("ann", "m-4"), self.backend)
        self.assertNotEqual(self.canonical()[0], served)

    def test_a_merge_and_its_undo_leave_what_was(self):
        self.furnish()
        self.throughline.post("/v1/identify", {"userId": "eve", "traits": {"name": "Eve"}}, self.backend)
        before = self.canonical()[0]
        merged = self.ask("POST", ANN + "/merges", {"with": "user_id:eve", "reason": "the same address"})
        self.assertLess(merged.status, 300, merged.body)
        merge = self.throughline.get(ANN + "/merges", self.agent).json["data"][0]["id"]
        undone = self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "mother and daughter"})
        self.assertLess(undone.status, 300, undone.body)
        after, told = self.canonical("--without-merge", merge)
        self.assertEqual(after.splitlines(), before.splitlines())
        kinds = [line.split()[2] for line in told.splitlines() if line.startswith("without ")]
        self.assertEqual(sorted(kinds), ["event", "event", "merge", "separation", "token_end", "token_end"], told)

    def test_what_the_command_refuses(self):
        data = self.throughline.data
        for code, words in (
            (2, ["export"]), (2, ["export", "--canonical", "stray"]), (1, ["export", "--canonical", "--without-merge", "mrg_x"]),
            (1, ["export", "--canonical", "--out", str(data / "throughline.db")]),
            (1, ["export", "--canonical", "--out", str(data / "no" / "such")]),
        ):
            done = run(*words, "--data", data)
            self.assertEqual((done.returncode, done.stdout), (code, ""), words)
            self.assertTrue(done.stderr.startswith("throughline: "), done.stderr)
