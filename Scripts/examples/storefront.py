#!/usr/bin/env python3
"""A shop's own server: posts what its customers do, and fetches what their pages need. Python's standard library alone.

    THROUGHLINE_URL=http://127.0.0.1:8080 WRITE_KEY=... STOREFRONT_KEY=... Scripts/examples/storefront.py

The write key is a verified source's: `throughline source create --name shop --channel site --trust verified`.
The storefront's key: `throughline key create --role storefront`. Neither ever goes to a page.
"""

import json
import os
import urllib.parse
import urllib.request
import uuid


class Throughline:
    """What a shop's server asks of Throughline; each method is one request."""

    def __init__(self, url, write_key, storefront_key):
        self.url, self.write_key, self.storefront_key = url, write_key, storefront_key

    def request(self, method, path, key, body=None):
        """Sends JSON and returns JSON; raises urllib.error.HTTPError, whose body says what is wrong and where."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def post(self, *events):
        """Posts events. The same again, after a lost answer, counts once: each has a messageId of its own."""
        batch = [{"messageId": str(uuid.uuid4()), **event} for event in events]
        results = self.request("POST", "/v1/batch", self.write_key, {"batch": batch})["results"]
        wrong = [result for result in results if result["status"] in ("invalid", "conflict")]
        if wrong:
            raise ValueError(wrong)
        return results

    def token(self, user):
        """A token for the page of a customer who has signed in: it reaches /v1/customers/me, and nothing else."""
        name = urllib.parse.quote(f"user_id:{user}", safe="")
        return self.request("POST", f"/v1/customers/{name}/tokens", self.storefront_key, {"expiresIn": 3600})["token"]


def main():
    shop = Throughline(os.environ["THROUGHLINE_URL"], os.environ["WRITE_KEY"], os.environ["STOREFRONT_KEY"])
    # Ann signs in on her browser (its anonymousId), and buys.
    shop.post(
        {"type": "identify", "userId": "17", "anonymousId": "browser-1",
         "traits": {"firstName": "Ann", "email": "ann@example.com"}},
        {"type": "track", "userId": "17", "event": "Order Completed",
         "properties": {"order_id": "W-1", "total": 49.90, "currency": "EUR",
                        "products": [{"sku": "dress-9", "price": 49.90, "quantity": 1}]}})
    token = shop.token("17")
    # What her page does with the token: storefront.mjs has the same in JavaScript.
    shop.request("PUT", "/v1/customers/me/state/checkout", token, {"value": {"step": 2, "street": "Long Lane"}})
    me = shop.request("GET", "/v1/customers/me", token)
    checkout = shop.request("GET", "/v1/customers/me/state/checkout", token)
    print(json.dumps({"me": me["traits"], "orders": len(me["timeline"]), "checkout": checkout["value"]}))


if __name__ == "__main__":
    main()
