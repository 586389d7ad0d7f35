"""A till posts its receipts to /hooks/{source}: once each, at their own time, to the customer whose card was scanned."""

import concurrent.futures
import gzip
import json
import sqlite3

from contract import ContractCase
from server import basic, bearer, wait_for


def receipt(number, **changes):
    """A receipt of one line; what is None is left out."""
    body = {
        "store_id": "moscow-1", "register_id": "2", "shift_no": 118, "receipt_no": number, "operator": "Olga",
        "kind": "sale", "issued_at": f"2026-01-02T15:{number % 60:02}:05+03:00", "currency": "RUB",
        "lines": [{"line": 1, "sku": "mug-12", "gtin": "4601234567893", "name": "Mug", "qty": "2", "uom": "pcs",
                   "unit_price_minor": 45000, "total_minor": 90000}],
        "tenders": [{"kind": "card", "amount_minor": 90000, "masked_pan": "427612******1234", "auth_code": "004512"}],
        "totals": {"total_minor": 90000}, "seq": number, **changes}
    return {name: value for name, value in body.items() if value is not None}


class TillTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.till = self.throughline.made(
            "source", "create", "--name", "till-1", "--kind", "till", "--channel", "store", "--trust", "verified")

    def send(self, body, key=None, source="till-1"):
        return self.ask("POST", f"/hooks/{source}", body, basic(key or self.till))

    def results(self, body):
        answer = self.send(body)
        self.assertEqual(answer.status, 200, answer.body)
        return [result["status"] for result in answer.json["results"]]

    def test_a_day_at_the_till(self):
        first = self.send(receipt(1, loyalty_card="7700 0123", phone="+7 916 123-45-67")).json["results"][0]
        self.assertEqual((first["messageId"], first["status"], first["outcome"]),
                         ("receipt:moscow-1/2/118/1", "accepted", "created"))
        bought = self.send(receipt(2, loyalty_card="77000123")).json["results"][0]
        self.assertEqual((bought["customer"], bought["outcome"]), (first["customer"], "matched"))
        typed = self.send(receipt(3, phone="+79161234567")).json["results"][0]
        self.assertEqual(typed["outcome"], "claimed")
        self.send(receipt(4, kind="refund", loyalty_card="77000123", original_receipt={"receipt_no": 2}))
        self.send(receipt(5, kind="void", loyalty_card="77000123", lines=None, tenders=None, totals=None,
                          original_receipt={"receipt_no": 1}))
        card = self.get("/v1/customers/card:77000123").json
        self.assertEqual([(one["type"], one["value"], one["verified"]) for one in card["identifiers"][:1]],
                         [("card", "77000123", True)])
        self.assertTrue(card["known"])
        told = [(event["event"], event["properties"]["order_id"].split("/")[-1]) for event in card["timeline"]]
        self.assertEqual(told, [("Order Cancelled", "1"), ("Order Refunded", "2"), ("Order Completed", "2"),
                                ("Order Completed", "1")])
        event = card["timeline"][-1]
        self.assertEqual((event["channel"], event["source"], event["timestamp"]),
                         ("store", "till-1", "2026-01-02T12:01:05.000Z"))
        self.assertEqual((event["properties"]["total"], event["properties"]["totals"]), (900, {"total_minor": 90000}))
        self.assertEqual(event["properties"]["tenders"][0]["masked_pan"], "************1234")
        # The typed number is a claim: it neither shows nor changes the customer of the card.
        self.assertNotEqual(typed["customer"], first["customer"])
        # A source whose document says so proves it.
        prover = {"name": "till-1", "kind": "till", "channel": "store", "trust": "verified", "proves": ["card", "phone"]}
        self.ask("PUT", "/v1/documents/source/till-1", prover, bearer(self.admin))
        proved = self.send(receipt(6, phone="+79161234567", loyalty_card="77000123")).json["results"][0]
        self.assertEqual(proved["customer"], first["customer"])
        found = self.get("/v1/customers?q=moscow-1/2/118/2").json["data"]
        self.assertEqual([one["id"] for one in found], [first["customer"]])

    def test_what_is_computed_of_orders_counts_the_till_too(self):
        trait = {"name": "spent", "function": "sum", "event": "Order Completed", "property": "/properties/total"}
        self.ask("PUT", "/v1/documents/computed-trait/spent", trait, bearer(self.admin))
        liked = {"name": "liked", "function": "most_frequent", "event": "Order Completed",
                 "property": "/properties/products/*/sku"}
        self.ask("PUT", "/v1/documents/computed-trait/liked", liked, bearer(self.admin))
        self.send([receipt(number, loyalty_card="77000123") for number in range(3)])
        traits = self.get("/v1/customers/card:77000123").json["traits"]
        self.assertEqual((traits["spent"]["value"], traits["liked"]["value"]), (2700, "mug-12"))

    def test_an_offline_day_counts_once_however_often_it_comes(self):
        """Sent five times, twice of them at once, after some of it came while the line was up."""
        day = [receipt(number, loyalty_card="77000123" if number % 2 else None) for number in range(1, 51)]
        self.send(day[7])
        offline = [{**one, "offline": True} for one in day]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            bodies = [offline, {"receipts": offline}]
            answers = list(pool.map(lambda body: self.throughline.post("/hooks/till-1", body, self.till), bodies))
        counts = [[result["status"] for result in answer.json["results"]].count("accepted") for answer in answers]
        self.assertEqual((sum(counts), [answer.status for answer in answers]), (49, [200, 200]))
        for _ in range(3):
            self.assertEqual(self.results(offline), ["duplicate"] * 50)
        timeline = self.throughline.timeline("card:77000123", self.agent)
        self.assertEqual([event["properties"]["receipt_no"] for event in timeline], list(range(49, 0, -2)))

    def test_receipts_stand_at_their_own_time_whatever_the_order_they_come_in(self):
        for number in 3, 1, 2:
            self.send(receipt(number, loyalty_card="77000123"))
        timeline = self.throughline.timeline("card:77000123", self.agent)
        self.assertEqual([event["properties"]["receipt_no"] for event in timeline], [3, 2, 1])
        for event in timeline:
            self.assertEqual(event["originalTimestamp"], event["timestamp"])
            self.assertGreater(event["receivedAt"], event["timestamp"])

    def test_another_receipt_under_the_same_number(self):
        self.send(receipt(1))
        other = receipt(1, totals={"total_minor": 80000})
        self.assertProblem(self.send(other), 409, "/receipt_no")
        answer = self.send({"receipts": [other, receipt(2), receipt(1)]})
        self.assertEqual([result["status"] for result in answer.json["results"]], ["conflict", "accepted", "duplicate"])
        self.assertEqual(answer.json["results"][0]["errors"][0]["pointer"], "/receipts/0/receipt_no")

    def test_what_does_not_add_up_is_taken_and_noted(self):
        lines = [{"sku": "cheese", "gtin": "4601234567894", "qty": "0.335", "unit_price_minor": 100000, "total_minor": 1}]
        self.assertEqual(self.results([receipt(1, lines=lines, loyalty_card="77000123")]), ["accepted"])
        properties = self.get("/v1/customers/card:77000123").json["timeline"][0]["properties"]
        self.assertEqual([defect["pointer"] for defect in properties["defects"]],
                         ["/lines/0/gtin", "/lines/0/total_minor", "/totals/total_minor"])

    def test_rubbish(self):
        self.assertProblem(self.send(receipt(1, kind="gift", currency=None)), 400, "/kind", "/currency")
        for body in 5, "x", [], {"receipts": []}, {"receipts": 5}, {}:
            self.assertProblem(self.send(body), 400)
        for body in b"", b"{", b"\xff\xfe", b"store_id=1":
            answer = self.throughline.call("POST", "/hooks/till-1", body, basic(self.till))
            self.assertProblem(answer, 400)
        answer = self.throughline.post("/hooks/till-1", [receipt(1), receipt(2, issued_at="now"), 5], self.till)
        self.assertEqual([result["status"] for result in answer.json["results"]], ["accepted", "invalid", "invalid"])
        self.assertEqual(answer.json["results"][1]["errors"][0]["pointer"], "/1/issued_at")
        many = json.dumps([receipt(1)] * 2501).encode()
        self.assertEqual(self.throughline.call("POST", "/hooks/till-1", many, basic(self.till)).status, 413)
        huge = b'[{"x": "' + b"x" * (4 << 20) + b'"}]'
        self.assertEqual(self.throughline.call("POST", "/hooks/till-1", huge, basic(self.till)).status, 413)
        # All of it is kept for the one who mends the till, but for numbers of payment cards.
        card = receipt(1, kind="gift", loyalty_card="4111 1111 1111 1111", shift_no="x")
        self.send(card)
        self.throughline.call("POST", "/hooks/till-1", json.dumps(card).encode()[:-1], basic(self.till))
        database = sqlite3.connect(f"file:{self.throughline.data}/throughline.db?mode=ro", uri=True)
        letters = [row[0] for row in database.execute("SELECT body FROM dead_letter ORDER BY number")]
        database.close()
        self.assertGreaterEqual(len(letters), 14)
        self.assertTrue(all("1111" in letter and "4111" not in letter for letter in letters[-2:]), letters[-2:])

    def test_an_erased_customers_receipts_keep_what_was_sold(self):
        person = {"loyalty_card": "CARD0000777", "phone": "+79161234567", "email": "ann.ahlberg@mail.example",
                  "customer_name": "Ahlberg"}
        self.send([receipt(1, **person), receipt(2, kind="gift", **person)])
        job = self.ask("POST", "/v1/customers/card:CARD0000777/erasure", {"reason": "article 17"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the erasure")
        kept = b"".join(path.read_bytes() for path in self.throughline.data.rglob("*") if path.is_file())
        for secret in b"CARD0000777", b"9161234567", b"ahlberg", b"Ahlberg", b"427612", b"004512":
            self.assertNotIn(secret, kept)
        database = sqlite3.connect(f"file:{self.throughline.data}/throughline.db?mode=ro", uri=True)
        body = database.execute("SELECT body FROM event WHERE source = 'till-1' OR name = 'Order Completed'").fetchone()[0]
        database.close()
        self.assertEqual(json.loads(body)["properties"], {
            "total": 900, "currency": "RUB",
            "products": [{"sku": "mug-12", "product_id": "mug-12", "price": 450, "quantity": 2, "total": 900}]})

    def test_packed(self):
        answer = self.throughline.call(
            "POST", "/hooks/till-1/", gzip.compress(json.dumps([receipt(1)]).encode()),
            {**bearer(self.till), "Content-Encoding": "gzip", "Content-Type": "application/json"})
        self.assertEqual((answer.status, answer.json["results"][0]["status"]), (200, "accepted"))

    def test_whose_key_lets_in(self):
        for key in {}, basic("wk_wrong"), bearer(""), {"Authorization": "Digest x"}:
            for source in "till-1", "nobody":
                self.assertProblem(self.ask("POST", f"/hooks/{source}", receipt(1), key), 401)
        # Another's key learns nothing of the source: one that is there is answered as one that is not.
        for source in "till-1", "nobody":
            self.assertProblem(self.send(receipt(1), self.backend, source), 403)
        self.assertProblem(self.ask("POST", "/hooks/till-1", receipt(1), bearer(self.agent)), 403)
        # A source that speaks Segment's words alone takes nothing here.
        self.assertProblem(self.send(receipt(1), self.backend, "shop"), 404)
        # A till may say other things in Segment's words.
        self.assertEqual(self.post("/v1/track", {"userId": "u", "event": "Shift Opened"}, self.till).status, 200)

    def test_a_till_may_send_no_more_than_its_document_says(self):
        slow = {"name": "till-1", "kind": "till", "channel": "store", "trust": "verified", "eventsPerSecond": 1}
        self.ask("PUT", "/v1/documents/source/till-1", slow, bearer(self.admin))
        self.assertEqual(self.send([receipt(number) for number in range(30)]).status, 200)
        answer = self.send(receipt(31))
        self.assertProblem(answer, 429)
        self.assertGreater(int(answer.headers["Retry-After"]), 20)

    def test_a_kind_is_one_that_there_is(self):
        bad = {"name": "till-2", "kind": "abacus", "channel": "store"}
        self.assertProblem(self.ask("PUT", "/v1/documents/source/till-2", bad, bearer(self.admin)), 400, "/kind")
        self.assertEqual(
            self.ask("GET", "/v1/documents/source/till-1", key=bearer(self.admin)).json["kind"], "till")

    def test_an_anonymous_till_learns_nobody_and_proves_nothing(self):
        key = self.throughline.made("source", "create", "--name", "till-3", "--kind", "till", "--channel", "store")
        self.send(receipt(1, loyalty_card="77000123"))
        told = self.send(receipt(2, loyalty_card="77000123"), key, "till-3").json["results"]
        self.assertEqual(told, [{"messageId": "receipt:moscow-1/2/118/2", "status": "accepted"}])
        self.assertEqual(len(self.throughline.timeline("card:77000123", self.agent)), 1)
