"""Erasure of a person: what is left of him on the disk, in the answers, in backups, and after any crash."""

import contextlib
import http.client
import json
import pathlib
import shutil
import signal
import sqlite3
import time

from contract import ContractCase
from server import bearer, run, track, wait_for

ANN = "/v1/customers/user_id:ann-0017"
# As it was sent, as it is normalised, and in parts by which it is searched.
SECRETS = [
    b"ann.ahlberg@mail.example", b"mail.example", b"79161234567", b"9161234567", b"161234567", b"Ahlberg", b"ahlberg",
    b"CARD0000777", b"an-0f3c-ann", b"Rosengasse", b"ann-0017", b"ORD-ANN-1", b"192.0.2.77",
]


class ErasureTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.till = self.throughline.source("till", channel="store")

    def ask(self, method, path, body=None, key=None, **headers):
        return super().ask(method, path, body, key or self.admin, **headers)

    def post(self, path, body, key, status=200):
        answer = self.throughline.post(path, body, key)
        self.assertEqual(answer.status, status, answer.body)
        return answer

    def furnish(self, others=300):
        """Ann at every door, among others, with what was refused of her."""
        for start in range(0, others, 100):
            self.post("/v1/batch", {"batch": [
                item for n in range(start, min(start + 100, others)) for item in (
                    {"type": "identify", "userId": f"other-{n}", "messageId": f"o-{n}",
                     "traits": {"email": f"person{n}@else.example", "phone": f"+4930{1000000 + n * 7919 % 8999999}", "name": f"Name{n} Other"}},
                    track(f"other-{n}", f"oo-{n}", "Order Completed", properties={"order_id": f"OTHER-{n}", "revenue": n}))]}, self.backend)
        address = {"street": "Rosengasse 17", "city": "Riga"}
        self.post("/v1/identify", {"anonymousId": "an-0f3c-ann", "messageId": "m-0",
                                   "traits": {"email": "Ann.Ahlberg@mail.example"}, "context": {"ip": "192.0.2.77"}}, self.page)
        self.post("/v1/identify", {"userId": "ann-0017", "anonymousId": "an-0f3c-ann", "messageId": "m-1",
                                   "traits": {"name": "Ann Ahlberg", "email": "ann.ahlberg@mail.example", "phone": "+7 916 123-45-67",
                                              "address": address}}, self.backend)
        self.post("/v1/identify", {"userId": "ann-0017", "messageId": "m-2", "traits": {"card": "CARD0000777"},
                                   "context": {"externalIds": [{"type": "card", "id": "CARD0000777", "collection": "users", "encoding": "none"}]}}, self.till)
        self.post("/v1/track", track("ann-0017", "m-3", "Order Completed", properties={
            "order_id": "ORD-ANN-1", "revenue": 49.9, "currency": "EUR", "comment": "for Ahlberg, ring twice",
            "products": [{"sku": "d-1", "quantity": 1, "price": 49.9, "engraving": "Ahlberg"}]}), self.backend)
        self.post("/v1/track", track("other-1", "m-4", "Order Completed", properties={"order_id": "X", "revenue": 10}), self.backend)
        self.post("/v1/track", {"userId": "ann-0017", "messageId": "bad-1", "properties": {"name": "Ahlberg"}}, self.backend, 400)
        self.post("/v1/track", b'{"userId": "ann-0017", "event": "cut off, Ahlberg', self.backend, 400)
        # Another body under a message of hers.
        self.post("/v1/track", track("ann-0017", "m-3", "Other", properties={"x": "Ahlberg"}), self.backend, 409)
        ask = lambda method, path, body: self.assertIn(self.throughline.call(method, path, body, bearer(self.agent)).status, (200, 201, 204))
        ask("PUT", ANN + "/consents", [{"purpose": "marketing", "state": "granted", "proof": {"ip": "192.0.2.77"}}])
        ask("PUT", ANN + "/state/form", {"value": {"name": "Ahlberg"}, "device": "Ahlberg's phone"})

    def erase(self, path=ANN, **headers):
        answer = self.ask("POST", path + "/erasure", {"reason": "article 17, case 4711"}, **headers)
        self.assertEqual((answer.status, answer.headers["Location"]), (202, "/v1/jobs/" + answer.json["id"]), answer.body)
        return self.done(answer.json["id"])

    def done(self, id):
        return wait_for(lambda: (job := self.ask("GET", f"/v1/jobs/{id}").json)["state"] not in ("queued", "running") and job, "the job", 60)

    def traces(self, *directories, secrets=SECRETS):
        """Which files have which secrets."""
        found = []
        for directory in directories or [self.throughline.data]:
            for path in sorted(directory.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    data = path.read_bytes()
                    found += [(str(path.relative_to(self.directory)), secret.decode()) for secret in secrets if secret in data]
        return found

    def exported(self):
        """An export of her, whose file stands in the directory until she is gone."""
        id = self.ask("POST", ANN + "/export", {"format": "json"}).json["id"]
        self.assertEqual(self.done(id)["state"], "done")
        return id

    def test_nothing_is_left_on_the_disk(self):
        self.furnish()
        export = self.exported()
        found = self.traces()
        self.assertEqual({secret for _, secret in found}, {secret.decode() for secret in SECRETS})
        self.assertTrue(any(file.endswith("-wal") for file, _ in found) and any("exports/" in file for file, _ in found), found)
        picture = self.throughline.customer("user_id:ann-0017", self.agent)
        job = self.erase()
        self.assertEqual(job["state"], "done", job)
        # The server goes on, and nothing of it is anywhere.
        self.assertEqual(self.traces(), [])
        self.assertEqual(job["receipt"]["events"], 6)
        self.assertEqual(job["receipt"]["deadLetters"], 3)
        for id in [picture["id"], *picture["formerIds"]]:
            for route in "", "/timeline", "/consents", "/state", f"?asOf={job['receipt']['sequence'] - 1}":
                self.assertProblem(self.ask("GET", f"/v1/customers/{id}{route}"), 410)
            self.assertProblem(self.ask("POST", f"/v1/customers/{id}/erasure", {"reason": "again"}), 410)
        self.assertProblem(self.ask("GET", ANN), 404)
        self.assertProblem(self.ask("GET", f"/v1/jobs/{export}"), 404)
        for query in "Ahlberg", "9161234567", "ann.ahlberg", "ORD-ANN-1":
            self.assertEqual(self.ask("GET", f"/v1/customers?q={query}").json["data"], [])
        self.assertEqual([row for row in self.throughline.get("/v1/audit", self.admin).json["data"] if row["customer"] == picture["id"]], [])
        self.throughline.stop()
        self.assertEqual(self.traces(), [])
        self.throughline.check()
        out = self.directory / "told.jsonl"
        self.assertEqual(run("export", "--canonical", "--out", out, "--data", self.throughline.data).returncode, 0)
        told = out.read_text()
        for secret in SECRETS:
            self.assertNotIn(secret.decode(), told)
        self.assertIn('\\"revenue\\":49.9', told)
        self.throughline.start()

    def test_what_she_typed_into_a_quote_goes(self):
        """Codes, goods and places that the shop does not know are whatever she typed; what it knows stays for the books."""
        put = lambda path, body: self.assertEqual(self.ask("PUT", path, body).status, 200)
        put("/v1/products", [{"sku": "mug-12", "name": "A mug"}])
        put("/v1/prices", [{"sku": "mug-12", "price": {"amount": 45000, "currency": "EUR"}}])
        put("/v1/documents/promotion/spring", {"name": "spring", "percent": 10, "code": "SPRING"})
        self.furnish(0)
        typed = [b"FOR-AHLBERG-10", b"ahlbergs-mug", b"RIGA-ROSENGASSE", b"at-ann"]
        quoted = self.ask("POST", ANN + "/quotes", {
            "currency": "EUR", "coupons": ["SPRING", "for-ahlberg-10", "FOR-ahlberg-10"], "region": "RIGA-ROSENGASSE", "store": "at-ann",
            "lines": [{"sku": "mug-12", "quantity": 2}, {"sku": "ahlbergs-mug"}]})
        self.assertEqual(quoted.status, 201, quoted.body)
        self.assertEqual([code["state"] for code in quoted.json["coupons"]], ["applied", "unknown", "twice"])
        self.assertEqual({secret for _, secret in self.traces(secrets=typed)}, {secret.decode() for secret in typed})
        self.assertEqual(self.erase()["state"], "done")
        self.assertEqual(self.traces(secrets=[*typed, *SECRETS]), [])
        kept = self.ask("GET", f"/v1/quotes/{quoted.json['id']}").json
        self.assertEqual([line["sku"] for line in kept["lines"]], ["mug-12", "erased"])
        self.assertEqual([code["code"] for code in kept["coupons"]], ["SPRING", "erased", "erased"])
        self.assertEqual(kept["totals"], quoted.json["totals"])

    def test_nobody_told_her_name_as_a_reason(self):
        """What somebody said whom he looked for, while he looked at others."""
        self.furnish(20)
        reasons = ["wrote from Ann.Ahlberg@mail.example", "ring +7 916 123-45-67 first", "Mrs AHLBERG, Ann", "same as ann-0017?"]
        for reason in reasons + ["case 4711", "Ann's list"]:
            self.assertEqual(self.ask("GET", "/v1/customers/user_id:other-3", key=self.agent, Throughline_Reason=reason).status, 200)
        told = lambda: [row["reason"] for row in self.throughline.get("/v1/audit?customer=user_id:other-3", self.admin).json["data"]]
        self.assertEqual(told()[::-1], reasons + ["case 4711", "Ann's list"])
        self.assertEqual(self.erase()["state"], "done")
        self.assertEqual(told()[::-1], [None] * len(reasons) + ["case 4711", "Ann's list"])
        self.assertEqual(self.traces(), [])

    def test_the_search_for_traces_finds_them(self):
        """The journal and free pages keep what was deleted, unless somebody sees to it: what the other test would find."""
        self.throughline.stop()
        self.throughline.start(THROUGHLINE_CRASH_AT="erasure.afterJournal")
        self.furnish(20)
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.ask("POST", ANN + "/erasure", {"reason": "r"})
        self.assertEqual(self.throughline.ended(), -signal.SIGKILL)
        # The person is gone from the tables, and not yet from the journal.
        self.assertTrue(any(file.endswith("-wal") for file, _ in self.traces()))
        self.throughline.start()
        wait_for(lambda: self.traces() == [], "the journal's end")

    def test_the_same_message_again_and_a_new_one(self):
        self.furnish(0)
        old = self.throughline.customer("user_id:ann-0017", self.agent)["id"]
        job = self.erase()
        again = self.post("/v1/batch", {"batch": [
            track("ann-0017", "m-3", "Order Completed", properties={"order_id": "ORD-ANN-1"}),
            {"type": "identify", "userId": "ann-0017", "anonymousId": "an-0f3c-ann", "messageId": "m-1"}]}, self.backend).json
        self.assertEqual(
            [(r["messageId"], r["status"], r["outcome"], r.get("customer")) for r in again["results"]],
            [("m-3", "duplicate", "erased", None), ("m-1", "duplicate", "erased", None)])
        self.assertEqual(again["sequence"], job["receipt"]["sequence"])
        page = self.post("/v1/identify", {"anonymousId": "an-0f3c-ann", "messageId": "m-0"}, self.page).json
        self.assertEqual(page["results"], [{"messageId": "m-0", "status": "duplicate"}])
        self.assertEqual(self.traces(), [])
        back = self.post("/v1/track", track("ann-0017", "m-9"), self.backend).json["results"][0]
        self.assertEqual((back["status"], back["outcome"]), ("accepted", "created"))
        self.assertNotEqual(back["customer"], old)
        self.assertProblem(self.ask("GET", f"/v1/customers/{old}"), 410)
        self.assertEqual(self.throughline.customer("user_id:ann-0017", self.agent)["id"], back["customer"])

    def test_who_may_and_what_is_refused(self):
        self.furnish(0)
        for role in "agent", "marketer", "store", "storefront", "readonly":
            self.assertProblem(self.ask("POST", ANN + "/erasure", {"reason": "r"}, self.throughline.key(role)), 403)
        for body, pointer in [({}, "/reason"), ([], ""), ({"reason": ""}, "/reason"), ({"reason": "x" * 1001}, "/reason"),
                              ({"reason": "r", "more": 1}, "/more"), ({"reason": "Mrs Ahlberg asked"}, "/reason")]:
            self.assertProblem(self.ask("POST", ANN + "/erasure", body), 400, pointer)
        self.assertProblem(self.ask("POST", ANN + "/erasure", b'{"reason": "r"' + b" " * (16 << 10) + b"}"), 413)
        self.assertProblem(self.ask("POST", "/v1/customers/user_id:none/erasure", {"reason": "r"}), 404)
        first = self.ask("POST", ANN + "/erasure", {"reason": "x" * 1000}, Idempotency_Key="k")
        self.assertEqual(first.status, 202, first.body)
        self.assertEqual(self.done(first.json["id"])["state"], "done")
        again = self.ask("POST", ANN + "/erasure", {"reason": "x" * 1000}, Idempotency_Key="k")
        self.assertEqual((again.status, again.json["id"]), (202, first.json["id"]))
        self.assertProblem(self.ask("GET", f"/v1/jobs/{first.json['id']}/result"), 404)
        self.assertProblem(self.ask("GET", f"/v1/jobs/{first.json['id']}", key=self.agent), 404)

    def test_it_is_audited_without_a_name(self):
        self.furnish(0)
        id = self.throughline.customer("user_id:ann-0017", self.agent)["id"]
        self.erase(Throughline_Reason="case of Ahlberg")
        rows = self.throughline.get("/v1/audit?actor=root", self.admin).json["data"]
        self.assertIn("POST /v1/customers/{customer}/erasure", [row["action"] for row in rows])
        self.assertEqual([row for row in rows if row["customer"] == id or row["reason"]], [])

    # Crashes.

    def test_a_crash_anywhere_leaves_her_as_she_was_or_gone(self):
        places = ["erasure.beforeAct", "intake.beforeFold", "writer.beforeCommit", "erasure.afterAct", "erasure.afterFiles",
                  "erasure.afterJournal", "erasure.afterEmptying", "job.beforeDone", "erasure.shortened"]
        for number, place in enumerate(places):
            with self.subTest(place):
                self.furnish(0) if number == 0 else self.furnish_again(number)
                if place == "erasure.shortened":  # more than one step takes
                    for start in range(0, 1100, 100):
                        self.post("/v1/batch", {"batch": [
                            track("ann-0017", f"long-{n}", properties={"x": "Ahlberg"}) for n in range(start, start + 100)]},
                            self.backend)
                self.throughline.stop()
                # What the request and the runner write before the act passes the writer's places too.
                count = {"writer.beforeCommit": 3}.get(place, 1)
                self.throughline.start(THROUGHLINE_CRASH_AT=f"{place}:{count}")
                with contextlib.suppress(OSError, http.client.HTTPException):
                    self.ask("POST", ANN + "/erasure", {"reason": "r"}, Idempotency_Key=f"k-{number}")
                self.assertEqual(self.throughline.ended(), -signal.SIGKILL, place)
                self.throughline.check()
                self.throughline.start()
                answer = self.ask("POST", ANN + "/erasure", {"reason": "r"}, Idempotency_Key=f"k-{number}")
                self.assertEqual(answer.status, 202, answer.body)
                self.assertEqual(self.done(answer.json["id"])["state"], "done")
                self.assertEqual(self.traces(), [], place)
                self.throughline.check()

    def furnish_again(self, number):
        """She comes back after each erasure, by messages of their own."""
        self.post("/v1/identify", {"userId": "ann-0017", "anonymousId": "an-0f3c-ann", "messageId": f"n-{number}",
                                   "traits": {"name": "Ann Ahlberg", "email": "ann.ahlberg@mail.example", "phone": "+7 916 123-45-67"}}, self.backend)
        self.post("/v1/track", track("ann-0017", f"q-{number}", "Order Completed", properties={"order_id": "ORD-ANN-1", "revenue": 1}), self.backend)

    # Backups.

    def backup(self, name, *flags):
        file = self.directory / "backups" / name
        file.parent.mkdir(exist_ok=True)
        done = run("backup", file, "--data", self.throughline.data, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return file

    def journal(self, path):
        return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]

    def test_an_older_backup_learns_who_was_erased(self):
        self.furnish(30)
        early = self.backup("early")
        picture = self.throughline.customer("user_id:ann-0017", self.agent)
        self.assertEqual(len(self.journal(f"{early}.erasures")), 1)
        self.erase()
        self.assertGreater(len(self.journal(self.throughline.data / "erasures")), 2)
        lone = shutil.copy(early, self.directory / "lone")
        # By the journal that a later backup leaves beside the older ones.
        late = self.backup("late")
        self.assertEqual(self.journal(f"{early}.erasures"), self.journal(f"{late}.erasures"))
        self.assertEqual(self.traces(secrets=[b"nothing"]), [])
        for name, file, flags in [("beside", early, []), ("named", lone, ["--erasures", f"{late}.erasures"])]:
            restored = self.server(name, start=False)
            done = run("restore", file, "--data", restored.data, *flags)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"erased again: \d+ names")
            self.assertEqual(self.traces(restored.data), [])
            restored.check()
            restored.start()
            for id in [picture["id"], *picture["formerIds"]]:
                self.assertProblem(restored.get(f"/v1/customers/{id}", self.admin), 410)
            self.assertEqual(restored.get("/v1/customers/user_id:other-1", self.admin).status, 200)
            again = restored.post("/v1/track", track("ann-0017", "m-3"), self.backend).json["results"][0]
            self.assertEqual((again["status"], again["outcome"]), ("duplicate", "erased"))
        # Without any journal she is there: what the others would see.
        alone = self.server("alone", start=False)
        self.assertEqual(run("restore", lone, "--data", alone.data).returncode, 0)
        self.assertNotEqual(self.traces(alone.data), [])

    def test_a_restore_in_place_knows_the_directory_s_own_journal(self):
        self.furnish(10)
        early = self.directory / "elsewhere" / "early"
        early.parent.mkdir()
        self.assertEqual(run("backup", early, "--data", self.throughline.data).returncode, 0)
        pathlib.Path(f"{early}.erasures").unlink()
        self.erase()
        self.throughline.stop()
        done = run("restore", early, "--force", "--data", self.throughline.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.traces(), [])
        self.throughline.start()
        self.post("/v1/track", track("ann-0017", "new"), self.backend)
        # Whoever came back after it is a new person, and stays.
        late = self.backup("late")
        restored = self.server("restored", start=False)
        done = run("restore", late, "--data", restored.data)
        self.assertEqual((done.returncode, "erased again" in done.stdout), (0, False), done.stdout)

    def test_what_is_no_journal(self):
        self.furnish(0)
        file = self.backup("shop")
        strange = self.directory / "strange"
        strange.write_text("{}")
        done = run("restore", file, "--erasures", strange, "--data", self.directory / "new")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("no journal of erasures", done.stderr)
        self.assertFalse((self.directory / "new" / "throughline.db").exists())

    def test_a_reader_holds_the_end_up(self):
        """The job is done only when no snapshot needs the journal any more."""
        self.furnish(0)
        reader = sqlite3.connect(self.throughline.data / "throughline.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchone()
        id = self.ask("POST", ANN + "/erasure", {"reason": "r"}).json["id"]
        time.sleep(1.5)
        self.assertEqual(self.ask("GET", f"/v1/jobs/{id}").json["state"], "running")
        self.post("/v1/track", track("other-7", "while"), self.backend)
        reader.execute("COMMIT")
        reader.close()
        self.assertEqual(self.done(id)["state"], "done")
        self.assertEqual(self.traces(), [])
