"""A shop to measure: articles K-1, K-2, … with prices, stores s-1, s-2, …, their stock, and carts of three lines.

    shop.py goods URL KEY COUNT STORES            articles, prices, stores; all of them in stock in s-1
    shop.py shelves URL KEY COUNT STORES          the first COUNT articles in stock in every store
    shop.py carts URL WRITE_KEY COUNT GOODS       the carts of users u1, u2, …, as a page reports them
    shop.py records URL DATABASE COUNT GOODS      the same articles and carts as records of PocketBase
    shop.py upsert URL KEY COUNT ROUND            articles with a name of this round; prints the seconds
    shop.py race URL KEY WRITE_KEY BUYERS ROUND   one unit and so many who order it at once; prints the milliseconds
"""

import base64
import http.client
import json
import selectors
import socket
import sqlite3
import sys
import time
import urllib.parse

LIST = 10_000  # the longest list that one request may have
ADMIN = {"identity": "bench@example.com", "password": "bench-password"}
ZONES = ["Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Line:
    """One connection that stays open."""

    def __init__(self, url, proof):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=120)
        self.headers = {"Content-Type": "application/json", **({"Authorization": proof} if proof else {})}

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 201), (method, path, answer.status, text[:300])
        return json.loads(text)

    def put(self, path, items):
        """A list, in as many requests as it takes; none of it may be refused."""
        for start in range(0, len(items), LIST):
            answer = self.ask("PUT", path, items[start:start + LIST])
            wrong = [result for result in answer["results"] if result.get("errors")]
            assert not wrong, (path, wrong[:3])


def bearer(key):
    return f"Bearer {key}"


def basic(key):
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def product(n, name="Running shoe"):
    return {"sku": f"K-{n}", "name": f"{name} {n}", "category": f"shoes/{n % 50}", "brand": f"Brand {n % 200}",
            "attributes": {"colour": "red", "size": 36 + n % 12}, "imageUrl": f"https://shop.example/{n}.jpg"}


def price(n):
    return {"sku": f"K-{n}", "price": {"amount": 1000 + n % 9000, "currency": "RUB"}}


def store(n):
    return {"id": f"s-{n}", "name": f"Store {n}", "location": {"lat": 50 + n % 20 / 2, "lon": 20 + n / 3}, "pickup": True,
            "timeZone": ZONES[n % len(ZONES)], "safetyStock": 1, "hours": [
                {"days": DAYS[:5], "open": "09:00", "close": "21:00"}, {"days": DAYS[5:], "open": "10:00", "close": "20:00"}]}


def skus(cart, goods):
    """What is in a cart; shop.lua says the same."""
    return [(cart * 7 + k * 33331) % goods + 1 for k in range(3)]


def make_goods(url, key, count, stores):
    line = Line(url, bearer(key))
    line.put("/v1/products", [product(n) for n in range(1, count + 1)])
    line.put("/v1/prices", [price(n) for n in range(1, count + 1)])
    line.put("/v1/stores", [store(n) for n in range(1, stores + 1)])
    line.put("/v1/stock", [{"store": "s-1", "sku": f"K-{n}", "onHand": 100} for n in range(1, count + 1)])


def make_shelves(url, key, count, stores):
    line = Line(url, bearer(key))
    line.put("/v1/stock", [{"store": f"s-{place}", "sku": f"K-{n}", "onHand": (n + place) % 20}
                           for n in range(1, count + 1) for place in range(1, stores + 1)])


def make_carts(url, key, count, goods):
    line, batch = Line(url, basic(key)), []
    for cart in range(1, count + 1):
        batch += [{"type": "track", "userId": f"u{cart}", "event": "Product Added", "messageId": f"bench-cart-{cart}-{sku}",
                   "properties": {"sku": f"K-{sku}", "quantity": 2}} for sku in skus(cart, goods)]
        if len(batch) >= 300 or cart == count:
            answer = line.ask("POST", "/v1/batch", {"batch": batch})
            assert all(one["status"] == "accepted" for one in answer["results"]), answer["results"][:3]
            batch = []


