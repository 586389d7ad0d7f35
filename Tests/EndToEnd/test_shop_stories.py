"""Stories of goods, carts and points, told as those in test_stories: by a client that knows only what the server serves."""

# Runs alone: what is told at the till is seen within a second.

import concurrent.futures
import datetime
import time

from streams import Reader
from test_stories import StoryTest

RUB = "RUB"


def money(amount):
    return {"amount": amount, "currency": RUB}


def at_once(*works):
    """Does all of it at the same time, each on a connection of its own; what each of them got."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]


class ShopStoryTest(StoryTest):
    """A shop in Riga: a page, an app, a server that knows who signs in, two stores, and a till in the first of them."""

    def setUp(self):
        super().setUp()
        shop = self.shop
        self.page = shop.source("page", channel="web")
        self.site = shop.source("site", channel="site", trust="verified")
        self.till = shop.source("till", channel="store", trust="verified", kind="till")
        self.counter = shop.hand_out("store", "riga")
        self.receipts = 0
        shop.good("PUT", "/v1/stores", [
            {"id": "centre", "name": "Centre", "timeZone": "Europe/Riga", "location": {"lat": 56.95, "lon": 24.11}},
            {"id": "north", "name": "North", "timeZone": "Europe/Riga", "location": {"lat": 57.00, "lon": 24.13}},
            {"id": "far", "name": "Far", "timeZone": "Europe/Riga", "location": {"lat": 56.50, "lon": 27.33}}])

    def sell(self, sku, price, **stock):
        """An article, what it costs, and how many of it are in each store."""
        self.shop.good("PUT", "/v1/products", [{"sku": sku, "name": sku.title()}])
        self.shop.good("PUT", "/v1/prices", [{"sku": sku, "price": money(price)}])
        # Tills tell whole seconds: what is sold now came after the count.
        counted = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=10)
        self.shop.good("PUT", "/v1/stock", [
            {"store": store, "sku": sku, "onHand": count, "asOf": counted.strftime("%Y-%m-%dT%H:%M:%SZ")} for store, count in stock.items()])

    def customer(self, user, card=None):
        """Somebody whom the shop knows, with a card if he has one; his token in a browser or an app."""
        self.shop.send(self.site, "identify", userId=user, traits={"name": user.title()})
        if card:
            self.shop.good("POST", f"/v1/customers/user_id:{user}/identifiers",
                           {"type": "card", "value": card, "reason": "handed out"}, key=self.agent)
        return self.token(user)

    def token(self, user):
        return self.shop.good("POST", f"/v1/customers/user_id:{user}/tokens", {}, key=self.front)["token"]

    def receipt(self, card, *lines, at=None, **more):
        """What the till writes; a line is (sku, quantity, price)."""
        self.receipts += 1
        at = at or datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        total = sum(quantity * price for _, quantity, price in lines)
        return {"store_id": "centre", "register_id": "2", "shift_no": 118, "receipt_no": self.receipts, "kind": "sale",
                "issued_at": at, "currency": RUB, "loyalty_card": card, "lines": [
                    {"sku": sku, "name": sku.title(), "qty": str(quantity), "uom": "pcs", "unit_price_minor": price,
                     "total_minor": quantity * price} for sku, quantity, price in lines],
                "tenders": [{"kind": "cash", "amount_minor": total}], "totals": {"total_minor": total}, **more}

    def post(self, *receipts):
        """What became of each receipt."""
        body = receipts[0] if len(receipts) == 1 else list(receipts)
        return self.shop.good("POST", "/hooks/till", body, key=self.till)["results"]

    def order(self, user, *lines, key=None, way="pickup", store="centre", **more):
        """Asks for an order; a line is (sku, quantity)."""
        body = {"customer": f"user_id:{user}", "fulfilment": {"type": way, "store": store},
                "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines], **more}
        return self.shop.ask("POST", "/v1/orders", body, key=key or self.front)

    def shelf(self, store, sku):
        told = self.shop.good("GET", f"/v1/stock/{store}/{sku}/movements", key=self.counter)
        return told["onHand"], told["reserved"], told["available"]


class TheCartThatTravels(ShopStoryTest):
    """Filled on the site by nobody known, seen and changed in the app after a login, paid at the till; two devices that
    change it at once lose nothing."""

    def lines(self, path, key):
        cart = self.shop.good("GET", f"{path}/cart", key=key)
        return cart["id"], {line["sku"]: line["quantity"] for line in cart["lines"]}

    def test_from_the_site_to_the_till(self):
        shop, me, ann = self.shop, "/v1/customers/me", "/v1/customers/user_id:ann"
        for sku, price in ("dress", 250000), ("belt", 40000), ("socks", 5000):
            self.sell(sku, price, centre=100)
        visitor = shop.good("POST", "/v1/visitors", {}, key=self.page)
        put = shop.good("PUT", f"{me}/cart/lines/dress", {"quantity": 1}, key=visitor["token"])
        shop.send(self.page, "track", anonymousId=visitor["anonymousId"], event="Product Added",
                  properties={"sku": "belt", "quantity": 2})
        self.assertEqual(self.lines(me, visitor["token"]), (put["id"], {"dress": 1, "belt": 2}))

        # In the app he signs in: the same cart, and one for everybody who serves him.
        app = self.customer("ann", card="770001")
        shop.good("POST", f"{me}/identifiers", {"anonymousId": visitor["anonymousId"]}, key=app)
        seen = (put["id"], {"dress": 1, "belt": 2})
        self.assertEqual([self.lines(*one) for one in [(me, app), (ann, self.agent), (ann, self.counter), (ann, self.front)]], [seen] * 4)
        self.assertEqual(shop.customer("user_id:ann", self.agent)["cart"]["totals"]["due"], money(330000))
        shop.good("PATCH", f"{me}/cart", {"lines": [{"sku": "belt", "quantity": 1}]}, key=app)

        # The telephone and the laptop at once: by more and less, and by what each of them saw.
        laptop = self.token("ann")

        def more(key):
            for _ in range(10):
                shop.good("PATCH", f"{me}/cart", {"lines": [{"sku": "socks", "delta": 1}]}, key=key)

        def counted(key):
            done = 0
            while done < 10:
                now = shop.ask("GET", f"{me}/cart", key=key)
                have = {line["sku"]: line["quantity"] for line in now.json["lines"]}["belt"]
                taken = shop.ask("PUT", f"{me}/cart/lines/belt", {"quantity": have + 1}, key=key, If_Match=now.headers["ETag"])
                self.assertIn(taken.status, (200, 412))
                done += taken.status == 200
        at_once(*(lambda work=work, key=key: work(key) for work in (more, counted) for key in (app, laptop)))
        whole = {"dress": 1, "belt": 21, "socks": 20}
        self.assertEqual(self.lines(me, laptop), (put["id"], whole))

        # He pays at the till for all but ten pairs of socks, and those are what every door still shows.
        paid = self.receipt("770001", ("dress", 1, 250000), ("belt", 21, 40000), ("socks", 10, 5000))
        (result,) = self.post(paid)
        self.assertEqual((result["status"], result["customer"]), ("accepted", shop.customer("user_id:ann")["id"]))
        left = {"socks": 10}
        self.assertEqual([self.lines(me, app)[1], self.lines(me, laptop)[1], self.lines(ann, self.agent)[1]], [left] * 3)
        # The rest he buys there too, and the receipt names the cart.
        cart = self.lines(me, app)[0]
        self.post(self.receipt("770001", ("socks", 10, 5000), cart_id=cart))
        self.assertEqual([self.lines(me, app)[1], self.lines(ann, self.counter)[1]], [{}, {}])
        self.assertEqual(self.shelf("centre", "belt"), (79, 0, 79))
        bought = [event["properties"]["total"] for event in shop.every(f"{ann}/timeline", self.agent)
                  if event.get("event") == "Order Completed"]
        self.assertEqual(bought, [500, 11400])


class OrderedOnline(ShopStoryTest):
    """Kept at the store when it is ordered, seen there and in the call centre the same second; where the shelf is empty,
    the nearest store that has it or delivery is offered; the last piece is never promised twice."""

    def test_collected_in_the_shop(self):
        shop = self.shop
        self.sell("lamp", 99000, centre=1, north=1, far=5)
        self.sell("bulb", 1000, centre=10)
        token = self.customer("ann")
        users = [f"u-{number}" for number in range(20)]
        for user in users:
            self.customer(user)
        screen = Reader(self.server_process, self.agent)
        self.addCleanup(screen.close)
        while screen.head is None:
            screen.read()

        # Kept at once, and nobody gets it twice, though twenty want it with her.
        began = time.monotonic()
        placed = self.order("ann", ("lamp", 1), ("bulb", 2), id="W-1")
        self.assertEqual((placed.status, placed.json["status"]), (201, "reserved"))
        self.assertEqual([self.shelf("centre", sku) for sku in ("lamp", "bulb")], [(1, 1, 0), (10, 2, 8)])
        while not any(entry["event"] == "place" for _, entry, _ in screen.entries):
            screen.read()
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual(screen.entries[-1][1]["customer"], placed.json["customer"])
        picking = shop.every("/v1/orders", self.counter)
        self.assertEqual([(one["id"], one["fulfilment"]["store"]) for one in picking], [("W-1", "centre")])
        (seen,) = shop.customer("user_id:ann", self.agent)["openOrders"]
        code = placed.json["fulfilment"]["code"]
        self.assertEqual((seen["id"], seen["code"], seen["status"]), ("W-1", code, "reserved"))
        refused = self.order("u-0", ("lamp", 1))
        self.assertEqual(refused.status, 409)
        (short,) = refused.json["short"]
        self.assertEqual((short["sku"], short["available"]), ("lamp", 0))
        self.assertEqual(short["stores"], ["north", "far"])

        # The shelf turns out to be empty: she is offered the nearest store that has one, or delivery.
        picked = shop.good("POST", "/v1/orders/W-1/pick", {"lines": [{"sku": "lamp", "found": 0}, {"sku": "bulb"}]}, key=self.counter)
        (offer,) = picked["offers"]
        self.assertEqual((offer["sku"], offer["missing"], offer["stores"], offer["delivery"]), ("lamp", 1, ["north", "far"], True))
        shop.good("POST", "/v1/orders/W-1/cancel", {"lines": [{"sku": "lamp"}], "reason": "not on the shelf"}, key=self.agent)
        shop.good("PUT", "/v1/stock", [{"store": "centre", "sku": "lamp", "onHand": 0}], key=self.counter)
        self.assertEqual(self.shelf("centre", "lamp"), (0, 0, 0))

        # She takes the one in the north; at the same moment twenty others ask for it.
        wants = [("ann", self.agent)] + [(user, self.front) for user in users]
        answers = at_once(*(lambda user=user, key=key: self.order(user, ("lamp", 1), key=key, store="north") for user, key in wants))
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * 20)
        self.assertEqual(self.shelf("north", "lamp"), (1, 1, 0))
        (winner,) = [answer.json for answer in answers if answer.status == 201]
        for answer in answers:
            if answer.status == 409:
                self.assertEqual(answer.json["short"][0]["stores"], ["far"])

        # What was on the shelf she fetches with her code, and the other one who has it.
        shop.good("POST", "/v1/orders/W-1/ready", {}, key=self.counter)
        self.assertEqual(shop.customer("me", token)["openOrders"][0]["status"], "ready")
        wrong = shop.ask("POST", "/v1/orders/W-1/collect", {"code": "222222"}, key=self.counter)
        self.assertEqual(wrong.status, 409)
        done = shop.good("POST", "/v1/orders/W-1/collect", {"code": code}, key=self.counter)
        self.assertEqual([(line["sku"], line["status"]) for line in done["lines"]], [("lamp", "cancelled"), ("bulb", "collected")])
        shop.good("POST", f'/v1/orders/{winner["id"]}/pick', {}, key=self.counter)
        shop.good("POST", f'/v1/orders/{winner["id"]}/ready', {}, key=self.counter)
        shop.good("POST", f'/v1/orders/{winner["id"]}/collect', {"code": winner["fulfilment"]["code"]}, key=self.counter)
        self.assertEqual([self.shelf("north", "lamp"), self.shelf("centre", "bulb")], [(0, 0, 0), (8, 0, 8)])
        self.assertEqual(shop.every("/v1/orders", self.counter), [])

        # Where no store has enough, she has it sent from where it is.
        sent = self.order("ann", ("lamp", 5), way="delivery", store="far")
        self.assertEqual((sent.status, self.shelf("far", "lamp")), (201, (5, 5, 0)))


class OneLoyaltyCard(ShopStoryTest):
    """Points earned at one door are spendable at the other a second later; a refund takes back exactly what was earned;
    nothing is spent twice; an offline till counts once, at its own time."""

    def setUp(self):
        super().setUp()
        self.shop.good("PUT", "/v1/documents/programme/default", {
            "currency": RUB, "earn": {"points": 1, "per": 100}, "pointValue": 100, "maxShare": 100})
        self.sell("mug", 45000, centre=1000)
        self.me = self.customer("ann", card="770001")

    def balance(self, key=None, path="/v1/customers/me"):
        return self.shop.good("GET", f"{path}/loyalty", key=key or self.me)["balance"]

    def test_earned_and_spent_at_every_door(self):
        shop = self.shop
        # Earned at the till, spendable on the site a second later.
        first = self.receipt("770001", ("mug", 2, 45000))
        began = time.monotonic()
        self.post(first)
        self.assertEqual(self.balance(), 900)
        bought = self.order("ann", ("mug", 2), points=300, id="W-1")
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual((bought.status, bought.json["totals"]["due"]), (201, money(60000)))
        # Of the 900 she spent 300, and is promised 600 for what she will pay with money; when she has it in her hands,
        # they are hers, and the till takes them a second later.
        self.assertEqual(self.balance(), 600)
        shop.good("POST", "/v1/orders/W-1/ready", {}, key=self.counter)
        shop.good("POST", "/v1/orders/W-1/collect", {}, key=self.counter)
        self.assertEqual(self.balance(), 1200)
        card = "/v1/customers/card:770001"
        self.assertEqual(self.balance(self.counter, card), 1200)
        held = shop.good("POST", f"{card}/loyalty/holds", {"points": 1000, "receipt": money(100000)}, key=self.counter)["id"]
        shop.good("POST", f"/v1/loyalty/holds/{held}/capture", {"order": "centre/2/118/9"}, key=self.counter)
        self.assertEqual(self.balance(), 200)

        # What the site sold is brought back to the store, and what the till sold to the till: each takes what it gave.
        shop.good("POST", "/v1/orders/W-1/refund", {"lines": [{"sku": "mug", "quantity": 1}]}, key=self.counter)
        self.assertEqual(self.balance(), 200 - 300 + 150)
        shop.good("POST", "/v1/orders/W-1/refund", {}, key=self.counter)
        self.assertEqual(self.balance(), 200 - 600 + 300)
        back = self.receipt("770001", ("mug", 2, 45000), kind="refund", original_receipt={
            name: first[name] for name in ("store_id", "register_id", "shift_no", "receipt_no")})
        self.post(back, back)
        told = shop.good("GET", f"{card}/loyalty", key=self.agent)
        self.assertEqual((told["balance"], told["owed"]), (-1000, 1000))
        rows = shop.every(f"{card}/loyalty/ledger", self.agent)
        self.assertEqual(sum(row["points"] for row in rows), -1000)

    def test_two_purchases_at_once(self):
        self.post(self.receipt("770001", ("mug", 2, 45000)))
        card = "/v1/customers/card:770001"

        def site(number):
            return self.order("ann", ("mug", 2), points=900, id=f"W-{number}").status

        def till():
            return self.shop.ask("POST", f"{card}/loyalty/holds", {"points": 900}, key=self.counter).status
        statuses = at_once(*(work for number in range(5) for work in (lambda number=number: site(number), till)))
        self.assertEqual(sorted(statuses), [201] + [409] * 9)
        told = self.shop.good("GET", f"{card}/loyalty", key=self.agent)
        self.assertEqual((told["balance"], told["owed"]), (0, 0))

    def test_an_offline_till_reports_late(self):
        days = [self.receipt("770001", ("mug", 1, 45000), at=f"2026-03-0{day}T10:00:00Z", offline=True) for day in (1, 2, 3)]
        self.post(self.receipt("770001", ("mug", 2, 45000)))
        results = at_once(*(lambda: self.post(*days) for _ in range(4)))
        told = sorted(result["status"] for results in results for result in results)
        self.assertEqual(told, ["accepted"] * 3 + ["duplicate"] * 9)
        self.assertEqual({result["status"] for result in self.post(*days)}, {"duplicate"})
        self.assertEqual(self.balance(), 900 + 3 * 450)
        events = self.shop.every("/v1/customers/card:770001/timeline", self.agent)
        times = [event["timestamp"] for event in events if event.get("event") == "Order Completed"]
        self.assertEqual(times[1:], [f"2026-03-0{day}T10:00:00.000Z" for day in (3, 2, 1)])
        lots = self.shop.good("GET", "/v1/customers/me/loyalty", key=self.me)["lots"]
        self.assertEqual({lot["availableFrom"] for lot in lots} & set(times), set(times))
        self.assertEqual(self.shelf("centre", "mug")[0], 1000 - 2)


class Favourites(ShopStoryTest):
    """A personal discount on what he buys most often, and the same price at every door."""

    def prices(self, user, token, *skus):
        """What he is told that each article costs: on the site, in the app, at the till, by an agent, and in his cart."""
        shop, asked = self.shop, {"currency": RUB, "lines": [{"sku": sku, "quantity": 1} for sku in skus]}
        path = f"/v1/customers/user_id:{user}"
        doors = [(path, self.front), ("/v1/customers/me", token), (path, self.counter), (path, self.agent)]
        quotes = [shop.good("POST", f"{where}/quotes", asked, key=key) for where, key in doors]
        shop.good("PATCH", "/v1/customers/me/cart", {"lines": [{"sku": sku, "quantity": 1} for sku in skus]}, key=token)
        quotes += [shop.good("GET", f"{where}/cart", key=key) for where, key in doors]
        told = [{line["sku"]: line["total"]["amount"] for line in quote["lines"]} for quote in quotes]
        self.assertEqual(told, [told[0]] * len(told))
        for quote in quotes:
            self.assertEqual(quote["totals"]["due"], money(sum(told[0].values())))
        return told[0]

    def test_the_same_at_every_door(self):
        shop = self.shop
        for sku, price in ("coffee", 33333), ("tea", 20000):
            self.sell(sku, price, centre=100)
        shop.good("PUT", "/v1/documents/promotion/favourites", {
            "name": "favourites", "title": "What you like", "favourites": 1, "percentOf": "trait:discount"})
        ann, bob = self.customer("ann", card="770001"), self.customer("bob", card="770002")
        for user, percent in ("ann", 10), ("bob", 15):
            shop.good("PATCH", f"/v1/customers/user_id:{user}/traits", {"traits": {"discount": percent}}, key=self.agent)
        # Nobody has a favourite who has bought nothing.
        self.assertEqual(self.prices("ann", ann, "coffee", "tea"), {"coffee": 33333, "tea": 20000})

        # She buys coffee at both doors and tea once; he buys tea.
        self.assertEqual(self.order("ann", ("coffee", 2)).status, 201)
        self.post(self.receipt("770001", ("coffee", 1, 30000), ("tea", 1, 20000)))
        self.post(self.receipt("770002", ("tea", 2, 20000)))
        self.assertEqual(self.prices("ann", ann, "coffee", "tea"), {"coffee": 30000, "tea": 20000})
        self.assertEqual(self.prices("bob", bob, "coffee", "tea"), {"coffee": 33333, "tea": 17000})
        anybody = shop.good("POST", "/v1/quotes", {"currency": RUB, "lines": [{"sku": "coffee"}, {"sku": "tea"}]}, key=self.front)
        self.assertEqual(anybody["totals"]["due"], money(53333))

        # What was shown is what is bought, at whatever door: half away from zero, once per line.
        placed = self.order("ann", ("coffee", 1), way="delivery").json
        self.assertEqual(placed["totals"]["due"], money(30000))
        over_the_counter = self.order("ann", ("coffee", 1), key=self.counter, way="counter").json
        self.assertEqual(over_the_counter["totals"]["due"], money(30000))
        version = shop.good("GET", "/v1/customers/me/cart", key=bob)["version"]
        checked = shop.good("POST", "/v1/customers/me/cart/checkout", {
            "version": version, "fulfilment": {"type": "pickup", "store": "centre"}}, key=bob)["order"]
        self.assertEqual(shop.good("GET", f"/v1/orders/{checked}", key=bob)["totals"]["due"], money(50333))

        # Tea has become her favourite, so the discount is on tea; whoever is given back what he bought most has another.
        self.post(self.receipt("770001", ("tea", 20, 20000)))
        self.assertEqual(self.prices("ann", ann, "coffee", "tea"), {"coffee": 33333, "tea": 18000})
