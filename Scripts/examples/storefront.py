#!/usr/bin/env python3
"""A shop's own server and a till: a cart that a visitor fills on the site is paid at the counter. Python's standard
library alone.

    THROUGHLINE_URL=http://127.0.0.1:8080 WRITE_KEY=... STOREFRONT_KEY=... STORE_KEY=... Scripts/examples/storefront.py

Articles and store are the practice shop's (Scripts/run). The write key is a verified source's:
`throughline source create --name my-shop --channel site --trust verified`. The other keys: `throughline key create
--role storefront` for the shop's server, `--role store --holder machine` for the till. None of them ever goes to a page.
"""

import json
import os
import urllib.parse
import urllib.request
import uuid


class Caller:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def request(self, method, path, body=None, key=None):
        """Sends JSON and returns JSON; raises urllib.error.HTTPError, whose body says what is wrong and where."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


class Shop(Caller):
    """The site's server; each method is one request."""

    def __init__(self, url, write_key, storefront_key):
        super().__init__(url, storefront_key)
        self.write_key = write_key

    def visitor(self):
        """Somebody who has not signed in: his anonymousId, and a token for his cart."""
        return self.request("POST", "/v1/visitors", {}, self.write_key)

    def post(self, *events):
        """Posts events. The same again, after a lost answer, counts once: each has a messageId of its own."""
        batch = [{"messageId": str(uuid.uuid4()), **event} for event in events]
        results = self.request("POST", "/v1/batch", {"batch": batch}, self.write_key)["results"]
        wrong = [result for result in results if result["status"] in ("invalid", "conflict")]
        if wrong:
            raise ValueError(wrong)
        return results

    def token(self, user):
        """A token for the page of a customer who has signed in: it reaches /v1/customers/me, and nothing else."""
        return self.request("POST", f"/v1/customers/{named('user_id', user)}/tokens", {"expiresIn": 3600})["token"]


class Till(Caller):
    """A till in one of the stores."""

    def __init__(self, url, store_key, store):
        super().__init__(url, store_key)
        self.store = store

    def cart(self, customer):
        """The customer's cart at today's prices; a line says if this store has too little of it."""
        return self.request("GET", f"/v1/customers/{customer}/cart?store={self.store}")

    def stock(self, sku):
        """How much of an article this store can sell."""
        found = self.request("GET", f"/v1/products/{urllib.parse.quote(sku, safe='')}/availability?limit=100")
        return next((one["available"] for one in found["stores"] if one["store"] == self.store), 0)

    def pay(self, customer, cart):
        """Sells what is in the cart, as it was shown, and hands it over."""
        return self.request("POST", f"/v1/customers/{customer}/cart/checkout", {
            "version": cart["version"], "fulfilment": {"type": "counter", "store": self.store},
            "payments": [{"method": "card", "amount": cart["totals"]["due"]}]})["order"]


def named(kind, value):
    return urllib.parse.quote(f"{kind}:{value}", safe="")


def main():
    url = os.environ["THROUGHLINE_URL"]
    shop = Shop(url, os.environ["WRITE_KEY"], os.environ["STOREFRONT_KEY"])
    till = Till(url, os.environ["STORE_KEY"], "riga-1")
    # Somebody fills a cart. Then she signs in as Ann, and it is hers.
    visitor = shop.visitor()
    shop.request("PATCH", "/v1/customers/me/cart", {"lines": [
        {"sku": "kettle-3", "quantity": 1}, {"sku": "mug-12", "quantity": 2}]}, visitor["token"])
    shop.post({"type": "identify", "userId": "17", "anonymousId": visitor["anonymousId"],
               "traits": {"firstName": "Ann", "email": "ann@example.com"}})
    # At the counter she says who she is, and pays what she chose at home.
    ann = named("user_id", "17")
    cart = till.cart(ann)
    shown = [{"name": line["name"], "quantity": line["quantity"], "total": line["total"], "stock": till.stock(line["sku"])}
             for line in cart["lines"]]
    order = till.pay(ann, cart)
    # The site shows it a moment later.
    me = shop.request("GET", "/v1/customers/me", key=shop.token("17"))
    print(json.dumps({
        "till": shown, "paid": cart["totals"]["due"], "order": order,
        "cart": me["cart"]["lines"], "points": me["loyalty"]["pending"]}, indent=2))


if __name__ == "__main__":
    main()
