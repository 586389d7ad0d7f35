"""Orders through the public interface alone: ordered online and collected in the shop, sent and brought back, and what
goes wrong on the way."""

import concurrent.futures
import datetime
import re

from order_case import ANN, OrderCase, sale
from orders import delivery, line, pickup, stocked
from server import bearer, wait_for


class OrderTest(OrderCase):
    # Story 5.

    def test_ordered_online_collected_in_the_shop(self):
        body = pickup("A-17", ANN, line(), line("plate", 1, 1050), fulfilment={"collector": {"name": "Bob"}}, note="gift")
        placed = self.place(body)
        self.assertEqual(placed.status, 201, placed.body)
        order = placed.json
        self.assertEqual((order["status"], order["fulfilment"]["type"], order["fulfilment"]["store"]), ("reserved", "pickup", "riga"))
        code = order["fulfilment"]["code"]
        self.assertRegex(code, "^[2-9A-HJ-NP-Z]{6}$")
        self.assertEqual(order["totals"]["due"], {"amount": 91050, "currency": "RUB"})
        self.assertEqual(order["fulfilment"]["collector"], {"name": "Bob"})
        # The store sees it to pick, and the call centre the same second.
        picking = self.get("/v1/orders?store=riga&status=reserved", self.store).json["data"]
        self.assertEqual([one["id"] for one in picking], ["A-17"])
        self.assertEqual(self.get("/v1/orders?store=jelgava", self.store).json["data"], [])
        seen = self.throughline.customer(ANN, self.agent)["openOrders"]
        self.assertEqual([(one["id"], one["code"], one["status"]) for one in seen], [("A-17", code, "reserved")])
        found = self.get("/v1/customers?q=A-17").json["data"]
        self.assertEqual([one["id"] for one in found], [order["customer"]])
        # The shelf turns out to be half empty.
        picked = self.act("A-17", "pick", {"lines": [{"sku": "mug-12", "found": 1}, {"sku": "plate"}]})
        self.assertEqual(picked.json["offers"], [
            {"line": 1, "sku": "mug-12", "missing": 1, "stores": [], "substitutes": [], "delivery": True}])
        self.assertEqual(self.lines("A-17"), [("mug-12", 1, "reserved"), ("mug-12", 1, "picking"), ("plate", 1, "picking")])
        self.assertProblem(self.act("A-17", "collect"), 409)
        told = self.act("A-17", "collect").json["errors"][0]["reason"]
        self.assertIn("from reserved to collected", told)
        self.act("A-17", "cancel", {"lines": [{"sku": "mug-12", "quantity": 1}], "reason": "not on the shelf"}, self.agent)
        self.assertEqual(self.act("A-17", "ready").json["status"], "ready")
        self.assertEqual(self.throughline.customer(ANN, self.agent)["openOrders"][0]["status"], "ready")
        image = self.get("/v1/orders/A-17/qr", self.store)
        self.assertEqual(image.headers["Content-Type"], "image/svg+xml")
        self.assertIn(b'viewBox="0 0 29 29"', image.body)
        self.assertProblem(self.act("A-17", "collect", {"code": "999999"}), 409, "/code")
        done = self.act("A-17", "collect", {"code": code})
        self.assertEqual((done.json["status"], done.json["totals"]["paid"]["amount"]), ("collected", 46050))
        self.assertEqual(
            [(one["act"], one["actor"]) for one in done.json["history"]],
            [("place", "api:front"), ("pick", "api:riga"), ("cancel", "api:bob"), ("ready", "api:riga"), ("collect", "api:riga")])
        self.assertEqual(done.json["history"][2]["reason"], "not on the shelf")
        self.assertEqual(self.throughline.customer(ANN, self.agent)["openOrders"], [])
        self.assertEqual(self.get("/v1/orders?store=riga").json["data"], [])
        # As it was before the picking.
        past = self.get(f"/v1/customers/{ANN}?asOf={placed.headers['Throughline-Sequence']}").json
        self.assertEqual(past["openOrders"], seen)
        done = self.ask("POST", f"/v1/customers/{ANN}/export", {"format": "json"}, self.admin).json["id"]
        wait_for(lambda: self.get(f"/v1/jobs/{done}", self.admin).json["state"] == "done", "the export")
        exported = self.get(f"/v1/jobs/{done}/result", self.admin).json["orders"]
        self.assertEqual([(one["id"], one["fulfilment"]["collector"], one["note"]) for one in exported], [("A-17", {"name": "Bob"}, "gift")])

    def test_what_one_store_has_not_another_hands_over(self):
        stocked(self, self.admin)
        code = self.place(pickup("A-1", ANN, line(quantity=3))).json["fulfilment"]["code"]
        offers = self.act("A-1", "pick", {"lines": [{"line": 1, "found": 1}]}).json["offers"]
        self.assertEqual([(one["missing"], one["stores"]) for one in offers], [(2, ["jelgava"])])
        moved = self.act("A-1", "move", {"store": "jelgava", "lines": [{"line": 1, "quantity": 2}], "reason": "not found"},
                         self.agent, Idempotency_Key="k-1")
        self.assertEqual(
            [(one["line"], one["store"], one["quantity"], one["status"]) for one in moved.json["lines"]],
            [(1, "riga", 1, "picking"), (2, "jelgava", 2, "reserved")])
        told = moved.json["history"][-1]
        self.assertEqual((told["act"], told["actor"], told["reason"]), ("move", "api:bob", "not found"))
        self.assertEqual(told["lines"], [{"line": 1, "sku": "mug-12", "from": "reserved", "to": "reserved", "quantity": 2,
                                          "becomes": 2, "store": "jelgava"}])
        again = self.act("A-1", "move", {"store": "jelgava", "lines": [{"line": 1, "quantity": 2}], "reason": "not found"},
                         self.agent, Idempotency_Key="k-1")
        self.assertEqual(again.json, moved.json)
        self.assertEqual(moved.json["fulfilment"]["code"], code)
        for store, quantity in ("riga", 1), ("jelgava", 2):
            listed = self.get(f"/v1/orders?store={store}", self.store).json["data"]
            self.assertEqual([[one["quantity"] for one in order["lines"]] for order in listed], [[quantity]])
        near = {one["store"]: one["reserved"] for one in self.get("/v1/products/mug-12/availability").json["stores"]}
        self.assertEqual(near, {"riga": 1, "jelgava": 2})
        # All or nothing.
        self.place(pickup("A-2", ANN, line(quantity=4)))
        short = self.act("A-2", "move", {"store": "jelgava"})
        self.assertProblem(short, 409)
        self.assertEqual(short.json["short"], [{"sku": "mug-12", "asked": 4, "available": 3, "stores": ["riga"]}])
        self.assertEqual(self.lines("A-2"), [("mug-12", 4, "reserved")])
        self.assertProblem(self.act("A-2", "move", {"store": "riga"}), 409, "/store")
        self.assertProblem(self.act("A-2", "move"), 400, "/store")
        self.assertProblem(self.act("A-2", "move", {"store": "nowhere"}), 400, "/store")
        for act in "ready", "collect":
            self.assertEqual(self.act("A-1", act).status, 200)
        self.assertEqual(self.order("A-1")["status"], "collected")

    def test_what_no_store_has_enough_of_is_sent_by_several(self):
        stocked(self, self.admin)
        self.ask("PUT", "/v1/stock", [{"store": "riga", "sku": "mug-12", "onHand": 2}], self.admin)
        placed = self.place(delivery("A-1", ANN, line(quantity=6)))
        self.assertEqual(placed.status, 201, placed.body)
        parts = sorted((one["store"], one["quantity"], one["total"]["amount"]) for one in placed.json["lines"])
        self.assertEqual(sum(quantity for _, quantity, _ in parts), 6)
        self.assertEqual([store for store, _, _ in parts], ["jelgava", "riga"])
        self.assertEqual(sum(total for _, _, total in parts), 6 * 45000)
        short = self.place(delivery("A-2", ANN, line(quantity=2)))
        self.assertProblem(short, 409)
        self.assertEqual(short.json["short"][0]["available"], 1)

    def test_what_nobody_collects_expires_by_the_clock(self):
        until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertEqual(self.place(pickup("A-1", ANN, fulfilment={"until": until})).status, 201)
        wait_for(lambda: self.order("A-1")["status"] == "expired", "the end of the reservation")
        self.assertEqual(self.order("A-1")["history"][-1]["act"], "expire")
        self.assertProblem(self.act("A-1", "collect"), 409)
        self.assertEqual(self.throughline.customer(ANN, self.agent)["openOrders"], [])

    # Delivery, and back: the order's part of story 6.

    def test_sent_and_brought_back(self):
        body = {"customer": ANN, "channel": "phone", "fulfilment": {
            "type": "delivery", "address": {"street": "Long Lane 7"}}, "lines": [
            {**line("lamp", 3, 3333), "serials": ["S-1", "S-2", "S-3"], "warrantyEnd": "2028-01-02",
             "attachments": [{"url": "https://shop.test/w.pdf"}]}]}
        order = self.place(body, self.agent).json["id"]
        self.assertProblem(self.act(order, "ship", {"carrier": "DPD"}), 409)
        for act, more in ("pick", {}), ("ready", {}), ("ship", {"carrier": "DPD", "tracking": "T-7"}), ("deliver", {}):
            self.assertEqual(self.act(order, act, more).status, 200)
        told = self.order(order)
        self.assertEqual((told["status"], told["channel"]), ("delivered", "phone"))
        self.assertEqual((told["fulfilment"]["carrier"], told["fulfilment"]["tracking"]), ("DPD", "T-7"))
        self.assertEqual((told["lines"][0]["serials"], told["lines"][0]["warrantyEnd"]), (["S-1", "S-2", "S-3"], "2028-01-02"))
        self.act(order, "return", {"lines": [{"line": 1, "quantity": 1}], "reason": "scratched"})
        self.act(order, "refund", {"lines": [{"line": 1, "quantity": 1}]})
        self.assertEqual(self.lines(order), [("lamp", 2, "delivered"), ("lamp", 1, "refunded")])
        self.assertEqual(self.order(order)["totals"]["refunded"]["amount"], 3333)
        too_much = self.act(order, "refund", {"amount": {"amount": 6667, "currency": "RUB"}})
        self.assertProblem(too_much, 409, "/amount")
        self.assertIn("66.66", too_much.json["errors"][0]["reason"])
        self.assertEqual(self.act(order, "refund").json["totals"]["refunded"]["amount"], 9999)
        self.assertProblem(self.act(order, "refund"), 409)

    # One order per id.

    def test_one_order_per_id_whoever_reports_it_first(self):
        self.report(sale("A-1", "ann", ("mug-12", 2, "450.00")))
        again = self.place(delivery("A-1", ANN))
        self.assertEqual((again.status, again.json["status"]), (200, "placed"))
        # Nothing was set aside for what was sold elsewhere, and nobody is told that it was.
        self.assertProblem(self.place(pickup("A-1", ANN)), 409, "/lines/0/fulfilment")
        self.report(sale("A-1", "ann", ("mug-12", 2, "450.00")), sale("A-1", "eve", ("mug-12", 2, "450.00")),
                    sale("A-1", "ann", ("mug-12", 3, "450.00")))
        self.assertProblem(self.place(pickup("A-1", "user_id:eve")), 409, "/id")
        self.assertProblem(self.place(pickup("A-1", ANN, line(quantity=3))), 409, "/id")
        self.assertEqual([one["act"] for one in self.order("A-1")["history"]], ["place", "report", "report"])
        listed = self.get("/v1/orders/conflicts").json["data"]
        ann, eve = (self.throughline.customer(f"user_id:{user}", self.agent)["id"] for user in ("ann", "eve"))
        self.assertEqual([(one["order"], one["reason"], one["customer"], one["orderCustomer"]) for one in listed],
                         [("A-1", "lines", ann, ann), ("A-1", "customer", eve, ann)])
        one = self.get("/v1/orders/conflicts?limit=1").json
        rest = self.get(f"/v1/orders/conflicts?limit=1&cursor={one['next']}").json
        self.assertEqual((one["data"] + rest["data"], rest["next"]), (listed, None))

    def test_many_doors_report_one_order_at_once(self):
        sources = [self.throughline.source(f"door-{number}") for number in range(5)]
        def report(number):
            if number % 6 == 5:
                return self.throughline.call("POST", "/v1/orders", delivery("A-1", ANN), bearer(self.shop)).status
            return self.throughline.post(
                "/v1/track", sale("A-1", "ann", ("mug-12", 2, "450.00")), sources[number % 6]).status
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            statuses = list(pool.map(report, range(36)))
        self.assertLessEqual(set(statuses), {200, 201})
        order = self.order("A-1")
        self.assertEqual([one["act"] for one in order["history"]], ["place"] + ["report"] * 35)
        self.assertEqual(sum(one["quantity"] for one in order["lines"]), 2)
        self.assertEqual(self.get("/v1/orders/conflicts").json["data"], [])

    def test_a_refund_before_its_order(self):
        self.report(sale("A-1", "ann", ("mug-12", 1, "450.00"), event="Order Refunded", total="450"))
        listed = self.get("/v1/orders/conflicts").json["data"]
        self.assertEqual([(one["order"], one["reason"]) for one in listed], [("A-1", "unknown order")])
        self.report(sale("A-1", "ann", ("mug-12", 3, "450.00")))
        self.assertEqual(self.lines("A-1"), [("mug-12", 2, "placed"), ("mug-12", 1, "refunded")])
        self.assertEqual(self.get("/v1/orders/conflicts").json["data"], [])

    # Requests.

    def test_a_request_counts_once_and_answers_what_it_answered(self):
        body = {**pickup("x", ANN), "id": None}
        first = self.place(body, Idempotency_Key="k-1")
        order = first.json["id"]
        self.assertTrue(order.startswith("ord_"))
        self.act(order, "ready", Idempotency_Key="k-1")
        again = self.place(body, Idempotency_Key="k-1")
        self.assertEqual((again.status, again.json), (201, first.json))
        self.assertEqual(again.headers["Throughline-Sequence"], first.headers["Throughline-Sequence"])
        self.assertProblem(self.place(pickup("y", ANN), Idempotency_Key="k-1"), 422)
        other = self.place({**body, "note": "other"}).json["id"]
        self.assertNotEqual(order, other)
        # One key of a store is one request to one path.
        first = self.act(other, "pick", Idempotency_Key="k-2")
        self.assertEqual(self.act(other, "pick", Idempotency_Key="k-2").json, first.json)
        self.assertProblem(self.act(other, "pick", {"lines": [{"line": 1, "found": 1}]}, Idempotency_Key="k-2"), 422)
        self.assertEqual(self.act(other, "ready", Idempotency_Key="k-2").json["status"], "ready")

    def test_an_act_upon_another_state_is_refused(self):
        tag = self.place(pickup("A-1", ANN)).headers["ETag"]
        self.assertEqual(self.ask("GET", "/v1/orders/A-1", If_None_Match=tag).status, 304)
        self.assertEqual(self.act("A-1", "pick", If_Match=tag).status, 200)
        answer = self.act("A-1", "ready", If_Match=tag)
        self.assertProblem(answer, 412)
        self.assertEqual(self.act("A-1", "ready", If_Match=answer.headers["ETag"]).status, 200)

    def test_fifty_cancel_at_once(self):
        self.place(pickup("A-1", ANN, line(quantity=10)))
        def cancel(_):
            return self.throughline.call(
                "POST", "/v1/orders/A-1/cancel", {"lines": [{"line": 1, "quantity": 1}]}, bearer(self.store)).status
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            statuses = list(pool.map(cancel, range(50)))
        self.assertEqual((statuses.count(200), statuses.count(409)), (10, 40))
        self.assertEqual(self.order("A-1")["status"], "cancelled")

    def test_who_may_do_what(self):
        token = self.ask("POST", "/v1/customers/user_id:ann/tokens", {}, self.shop).json["token"]
        other = self.ask("POST", "/v1/customers/user_id:eve/tokens", {}, self.shop).json["token"]
        self.place(pickup("A-1", ANN))
        own = self.get("/v1/orders/A-1", token)
        self.assertEqual((own.status, own.json["status"]), (200, "reserved"))
        self.assertNotIn("actor", own.json["history"][0])
        self.assertEqual(self.get("/v1/orders/A-1/qr", token).status, 200)
        self.assertProblem(self.get("/v1/orders/A-1", other), 404)
        self.assertProblem(self.act("A-1", "cancel", {}, other), 404)
        self.assertProblem(self.act("A-1", "collect", {}, token), 403)
        self.assertProblem(self.get("/v1/orders", token), 403)
        self.assertEqual(self.act("A-1", "cancel", {}, token).json["status"], "cancelled")
        self.assertProblem(self.get("/v1/orders/A-1", self.backend), 403)
        for role, place, conflicts in [
            ("readonly", 403, 403), ("marketer", 403, 403), ("store", 201, 403), ("agent", 201, 200), ("owner", 201, 200),
        ]:
            key = self.throughline.key(role)
            self.assertEqual(self.place(pickup(f"A-{role}", ANN), key).status, place, role)
            self.assertEqual(self.get("/v1/orders/conflicts", key).status, conflicts, role)
            self.assertEqual(self.get("/v1/orders/A-1", key).status, 200, role)
        self.assertProblem(self.get("/v1/orders/none"), 404)
        self.assertProblem(self.get("/v1/orders/A-1%2F2"), 404)
        self.assertProblem(self.place(pickup("A-9", "user_id:nobody")), 404)

    def test_what_is_refused(self):
        for body, *pointers in [
            ({}, "/customer", "/fulfilment", "/lines"), (pickup("A", "nobody"), "/customer"),
            (pickup("A", ANN, {"sku": "mug", "quantity": -1}), "/lines/0/quantity"),
            (pickup("A", ANN, line(), colour="red"), "/colour"), (pickup("A", ANN, fulfilment={"store": None}), "/fulfilment/store"),
        ]:
            self.assertProblem(self.place(body), 400, *pointers)
        self.assertProblem(self.place(pickup("A", ANN, *[line(f"s{n}", 1, 1) for n in range(1001)])), 413, "/lines")
        self.assertProblem(self.place(pickup("A", ANN, *[line(f"s{n}", 1, 1) for n in range(10_000)])), 413)
        self.assertProblem(self.place(pickup("A", ANN, {"sku": "mug", "quantity": 1})), 409, "/lines/0/price")
        self.assertProblem(self.place(pickup("A", ANN, points=5)), 409, "/points")
        self.assertProblem(self.get("/v1/orders?status=lost"), 400, "/status")
        self.assertEqual(self.get("/v1/orders").json["data"], [])

    def test_a_list_of_many_in_pages(self):
        for number in range(7):
            self.place(pickup(f"A-{number}", ANN, line(), line("plate", 1, 10)))
        self.act("A-3", "pick", {"lines": [{"sku": "plate"}]})
        seen, path = [], "/v1/orders?store=riga&status=reserved&limit=3"
        while path:
            answer = self.get(path, self.store)
            seen += [(one["id"], len(one["lines"])) for one in answer.json["data"]]
            link = answer.headers["Link"]
            path = re.fullmatch(r'<([^>]+)>; rel="next"', link)[1] if link else None
        self.assertEqual(seen, [(f"A-{n}", 1 if n == 3 else 2) for n in range(7)])
        self.assertEqual([one["id"] for one in self.get("/v1/orders?store=riga&status=picking").json["data"]], ["A-3"])

    def test_a_merge_and_an_undo_in_the_middle(self):
        self.place(pickup("A-1", "user_id:eve"))
        merge = self.ask("POST", "/v1/customers/user_id:ann/merges", {"with": "user_id:eve", "reason": "one"}).json["id"]
        self.assertEqual([one["id"] for one in self.throughline.customer(ANN, self.agent)["openOrders"]], ["A-1"])
        self.assertEqual(self.place(pickup("A-1", ANN)).status, 200)
        self.act("A-1", "ready")
        self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "two"})
        self.assertEqual(self.throughline.customer(ANN, self.agent)["openOrders"], [])
        self.assertEqual([one["status"] for one in self.throughline.customer("user_id:eve", self.agent)["openOrders"]], ["ready"])
        self.assertProblem(self.place(pickup("A-1", ANN)), 409, "/id")

    def test_an_erased_customers_order_tells_nobody(self):
        self.report(sale("ann@b.test-7", "ann", ("mug-12", 1, "450.00")))
        self.throughline.post("/v1/identify", {"userId": "ann", "traits": {"email": "ann@b.test"}}, self.backend)
        self.place(pickup("A-1", ANN, fulfilment={"collector": {"name": "Annabel"}}))
        job = self.ask("POST", "/v1/customers/user_id:ann/erasure", {"reason": "asked"}, self.admin).json["id"]
        wait_for(lambda: self.get(f"/v1/jobs/{job}", self.admin).json["state"] == "done", "the erasure")
        told = self.order("A-1")
        self.assertEqual((told["customer"], told["status"], told["fulfilment"].get("collector")), (None, "reserved", None))
        # What is done with it from then on is nobody's.
        self.assertEqual(self.act("A-1", "cancel").json["status"], "cancelled")
        self.throughline.stop()
        for path in self.throughline.data.glob("throughline.db*"):
            self.assertNotIn(b"Annabel", path.read_bytes(), path)
        self.throughline.start()
