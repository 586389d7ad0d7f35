"""Consents, resume states and the audit of reads, through the public interface alone."""

# Runs alone: reads are counted within a second.

import concurrent.futures
import contextlib
import json
import sqlite3
import time
import urllib.parse

from contract import ContractCase
from orders import pickup, prepared
from server import bearer, run, track, wait_for

ANN = "/v1/customers/user_id:ann"


class LedgerTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.shop = self.throughline.key("storefront", name="shop")
        self.identify("ann")

    def identify(self, user, anonymous=None, key=None):
        body = {"userId": user, "anonymousId": anonymous}
        answer = self.throughline.post("/v1/identify", {k: v for k, v in body.items() if v}, key or self.backend)
        self.assertEqual(answer.status, 200, answer.body)

    def consents(self, path=ANN):
        return {(c["purpose"], c["channel"]): c["state"] for c in self.ask("GET", path + "/consents").json["consents"]}

    def audit(self, key=None, **query):
        answer = self.ask("GET", "/v1/audit?" + urllib.parse.urlencode(query), key=key or self.admin)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["data"]

    # Consents.

    def test_a_ledger_of_consents(self):
        put = self.ask("PUT", ANN + "/consents", [
            {"purpose": "marketing", "channel": "email", "state": "granted", "legalBasis": "consent", "textVersion": "7",
             "proof": {"form": "checkout", "ip": "192.0.2.7"}},
            {"purpose": "analytics", "state": "withdrawn", "at": "2020-01-01T00:00:00Z"}])
        self.assertEqual(put.status, 200, put.body)
        self.assertEqual([c["state"] for c in put.json["consents"]], ["withdrawn", "granted"])
        self.assertTrue(put.headers["Throughline-Sequence"])
        self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "channel": "email", "state": "withdrawn"}])
        told = self.ask("GET", f'{ANN}/consents?minSequence={put.headers["Throughline-Sequence"]}').json
        self.assertEqual(self.consents(), {("marketing", "email"): "withdrawn", ("analytics", None): "withdrawn"})
        self.assertEqual([c["state"] for c in told["history"]], ["withdrawn", "granted", "withdrawn"])
        self.assertEqual(told["history"][1]["proof"], {"form": "checkout", "ip": "192.0.2.7"})
        self.assertEqual(told["history"][1]["source"], "api:bob")
        picture = self.throughline.customer("user_id:ann", self.agent)
        self.assertEqual(picture["consents"], told["consents"])
        self.assertEqual(picture["timeline"][0]["type"], "consent")

    def test_a_request_counts_once_under_its_key(self):
        first = self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "state": "granted"}], Idempotency_Key="k-1")
        self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "state": "withdrawn"}])
        again = self.ask("PUT", ANN + "/consents", [{"state": "granted", "purpose": "marketing"}], Idempotency_Key='"k-1"')
        self.assertEqual(again.status, 200)
        self.assertEqual(again.headers["Throughline-Sequence"], first.headers["Throughline-Sequence"])
        self.assertEqual(self.consents(), {("marketing", None): "withdrawn"})
        other = self.ask("PUT", ANN + "/consents", [{"purpose": "other", "state": "granted"}], Idempotency_Key="k-1")
        self.assertProblem(other, 422)
        for key in "k" * 101, '""':
            self.assertProblem(self.ask("PUT", ANN + "/consents", [{"purpose": "a", "state": "granted"}], Idempotency_Key=key), 400)
        self.assertEqual(len(self.ask("GET", ANN + "/consents").json["history"]), 2)

    def test_the_stricter_wins_when_two_become_one(self):
        self.identify(None, "browser", self.page)
        self.ask("PUT", "/v1/customers/anonymous_id:browser/consents", [{"purpose": "marketing", "state": "withdrawn"}])
        self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "state": "granted"}])
        self.identify("ann", "browser")
        self.assertEqual(self.consents(), {("marketing", None): "withdrawn"})
        self.ask("PUT", ANN + "/consents", [{"purpose": "marketing", "state": "granted"}])
        self.assertEqual(self.consents(), {("marketing", None): "granted"})

    def test_an_sdk_tells_consents_and_a_claim_carries_none(self):
        def send(granted, key, **who):
            context = {"consent": {"categoryPreferences": {"Advertising": granted}}}
            self.assertEqual(self.throughline.post("/v1/track", {**who, "event": "E", "context": context}, key).status, 200)
        send(True, self.backend, userId="ann")
        self.assertEqual(self.consents(), {("advertising", None): "granted"})
        send(False, self.page, userId="ann")
        send(False, self.page, userId="ann", anonymousId="stranger")
        self.assertEqual(self.consents(), {("advertising", None): "granted"})
        for _ in range(3):
            send(False, self.backend, userId="ann")
        self.assertEqual(self.consents(), {("advertising", None): "withdrawn"})
        self.assertEqual(len(self.ask("GET", ANN + "/consents").json["history"]), 2)

    def test_who_may_and_what_is_refused(self):
        change = [{"purpose": "a", "state": "granted"}]
        for role, status in ("marketer", 403), ("readonly", 403), ("store", 200), ("owner", 200):
            self.assertEqual(self.ask("PUT", ANN + "/consents", change, self.throughline.key(role)).status, status, role)
            self.assertEqual(self.ask("GET", ANN + "/consents", key=self.throughline.key(role)).status, 200, role)
        self.assertProblem(self.ask("PUT", ANN + "/consents", change, self.backend), 403)
        self.assertProblem(self.ask("PUT", "/v1/customers/user_id:none/consents", change), 404)
        self.assertProblem(self.ask("PUT", ANN + "/consents", [{"purpose": "A", "state": "maybe"}]), 400, "/0/purpose", "/0/state")
        many = [{"purpose": f"p{n}", "state": "granted"} for n in range(51)]
        self.assertProblem(self.ask("PUT", ANN + "/consents", many), 413)
        self.assertProblem(self.ask("PUT", ANN + "/consents", b"x" * (256 * 1024 + 1)), 413)

    # Resume states.

    def test_a_form_goes_on_elsewhere(self):
        self.identify(None, "browser", self.page)
        path = "/v1/customers/anonymous_id:browser/state/checkout"
        form = {"step": 2, "total": 100.10, "street": "Длинная"}
        put = self.ask("PUT", path, {"value": form, "device": "phone"}, self.shop)
        self.assertEqual((put.status, put.json["value"], put.json["device"]), (200, form, "phone"))
        self.identify("ann", "browser")
        got = self.ask("GET", ANN + "/state/checkout")
        self.assertEqual((got.json, got.headers["ETag"]), (put.json, put.headers["ETag"]))
        self.assertEqual(got.headers["ETag"], f'"v{got.json["version"]}"')
        self.assertEqual(self.ask("GET", ANN + "/state/checkout", If_None_Match=got.headers["ETag"]).status, 304)
        self.assertEqual([s["key"] for s in self.ask("GET", ANN + "/state").json["data"]], ["checkout"])
        self.assertEqual(self.throughline.timeline("user_id:ann", self.agent, type="state")[0]["properties"]["value"], form)
        gone = self.ask("DELETE", ANN + "/state/checkout")
        self.assertEqual((gone.status, bool(gone.headers["Throughline-Sequence"])), (204, True))
        for method in "GET", "DELETE":
            self.assertProblem(self.ask(method, path), 404)

    def test_two_devices_lose_nothing(self):
        path = ANN + "/state/form"
        self.assertProblem(self.ask("PUT", path, {"value": 0}, If_Match="*"), 412)
        first = self.ask("PUT", path, {"value": 0}, If_None_Match="*")
        self.assertEqual(first.status, 200)
        self.assertProblem(self.ask("PUT", path, {"value": 0}, If_None_Match="*"), 412)
        def add(_):
            while True:
                now = self.throughline.get(path, self.shop)
                answer = self.throughline.call(
                    "PUT", path, {"value": now.json["value"] + 1}, {**bearer(self.shop), "If-Match": now.headers["ETag"]})
                if answer.status == 200:
                    return
                self.assertEqual(answer.status, 412, answer.body)
                self.assertTrue(answer.headers["ETag"])
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(add, range(30)))
        self.assertEqual(self.ask("GET", path).json["value"], 30)
        self.assertProblem(self.ask("DELETE", path, If_Match=first.headers["ETag"]), 412)

    def test_a_retry_is_no_second_write(self):
        path = ANN + "/state/form"
        first = self.ask("PUT", path, {"value": 1}, Idempotency_Key="k", If_None_Match="*")
        again = self.ask("PUT", path, {"value": 1}, Idempotency_Key="k", If_None_Match="*")
        self.assertEqual((again.status, again.json), (200, first.json))
        self.assertProblem(self.ask("PUT", path, {"value": 2}, Idempotency_Key="k"), 422)
        self.assertEqual(self.ask("DELETE", path, Idempotency_Key="d").status, 204)
        self.assertEqual(self.ask("DELETE", path, Idempotency_Key="d").status, 204)
        self.assertEqual(self.ask("PUT", path, {"value": 1}, Idempotency_Key="k").status, 204)

    def test_what_is_refused_of_a_state(self):
        for body, pointer in ({}, "/value"), ({"value": 1, "at": "2999-01-01"}, "/at"), ({"value": 1, "end": 1}, "/end"), ([], ""):
            self.assertProblem(self.ask("PUT", ANN + "/state/k", body), 400, pointer)
        self.assertEqual(self.ask("PUT", ANN + "/state/k", {"value": "x" * (16384 - 2)}).status, 200)
        self.assertProblem(self.ask("PUT", ANN + "/state/k", {"value": "x" * (16384 - 1)}), 413)
        self.assertProblem(self.ask("PUT", ANN + "/state/k", {"value": "x" * 30_000}), 413)
        for key in "a%20b", "k" * 65, "%C3%A9":
            self.assertProblem(self.ask("PUT", f"{ANN}/state/{key}", {"value": 1}), 400, "/key")
        self.assertProblem(self.ask("PUT", ANN + "/state/k", {"value": 1}, self.throughline.key("readonly")), 403)
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        self.assertEqual(self.ask("PUT", ANN + "/state/short", {"value": 1, "expiresAt": soon}).status, 200)
        wait_for(lambda: self.throughline.get(ANN + "/state/short", self.shop).status == 404, "the state's end", 5)
        for number in range(49):
            self.assertEqual(self.ask("PUT", f"{ANN}/state/k{number}", {"value": 1}).status, 200)
        self.assertProblem(self.ask("PUT", ANN + "/state/more", {"value": 1}), 409)

    # The audit.

    def test_every_route_that_shows_a_customer_is_audited(self):
        """Whatever the document says of a customer leaves a row for a person, and is counted for a machine."""
        self.ask("PUT", ANN + "/state/film", {"value": 1})
        # Ann and Eve gave one phone at the till, which is a doubt; Ann was merged with Max.
        till = self.throughline.source("till", channel="store")
        receipt = {"name": "till", "channel": "store", "trust": "verified", "proves": ["user_id", "phone"]}
        self.assertEqual(self.ask("PUT", "/v1/documents/source/till", receipt, self.admin).status, 200)
        for user in "ann", "eve":
            self.throughline.post("/v1/identify", {"userId": user, "traits": {"phone": "+12015552345"}}, till)
        for user in "max", "sue":
            self.identify(user)
        # What is wrong with her puts her on the work list.
        self.throughline.post("/v1/identify", {"userId": "ann", "traits": {"email": "nobody"}}, self.backend)
        merge = self.ask("POST", ANN + "/merges", {"with": "user_id:max", "reason": "one"}).json["id"]
        review = self.ask("GET", "/v1/reviews").json["data"][0]["id"]
        orders = prepared(self, "user_id:ann", self.admin)
        # Somebody else's door says that one of hers is his.
        for user in "ann", "sue":
            self.throughline.post("/v1/track", track(user, f"order-{user}", "Order Completed", properties={"order_id": "O-1"}), self.backend)
        conflict = str(self.ask("GET", "/v1/orders/conflicts").json["data"][0]["sequence"])
        preview = {"reason": "r", "dryRun": True}
        self.ask("POST", ANN + "/loyalty/adjustments", {"points": 100, "reason": "r"})
        holds = {
            act: self.ask("POST", ANN + "/loyalty/holds", {"points": 10}).json["id"] for act in ("capture", "void")}
        bodies = {
            "PUT /v1/customers/{customer}/consents": [{"purpose": "a", "state": "granted"}],
            "PUT /v1/customers/{customer}/state/{key}": {"value": 1},
            "POST /v1/customers/{customer}/merges": {"with": "user_id:sue", **preview},
            "POST /v1/customers/{customer}/loyalty/holds": {"points": 1},
            "POST /v1/customers/{customer}/loyalty/adjustments": {"points": 1, "reason": "r"},
            "POST /v1/customers/{customer}/loyalty/household": {"with": "user_id:sue", "reason": "r"},
            "POST /v1/customers/{customer}/quotes": {"currency": "EUR", "lines": [{"sku": "k"}]},
            "POST /v1/customers/search": {"q": "ann"},
            "POST /v1/orders": pickup("O-2", "user_id:ann"),
            "POST /v1/orders/{id}/ship": {"carrier": "DPD"},
            "POST /v1/orders/{id}/move": {"store": "jelgava"},
            "POST /v1/orders/{id}/pay": {"payments": [{"method": "card", "amount": {"amount": 1, "currency": "RUB"}}]},
            "POST /v1/orders/conflicts/{sequence}/settle": {"reason": "r"},
            "POST /v1/customers/lookup": {"type": "user_id", "value": "ann"},
            "POST /v1/merges/{id}/undo": preview,
            "POST /v1/reviews/{id}": {"decision": "merge", **preview},
            "POST /v1/customers/{customer}/export": {"format": "json"},
            "PATCH /v1/customers/{customer}/traits": {"traits": {"city": "Kazan"}},
            "POST /v1/customers/{customer}/identifiers": {"type": "email", "value": "ann@home.test"},
            "PATCH /v1/customers/{customer}/cart": {"lines": []},
            "PUT /v1/customers/{customer}/cart/lines/{sku}": {"quantity": 1},
            "DELETE /v1/customers/{customer}/identifiers": {"type": "email", "value": "ann@home.test"},
        }
        self.ask("PUT", ANN + "/cart/lines/A-1", {"quantity": 1})
        link = self.ask("POST", ANN + "/cart/share").json["token"]
        bodies["POST /v1/customers/{customer}/cart/restore"] = {"token": link}
        # No person's key lets in at the first two; of an erasure test_erasure tells.
        others = {"/v1/customers/{customer}/tokens", "/v1/customers/me/identifiers", "/v1/customers/{customer}/erasure"}
        job = self.ask("POST", ANN + "/export", {"format": "json"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the job's end")
        operations = [
            (method.upper(), path, operation) for path, methods in self.contract.document["paths"].items()
            for method, operation in methods.items()]
        shown = [(method, path) for method, path, operation in operations if operation.get("x-shows-customers")]
        self.assertEqual(sorted(shown), sorted(
            (m, p) for m, p, _ in operations if p.startswith(("/v1/customers", "/v1/merges", "/v1/reviews", "/v1/loyalty/holds", "/v1/orders"))
            or p in ("/v1/jobs/{id}/result", "/v1/quality", "/v1/dead-letters")))
        customer = self.throughline.customer("user_id:ann", self.shop)["id"]
        for method, path in sorted(shown, key=lambda route: route[0] == "DELETE"):
            # What was refused is of no customer whom anybody knows: test_bodies.
            if method == "POST" and path in others or path == "/v1/dead-letters":
                continue
            with self.subTest(method, path=path):
                person = self.throughline.key("admin", name=f"{method} {path}")
                body = bodies.get(f"{method} {path}", {} if path in orders and method == "POST" else None)
                target = path.replace("{sequence}", conflict).replace("{customer}", "user_id:ann").replace("{key}", "film").replace("{sku}", "A-1")
                target = target.replace("{id}", holds[path.split("/")[-1]]) if "/loyalty/holds/{id}" in path else target
                if path.endswith("/cart/checkout"):
                    body = {"version": self.ask("GET", ANN + "/cart").json["version"]}
                target = target.replace("{id}", orders[path] if path in orders else merge if "merges" in path else job if "jobs" in path else review)
                target += "?q=ann" if (method, path) == ("GET", "/v1/customers") else ""
                answer = self.ask(method, target, body, person, Throughline_Reason="case 7")
                self.assertLess(answer.status, 300, answer.body)
                rows = self.audit(actor=f"{method} {path}", customer="user_id:ann")
                self.assertEqual(
                    [(row["action"], row["customer"], row["reason"], row["count"]) for row in rows],
                    [(f"{method} {path}", customer, "case 7", 1)])
                self.assertEqual(rows[0]["actor"]["role"], "admin")

    def test_a_read_that_was_answered_is_in_the_audit_after_a_kill(self):
        for number in range(5):
            person = self.throughline.key("agent", name=f"person-{number}")
            self.assertEqual(self.throughline.get(ANN, person).status, 200)
            self.throughline.kill()
            with contextlib.closing(sqlite3.connect(f"file:{self.throughline.data}/throughline.db", uri=True)) as database:
                rows = database.execute("SELECT count(*) FROM audit WHERE key_name = ?", (f"person-{number}",)).fetchone()
            self.assertEqual(rows, (1,))
            self.throughline.start()
            self.assertEqual(len(self.audit(actor=f"person-{number}")), 1)

    def test_a_machine_is_counted_within_a_second(self):
        till = self.throughline.key("store", name="till", holder="machine")
        for _ in range(30):
            self.assertEqual(self.throughline.get(ANN, self.shop).status, 200)
            self.assertEqual(self.throughline.get(ANN, till).status, 200)
        end = time.monotonic() + 1
        def counted(actor):
            rows = self.audit(actor=actor)
            self.assertTrue(all(row["action"] is None for row in rows))
            return sum(row["count"] for row in rows)
        while time.monotonic() < end and (counted("shop"), counted("till")) != (30, 30):
            time.sleep(0.05)
        self.assertEqual((counted("shop"), counted("till")), (30, 30))
        # What was read last is written when the server stops.
        self.throughline.get(ANN, self.shop)
        self.throughline.stop()
        self.throughline.start()
        self.assertEqual(counted("shop"), 31)

    def test_who_may_read_the_audit_and_how(self):
        for role, status in ("owner", 200), ("agent", 403), ("readonly", 403), ("storefront", 403):
            self.assertEqual(self.ask("GET", "/v1/audit", key=self.throughline.key(role)).status, status, role)
        self.identify("eve")
        for number in range(5):
            self.throughline.get(ANN + "/timeline", self.agent)
            self.throughline.get("/v1/customers/user_id:eve", self.agent)
        self.assertEqual(len(self.audit(customer="user_id:eve")), 5)
        self.assertEqual(len(self.audit(customer="user_id:eve", actor="nobody")), 0)
        seen, path = [], "/v1/audit?limit=3&actor=bob"
        while path:
            answer = self.ask("GET", path, key=self.admin)
            seen += answer.json["data"]
            link = answer.headers["Link"]
            path = link[1:link.index(">")] if link else None
        self.assertEqual(len(seen), 10)
        self.assertEqual([row["at"] for row in seen], sorted((row["at"] for row in seen), reverse=True))
        middle = seen[4]["at"]
        self.assertTrue(all(row["at"] >= middle for row in self.audit(**{"from": middle})))
        self.assertTrue(all(row["at"] <= middle for row in self.audit(to=middle)))
        for query in "customer=nonsense", "from=x", "limit=0", "limit=501", "cursor=x":
            self.assertProblem(self.ask("GET", "/v1/audit?" + query, key=self.admin), 400, "/" + query.split("=")[0])
        self.assertProblem(self.ask("GET", "/v1/audit?customer=user_id:none", key=self.admin), 404)

    def test_nothing_shown_is_nothing_audited_and_claimants_are_shown(self):
        for user in "u-1", "u-2":
            self.throughline.post("/v1/identify", {"userId": user, "traits": {"phone": "+12015552345"}}, self.backend)
        person = self.throughline.key("agent", name="person")
        for path, status in ("user_id:none", 404), ("nonsense", 404), ("phone:+12015552345", 409):
            self.assertProblem(self.ask("GET", "/v1/customers/" + path, key=person), status)
        self.assertEqual(len(self.audit(actor="person")), 2)
        long = "x" * 201
        self.assertProblem(self.ask("GET", ANN, key=person, Throughline_Reason=long), 400)
        self.assertEqual(self.ask("GET", ANN, key=person, Throughline_Reason=long[1:]).status, 200)
        self.assertEqual(self.audit(actor="person")[0]["reason"], long[1:])

    def test_a_storefront_key_is_no_persons(self):
        done = run("key", "create", "--role", "storefront", "--holder", "person", "--data", self.throughline.data)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        done = run("key", "create", "--role", "agent", "--holder", "robot", "--data", self.throughline.data)
        self.assertEqual(done.returncode, 2)

    def test_a_person_reads_nothing_that_cannot_be_audited(self):
        self.throughline.stop()
        with contextlib.closing(sqlite3.connect(self.throughline.data / "throughline.db")) as database:
            database.execute("ALTER TABLE audit RENAME TO away")
            database.commit()
        self.throughline.start()
        self.assertProblem(self.throughline.get(ANN, self.agent), 500)
        self.assertEqual(self.throughline.get(ANN, self.shop).status, 200)
        self.throughline.stop()
        with contextlib.closing(sqlite3.connect(self.throughline.data / "throughline.db")) as database:
            database.execute("ALTER TABLE away RENAME TO audit")
            database.commit()
