"""What tills tell of orders: a day without a connection, what was ordered at the site, and what somebody settles."""

import concurrent.futures

from order_case import ANN, OrderCase
from orders import line, pickup, stocked


class OrderTillTest(OrderCase):
    def test_an_offline_till_sends_its_day_twice_at_once(self):
        till = self.throughline.made(
            "source", "create", "--name", "till-1", "--kind", "till", "--channel", "store", "--trust", "verified")
        def receipt(number, kind="sale", **more):
            return {"store_id": "riga", "register_id": "1", "shift_no": 7, "receipt_no": number, "operator": "Olga",
                    "kind": kind, "issued_at": f"2026-01-02T12:{number:02}:00+02:00", "currency": "RUB", "seq": number,
                    "loyalty_card": "77000123", "lines": [{"line": 1, "sku": "mug-12", "name": "Mug", "qty": "2", "uom": "pcs",
                        "unit_price_minor": 45000, "total_minor": 90000, "serials": ["M-1", "M-2"]}],
                    "tenders": [{"kind": "cash", "amount_minor": 90000}], "totals": {"total_minor": 90000}, **more}
        day = [receipt(1), receipt(2), receipt(3, "refund", original_receipt={"receipt_no": 1}),
               receipt(4, "void", lines=None, tenders=None, totals=None, original_receipt={"receipt_no": 2})]
        day = [{name: value for name, value in one.items() if value is not None} for one in day]
        def send(_):
            return self.throughline.post("/hooks/till-1", day, till).status
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.assertEqual(set(pool.map(send, range(8))), {200})
        self.throughline.kill()
        self.throughline.start()
        self.assertEqual(send(0), 200)
        for order, when in ("riga/1/7/1", "2026-01-02T10:01:00.000Z"), ("riga/1/7/2", "2026-01-02T10:02:00.000Z"):
            told = self.order(order)
            self.assertEqual((told["status"], told["placedAt"]), ("refunded", when))
            self.assertEqual((told["totals"]["paid"]["amount"], told["totals"]["refunded"]["amount"]), (90000, 90000))
            self.assertEqual(len(told["history"]), 2)
            self.assertEqual(told["lines"][0]["serials"], ["M-1", "M-2"])
            self.assertEqual(told["payments"][0]["method"], "cash")
        self.assertEqual(self.get("/v1/orders/conflicts").json["data"], [])

    def test_a_till_hands_over_what_was_ordered_at_the_site(self):
        stocked(self, self.admin)
        till = self.throughline.made(
            "source", "create", "--name", "till-1", "--kind", "till", "--channel", "store", "--trust", "verified")
        self.place(pickup("A-1", ANN, line(quantity=2)))
        def receipt(number, quantity, **more):
            total = quantity * 45000
            return {"store_id": "riga", "register_id": "1", "shift_no": 7, "receipt_no": number, "kind": "sale",
                    "issued_at": f"2026-01-02T12:{number:02}:00+02:00", "currency": "RUB",
                    "lines": [{"sku": "mug-12", "qty": str(quantity), "unit_price_minor": 45000, "total_minor": total}],
                    "tenders": [{"kind": "cash", "amount_minor": total}], "totals": {"total_minor": total}, **more}
        for _ in range(2):
            sent = self.throughline.post("/hooks/till-1", [receipt(1, 1, order_id="A-1"), receipt(2, 2, order_id="A-1")], till)
            self.assertEqual(sent.status, 200)
        self.assertEqual(self.lines("A-1"), [("mug-12", 2, "collected"), ("mug-12", 1, "collected")])
        order = self.order("A-1")
        self.assertEqual((order["status"], order["totals"]["due"]["amount"], order["totals"]["paid"]["amount"]), ("collected", 135000, 135000))
        self.assertEqual([(one["act"], one["actor"]) for one in order["history"]],
                         [("collect", "till-1"), ("collect", "till-1"), ("place", "api:front")])
        self.assertEqual([one["method"] for one in order["payments"]], ["cash", "cash"])
        stock = self.get("/v1/products/mug-12/availability").json["stores"]
        self.assertEqual([(one["onHand"], one["reserved"]) for one in stock if one["store"] == "riga"], [(1000, 0)])
        void = receipt(3, 1, kind="void", original_receipt={"receipt_no": 1})
        self.throughline.post("/hooks/till-1", {**void, "lines": [], "tenders": [], "totals": {}}, till)
        self.assertEqual(self.order("riga/1/7/1")["totals"]["refunded"]["amount"], 45000)
        self.assertEqual(self.get("/v1/orders/conflicts").json["data"], [])

    def test_what_a_till_took_offline_and_what_somebody_settled(self):
        put = lambda path, body: self.assertEqual(self.ask("PUT", path, body, self.admin).status, 200)
        put("/v1/stores", [{"id": "riga", "name": "Riga", "timeZone": "Europe/Riga", "offlineAllowance": 50}])
        put("/v1/documents/programme/default", {
            "currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100, "offlineAllowance": 50})
        put("/v1/prices", [{"sku": "mug-12", "price": {"amount": 45000, "currency": "RUB"}}])
        put("/v1/products", [{"sku": "mug-12", "name": "A mug"}])
        put("/v1/stock", [{"store": "riga", "sku": "mug-12", "onHand": 10, "asOf": "2026-01-02T09:00:00Z"}])
        till = self.throughline.made(
            "source", "create", "--name", "till-1", "--kind", "till", "--channel", "store", "--trust", "verified")
        put("/v1/documents/stock-policy/default", {"promisedFor": 527040})
        def receipt(number, quantity):
            total = {"total_minor": 45000 * quantity}
            return {"store_id": "riga", "register_id": "1", "shift_no": 7, "receipt_no": number, "kind": "sale",
                    "issued_at": f"2026-01-02T12:{number:02}:00+02:00", "currency": "RUB", "seq": number, "offline": True,
                    "loyalty_card": "77000123", "points_redeemed": 40, "tenders": [{"kind": "cash", "amount_minor": 45000 * quantity}],
                    "lines": [{"line": 1, "sku": "mug-12", "qty": quantity, "unit_price_minor": 45000, **total}], "totals": total}
        # Half is kept for the till: the site sells the other half, and no more.
        self.assertEqual(self.place(pickup("A-1", ANN, line(quantity=5))).status, 201)
        self.assertEqual(self.place(pickup("A-2", ANN, line(quantity=1))).status, 409)
        for _ in range(3):
            answer = self.throughline.post("/hooks/till-1", [receipt(1, 3), receipt(2, 4)], till)
            self.assertEqual(answer.status, 200, answer.body)
        conflict, = self.get("/v1/orders/conflicts").json["data"]
        self.assertEqual((conflict["order"], conflict["reason"], conflict["settled"]), ("riga/1/7/2", "offline allowance", None))
        self.assertEqual(conflict["exceeded"], [
            {"of": "stock", "store": "riga", "sku": "mug-12", "allowed": 5, "taken": 7, "over": 2},
            {"of": "points", "store": "riga", "sku": None, "allowed": 50, "taken": 80, "over": 30}])
        self.assertEqual(self.order("riga/1/7/2")["status"], "collected")
        short, = self.get("/v1/stock/shortages").json["data"]
        self.assertEqual((short["missing"], short["order"]), (2, "riga/1/7/2"))

        def settle(body, key=None, sequence=conflict["sequence"], **headers):
            return self.ask("POST", f"/v1/orders/conflicts/{sequence}/settle", body, key or self.agent, **headers)
        for body, pointer in ({}, "/reason"), ({"reason": ""}, "/reason"), ({"reason": "x" * 1001}, "/reason"), (
                {"reason": "r", "act": 1}, "/act"):
            self.assertProblem(settle(body), 400, pointer)
        for sequence in 1, 999_999, "x":
            self.assertProblem(settle({"reason": "r"}, sequence=sequence), 404)
        self.assertProblem(settle({"reason": "r"}, self.store), 403)
        first = settle({"reason": "sent two from the hub"}, Idempotency_Key="k-1")
        self.assertEqual((first.status, first.json["settled"]["reason"]), (200, "sent two from the hub"))
        self.assertEqual({**first.json, "settled": None}, conflict)
        again = settle({"reason": "sent two from the hub"}, Idempotency_Key="k-1")
        self.assertEqual((again.json, again.headers["Throughline-Sequence"]), (first.json, first.headers["Throughline-Sequence"]))
        self.assertProblem(settle({"reason": "other"}, Idempotency_Key="k-1"), 422)
        # Somebody else settles it too: nothing is written.
        self.assertEqual(settle({"reason": "mine"}, self.admin).json, first.json)
        self.assertEqual(self.get("/v1/orders/conflicts").json["data"], [])
        self.assertEqual(self.get("/v1/orders/conflicts?state=settled").json["data"], [first.json])
        self.assertProblem(self.get("/v1/orders/conflicts?state=done"), 400, "/state")
        self.throughline.kill()
        self.throughline.start()
        self.assertEqual(self.get("/v1/orders/conflicts?state=settled").json["data"], [first.json])
        told, = self.throughline.timeline("card:77000123", self.agent, type="order")
        self.assertEqual(told["properties"]["reason"], "sent two from the hub")
