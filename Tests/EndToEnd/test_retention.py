"""Old events that become summaries: through a night's run, any kill in it, a backup, and an erasure."""

import contextlib
import datetime
import http.client
import json
import signal
import sqlite3

from contract import ContractCase
from server import run, track, wait_for

PAGES = {"name": "pages", "type": "page", "days": 30}


def ago(days, seconds=0):
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days, seconds=seconds)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class RetentionTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.sent = {}

    def view(self, user, message, at, name="Home"):
        self.sent[message] = view = {"type": "page", "userId": user, "messageId": message, "name": name, "timestamp": at,
                "properties": {"url": "/" + name, "text": "x" * 200}}
        return view

    def furnish(self, people=3, pages=50, days=60):
        for person in range(people):
            user = f"u-{person}"
            self.post("/v1/identify", {"userId": user, "messageId": f"i-{person}"})
            self.post("/v1/import", {"batch": [self.view(user, f"p-{person}-{n}", ago(days, 60 * n)) for n in range(pages)]
                                     + [self.view(user, f"new-{person}", ago(1), "Sale"),
                                        track(user, f"t-{person}", timestamp=ago(days + 1))]})

    def retain(self, **fields):
        answer = self.ask("PUT", "/v1/documents/retention/" + fields.get("name", "pages"), {**PAGES, **fields}, self.admin)
        self.assertEqual(answer.status, 200, answer.body)

    def hasten(self):
        """Makes what is due at night due now; what fires sets it anew, as the log says."""
        self.throughline.stop()
        with contextlib.closing(sqlite3.connect(self.throughline.data / "throughline.db")) as database:
            with database:
                self.assertGreaterEqual(database.execute("UPDATE timer SET due = 1 WHERE kind = 'retention'").rowcount, 1)

    def job(self, name="pages"):
        # A test may pass midnight.
        for day in ago(0)[:10], ago(1)[:10]:
            answer = self.ask("GET", f"/v1/jobs/retention-{name}-{day}", key=self.admin)
            if answer.status == 200 and answer.json["state"] not in ("queued", "running"):
                return answer.json
        return None

    def rows(self, text):
        with contextlib.closing(sqlite3.connect(self.throughline.data / "throughline.db")) as database:
            return database.execute(text).fetchall()

    def summaries(self, name="user_id:u-0"):
        return [e for e in self.throughline.timeline(name, self.agent) if e["type"] == "summary"]

    def test_a_night(self):
        self.furnish()
        self.retain()
        self.ask("PUT", "/v1/documents/computed-trait/views", {"name": "views", "function": "count", "type": "page"}, self.admin)
        views = lambda: self.throughline.customer("user_id:u-0", self.agent)["traits"]["views"]["value"]
        self.assertEqual(views(), 51)
        self.hasten()
        self.throughline.start()
        job = wait_for(self.job, "the run")
        self.assertEqual((job["state"], job["kind"]), ("done", "retention"), job)
        self.assertEqual({name: job["receipt"][name] for name in ("events", "origins", "kept", "forbiddenBy")},
                         {"events": 150, "origins": 3, "kept": 0, "forbiddenBy": []})
        self.assertGreater(job["receipt"]["bytes"], 150 * 200)
        self.assertEqual(views(), 51)
        timeline = self.ask("GET", "/v1/customers/user_id:u-0/timeline").json["data"]
        self.assertEqual([e["type"] for e in timeline], ["identify", "page", "summary", "track"])
        summary = timeline[2]
        self.assertEqual((summary["name"], summary["source"], summary["properties"]["count"]), ("pages", "retention:pages", 50))
        self.assertEqual(sum(row[2] for row in summary["properties"]["counts"]), 50)
        # A message counts once, for ever.
        again = self.post("/v1/page", self.sent["p-0-7"]).json["results"][0]
        self.assertEqual((again["status"], again["outcome"]), ("duplicate", "matched"))
        self.assertEqual(again["customer"], self.throughline.customer("user_id:u-0", self.agent)["id"])
        other = self.throughline.post("/v1/page", {**self.sent["p-0-7"], "name": "Other"}, self.backend)
        self.assertProblem(other, 409)
        (letter,) = self.ask("GET", "/v1/dead-letters", key=self.admin).json["data"]
        self.assertEqual((letter["messageId"], json.loads(letter["body"])["name"]), ("p-0-7", "Other"))
        self.assertGreater(summary["sequence"], letter["conflictsWith"])
        self.assertProblem(self.ask("GET", f"/v1/jobs/{job['id']}", key=self.agent), 404)
        self.assertProblem(self.ask("GET", f"/v1/jobs/{job['id']}/result", key=self.admin), 404)
        # Freed room is used again.
        self.throughline.stop()
        self.throughline.check()
        (free,), = self.rows("PRAGMA freelist_count")
        self.assertGreater(free, 5)
        [(due,)] = self.rows("SELECT due FROM timer WHERE kind = 'retention'")
        self.assertEqual(datetime.datetime.fromtimestamp(due / 1000, datetime.timezone.utc).hour, 3)
        (size,), = self.rows("PRAGMA page_count")
        self.throughline.start()
        self.post("/v1/import", {"batch": [self.view("u-0", f"more-{n}", ago(0), "New") for n in range(10)]})
        self.throughline.stop()
        self.assertEqual(self.rows("PRAGMA page_count"), [(size,)])
        # A backup has it all.
        self.assertEqual(run("backup", self.directory / "shop", "--data", self.throughline.data).returncode, 0)
        restored = self.server("restored", start=False)
        done = run("restore", self.directory / "shop", "--data", restored.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        restored.start()
        again = restored.post("/v1/page", self.sent["p-2-49"], self.backend).json["results"][0]
        self.assertEqual(again["status"], "duplicate")
        self.throughline.start()

    def test_an_erasure_and_an_export_after_it(self):
        self.furnish(2)
        self.retain()
        self.hasten()
        self.throughline.start()
        self.assertEqual(wait_for(self.job, "the run")["state"], "done")
        id = self.ask("POST", "/v1/customers/user_id:u-0/export", {"format": "json"}, self.admin).json["id"]
        ended = lambda id: (job := self.ask("GET", f"/v1/jobs/{id}", key=self.admin).json)["state"] == "done" and job
        wait_for(lambda: ended(id), "the export")
        events = self.ask("GET", f"/v1/jobs/{id}/result", key=self.admin).json["events"]
        self.assertEqual([e["body"]["count"] for e in events if e["type"] == "summary"], [50])
        id = self.ask("POST", "/v1/customers/user_id:u-0/erasure", {"reason": "r"}, self.admin).json["id"]
        wait_for(lambda: ended(id), "the erasure")
        again = self.post("/v1/page", self.view("u-0", "p-0-7", ago(60))).json["results"][0]
        self.assertEqual((again["status"], again["outcome"]), ("duplicate", "erased"))
        self.assertEqual([e["properties"]["count"] for e in self.summaries("user_id:u-1")], [50])

    def test_any_kill(self):
        """A run that is killed anywhere goes on at the next start, and between everything holds."""
        self.furnish(people=1, pages=1100)
        self.post("/v1/import", {"batch": [track("u-0", f"v-{n}", timestamp=ago(60)) for n in range(1100)]})
        places = ["retention.step:1", "retention.step:2", "retention.afterRecord:1", "job.beforeDone:1"]
        for number, place in enumerate(places):
            with self.subTest(place):
                # What the runs before have left, and a thousand more.
                self.post("/v1/import", {"batch": [self.view("u-0", f"k-{number}-{n}", ago(60, n)) for n in range(1100)]})
                self.retain(name=f"pages-{number}")
                if number:
                    self.retain(name=f"pages-{number - 1}", active=False)
                self.hasten()
                with contextlib.suppress(AssertionError, OSError, http.client.HTTPException):
                    self.throughline.start(THROUGHLINE_CRASH_AT=place)
                self.assertEqual(self.throughline.ended(), -signal.SIGKILL, place)
                self.throughline.check()
                self.throughline.start()
                job = wait_for(lambda: self.job(f"pages-{number}"), "the run", 60)
                self.assertEqual(job["state"], "done", job)
                self.assertEqual(job["receipt"]["events"], 2200 if number == 0 else 1100)
                self.assertEqual(self.rows("SELECT count(*) FROM event WHERE kind = 'retention'"), [(number + 1,)])
                self.throughline.stop()
                self.throughline.check()
                self.throughline.start()
        self.assertEqual([e["properties"]["count"] for e in self.summaries()], [1100, 1100, 1100, 2200])

    def test_what_is_wrong(self):
        for fields, pointer in [({"days": 29}, "/days"), ({"type": "identify"}, "/type"), ({"more": 1}, "/more"),
                                ({"type": "track", "event": "Order Completed"}, "/event"), ({"name": "Pages"}, "/name")]:
            answer = self.throughline.call("PUT", "/v1/documents/retention/pages", {**PAGES, **fields},
                                           {"Authorization": f"Bearer {self.admin}"})
            self.assertProblem(answer, 400, pointer)
        self.assertProblem(self.ask("PUT", "/v1/documents/retention/pages", PAGES, self.agent), 403)
