"""The shared cart: one at every door, through the public interface alone."""

# Runs alone: a change reaches a screen within a second.

import concurrent.futures
import time

from server import bearer, wait_for
from streams import Readers
from tokens import TokenCase

ANN = "/v1/customers/user_id:ann/cart"
MINE = "/v1/customers/me/cart"


def lines(cart):
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


class CartTest(TokenCase):
    def setUp(self):
        super().setUp()
        self.identify(self.backend, userId="ann")

    def put(self, sku, quantity, path=ANN, key=None, **headers):
        answer = self.ask("PUT", f"{path}/lines/{sku}", {"quantity": quantity}, key, **headers)
        return answer

    def cart(self, path=ANN, key=None):
        answer = self.ask("GET", path, key=key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def added(self, sku, quantity=1, key=None, **who):
        self.count += 1
        body = {"event": "Product Added", "messageId": f"a{self.count}", "properties": {"sku": sku, "quantity": quantity}}
        self.assertEqual(self.post("/v1/track", {**body, **who}, key or self.backend).status, 200)

    # Story 3.

    def test_the_cart_that_travels(self):
        browser, visitor = self.visitor()
        self.assertEqual(self.cart(MINE, visitor)["id"], None)
        cart = self.ask("PATCH", MINE, {"lines": [{"sku": "dress", "quantity": 1}, {"sku": "belt", "delta": 2}]}, visitor).json
        self.assertEqual((lines(cart), cart["state"]), ({"dress": 1, "belt": 2}, "active"))
        # He signs in: the same cart in the app, under the same id.
        ann = self.token("user_id:ann")
        self.assertEqual(self.ask("POST", "/v1/customers/me/identifiers", {"anonymousId": browser}, ann).status, 200)
        in_app = self.cart(MINE, ann)
        self.assertEqual((in_app["id"], lines(in_app)), (cart["id"], {"dress": 1, "belt": 2}))
        self.assertProblem(self.ask("GET", MINE, key=visitor), 401)
        self.assertEqual(lines(self.put("belt", 1, MINE, ann).json), {"dress": 1, "belt": 1})
        # The agent and the till see it, and it is in the whole picture.
        store = self.throughline.key("store")
        self.assertEqual(self.cart(key=store), self.cart(MINE, ann))
        self.assertEqual(self.ask("GET", "/v1/customers/user_id:ann").json["cart"], self.cart())
        frozen = self.ask("POST", ANN + "/checkout", {"version": self.cart()["version"]}, store).json
        self.assertEqual((frozen["order"], frozen["cart"]["state"]), (None, "checkingOut"))

    def test_a_merge_and_its_undo_give_each_side_its_own(self):
        self.identify(self.backend, userId="bob")
        bob = "/v1/customers/user_id:bob/cart"
        self.put("A", 1)
        self.put("A", 2, bob)
        tags = {self.cart()["version"], self.cart(bob)["version"]}
        merge = self.merged("user_id:ann", "user_id:bob")
        self.assertEqual(lines(self.cart()), {"A": 3})
        self.assertNotIn(self.cart(bob)["version"], tags)
        self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "r"}, self.admin)
        self.assertEqual((lines(self.cart()), lines(self.cart(bob))), ({"A": 1}, {"A": 2}))
        self.assertEqual({self.cart()["version"], self.cart(bob)["version"]}, tags)

    def test_what_is_handed_out(self):
        self.ask("PATCH", ANN, {"lines": [{"sku": "A", "quantity": 2}], "coupons": {"add": ["SPRING"]}})
        self.ask("DELETE", ANN)
        self.ask("PATCH", ANN, {"lines": [{"sku": "B", "quantity": 1}, {"sku": "C", "savedQuantity": 1}]})
        job = self.ask("POST", "/v1/customers/user_id:ann/export", {"format": "json"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the job's end")
        told = self.ask("GET", f"/v1/jobs/{job}/result", key=self.admin).json
        self.assertEqual([(l["sku"], l["quantity"], l["saved"]) for l in told["cart"]["lines"]], [("B", 1, 0), ("C", 0, 1)])
        self.assertEqual([cart["state"] for cart in told["formerCarts"]], ["emptied"])
        canonical = self.command("export", "--canonical").stdout
        for table in "cart", "cart_line", "cart_coupon", "cart_credit":
            self.assertIn(f'"{table}":', canonical)

    # Two devices.

    def test_two_devices_that_change_at_once_lose_nothing(self):
        def add(number):
            body = {"lines": [{"sku": "A", "delta": 1}, {"sku": f"S{number % 3}", "delta": 2}]}
            self.assertEqual(self.throughline.call("PATCH", ANN, body, bearer(self.agent)).status, 200)
        def count(_):
            while True:
                now = self.throughline.get(ANN, self.front)
                quantity = {"quantity": lines(now.json).get("B", 0) + 1}
                answer = self.throughline.call(
                    "PUT", ANN + "/lines/B", quantity, {**bearer(self.front), "If-Match": now.headers["ETag"]})
                if answer.status == 200:
                    return
                self.assertEqual(answer.status, 412, answer.body)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda job: job[0](job[1]), [(f, n) for n in range(15) for f in (add, count)]))
        self.assertEqual(lines(self.cart()), {"A": 15, "B": 15, "S0": 10, "S1": 10, "S2": 10})

    def test_tags_and_conditions(self):
        first = self.put("A", 1)
        got = self.ask("GET", ANN)
        self.assertEqual(got.headers["ETag"], first.headers["ETag"])
        self.assertTrue(got.headers["ETag"].startswith(f'"{got.json["version"]}.'))
        self.assertEqual(self.ask("GET", ANN, If_None_Match=got.headers["ETag"]).status, 304)
        second = self.put("A", 2, If_Match=got.headers["ETag"])
        self.assertEqual(second.status, 200)
        late = self.put("A", 3, If_Match=got.headers["ETag"])
        self.assertProblem(late, 412)
        # What the refusal names can be sent.
        self.assertEqual(self.put("A", 3, If_Match=late.headers["ETag"]).status, 200)
        self.assertEqual(self.put("A", 4, If_Match="*").status, 200)
        for method, path in ("DELETE", ANN), ("DELETE", ANN + "/lines/A"):
            self.assertProblem(self.ask(method, path, If_Match=got.headers["ETag"]), 412)
        self.assertProblem(self.ask("PATCH", ANN, {"lines": []}, If_Match='"x"'), 412)

    def test_a_cart_that_is_changed_while_it_is_checked_out(self):
        self.assertProblem(self.ask("POST", ANN + "/checkout", {"version": self.cart()["version"]}), 409)
        seen = self.put("A", 1)
        self.put("A", 2, key=self.front)
        self.assertProblem(self.ask("POST", ANN + "/checkout", {"version": seen.json["version"]}), 409, "/version")
        self.assertProblem(self.ask("POST", ANN + "/checkout", {}, If_Match=seen.headers["ETag"]), 412)
        self.assertProblem(self.ask("POST", ANN + "/checkout", {}), 400, "/version")
        self.assertProblem(self.ask("POST", ANN + "/checkout", {}, If_Match="*"), 400, "/version")
        tag = self.ask("GET", ANN).headers["ETag"]
        self.assertEqual(self.ask("POST", ANN + "/checkout", {}, If_Match=tag).json["cart"]["state"], "checkingOut")
        self.assertEqual(self.put("A", 1).json["state"], "active")

    def test_a_cart_becomes_an_order(self):
        self.put("A", 3)
        wanted = {"fulfilment": {"type": "pickup", "store": "riga"}, "version": self.cart()["version"]}
        # A shop that tells no prices sells nothing of a cart.
        self.assertProblem(self.ask("POST", ANN + "/checkout", wanted), 409, "/lines/0/price")
        self.ask("PUT", "/v1/products", [{"sku": "A", "name": "A"}], self.admin)
        self.ask("PUT", "/v1/prices", [{"sku": "A", "price": {"amount": 500, "currency": "EUR"}}], self.admin)
        self.ask("PUT", "/v1/stores", [{"id": "riga", "name": "Riga", "timeZone": "Europe/Riga"}], self.admin)
        answer = self.ask("POST", ANN + "/checkout", wanted)
        self.assertProblem(answer, 409, "/lines/0/quantity")
        self.assertEqual([(short["sku"], short["available"]) for short in answer.json["short"]], [("A", 0)])
        self.ask("PUT", "/v1/stock", [{"store": "riga", "sku": "A", "onHand": 3}], self.admin)
        bought = self.ask("POST", ANN + "/checkout", wanted, Idempotency_Key="buy").json
        self.assertEqual(bought["cart"]["lines"], [])
        again = self.ask("POST", ANN + "/checkout", wanted, Idempotency_Key="buy").json
        self.assertEqual(again["order"], bought["order"])
        order = self.ask("GET", "/v1/orders/" + bought["order"], key=self.admin).json
        self.assertEqual((order["totals"]["due"], order["status"]), ({"amount": 1500, "currency": "EUR"}, "reserved"))
        [place] = self.ask("GET", "/v1/products/A/availability", key=self.admin).json["stores"]
        self.assertEqual((place["onHand"], place["reserved"], place["available"]), (3, 3, 0))
        picture = self.ask("GET", "/v1/customers/user_id:ann", key=self.admin).json
        self.assertEqual([one["id"] for one in picture["openOrders"]], [bought["order"]])
        found = self.ask("GET", "/v1/customers?q=" + bought["order"], key=self.admin).json["data"]
        self.assertEqual([one["id"] for one in found], [picture["id"]])

    def test_a_buyer_does_not_say_that_he_has_paid(self):
        self.ask("PUT", "/v1/products", [{"sku": "A", "name": "A"}], self.admin)
        self.ask("PUT", "/v1/prices", [{"sku": "A", "price": {"amount": 500, "currency": "EUR"}}], self.admin)
        self.put("A", 1)
        ann = self.token("user_id:ann")
        way = {"type": "pickup", "store": "riga"}
        for more, pointer in [
            ({"fulfilment": {**way, "type": "counter"}}, "/fulfilment/type"),
            ({"fulfilment": {**way, "until": "2099-01-01T00:00:00Z"}}, "/fulfilment/until"),
            ({"fulfilment": way, "payments": [{"method": "card", "amount": {"amount": 500, "currency": "EUR"}}]}, "/payments"),
            ({"fulfilment": way, "id": "A-1001"}, "/id"), ({"fulfilment": way, "lines": []}, "/lines"),
        ]:
            with self.subTest(pointer):
                version = self.cart(MINE, ann)["version"]
                self.assertProblem(self.ask("POST", MINE + "/checkout", {"version": version, **more}, ann), 400, pointer)
        # Nor takes he somebody else's cart.
        self.identify(self.backend, userId="bob")
        order = {"customer": "user_id:bob", "cart": self.cart()["id"], "fulfilment": way, "lines": [{"sku": "A", "quantity": 1}]}
        self.assertProblem(self.ask("POST", "/v1/orders", order, self.admin), 409, "/cart")

    def test_a_visitor_buys_as_a_guest(self):
        self.ask("PUT", "/v1/products", [{"sku": "A", "name": "A"}], self.admin)
        self.ask("PUT", "/v1/prices", [
            {"sku": "A", "price": {"amount": 500, "currency": "EUR"}},
            {"sku": "A", "list": "lv", "region": "LV", "price": {"amount": 400, "currency": "EUR"}}], self.admin)
        browser, visitor = self.visitor()
        _, other = self.visitor()
        self.put("A", 2, MINE, visitor)
        way = {"version": self.cart(MINE, visitor)["version"], "fulfilment": {"type": "pickup", "store": "riga"}, "region": "LV"}
        self.assertProblem(self.ask("POST", MINE + "/checkout", {**way, "points": 1}, visitor), 400, "/points")
        self.assertProblem(self.ask("POST", MINE + "/checkout", {**way, "currency": "euro"}, visitor), 400, "/currency")
        bought = self.ask("POST", MINE + "/checkout", way, visitor, Idempotency_Key="guest")
        self.assertEqual((bought.status, lines(bought.json["cart"])), (200, {}), bought.body)
        again = self.ask("POST", MINE + "/checkout", way, visitor, Idempotency_Key="guest")
        self.assertEqual(again.json["order"], bought.json["order"])
        path = "/v1/orders/" + bought.json["order"]
        order = self.ask("GET", path, key=visitor)
        self.assertEqual((order.status, order.json["status"], order.json["totals"]["due"]["amount"]), (200, "reserved", 800))
        self.assertProblem(self.ask("GET", path, key=other), 404)
        ann = self.token("user_id:ann")
        self.assertProblem(self.ask("GET", path, key=ann), 404)
        # He signs in, and it is his.
        self.assertEqual(self.ask("POST", "/v1/customers/me/identifiers", {"anonymousId": browser}, ann).status, 200)
        self.assertEqual(self.ask("GET", path, key=ann).json["fulfilment"]["code"], order.json["fulfilment"]["code"])
        self.assertProblem(self.ask("GET", path, key=visitor), 401)
        picture = self.ask("GET", "/v1/customers/user_id:ann").json
        self.assertEqual([one["id"] for one in picture["openOrders"]], [bought.json["order"]])

    # What counts once.

    def test_a_request_and_the_event_that_reports_it_count_once(self):
        self.put("A", 2)
        self.added("A", 2, userId="ann")
        self.assertEqual(lines(self.cart()), {"A": 2})
        self.added("A", 1, userId="ann")
        self.added("B", 1, userId="ann")
        self.assertEqual(lines(self.cart()), {"A": 3, "B": 1})
        # A page's claim moves nothing of a known customer.
        self.added("C", 1, self.page, userId="ann", anonymousId="stranger")
        self.assertEqual(lines(self.cart()), {"A": 3, "B": 1})

    def test_a_retry_is_no_second_change(self):
        body = {"lines": [{"sku": "A", "delta": 1}]}
        first = self.ask("PATCH", ANN, body, Idempotency_Key="k")
        again = self.ask("PATCH", ANN, body, Idempotency_Key="k")
        self.assertEqual((again.status, again.json), (200, first.json))
        self.assertEqual(again.headers["Throughline-Sequence"], first.headers["Throughline-Sequence"])
        self.assertProblem(self.ask("PATCH", ANN, {"lines": [{"sku": "A", "delta": 2}]}, Idempotency_Key="k"), 422)
        self.assertProblem(self.put("A", 1, Idempotency_Key="k"), 422)
        link = self.ask("POST", ANN + "/share", Idempotency_Key="s")
        self.put("A", 5)
        self.assertEqual(self.ask("POST", ANN + "/share", Idempotency_Key="s").json, link.json)
        self.assertEqual(self.ask("DELETE", ANN, Idempotency_Key="d").status, 204)
        self.put("B", 1)
        self.assertEqual(self.ask("DELETE", ANN, Idempotency_Key="d").status, 204)
        self.assertEqual(lines(self.cart()), {"B": 1})

    # Saved, codes, links.

    def test_saved_for_later_and_codes(self):
        change = {"lines": [{"sku": "A", "quantity": "1.5"}, {"sku": "B/ö", "savedQuantity": 2}],
                  "coupons": {"add": ["SPRING", "ANN15"]}}
        cart = self.ask("PATCH", ANN, change).json
        self.assertEqual((lines(cart), cart["savedForLater"]), ({"A": 1.5}, [{"sku": "B/ö", "quantity": 2}]))
        self.assertEqual(cart["coupons"], ["ANN15", "SPRING"])
        cart = self.ask("PATCH", ANN, {"lines": [{"sku": "A", "saved": True}, {"sku": "B/ö", "saved": False}],
                                       "coupons": {"remove": ["ANN15"]}}).json
        self.assertEqual((lines(cart), cart["coupons"]), ({"B/ö": 2}, ["SPRING"]))
        cart = self.ask("DELETE", ANN + "/lines/B%2F%C3%B6").json
        self.assertEqual((cart["lines"], cart["savedForLater"]), ([], [{"sku": "A", "quantity": 1.5}]))

    def test_a_link_tells_of_nobody(self):
        self.assertProblem(self.ask("POST", ANN + "/share"), 409)
        self.put("A", 2)
        link = self.ask("POST", ANN + "/share")
        self.assertEqual(link.status, 201)
        self.assertEqual(self.ask("GET", "/v1/customers/user_id:ann/cart").json["version"], self.cart()["version"])
        shared = self.ask("GET", link.json["path"], key={})
        self.assertEqual((shared.status, lines(shared.json)), (200, {"A": 2}))
        self.assertNotIn("cus_", shared.body.decode() if isinstance(shared.body, bytes) else shared.body)
        _, visitor = self.visitor()
        for _ in range(2):
            mine = self.ask("POST", MINE + "/restore", {"token": link.json["token"]}, visitor)
            self.assertEqual(lines(mine.json), {"A": 2})
        self.assertProblem(self.ask("GET", "/v1/carts/shared/crs_none", key={}), 404)
        self.assertProblem(self.ask("POST", MINE + "/restore", {"token": "crs_none"}, visitor), 404)
        self.assertProblem(self.ask("POST", MINE + "/restore", {}, visitor), 400, "/token")

    # Who may, and what is refused.

    def test_who_may(self):
        for role, write in ("owner", 200), ("agent", 200), ("store", 200), ("storefront", 200), ("marketer", 403), ("readonly", 403):
            key = self.throughline.key(role)
            self.assertEqual(self.ask("GET", ANN, key=key).status, 200, role)
            self.assertEqual(self.put("A", 1, key=key).status, write, role)
        self.assertProblem(self.put("A", 1, key=self.backend), 403)
        self.assertProblem(self.ask("GET", ANN, key={}), 401)
        self.assertProblem(self.ask("GET", "/v1/customers/user_id:none/cart"), 404)
        token = self.token("user_id:ann")
        self.assertProblem(self.ask("GET", ANN, key=token), 403)
        actions = [row["action"] for row in self.ask("GET", "/v1/audit", key=self.admin).json["data"]]
        self.assertIn("PUT /v1/customers/{customer}/cart/lines/{sku}", actions)

    def test_bad_input_is_named(self):
        many = [{"sku": f"S{n}", "quantity": 1} for n in range(10_000)]
        self.assertProblem(self.ask("PATCH", ANN, {"lines": many}), 413, "/lines")
        self.assertEqual(self.ask("PATCH", ANN, {"lines": many[:500]}).status, 200)
        self.assertProblem(self.ask("PATCH", ANN, {"lines": many[500:501]}), 409, "/lines")
        for quantity in -1, 100_000.001, 0.0001, 1e300, "x", None:
            self.assertProblem(self.put("A", quantity), 400, "/quantity")
        self.assertProblem(self.put("A" * 65, 1), 404)
        self.assertProblem(self.ask("PATCH", ANN, {"lines": [{"sku": "A"}], "x": 1}), 400, "/lines/0", "/x")
        self.assertProblem(self.ask("GET", ANN + "?currency=EURO"), 400)
        self.assertEqual(len(self.cart()["lines"]), 500)

    def test_a_change_reaches_open_screens_at_once(self):
        readers = Readers()
        self.addCleanup(readers.close)
        reader = readers.open(self.throughline, self.agent, "")
        started = time.monotonic()
        customer = self.ask("GET", "/v1/customers/user_id:ann").json["id"]
        self.put("A", 1)
        while not any(entry["kind"] == "cart" for _, entry, _ in reader.entries):
            self.assertLess(time.monotonic() - started, 1)
            time.sleep(0.01)
        told = next(entry for _, entry, _ in reader.entries if entry["kind"] == "cart")
        self.assertEqual((told["event"], told["customer"]), ("changed", customer))