def make_records(url, database, count, goods):
    token = Line(url, None).ask("POST", "/api/collections/_superusers/auth-with-password", ADMIN)["token"]
    admin = Line(url, token)

    def collection(name, *fields, indexes=()):
        rules = {"type": "base", "viewRule": "", "updateRule": ""}
        return admin.ask("POST", "/api/collections", {"name": name, **rules, "indexes": list(indexes), "fields": list(fields)})["id"]

    def text(name):
        return {"name": name, "type": "text"}

    def number(name):
        return {"name": name, "type": "number"}

    def link(name, other):
        return {"name": name, "type": "relation", "collectionId": other, "maxSelect": 1}

    articles = collection("products", text("sku"), text("name"), number("price"), number("stock"))
    carts = collection("carts", text("customer"))
    collection("lines", link("cart", carts), link("product", articles), number("quantity"),
               indexes=["CREATE INDEX lines_cart ON lines (cart)"])
    # Straight into its tables: by its own requests this takes minutes.
    with sqlite3.connect(database, timeout=60) as rows:
        rows.executemany("INSERT INTO products (id, sku, name, price, stock) VALUES (?, ?, ?, ?, 100)", (
            (f"p{n:014d}", f"K-{n}", product(n)["name"], price(n)["price"]["amount"]) for n in range(1, goods + 1)))
        rows.executemany("INSERT INTO carts (id, customer) VALUES (?, ?)", ((f"c{n:014d}", f"u{n}") for n in range(1, count + 1)))
        rows.executemany("INSERT INTO lines (id, cart, product, quantity) VALUES (?, ?, ?, 2)", (
            (f"l{n:013d}{k}", f"c{n:014d}", f"p{sku:014d}") for n in range(1, count + 1) for k, sku in enumerate(skus(n, goods))))
    read = Line(url, None).ask("GET", "/api/collections/carts/records/c%014d?expand=lines_via_cart.product" % count)
    assert all(line["expand"]["product"]["price"] for line in read["expand"]["lines_via_cart"]), read


def upsert(url, key, count, turn):
    line = Line(url, bearer(key))
    lists = [json.dumps([product(n, f"Shoe of round {turn}") for n in range(start, min(start + LIST, count + 1))]).encode()
             for start in range(1, count + 1, LIST)]
    begin = time.monotonic()
    for body in lists:
        assert line.ask("PUT", "/v1/products", body)["invalid"] == 0
    print("%.2f" % (time.monotonic() - begin))


def race(url, key, write_key, buyers, turn):
    sku, line = f"LAST-{turn}", Line(url, bearer(key))
    line.put("/v1/products", [{"sku": sku, "name": "The last one"}])
    line.put("/v1/prices", [{"sku": sku, "price": {"amount": 1000, "currency": "RUB"}}])
    line.put("/v1/stores", [{"id": "last", "name": "Last", "timeZone": "Etc/UTC", "pickup": True}])
    line.put("/v1/stock", [{"store": "last", "sku": sku, "onHand": 1}])
    people = [{"type": "identify", "userId": f"r{n}", "messageId": f"bench-race-{turn}-{n}"} for n in range(buyers)]
    Line(url, basic(write_key)).ask("POST", "/v1/batch", {"batch": people})
    place = urllib.parse.urlsplit(url)
    selector, waiting = selectors.DefaultSelector(), {}
    for n in range(buyers):
        body = json.dumps({"id": f"race-{turn}-{n}", "customer": f"user_id:r{n}", "fulfilment": {"type": "pickup", "store": "last"},
                           "lines": [{"sku": sku, "quantity": 1, "price": {"amount": 1000, "currency": "RUB"}}]})
        head = (f"POST /v1/orders HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: {bearer(key)}\r\nConnection: close\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        one = socket.create_connection((place.hostname, place.port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting[one] = ((head + body).encode(), b"")
        selector.register(one, selectors.EVENT_READ)
    begin, statuses = time.monotonic(), []
    for one, (request, _) in waiting.items():
        one.sendall(request)
    while waiting:
        assert time.monotonic() - begin < 60, f"{len(waiting)} buyers have no answer"
        for event, _ in selector.select(1):
            one = event.fileobj
            piece = one.recv(65536)
            request, answer = waiting[one]
            waiting[one] = (request, answer + piece)
            if not piece:
                statuses.append(int(answer[9:12] or 0))
                selector.unregister(one)
                one.close()
                del waiting[one]
    took = (time.monotonic() - begin) * 1000
    assert sorted(statuses) == [201] + [409] * (buyers - 1), {status: statuses.count(status) for status in set(statuses)}
    print("%.1f" % took)


WORK = {"goods": make_goods, "shelves": make_shelves, "carts": make_carts, "records": make_records, "upsert": upsert, "race": race}
WORK[sys.argv[1]](*[int(word) if word.isdigit() else word for word in sys.argv[2:]])
