"""Points through the public interface alone: what a cashier, a storefront, an agent and the customer himself do."""

import concurrent.futures
import time

from contract import ContractCase
from server import bearer, wait_for

ANN = "/v1/customers/user_id:ann"
PROGRAMME = {
    "currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100, "maxShare": 30, "expiryDays": 365,
    "tiers": [{"name": "silver", "threshold": 100000, "percent": 150}], "offlineAllowance": 50}


class LoyaltyTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.till = self.throughline.key("store", name="till", holder="machine")
        self.shop = self.throughline.key("storefront", name="shop")
        put = self.ask("PUT", "/v1/documents/programme/default", PROGRAMME, self.admin)
        self.assertEqual(put.status, 200, put.body)
        for user in "ann", "bob":
            self.post("/v1/identify", {"userId": user})

    def give(self, points, path=ANN, **headers):
        answer = self.ask("POST", path + "/loyalty/adjustments", {"points": points, "reason": "a gift"}, **headers)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def points(self, path=ANN, key=None, query=""):
        return self.ask("GET", path + "/loyalty" + query, key=key or self.till).json

    def sums(self, path=ANN):
        told = self.points(path)
        return told["balance"], told["pending"], told["held"], told["owed"]

    def test_a_cashier_holds_and_captures(self):
        self.give(500)
        told = self.points(query="?receipt=129900&currency=RUB")
        self.assertEqual((told["redeemable"], told["offlineAllowance"]), (389, 50))
        self.assertNotIn("offlineAllowance", self.points(key=self.agent))
        receipt = {"amount": 129900, "currency": "RUB"}
        self.assertProblem(
            self.ask("POST", ANN + "/loyalty/holds", {"points": 390, "receipt": receipt}, self.till), 409, "/points")
        held = self.ask("POST", ANN + "/loyalty/holds", {"points": 300, "receipt": receipt}, self.till)
        self.assertEqual((held.status, held.json["state"]), (201, "open"))
        self.assertEqual(self.sums(), (200, 0, 300, 0))
        path = f'/v1/loyalty/holds/{held.json["id"]}'
        done = self.ask("POST", path + "/capture", {"points": 250, "order": "r-1"}, self.till)
        self.assertEqual((done.status, done.json["state"], done.json["captured"]), (200, "captured", 250))
        # The same again is the same answer, and once in the books.
        again = self.ask("POST", path + "/capture", {"points": 250, "order": "r-1"}, self.till)
        self.assertEqual((again.status, again.json), (200, done.json))
        self.assertProblem(self.ask("POST", path + "/capture", {"points": 251}, self.till), 409)
        self.assertProblem(self.ask("POST", path + "/void", None, self.till), 409)
        self.assertEqual(self.sums(), (250, 0, 0, 0))
        rows = self.ask("GET", ANN + "/loyalty/ledger").json["data"]
        self.assertEqual([(row["kind"], row["points"], row["balance"]) for row in rows], [
            ("capture", -250, 250), ("capture", 300, 500), ("hold", -300, 200), ("adjust", 500, 500)])
        self.assertEqual(rows[-1]["reason"], "a gift")
        page = self.ask("GET", ANN + "/loyalty/ledger?limit=3")
        self.assertIn('rel="next"', page.headers["Link"])
        rest = self.ask("GET", f'{ANN}/loyalty/ledger?limit=3&cursor={page.json["next"]}').json
        self.assertEqual((page.json["data"] + rest["data"], rest["next"]), (rows, None))

    def test_a_retry_is_answered_as_it_was(self):
        first = self.give(100, Idempotency_Key="k-1")
        held = self.ask("POST", ANN + "/loyalty/holds", {"points": 40}, self.till, Idempotency_Key="k-2")
        self.ask("POST", f'/v1/loyalty/holds/{held.json["id"]}/void', None, self.till, Idempotency_Key="k-3")
        self.give(11)
        self.assertEqual(self.give(100, Idempotency_Key="k-1"), first)
        again = self.ask("POST", ANN + "/loyalty/holds", {"points": 40}, self.till, Idempotency_Key="k-2")
        self.assertEqual((again.status, again.json), (201, held.json))
        again = self.ask("POST", f'/v1/loyalty/holds/{held.json["id"]}/void', None, self.till, Idempotency_Key="k-3")
        self.assertEqual((again.status, again.json["state"]), (200, "voided"))
        other = self.ask("POST", ANN + "/loyalty/holds", {"points": 41}, self.till, Idempotency_Key="k-2")
        self.assertProblem(other, 422)
        self.assertEqual(self.sums(), (111, 0, 0, 0))

    def test_twenty_redemptions_at_once(self):
        self.give(100)

        def hold(_):
            return self.throughline.call("POST", ANN + "/loyalty/holds", {"points": 10}, bearer(self.till)).status
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            statuses = sorted(pool.map(hold, range(20)))
        self.assertEqual(statuses, [201] * 10 + [409] * 10)
        self.assertEqual(self.sums(), (0, 0, 100, 0))

    def test_an_undo_settles_what_one_side_took(self):
        bob = "/v1/customers/user_id:bob"
        self.give(200)
        self.give(300, bob)
        old = self.throughline.customer("user_id:bob", self.agent)["id"]
        ann = self.throughline.customer("user_id:ann", self.agent)["id"]
        merge = self.ask("POST", ANN + "/merges", {"with": "user_id:bob", "reason": "one"}).json["id"]
        self.assertEqual(self.sums(), (500, 0, 0, 0))
        held = self.ask("POST", f"/v1/customers/{ann}/loyalty/holds", {"points": 300}, self.till).json["id"]
        self.ask("POST", f"/v1/loyalty/holds/{held}/capture", {"order": "o-1"}, self.till)
        undone = self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "two"})
        self.assertEqual(undone.status, 200, undone.body)
        self.assertEqual(self.sums(), (-100, 0, 0, 100))
        self.assertEqual(self.sums(f"/v1/customers/{old}"), (300, 0, 0, 0))

    def test_a_household(self):
        self.assertProblem(self.ask("DELETE", ANN + "/loyalty/household"), 409)
        joined = self.ask("POST", ANN + "/loyalty/household", {"with": "user_id:bob", "reason": "a family"})
        self.assertEqual((joined.status, len(joined.json["households"])), (200, 1))
        self.give(100)
        # What is kept with the one names nobody else.
        bob = self.throughline.customer("user_id:bob", self.agent)["id"]
        self.assertNotIn(bob, str(self.throughline.timeline("user_id:ann", self.agent)))
        self.assertEqual(self.points("/v1/customers/user_id:bob")["balance"], 100)
        self.assertEqual(self.ask("DELETE", ANN + "/loyalty/household").json, {"households": []})
        self.assertEqual((self.sums(), self.points("/v1/customers/user_id:bob")["balance"]), ((0, 0, 0, 0), 100))
        for body, pointer in ({"with": "user_id:none", "reason": "r"}, "/with"), ({"with": "user_id:bob"}, "/reason"):
            self.assertProblem(self.ask("POST", ANN + "/loyalty/household", body), 400, pointer)

    def test_the_customer_sees_his_own(self):
        self.give(70)
        token = self.ask("POST", ANN + "/tokens", {}, self.shop).json["token"]
        self.assertEqual(self.points("/v1/customers/me", token)["balance"], 70)
        rows = self.ask("GET", "/v1/customers/me/loyalty/ledger", key=token).json["data"]
        self.assertEqual([("reason" in row, row["points"]) for row in rows], [(False, 70)])
        self.assertProblem(self.ask("POST", "/v1/customers/me/loyalty/holds", {"points": 1}, token), 403)
        picture = self.throughline.customer("user_id:ann", self.agent)
        self.assertEqual(picture["loyalty"]["balance"], 70)

    def test_who_may_and_what_is_refused(self):
        for role, status in ("agent", 200), ("store", 403), ("storefront", 403), ("marketer", 403):
            body = {"points": 1, "reason": "r"}
            answer = self.ask("POST", ANN + "/loyalty/adjustments", body, self.throughline.key(role))
            self.assertEqual(answer.status, status, role)
        for role, status in ("marketer", 200), ("owner", 200), ("agent", 403), ("store", 403):
            self.assertEqual(self.ask("GET", "/v1/loyalty/liability", key=self.throughline.key(role)).status, status)
        self.assertEqual(self.ask("GET", "/v1/loyalty/liability", key=self.admin).json["outstanding"], 1)
        most = 1_000_000_000
        for body, pointer in (
                {"points": 0, "reason": "r"}, "/points"), ({"points": 1.5, "reason": "r"}, "/points"), (
                {"points": most + 1, "reason": "r"}, "/points"), ({"points": 1}, "/reason"), (
                {"points": 1, "reason": "r", "more": 1}, "/more"), ([], ""):
            self.assertProblem(self.ask("POST", ANN + "/loyalty/adjustments", body), 400, pointer)
        for body, pointer in ({}, "/points"), ({"points": -1}, "/points"), ({"points": 1, "until": "2020-01-01T00:00:00Z"}, "/until"), (
                {"points": 1, "receipt": {"amount": -1, "currency": "RUB"}}, "/receipt"):
            self.assertProblem(self.ask("POST", ANN + "/loyalty/holds", body, self.till), 400, pointer)
        self.assertProblem(self.ask("POST", ANN + "/loyalty/holds", {"points": 2}, self.till), 409, "/points")
        self.assertProblem(self.ask("POST", ANN + "/loyalty/adjustments", {"points": -2, "reason": "r"}), 409, "/points")
        reason = {"points": 1, "reason": "r" * 1001}
        self.assertProblem(self.ask("POST", ANN + "/loyalty/adjustments", reason), 400, "/reason")
        reason["reason"] = reason["reason"][1:]
        self.assertEqual(self.ask("POST", ANN + "/loyalty/adjustments", reason).status, 200)
        for days, status in (29.99, 201), (30.01, 400):
            until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
            self.assertEqual(self.ask("POST", ANN + "/loyalty/holds", {"points": 1, "until": until}, self.till).status, status)
        for act in "capture", "void":
            self.assertProblem(self.ask("POST", f"/v1/loyalty/holds/none/{act}", None, self.till), 404)
        for query in "receipt=x", "receipt=-1&currency=RUB", "receipt=100":
            self.assertProblem(self.ask("GET", f"{ANN}/loyalty?{query}", key=self.till), 400)
        self.assertProblem(self.ask("PUT", "/v1/documents/programme/default", {"currency": "RUB"}, self.admin), 400, "/pointValue")

    def test_a_kill_loses_nothing(self):
        self.give(100)
        held = self.ask("POST", ANN + "/loyalty/holds", {"points": 30}, self.till).json["id"]
        self.throughline.kill()
        self.throughline.start()
        self.assertEqual(self.sums(), (70, 0, 30, 0))
        self.ask("POST", f"/v1/loyalty/holds/{held}/capture", None, self.till)
        self.throughline.kill()
        self.throughline.start()
        self.assertEqual(self.sums(), (70, 0, 0, 0))

    def test_an_export_has_the_points(self):
        self.give(100)
        self.ask("POST", ANN + "/loyalty/holds", {"points": 30}, self.till)
        def export(form):
            job = self.ask("POST", ANN + "/export", form, self.admin).json["id"]
            wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the export")
            return self.throughline.get(f"/v1/jobs/{job}/result", self.admin)
        points = export({"format": "json"}).json["loyalty"]
        self.assertEqual([lot["remaining"] for lot in points["lots"]], [70])
        self.assertEqual([(row["kind"], row["points"]) for row in points["ledger"]], [("adjust", 100), ("hold", -30)])
        table = export({"format": "csv", "part": "points"}).body.decode("utf-8-sig").splitlines()
        self.assertEqual([len(line.split(",")) for line in table], [5, 5, 5])

    def test_as_it_was(self):
        self.give(100)
        sequence = self.ask("POST", ANN + "/loyalty/holds", {"points": 30}, self.till).headers["Throughline-Sequence"]
        self.ask("POST", ANN + "/loyalty/household", {"with": "user_id:bob", "reason": "r"})
        self.give(50, "/v1/customers/user_id:bob")
        self.ask("POST", ANN + "/loyalty/holds", {"points": 90}, self.till)
        told = self.ask("GET", f"{ANN}?asOf={sequence}").json["loyalty"]
        self.assertEqual((told["balance"], told["held"], told["households"]), (70, 30, []))
        self.assertEqual(self.ask("GET", f"{ANN}?asOf={int(sequence) + 3}").status, 200)

    def test_an_erased_customer_leaves_the_books(self):
        self.give(100)
        held = self.ask("POST", ANN + "/loyalty/holds", {"points": 30}, self.till).json["id"]
        job = self.ask("POST", ANN + "/erasure", {"reason": "asked for it"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the erasure")
        self.assertProblem(self.ask("POST", f"/v1/loyalty/holds/{held}/capture", None, self.till), 404)
        self.assertEqual(self.ask("GET", "/v1/loyalty/liability", key=self.admin).json["outstanding"], 0)
