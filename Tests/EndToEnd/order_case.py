"""What tests of orders share: a shop, and what its doors say."""

import urllib.parse

from contract import ContractCase

ANN = "user_id:ann"


def sale(order, user, *products, event="Order Completed", message=None, **properties):
    """What a site's backend reports; a product is (sku, quantity, price)."""
    products = [{"sku": sku, "quantity": quantity, "price": price} for sku, quantity, price in products]
    body = {"type": "track", "userId": user, "event": event,
            "properties": {"order_id": order, "currency": "RUB", "products": products, **properties}}
    return {**body, "messageId": message} if message else body


class OrderCase(ContractCase):
    """A shop with a key for its site and one for its store, and two customers."""

    def setUp(self):
        super().setUp()
        self.shop = self.throughline.key("storefront", name="front")
        self.store = self.throughline.key("store", name="riga")
        for user in "ann", "eve":
            self.throughline.post("/v1/identify", {"userId": user}, self.backend)

    def place(self, body, key=None, **headers):
        return self.ask("POST", "/v1/orders", body, key or self.shop, **headers)

    def act(self, order, act, body=None, key=None, **headers):
        return self.ask("POST", f"/v1/orders/{urllib.parse.quote(order, safe='')}/{act}", body or {}, key or self.store, **headers)

    def order(self, order, key=None):
        answer = self.get(f"/v1/orders/{urllib.parse.quote(order, safe='')}", key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def lines(self, order):
        return [(one["sku"], one["quantity"], one["status"]) for one in self.order(order)["lines"]]

    def report(self, *events, key=None):
        answer = self.throughline.post("/v1/batch", {"batch": list(events)}, key or self.backend)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"]
