"""Catalogue, prices, promotions and quotes over HTTP: lists of thousands, bad items among good ones, and one price at every door."""

# Runs alone: who writes beside a long list waits only for a part of it.

import json
import threading
import time
import urllib.parse

from server import ServerTest, bearer, run, track, wait_for

KETTLE = {"sku": "K-1", "name": "Чайник Norma", "category": "kitchen/kettles", "brand": "Norma"}


def price(sku, amount, currency="RUB", **more):
    return {"sku": sku, "price": {"amount": amount, "currency": currency}, **more}


class CatalogueTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.admin = self.throughline.key("admin")
        self.keys = {role: self.throughline.key(role) for role in ("marketer", "agent", "store", "storefront", "readonly")}

    def ask(self, method, path, body=None, key=None, **headers):
        return self.throughline.call(method, path, body, {**bearer(key or self.admin), **headers}, timeout=60)

    def put(self, path, items, key=None):
        answer = self.ask("PUT", path, items, key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def promotion(self, **fields):
        answer = self.ask("PUT", f'/v1/documents/promotion/{fields["name"]}', fields)
        self.assertEqual(answer.status, 200, answer.body)

    def pages(self, path, key=None):
        """Every row of a list, page after page, by the links."""
        rows, seen = [], 0
        while path:
            answer = self.ask("GET", path, key=key)
            self.assertEqual(answer.status, 200, answer.body)
            rows += answer.json["data"]
            link = answer.headers["Link"]
            self.assertEqual(link is None, answer.json["next"] is None)
            path = link and link[1:link.index(">")]
            seen += 1
        return rows, seen

    def test_a_list_has_a_result_for_each_item(self):
        items = [KETTLE, {"sku": "K-2"}, {**KETTLE, "sku": "K-3"}, 7, {**KETTLE, "sku": "K-3", "name": "Other"}]
        answer = self.put("/v1/products", items)
        self.assertEqual([result["status"] for result in answer.json["results"]], ["created", "invalid", "created", "invalid", "changed"])
        self.assertEqual([result["id"] for result in answer.json["results"]], ["K-1", "K-2", "K-3", None, "K-3"])
        self.assertEqual(answer.json["results"][1]["errors"], [{"pointer": "/1/name", "reason": "is missing"}])
        self.assertEqual({name: answer.json[name] for name in ("created", "changed", "unchanged", "invalid")},
                         {"created": 2, "changed": 1, "unchanged": 0, "invalid": 2})
        read = self.ask("GET", f'/v1/products/K-3?minSequence={answer.headers["Throughline-Sequence"]}')
        self.assertEqual((read.json["name"], read.json["unit"], read.json["step"]), ("Other", "piece", 1))
        tag = {"If-None-Match": read.headers["ETag"]}
        self.assertEqual(self.ask("GET", "/v1/products/K-3", **tag).status, 304)
        again = self.put("/v1/products", [KETTLE, {**KETTLE, "sku": "K-3", "name": "Other"}])
        self.assertEqual([result["status"] for result in again.json["results"]], ["unchanged", "unchanged"])
        self.assertProblem(self.ask("GET", "/v1/products/K-2"), 404)

    def test_prices_are_told_from_each_other(self):
        self.put("/v1/products", [KETTLE])
        items = [price("K-1", 100), price("K-1", 90, list="sale", **{"from": "2026-01-01", "to": "2030-01-01"}),
                 price("K-1", 100, **{"from": "2026-01-02", "to": "2026-01-01"}), price("K-1", -1), price("X-9", 5)]
        answer = self.put("/v1/prices", items)
        self.assertEqual([result["status"] for result in answer.json["results"]], ["created", "created", "invalid", "invalid", "created"])
        self.assertEqual(answer.json["results"][2]["errors"][0]["pointer"], "/2/to")
        self.assertEqual(answer.json["results"][3]["errors"][0]["pointer"], "/3/price/amount")
        self.assertEqual([result["status"] for result in self.put("/v1/prices", [price("K-1", 110)]).json["results"]], ["changed"])
        prices = self.ask("GET", "/v1/products/K-1/prices").json["data"]
        self.assertEqual([(one["list"], one["price"]["amount"]) for one in prices], [("retail", 110), ("sale", 90)])
        place = "/v1/documents/price/" + urllib.parse.quote("K-1/retail/RUB", safe="")
        self.assertEqual(self.ask("GET", place).json["price"]["amount"], 110)
        self.assertEqual(self.ask("PUT", place, price("K-1", 120)).status, 200)
        self.assertProblem(self.ask("PUT", place, price("K-2", 120)), 400, "")

    def test_bad_lists(self):
        for path in "/v1/products", "/v1/prices":
            self.assertProblem(self.ask("PUT", path, {}), 400, "")
            self.assertEqual(self.put(path, []).json["results"], [])
            self.assertProblem(self.ask("PUT", path, [{}] * 10_001), 413, "")
            self.assertEqual(self.put(path, [{}] * 10_000).json["invalid"], 10_000)
            for role in "agent", "store", "storefront", "readonly":
                self.assertProblem(self.ask("PUT", path, [], self.keys[role]), 403)
            self.put(path, [], self.keys["marketer"])
            self.assertProblem(self.throughline.call("PUT", path, []), 401)

    def test_lists_come_in_pages(self):
        self.put("/v1/products", [{**KETTLE, "sku": f"S/{number:04}", "name": f"Thing {number}"} for number in range(2100)])
        rows, pages = self.pages("/v1/products?limit=500")
        self.assertEqual(([row["sku"] for row in rows], pages), ([f"S/{number:04}" for number in range(2100)], 5))
        self.assertEqual(len(self.ask("GET", "/v1/documents/product").json["data"]), 50)
        rows, pages = self.pages("/v1/documents/product?limit=400", self.keys["store"])
        self.assertEqual((len({row["sku"] for row in rows}), pages), (2100, 6))
        rows, _ = self.pages("/v1/products?q=thing+11&category=kitchen&limit=7")
        self.assertEqual([row["sku"] for row in rows], [f"S/{number:04}" for number in range(2100) if str(number).startswith("11") or f"{number:04}".startswith("11")])
        # Of words that all have, products are looked at one after the other.
        rows, pages = self.pages("/v1/products?q=thing+norma+kitchen&limit=500")
        self.assertEqual(([row["sku"] for row in rows], pages), ([f"S/{number:04}" for number in range(2100)], 5))
        self.assertEqual(self.ask("GET", "/v1/products?q=thing+norma&category=garden").json["data"], [])
        for query in "limit=0", "limit=501", "limit=x", "cursor=!", "q=" + "x" * 201:
            self.assertProblem(self.ask("GET", f"/v1/products?{query}"), 400)
        self.assertEqual(self.ask("GET", "/v1/products/S%2F0007").json["sku"], "S/0007")

    def shop(self):
        self.put("/v1/products", [KETTLE, {**KETTLE, "sku": "C-1", "unit": "kg", "brand": "Zarya"}])
        self.put("/v1/prices", [price("K-1", 10_000), price("C-1", 3333), price("K-1", 9_000, list="vip", segment="trait:vip=true")])
        self.promotion(name="norma", percent=15, brands=["Norma"])
        self.promotion(name="code", amount={"amount": 1000, "currency": "RUB"}, scope="cart", priority=200, code="THOUSAND", limit=5)

    def test_the_same_cart_costs_the_same_at_every_door(self):
        self.shop()
        site = self.throughline.source("site")
        self.throughline.call("POST", "/v1/identify", {"userId": "u-1", "traits": {"vip": True}}, bearer(site))
        token = self.ask("POST", "/v1/customers/user_id:u-1/tokens", {}, self.keys["storefront"]).json["token"]
        cart = {"currency": "RUB", "coupons": ["thousand"], "lines": [{"sku": "K-1", "quantity": 2}, {"sku": "C-1", "quantity": "0.5"}]}
        doors = [("user_id:u-1", key) for key in [self.admin, *(self.keys[role] for role in ("agent", "store", "storefront"))]]
        quotes = []
        for who, key in [*doors, ("me", token)]:
            answer = self.ask("POST", f"/v1/customers/{who}/quotes", {**cart, "store": "s-1"}, key)
            self.assertEqual(answer.status, 201, answer.body)
            quotes.append({name: answer.json[name] for name in ("lines", "totals", "trace", "coupons")})
        self.assertEqual(quotes[1:], quotes[:-1])
        # 2 × 9,000 − 15 % = 15,300; 0.5 × 3,333 = 1,667; of both 1,000.
        self.assertEqual(quotes[0]["totals"]["due"]["amount"], 15_967)
        self.assertEqual(sum(step["amount"] for step in quotes[0]["trace"]), 15_967)
        nobody = self.ask("POST", "/v1/quotes", cart, self.keys["store"]).json
        self.assertEqual(nobody["totals"]["due"]["amount"], 17_667)
        self.assertEqual(self.ask("GET", f'/v1/quotes/{nobody["id"]}', key=self.keys["agent"]).json, nobody)

    def test_a_quote_counts_once_and_stays_as_it_was_shown(self):
        self.shop()
        cart = {"currency": "RUB", "lines": [{"sku": "K-1"}]}
        first = self.ask("POST", "/v1/quotes", cart, **{"Idempotency-Key": "q-1"})
        self.put("/v1/prices", [price("K-1", 20_000)])
        again = self.ask("POST", "/v1/quotes", cart, **{"Idempotency-Key": "q-1"})
        self.assertEqual((again.status, again.json), (201, first.json))
        self.assertEqual(first.json["totals"]["due"], {"amount": 8_500, "currency": "RUB"})
        self.assertProblem(self.ask("POST", "/v1/quotes", {**cart, "currency": "EUR"}, **{"Idempotency-Key": "q-1"}), 422)
        other = self.ask("POST", "/v1/quotes", {**cart, "currency": "EUR"}).json
        self.assertEqual([issue["code"] for issue in other["lines"][0]["issues"]], ["currency"])
        self.assertProblem(self.ask("GET", "/v1/quotes/none"), 404)
        lines = [{"sku": "K-1", "quantity": -1}, {"sku": "K-1", "quantity": 2_000_000}, {"sku": ""}]
        self.assertProblem(
            self.ask("POST", "/v1/quotes", {"lines": lines}), 400, "/currency", "/lines/0/quantity", "/lines/1/quantity", "/lines/2/sku")
        self.assertProblem(self.ask("POST", "/v1/quotes", {"currency": "RUB", "lines": [{"sku": "K-1"}] * 1001}), 400, "/lines")
        lines = [{"sku": "K-1", "quantity": 1.5}, {"sku": "X-9"}]
        issues = self.ask("POST", "/v1/quotes", {"currency": "RUB", "lines": lines, "coupons": ["a", "A"]}).json
        self.assertEqual([[issue["code"] for issue in line["issues"]] for line in issues["lines"]], [["step"], ["unknown"]])
        self.assertEqual([coupon["state"] for coupon in issues["coupons"]], ["unknown", "twice"])

    def test_another_price_is_told_to_the_operator(self):
        self.shop()
        site = self.throughline.source("site")
        wrong = track("u-1", "m-1", properties={"sku": "K-1", "price": 99, "currency": "RUB"})
        right = track("u-1", "m-2", properties={"sku": "K-1", "price": 100, "currency": "RUB"})
        for event in wrong, right, wrong:
            self.throughline.call("POST", "/v1/track", event, bearer(site))
        found = self.ask("GET", "/v1/prices/parity").json["data"]
        self.assertEqual([(row["source"], row["sku"], row["differences"], row["reported"]["amount"], row["ours"]["amount"]) for row in found],
                         [("site", "K-1", 1, 9_900, 10_000)])
        self.assertEqual(self.ask("GET", "/v1/prices/parity?source=till").json["data"], [])
        wait_for(lambda: b'price_differences_total{source="site"} 1' in self.throughline.get("/metrics", self.admin).body, "the counter")
        line = wait_for(lambda: [json.loads(line) for line in self.throughline.log().splitlines() if "other prices" in line], "the line")[0]
        self.assertEqual((line["level"], line["source"], line["differences"]), ("warning", "site", "1"))
        self.assertNotIn("u-1", self.throughline.log())

    def test_a_file_of_documents(self):
        data = self.throughline.data
        file = data.with_name("shop.json5")
        file.write_text(json.dumps({"product": [KETTLE], "price": [price("K-1", 5)], "promotion": {"name": "p", "percent": 5}, "pricing": {"quoteMinutes": 5}}))
        done = run("apply", file, "--data", data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("created    price K-1/retail/RUB", done.stdout)
        file.write_text(json.dumps({"product": [{"sku": "K-1"}], "price": [price("K-1", -5)]}))
        done = run("apply", file, "--data", data)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("product K-1: /name is missing", done.stderr)
        self.assertIn("price without a name: /price/amount is below 0", done.stderr)
        self.assertEqual(self.ask("GET", "/v1/documents/pricing/default").json, {"quoteMinutes": 5})

    def test_others_write_while_a_list_is_stored(self):
        site = self.throughline.source("site")
        slowest, is_done = [0.0], threading.Event()

        def write():
            number = 0
            while not is_done.is_set():
                number += 1
                start = time.monotonic()
                self.assertEqual(self.throughline.call("POST", "/v1/track", track("u-1", f"m-{number}", properties={}), bearer(site)).status, 200)
                slowest[0] = max(slowest[0], time.monotonic() - start)

        writer = threading.Thread(target=write)
        writer.start()
        start = time.monotonic()
        try:
            self.put("/v1/products", [{**KETTLE, "sku": f"S-{number}"} for number in range(2000)])
            whole = time.monotonic() - start
        finally:
            is_done.set()
            writer.join()
        self.assertLess(slowest[0], whole / 2, f"{slowest[0]} of {whole}")
